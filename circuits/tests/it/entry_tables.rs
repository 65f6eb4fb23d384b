//! The tables of a chunk accept what the ledger accepts, and no change of any cell.

mod books;
mod cells;
mod lies;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::entry_tables::circuit::{EntryTables, EntryTablesCircuit};
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::error::Error;
use sheaf_circuits::sizes::Heights;
use sheaf_crypto::goldilocks::Fe;
use sheaf_ledger::machine::Machine;

use self::books::Books;
use crate::ledger_world::World;

/// Tables for sixteen entries on sixteen slots anywhere in the tree.
const HEIGHTS: Heights = Heights { entries: 4, slots: 4, tree: 9, permutations: 11 };

/// A world in which `entries` entries leave no transaction open, with these entries' touches.
pub(crate) fn settled(
    seed: u64,
    entries: usize,
) -> (Machine, Vec<sheaf_ledger::apply::Touch>, Machine) {
    (seed..)
        .find_map(|seed| {
            let mut world = World::random(seed);
            let before = world.machine;
            let touches = world.honest_touches(entries);
            (world.machine.remaining == 0).then_some((before, touches, world.machine))
        })
        .expect("some world is settled")
}

#[test]
fn rows_of_random_chunks_satisfy_all_rules_and_balance() {
    for seed in 0..40 {
        let mut world = World::random(seed);
        let before = world.machine;
        let touches = world.honest_touches(16);
        let (rows, after) = Rows::new(&before, &touches, 0).expect("the chunk is honest");
        assert_eq!(after, world.machine);
        let mut books = Books::of(&rows);
        books.exchange(&EntryTables::new(HEIGHTS).messages(&before, &after));
        assert_eq!(books.faults(), Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn a_proof_over_tables_goes_from_machine_to_machine() {
    let tables = EntryTables::new(HEIGHTS);
    let (before, touches, expected) = settled(1, 11);
    let (proof, after) = tables.prove(&before, &touches).expect("the chunk is honest");
    assert_eq!(after, expected);
    tables.verify(&before, &after, &proof).expect("the proof verifies");
    for field in 0..4 {
        let mut forged = after;
        match field {
            0 => forged.root.0[2] += Fe::ONE,
            1 => forged.data_words += 1,
            2 => forged.next_slot += 1,
            _ => forged.pots[3].amount += 1,
        }
        assert!(tables.verify(&before, &forged, &proof).is_err(), "field {field}");
        assert!(tables.verify(&forged, &after, &proof).is_err(), "field {field}");
    }
}

#[test]
fn chunks_that_do_not_fit_are_refused_by_name() {
    let tables = EntryTables::new(HEIGHTS);
    let (before, touches, _) = settled(2, 3);
    let refused = tables.prove(&before, &[]);
    assert!(matches!(refused, Err(Error::Capacity { found: 0, capacity: 16 })));
    let many = vec![touches[0].clone(); 17];
    assert!(matches!(tables.prove(&before, &many), Err(Error::Capacity { found: 17, .. })));
    let low = EntryTables::new(Heights { tree: 5, ..HEIGHTS });
    let refused = low.prove(&before, &touches).expect_err("32 rows are too few");
    assert!(refused.to_string().contains("the table tree has 32 rows"), "{refused}");
}

#[test]
fn the_circuit_states_the_digests_of_both_machines() {
    let circuit = EntryTablesCircuit::build(HEIGHTS, 0);
    println!("2^{} rows", circuit.data.common.degree_bits());
    let (before, touches, after) = settled(3, 9);
    let proof = circuit.prove(&before, &touches).expect("the chunk is honest");
    let digests = [before, after].map(|machine| machine.digest().0);
    let digests: Vec<F> =
        digests.as_flattened().iter().map(|fe| F::from_canonical_u64(fe.canonical())).collect();
    assert_eq!(proof.public_inputs, digests);
    circuit.data.verify(proof.clone()).expect("the proof verifies");
    let mut forged = proof;
    forged.public_inputs[5] += F::ONE;
    assert!(circuit.data.verify(forged).is_err());
}
