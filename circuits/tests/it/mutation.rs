//! Mutations of honest witnesses, on every circuit below the outer one. After any change that a
//! prover makes, a constraint is broken, or no public value has changed, or the changed statement
//! is still true.
//!
//! There are four kinds of mutations:
//!
//! - A *stroke* changes one wire alone, or one wire with all its copies.
//! - A *splice* puts parts of a second honest witness into the first, changes two wires so that
//!   their weighted sum stays, or moves a flag on.
//! - A *lie* changes one wire that the prover computes, and recomputes everything else from it.
//! - A lie about a *given* value changes what the prover is given: kinds, pots, amounts, bits,
//!   paths, signatures, words.
//!
//! A mutation of the first three kinds must break a constraint, unless the changed wire is *unused*
//! (part of an operation that is joined to nothing, so that nothing reads the wire in the honest
//! witness either) or *free* (a hint that the row's own case leaves open). A mutation that breaks
//! nothing must have changed such wires only, and nothing public. A lie about a given value may be
//! another truth. So if it breaks nothing, the ledger must allow it too, and end in the same state
//! as the circuit.
//!
//! `SHEAF_MUTATIONS` sets the number of strokes on each of the seven witnesses (3,000 unless set).
//! There is one lie for every four strokes and, where the ledger judges, one lie about a given
//! value for every four or eight strokes. `SHEAF_SEED` sets the seed of the random numbers. The
//! following command runs for hours and prints a tally:
//!
//! ```text
//! SHEAF_MUTATIONS=1000000 cargo test --release -p sheaf-circuits --test it mutation -- --nocapture
//! ```

pub(crate) mod data;
pub(crate) mod entry;
pub(crate) mod harness;
mod recursive;
pub(crate) mod signature;
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
