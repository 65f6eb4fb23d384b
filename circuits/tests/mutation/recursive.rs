//! Joins and batches: what they say of the proofs that they verify, in rows behind those of the
//! verification, which is plonky2's.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::batch::{BatchCircuit, BatchStatement};
use sheaf_circuits::join::JoinCircuit;
use sheaf_circuits::kinds::Kinds;
use sheaf_circuits::proof::Path;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::goldilocks::Fe;
use sheaf_ledger::machine::Machine;

use crate::any_path::{AnyPath, digest};
use crate::harness::{Subject, seed};
use crate::recursion::{BatchValues, Given, batch_given, join_given};
use crate::trace::Layout;

fn mutate(layout: &Layout, given: &Given) {
    let Given { witness, first_row } = given;
    assert!(layout.rows() > *first_row, "the circuit says nothing of its own");
    let subject = Subject { layout, inputs: witness, first_row: *first_row, is_free: |_, _| false };
    subject.mutate(seed());
}

#[test]
fn no_change_of_a_joins_witness_changes_what_is_proven() {
    let leaf = AnyPath::build(1);
    let inner = leaf.circuit.verifier_data();
    let join = JoinCircuit::build(&inner);
    let layout = Layout::new(&join.circuit);
    let path = |from, to| leaf.prove(Path { from: digest(from), to: digest(to) });
    let parts = [path(10, 20), path(20, 30), path(30, 40)];
    for present in [[F::ONE, F::ONE], [F::ONE, F::ZERO], [F::ZERO, F::ZERO]] {
        mutate(&layout, &join_given(&inner, parts.each_ref(), present));
    }
}

#[test]
fn no_change_of_a_batchs_witness_changes_what_is_proven() {
    let leaves =
        Kinds { entry: AnyPath::build(1), signature: AnyPath::build(2), data: AnyPath::build(3) };
    let tops = leaves.as_ref().map(|_, leaf| leaf.circuit.verifier_data());
    let batch = BatchCircuit::build(tops.as_ref());
    let layout = Layout::new(&batch.circuit);
    let domain = Domain([7, 8, 9].map(Fe::from_u64));
    let before = Machine::start(digest(1), 5, domain, 1_700_000_000);
    let mut after = Machine {
        root: digest(11),
        next_slot: 9,
        token: 3,
        message: digest(21),
        signatures: digest(31),
        data: digest(41),
        l1: digest(51),
        data_words: 77,
        l1_words: 12,
        ..before
    };
    after.pots[2].token = 4;
    let statement = BatchStatement { before, after, z: [6, 1, 2, 3], y: [3, 9, 4, 5, 101] };
    let values = BatchValues::of(&statement);
    let proofs = values.paths().map(|kind, path| leaves.get(kind).prove(path));
    mutate(&layout, &batch_given(tops.as_ref(), &values, proofs.as_ref()));
}
