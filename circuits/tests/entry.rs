//! The entry circuit accepts what the ledger accepts, and no lie about any of its statements.

#[path = "entry/access.rs"]
mod access;
mod ledger_world;
#[path = "entry/liar.rs"]
mod liar;
#[path = "entry/publish.rs"]
mod publish;
#[allow(dead_code, reason = "the mutation tests use the rest")]
mod trace;
#[path = "entry/transaction.rs"]
mod transaction;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::entry::circuit::EntryCircuit;
use sheaf_circuits::entry::witness::EntryWitness;
use sheaf_circuits::error::Error;
use sheaf_ledger::apply::apply;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::machine::Machine;
use sheaf_ledger::rule_error::RuleError;

use crate::ledger_world::World;
use crate::trace::{Layout, Trace};

/// The smallest circuit that holds a few entries.
const DEGREE_BITS: usize = 9;

fn circuit() -> &'static EntryCircuit {
    static CIRCUIT: OnceLock<EntryCircuit> = OnceLock::new();
    CIRCUIT.get_or_init(|| EntryCircuit::build(EntryCircuit::capacity_for(DEGREE_BITS)))
}

fn layout() -> &'static Layout<'static> {
    static LAYOUT: OnceLock<Layout<'static>> = OnceLock::new();
    LAYOUT.get_or_init(|| Layout::new(&circuit().data))
}

fn trace(before: &Machine, entries: &[EntryWitness]) -> Trace<'static> {
    let inputs = circuit().partial_witness(before, entries).expect("as many as the circuit has");
    layout().fill(inputs, &[])
}

/// The public inputs of a proof from `before` to `after`.
fn public_inputs(before: &Machine, after: &Machine) -> Vec<F> {
    let elements = [before, after].map(|machine| machine.digest().0);
    elements.as_flattened().iter().map(|element| F(element.canonical())).collect()
}

#[test]
fn a_chunk_fills_its_rows() {
    assert_eq!(circuit().data.common.degree_bits(), DEGREE_BITS);
    let rows = layout().rows() - layout().rows_of("NoopGate").len();
    let entry_rows = circuit().capacity() * 78;
    assert!(rows < entry_rows + 24, "{rows} rows, {entry_rows} of them entries'");
    let gates: BTreeSet<String> = (0..layout().rows()).map(|row| layout().gate(row)).collect();
    println!("{rows} rows for {} entries; gates {gates:?}", circuit().capacity());
}

/// A seed whose first entries leave no transaction open, and one whose do.
fn settled_after(entries: usize, settled: bool) -> World {
    let settles = |seed: &u64| {
        let mut world = World::random(*seed);
        world.honest_touches(entries);
        (world.machine.remaining == 0) == settled
    };
    World::random((1..).find(settles).expect("random worlds do both"))
}

#[test]
fn a_proof_goes_from_machine_to_machine_and_fills_up_with_idle() {
    let mut world = settled_after(circuit().capacity() - 2, true);
    let before = world.machine;
    let touches = world.honest_touches(circuit().capacity() - 2);
    let proof = circuit().prove(&before, &touches).expect("the chunk is honest");
    assert_eq!(proof.public_inputs, public_inputs(&before, &world.machine));
    circuit().data.verify(proof.clone()).expect("the proof verifies");

    let mut forged = proof;
    forged.public_inputs[7] += F::ONE;
    assert!(circuit().data.verify(forged).is_err());
}

#[test]
fn chunks_that_cannot_be_proven_are_refused_by_name() {
    let mut world = settled_after(1, true);
    let before = world.machine;
    let touches = world.honest_touches(1);
    assert!(matches!(circuit().prove(&before, &[]), Err(Error::Capacity { found: 0, .. })));
    let many = vec![touches[0].clone(); circuit().capacity() + 1];
    assert!(matches!(
        circuit().prove(&before, &many),
        Err(Error::Capacity { found: 7, capacity: 6 })
    ));
    let owner = sheaf_ledger::owner::Owner::default();
    let wrong = world.touch(Entry::Open { slot: 77, owner, token: 0 });
    let refused = circuit().prove(&world.machine, &[wrong]);
    let source = RuleError::SlotNotNext { slot: 77, next_slot: world.machine.next_slot };
    assert!(matches!(refused, Err(Error::Rule(found)) if found == source));
    // Idle cannot stand inside a transaction, so a chunk that ends in one must be full.
    let mut world = settled_after(1, false);
    let before = world.machine;
    let touches = world.honest_touches(1);
    let refused = circuit().prove(&before, &touches);
    let is_running = |error: &RuleError| matches!(error, RuleError::TransactionRunning { .. });
    assert!(matches!(refused, Err(Error::Rule(error)) if is_running(&error)));
}

/// Chunks that meet in the middle of a transfer: each is satisfied, and they meet in one digest.
#[test]
fn a_transfer_may_cross_the_edge_of_a_chunk() {
    let capacity = circuit().capacity();
    let mut world = settled_after(capacity, false);
    let before = world.machine;
    let first = world.honest_entries(capacity);
    let between = world.machine;
    let second = world.honest_entries(capacity);
    let (first, second) = (trace(&before, &first), trace(&between, &second));
    assert_eq!((first.violations(), second.violations()), (vec![], vec![]));
    assert_eq!(first.public_inputs()[4..], second.public_inputs()[..4]);
    assert_eq!(second.public_inputs(), public_inputs(&between, &world.machine));
}

/// Random chunks: honest entries, then one that may be spoiled. The circuit is satisfied exactly if
/// the ledger allows it, and then its public inputs are the ledger's machines.
#[test]
fn the_circuit_is_the_ledger() {
    let (mut allowed, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..150 {
        let mut world = World::random(1_000 + seed);
        let before = world.machine;
        let mut entries = world.honest_entries(circuit().capacity() - 1);
        let touch = if seed % 4 == 0 {
            let entry = world.likely_entry();
            world.touch(entry)
        } else {
            world.doubtful_touch()
        };
        entries.push(EntryWitness::new(&world.machine, &touch));
        let mut after = world.machine;
        let verdict = apply(&mut after, &touch);
        let trace = trace(&before, &entries);
        match verdict {
            Ok(_) => {
                assert_eq!(trace.violations(), vec![], "seed {seed}: {touch:?}");
                assert_eq!(trace.public_inputs(), public_inputs(&before, &after));
                allowed.insert(touch.entry.code());
            }
            Err(error) => {
                assert_ne!(trace.violations(), vec![], "seed {seed}: {error}: {touch:?}");
                refused.insert(format!("{error:?}").split([' ', '{']).next().map(str::to_owned));
            }
        }
    }
    println!("allowed codes {allowed:?}; refused for {refused:?}");
    assert!(allowed.len() >= 7 && refused.len() >= 10, "{allowed:?} {refused:?}");
}
