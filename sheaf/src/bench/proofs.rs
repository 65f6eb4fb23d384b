//! The proofs of a full batch: every step one after another on all cores, and the wrap at the end.

use std::collections::{BTreeMap, HashMap};
use std::time::Instant;

use anyhow::{Context, Result};
use sheaf_circuits::keys::Provers;
use sheaf_circuits::kinds::Kinds;
use sheaf_circuits::leaf::capacity_for;
use sheaf_ledger::SealedBatch;
use sheaf_wire::{DataReference, JobInputs, LeafKind, ProofStep, TreeStep};

use super::full_batch::FullBatch;
use super::machine::{forget_peak, peak_bytes};
use super::report::{Bound, Report};
use crate::keys::KeyStore;
use crate::output;

/// Makes the keys unless they exist, and measures the proofs of a full batch with them.
///
/// # Errors
/// When the keys cannot be made or read, a proof fails, or the kernel does not report the memory.
pub(super) fn measure(keys: &KeyStore) -> Result<Report> {
    keys.build()?;
    let provers = keys.provers()?;
    // A worker builds its circuits once, so building them is not a cost of a proof.
    provers.build_all(|name| output::note(format_args!("building {name}")))?;
    let mut report = Report::new("proofs");
    rows(&mut report, keys);
    let full = FullBatch::new(1)?;
    let (batch, transfers) = (full.seal()?, full.transfers());
    report.add("transfers_per_batch", transfers as f64, Bound::AtLeast(2_000.0));
    let timed = prove(&provers, &batch)?;
    let seconds: f64 = timed.seconds.values().sum();
    report.add("prove_seconds_per_transfer", seconds / transfers as f64, Bound::AtMost(0.12));
    report.add("wrap_constraints", provers.wrap_constraints()? as f64, Bound::AtMost(2e6));
    report.add("wrap_seconds", timed.seconds["wrap"], Bound::AtMost(40.0));
    report.add("wrap_peak_bytes", timed.wrap_peak_bytes as f64, Bound::AtMost(8e9));
    report.add("prove_seconds", seconds, Bound::None);
    for (stage, seconds) in &timed.seconds {
        if *stage != "wrap" {
            report.add(format!("{}_seconds", stage.replace('-', "_")), *seconds, Bound::None);
        }
    }
    for (stage, proofs) in &timed.proofs {
        report.add(format!("{}_proofs", stage.replace('-', "_")), *proofs as f64, Bound::None);
    }
    Ok(report)
}

/// Adds the rows of the leaf circuit that an item costs in a full leaf: the circuit's rows over the
/// most items.
fn rows(report: &mut Report, keys: &KeyStore) {
    let bounds = Kinds { entry: 100.0, signature: 160.0, data: 25.0 };
    let names =
        Kinds { entry: "rows_per_entry", signature: "rows_per_signature", data: "rows_per_word" };
    let sizes = keys.circuits.sizes();
    sizes.kinds.map(|kind, size| {
        let rows = (1_u64 << size.degree_bits) as f64;
        let capacity = match (kind, sizes.tables) {
            (LeafKind::Entry, Some(tables)) => 1 << tables.full.entries,
            _ => capacity_for(kind, size.degree_bits),
        };
        let each = rows / capacity as f64;
        report.add(*names.get(kind), each, Bound::AtMost(*bounds.get(kind)));
    });
}

/// Seconds and numbers of proofs, by the sort of proof. The last step of a batch makes two proofs:
/// the outer proof counts as `outer`, the Groth16 proof as `wrap`.
struct Timed {
    seconds: BTreeMap<&'static str, f64>,
    proofs: BTreeMap<&'static str, u64>,
    wrap_peak_bytes: u64,
}

fn prove(provers: &Provers, batch: &SealedBatch) -> Result<Timed> {
    let (witness, steps) = (batch.to_bytes(), provers.verifiers().steps(batch)?);
    let named = DataReference::calldata(&batch.data_words);
    let (mut seconds, mut proofs) = (BTreeMap::new(), BTreeMap::new());
    let mut made: HashMap<ProofStep, Vec<u8>> = HashMap::new();
    let mut tell = |stage: &'static str, what: &str, start: Instant| {
        let time = start.elapsed().as_secs_f64();
        output::note(format_args!("{what:<20} {time:>8.1} s"));
        *seconds.entry(stage).or_insert(0.0) += time;
        *proofs.entry(stage).or_insert(0) += 1;
    };
    for TreeStep { step, needs } in &steps {
        let inputs = needs.iter().map(|need| made.get(need).cloned());
        let inputs =
            inputs.collect::<Option<Vec<_>>>().context("a step needs only earlier ones")?;
        if *step == ProofStep::Wrap {
            break;
        }
        let inputs = JobInputs { witness: witness.clone(), proofs: inputs };
        let start = Instant::now();
        let proof = provers.prove(*step, &inputs, named)?;
        tell(stage(*step), &step.to_string(), start);
        made.insert(*step, proof);
    }
    let batch = made.get(&ProofStep::Batch).context("every batch has a batch step")?;
    let start = Instant::now();
    let outer = provers.outer(batch)?;
    tell("outer", "outer", start);
    forget_peak()?;
    let start = Instant::now();
    provers.groth16(outer)?;
    tell("wrap", "wrap", start);
    Ok(Timed { seconds, proofs, wrap_peak_bytes: peak_bytes()? })
}

const fn stage(step: ProofStep) -> &'static str {
    use sheaf_wire::LeafKind::{Data, Entry, Signature};
    match step {
        ProofStep::Leaf { kind: Entry, .. } => "entry",
        ProofStep::Leaf { kind: Signature, .. } => "signature",
        ProofStep::Leaf { kind: Data, .. } => "data",
        ProofStep::Join { .. } => "join",
        ProofStep::Batch => "batch",
        ProofStep::Wrap => "wrap",
    }
}
