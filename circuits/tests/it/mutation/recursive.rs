//! Mutations of joins and batches. The rows that are changed are those after the verification of
//! the inner proofs, which is plonky2's; they constrain what the circuit states about these proofs.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::batch::BatchCircuit;
use sheaf_circuits::join::JoinCircuit;
use sheaf_circuits::kinds::Kinds;
use sheaf_circuits::segment::Segment;

use crate::any_segment::{AnySegment, digest};
use crate::mutation::harness::{Subject, seed};
use crate::recursion::{BatchValues, Given, batch_given, batch_statement, join_given};
use crate::trace::Layout;

fn mutate(layout: &Layout, given: &Given, other: &Given) {
    let Given { witness, first_row } = given;
    assert!(layout.rows() > *first_row, "the circuit says nothing of its own");
    let subject = Subject { layout, inputs: witness, first_row: *first_row, is_free: |_, _| false };
    subject.mutate(seed());
    subject.splice(&other.witness, seed());
}

#[test]
fn no_change_of_a_joins_witness_changes_what_is_proven() {
    let leaf = AnySegment::build(1);
    let inner = leaf.circuit.verifier_data();
    let join = JoinCircuit::build(&[&inner]);
    let layout = Layout::new(&join.circuit);
    let segment = |from, to| leaf.prove(Segment { from: digest(from), to: digest(to) });
    let parts = [segment(10, 20), segment(20, 30), segment(30, 40)];
    let others = [segment(15, 25), segment(25, 35), segment(35, 45)];
    for present in [[F::ONE, F::ONE], [F::ONE, F::ZERO], [F::ZERO, F::ZERO]] {
        let [given, other] =
            [&parts, &others].map(|parts| join_given(&inner, parts.each_ref(), present));
        mutate(&layout, &given, &other);
    }
}

#[test]
fn no_change_of_a_batchs_witness_changes_what_is_proven() {
    let leaves = Kinds {
        entry: AnySegment::build(1),
        signature: AnySegment::build(2),
        data: AnySegment::build(3),
    };
    let tops = leaves.as_ref().map(|_, leaf| leaf.circuit.verifier_data());
    let batch = BatchCircuit::build(&tops.as_ref().map(|_, top| vec![top]));
    let layout = Layout::new(&batch.circuit);
    let statement = batch_statement();
    let mut other = statement;
    (other.before.root, other.after.root, other.after.data) = (digest(61), digest(62), digest(63));
    (other.after.next_slot, other.z, other.y) = (8, [5, 4, 3, 2], [1, 2, 3, 4, 5]);
    let [given, other] = [statement, other].map(|statement| {
        let values = BatchValues::of(&statement);
        let proofs = values.segments().map(|kind, segment| leaves.get(kind).prove(segment));
        batch_given(tops.as_ref(), &values, proofs.as_ref())
    });
    mutate(&layout, &given, &other);
}
