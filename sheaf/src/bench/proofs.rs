//! The proofs of full batches: every step one after another on all cores, and the wrap at the end.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use sheaf_circuits::keys::Provers;
use sheaf_circuits::kinds::Kinds;
use sheaf_circuits::leaf::capacity_for;
use sheaf_ledger::SealedBatch;
use sheaf_ledger::limits::{CALLDATA_WORDS_MAX, DATA_WORDS_MAX};
use sheaf_wire::{DataReference, JobInputs, LeafKind, ProofStep, TreeStep};

use super::full_batch::{FullBatch, WORDS_PER_TRANSFER};
use super::machine::{forget_peak, peak_bytes};
use super::report::{Bound, Report};
use super::shares::{Bar, chart};
use crate::keys::KeyStore;
use crate::output;

/// The picture of each sort's share of the time.
const PICTURE: &str = "proofs.svg";

/// The batches that are proven: their data words at most, the keys of their measures, and what they
/// are called in the picture.
const BATCHES: [Sort; 2] = [
    Sort { words: CALLDATA_WORDS_MAX, suffix: "", name: "one blob", seconds_per_transfer: 0.013 },
    Sort {
        words: DATA_WORDS_MAX,
        suffix: "_six_blobs",
        name: "six blobs",
        seconds_per_transfer: 0.005,
    },
];

struct Sort {
    words: u32,
    /// What follows the keys of the batch's measures.
    suffix: &'static str,
    name: &'static str,
    /// The bound.
    seconds_per_transfer: f64,
}

/// Makes the keys unless they exist, measures the proofs of full batches with them, and draws the
/// shares of each sort of proof in `out`.
///
/// # Errors
/// When the keys cannot be made or read, a proof fails, the kernel does not report the memory, or
/// the picture cannot be written.
pub(super) fn measure(keys: &KeyStore, out: &Path) -> Result<Report> {
    let mut report = Report::new("proofs");
    let (start, existed) = (Instant::now(), keys.exists()?);
    keys.build()?;
    if !existed {
        let seconds = start.elapsed().as_secs_f64();
        report.add("keys_build_seconds", seconds, Bound::AtMost(150.0));
    }
    let provers = keys.provers()?;
    // A worker builds its circuits once, so building them is not a cost of a proof.
    provers.build_all(|name| output::note(format_args!("building {name}")))?;
    rows(&mut report, keys);
    report.add("words_per_transfer", f64::from(WORDS_PER_TRANSFER), Bound::AtMost(1.0));
    report.add("wrap_constraints", provers.wrap_constraints()? as f64, Bound::AtMost(1.04e6));
    let (mut bars, mut peak) = (Vec::new(), 0);
    for sort in &BATCHES {
        let (bar, of_batch) = batch(&mut report, &provers, sort)?;
        bars.push(bar);
        peak = of_batch.max(peak);
    }
    report.add("worker_peak_bytes", peak as f64, Bound::AtMost(4e9));
    fs::create_dir_all(out).with_context(|| format!("cannot make the folder {}", out.display()))?;
    let path = out.join(PICTURE);
    fs::write(&path, chart(&bars)).with_context(|| format!("cannot write {}", path.display()))?;
    output::note(format_args!("drawn in {}", path.display()));
    Ok(report)
}

/// Proves a full batch and adds what that took. Returns the shares of the time, and the peak of
/// memory in bytes.
fn batch(report: &mut Report, provers: &Provers, sort: &Sort) -> Result<(Bar, u64)> {
    let Sort { words, suffix, name, seconds_per_transfer } = *sort;
    output::note(format_args!("a full batch of {name}"));
    let full = FullBatch::new(words, 1)?;
    let (batch, transfers) = (full.seal()?, full.transfers());
    let Timed { seconds, proofs, tree_peak_bytes, wrap_peak_bytes } = prove(provers, &batch)?;
    let total: f64 = seconds.values().sum();
    let mut add = |key: &str, value: f64, bound| report.add(format!("{key}{suffix}"), value, bound);
    add("transfers_per_batch", transfers as f64, Bound::AtLeast(2_000.0));
    let each = total / transfers as f64;
    add("prove_seconds_per_transfer", each, Bound::AtMost(seconds_per_transfer));
    let last = seconds["outer"] + seconds["wrap"];
    add("outer_and_wrap_seconds", last, Bound::AtMost(11.0));
    add("wrap_peak_bytes", wrap_peak_bytes as f64, Bound::AtMost(8e9));
    add("prove_seconds", total, Bound::None);
    for (stage, seconds) in &seconds {
        let bound = if *stage == "wrap" { Bound::AtMost(40.0) } else { Bound::None };
        add(&format!("{stage}_seconds"), *seconds, bound);
    }
    for (stage, proofs) in &proofs {
        add(&format!("{stage}_proofs"), *proofs as f64, Bound::None);
    }
    let shares = STAGES.iter().map(|stage| (*stage, seconds.get(stage).copied().unwrap_or(0.0)));
    let bar = Bar { name: format!("{name}, {transfers} transfers"), shares: shares.collect() };
    Ok((bar, tree_peak_bytes.max(wrap_peak_bytes)))
}

/// Adds the rows of the leaf circuit that an item costs in a full leaf: the circuit's rows over the
/// most items.
fn rows(report: &mut Report, keys: &KeyStore) {
    let bounds = Kinds { entry: 100.0, signature: 160.0, data: 25.0 };
    let names =
        Kinds { entry: "rows_per_entry", signature: "rows_per_signature", data: "rows_per_word" };
    let sizes = keys.circuits.sizes();
    for kind in Kinds::<()>::ALL {
        let Some(size) = sizes.of(kind) else { continue };
        let rows = (1_u64 << size.degree_bits) as f64;
        let capacity = match (kind, sizes.tables()) {
            (LeafKind::Entry, Some(tables)) => 1 << tables.full.entries,
            _ => capacity_for(kind, size.degree_bits),
        };
        let each = rows / capacity as f64;
        report.add(*names.get(kind), each, Bound::AtMost(*bounds.get(kind)));
    }
}

/// Seconds and numbers of proofs, by the sort of proof. The last step of a batch makes two proofs:
/// the outer proof counts as `outer`, the Groth16 proof as `wrap`.
#[derive(Default)]
struct Timed {
    seconds: BTreeMap<&'static str, f64>,
    proofs: BTreeMap<&'static str, u64>,
    /// Peaks of memory, of everything before the wrap and of the wrap.
    tree_peak_bytes: u64,
    wrap_peak_bytes: u64,
}

impl Timed {
    fn add(&mut self, stage: &'static str, what: &str, start: Instant) {
        let time = start.elapsed().as_secs_f64();
        output::note(format_args!("{what:<20} {time:>8.1} s"));
        *self.seconds.entry(stage).or_insert(0.0) += time;
        *self.proofs.entry(stage).or_insert(0) += 1;
    }
}

fn prove(provers: &Provers, batch: &SealedBatch) -> Result<Timed> {
    let (witness, steps) = (batch.to_bytes(), provers.verifiers().steps(batch)?);
    let named = DataReference::calldata(&batch.data_words);
    let mut timed = Timed::default();
    forget_peak()?;
    let mut made: HashMap<ProofStep, Vec<u8>> = HashMap::new();
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
        timed.add(stage(*step), &step.to_string(), start);
        made.insert(*step, proof);
    }
    let batch = made.get(&ProofStep::Batch).context("every batch has a batch step")?;
    let start = Instant::now();
    let outer = provers.outer(batch)?;
    timed.add("outer", "outer", start);
    timed.tree_peak_bytes = peak_bytes()?;
    forget_peak()?;
    let start = Instant::now();
    provers.groth16(outer)?;
    timed.add("wrap", "wrap", start);
    timed.wrap_peak_bytes = peak_bytes()?;
    Ok(timed)
}

/// The sorts of proofs in the order in which a batch needs them.
const STAGES: [&str; 7] = ["entry", "signature", "data", "join", "batch", "outer", "wrap"];

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
