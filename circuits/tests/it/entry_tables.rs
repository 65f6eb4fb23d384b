//! The tables of a chunk accept what the ledger accepts, and no change of any cell.

pub(crate) mod books;
mod cells;
mod cheats;
pub(crate) mod determined;
mod forgeries;
pub(crate) mod given;
pub(crate) mod held;
mod jumps;
mod lies;
mod poseidon;
mod rivals;
pub(crate) mod told;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::entry_tables::circuit::{EntryTables, EntryTablesCircuit};
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::error::Error;
use sheaf_circuits::sizes::Heights;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::apply::Touch;
use sheaf_ledger::chunk::EntryChunk;
use sheaf_ledger::machine::Machine;
use sheaf_ledger::rule_error::RuleError;

use self::books::Books;
use crate::ledger_world::World;

/// Tables for sixteen entries on sixteen slots anywhere in the tree.
pub(crate) const HEIGHTS: Heights =
    Heights { entries: 4, slots: 4, tree: 9, permutations: 11, signatures: 4, ladder: 9 };

/// A chunk of `entries` entries that leave no transaction open and owe a signature.
pub(crate) fn settled(seed: u64, entries: usize) -> EntryChunk {
    let mut chunks = (seed..).map(|seed| World::random(seed).honest_chunk(entries));
    let wanted = |chunk: &EntryChunk| chunk.after.remaining == 0 && !chunk.signed.is_empty();
    chunks.find(wanted).expect("some world is settled")
}

#[test]
fn rows_of_random_chunks_satisfy_all_rules_and_balance() {
    for seed in 0..40 {
        let chunk = World::random(seed).honest_chunk(16);
        let rows = Rows::new(&chunk, 0).expect("the chunk is honest");
        let mut books = Books::of(&rows);
        books.exchange(&EntryTables::new(HEIGHTS).messages(&chunk.before, &chunk.after));
        assert_eq!(books.faults(), Vec::<String>::new(), "seed {seed}");
    }
}

#[test]
fn a_proof_over_tables_goes_from_machine_to_machine() {
    let tables = EntryTables::new(HEIGHTS);
    let chunk = settled(1, 11);
    let proof = tables.prove(&chunk).expect("the chunk is honest");
    let EntryChunk { before, after, .. } = chunk;
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
    let chunk = settled(2, 3);
    let none = EntryChunk { touches: Vec::new(), ..chunk.clone() };
    let refused = tables.prove(&none);
    assert!(matches!(refused, Err(Error::Capacity { found: 0, capacity: 16 })));
    let many = EntryChunk { touches: vec![chunk.touches[0].clone(); 17], ..chunk.clone() };
    assert!(matches!(tables.prove(&many), Err(Error::Capacity { found: 17, .. })));
    let low = EntryTables::new(Heights { tree: 5, ..HEIGHTS });
    let refused = low.prove(&chunk).expect_err("32 rows are too few");
    assert!(refused.to_string().contains("the table tree has 32 rows"), "{refused}");
}

/// The ledger refuses a touch with a wrong path by itself. The rows' paths are checked together.
#[test]
fn leaves_that_are_not_under_the_root_are_refused() {
    let refused = |change: fn(&mut EntryChunk)| {
        let mut chunk = (0..)
            .map(|seed| settled(seed, 12))
            .find(|chunk| again(&chunk.touches).is_some())
            .expect("some slot is touched again");
        change(&mut chunk);
        Rows::new(&chunk, 0).err()
    };
    let errors = [
        refused(|chunk| chunk.touches[0].siblings[0].0[1] += Fe::ONE),
        refused(|chunk| chunk.before.root.0[2] += Fe::ONE),
        refused(|chunk| {
            let place = again(&chunk.touches).expect("some slot is touched again");
            let leaf = &mut chunk.touches[place].leaf;
            leaf.as_mut().expect("the slot is open").balance += 1;
        }),
    ];
    for error in errors {
        let expected = matches!(error, Some(Error::Rule(RuleError::WrongPath { .. })));
        assert!(expected, "{error:?}");
    }
}

/// The first touch of an open slot that was touched before.
fn again(touches: &[Touch]) -> Option<usize> {
    (0..touches.len()).find(|place| {
        let slot = touches[*place].entry.slot();
        let before = touches[..*place].iter();
        touches[*place].leaf.is_some() && before.map(|t| t.entry.slot()).any(|other| other == slot)
    })
}

#[test]
fn the_circuit_states_the_digests_of_both_machines() {
    let circuit = EntryTablesCircuit::build(HEIGHTS, 0);
    println!("2^{} rows", circuit.data.common.degree_bits());
    let chunk = settled(3, 9);
    let proof = circuit.prove(&chunk).expect("the chunk is honest");
    assert_ne!(chunk.after.signatures, Digest::ZERO);
    // Signatures are proven, so the machines need no chain of them.
    let machines = [chunk.before, chunk.after].map(Machine::without_signatures);
    let digests = machines.map(|machine| machine.digest().0);
    let digests: Vec<F> =
        digests.as_flattened().iter().map(|fe| F::from_canonical_u64(fe.canonical())).collect();
    assert_eq!(proof.public_inputs, digests);
    circuit.data.verify(proof.clone()).expect("the proof verifies");
    let mut forged = proof;
    forged.public_inputs[5] += F::ONE;
    assert!(circuit.data.verify(forged).is_err());
}
