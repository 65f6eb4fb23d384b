//! Mutations of honest witnesses, on every circuit below the outer one: whatever a prover changes,
//! a constraint breaks, or nothing that is public has changed, or what he states is still true.
//!
//! Four kinds. A *stroke* changes one wire, or it and all its copies, and nothing else. A *splice*
//! puts parts of a second honest witness into the first, keeps sums, or moves flags on. A *lie*
//! changes one wire that the prover computes and then recomputes everything else from it. Each must
//! break something, unless the wire is *unused*: part of an operation that is joined to nothing, so
//! that nothing read it before either; or *free*: a hint that the row's own case leaves open.
//! Whatever breaks nothing has changed such wires only, and nothing public. A lie about what the
//! prover is *given* (kinds, pots, amounts, bits, paths, signatures, words) may be another truth:
//! what breaks nothing must be allowed by the ledger, and end where the ledger ends.
//!
//! `SHEAF_MUTATIONS` sets how many strokes are tried on each of the seven witnesses (3,000 unless
//! set), with a lie for each fourth and, where the ledger judges, one about what is given for each
//! fourth or eighth; `SHEAF_SEED` sets where random numbers start: `SHEAF_MUTATIONS=1000000 cargo
//! test --release -p sheaf-circuits --test it mutation -- --nocapture` runs for hours and prints a
//! tally.

mod data;
mod entry;
mod harness;
mod recursive;
mod signature;
mod splices;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::entry::circuit::EntryCircuit;

use crate::ledger_world::World;
use crate::trace::{Layout, Violation};

/// The harness itself: a forged public value is a violation.
#[test]
fn a_changed_public_input_is_caught() {
    let circuit = EntryCircuit::build(1);
    let layout = Layout::new(&circuit.data);
    let mut world = World::random(7);
    let before = world.machine;
    let entries = world.honest_entries(circuit.capacity());
    let inputs = circuit.partial_witness(&before, &entries).expect("a full chunk");
    let honest = layout.fill(inputs, &[]);
    let row = *layout.rows_of("PublicInputGate").first().expect("public inputs have a row");
    assert_eq!(honest.public_inputs().len(), 8);
    for input in 0..8 {
        let mut forged = honest.clone();
        let copies = layout.copies_of_public_input(input);
        let changed = honest.public_inputs()[input] + F::ONE;
        copies.iter().for_each(|wire| forged.set(*wire, changed));
        assert_ne!(forged.public_inputs(), honest.public_inputs());
        assert!(forged.breaks(copies));
        let broken = forged.violations();
        let is_row = |violation: &Violation| match violation {
            Violation::Gate { row: found, .. } => *found == row,
            Violation::Copy { .. } => false,
        };
        assert!(broken.iter().any(is_row), "{broken:?}");
    }
}
