//! The entry circuit accepts what the ledger accepts, and no lie about any of its statements.

mod access;
mod agreement;
mod liar;
mod publish;
mod transaction;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::entry::circuit::EntryCircuit;
use sheaf_circuits::entry::witness::EntryWitness;
use sheaf_circuits::error::Error;
use sheaf_crypto::goldilocks::Fe;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::machine::Machine;
use sheaf_ledger::rule_error::RuleError;

use crate::ledger_world::World;
use crate::trace::{Layout, Trace, Violation};

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

    for input in 0..proof.public_inputs.len() {
        let mut forged = proof.clone();
        forged.public_inputs[input] += F::ONE;
        assert!(circuit().data.verify(forged).is_err(), "public input {input}");
    }
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

/// Statement 8: domain and timestamp of the machine after are wires that must equal those of the
/// machine before, and no other digest is that of the machine after.
#[test]
fn domain_and_timestamp_never_change() {
    let mut world = settled_after(circuit().capacity(), true);
    let before = world.machine;
    let entries = world.honest_entries(circuit().capacity());
    let honest = trace(&before, &entries);
    assert_eq!(honest.violations(), vec![]);
    let hashed = |row: usize| (0..12).map(move |column| (row, column));
    let Machine { domain, timestamp, .. } = before;
    for element in domain.0.into_iter().chain([Fe::from(timestamp)]) {
        let value = F(element.canonical());
        let rows = layout().rows_of("PoseidonGate").into_iter().flat_map(hashed);
        let places: Vec<_> =
            rows.filter(|(row, column)| honest.get(*row, *column) == value).collect();
        let [wire_before, wire_after] = [places.first(), places.last()].map(|place| {
            let (row, column) = place.expect("the machine is hashed");
            row * layout().columns() + column
        });
        assert_ne!(wire_before, wire_after, "both machines are hashed");
        let copies =
            layout().copies(wire_after / layout().columns(), wire_after % layout().columns());
        assert!(copies.contains(&wire_before));
        let mut lie = honest.clone();
        lie.set(wire_after, value + F::ONE);
        let is_copy = |violation: &Violation| matches!(violation, Violation::Copy { .. });
        assert!(lie.violations().iter().any(is_copy));
    }
    let changes: [fn(&mut Machine); 4] = [
        |machine| machine.domain.0[0] += Fe::ONE,
        |machine| machine.domain.0[1] += Fe::ONE,
        |machine| machine.domain.0[2] += Fe::ONE,
        |machine| machine.timestamp ^= 1,
    ];
    for change in changes {
        let mut after = world.machine;
        change(&mut after);
        let claimed = public_inputs(&before, &after).into_iter().enumerate();
        let claimed: Vec<_> = claimed.map(|(i, value)| (layout().public_input(i), value)).collect();
        let inputs = circuit().partial_witness(&before, &entries).expect("a full chunk");
        assert_ne!(layout().fill(inputs, &claimed).violations(), vec![]);
    }
}
