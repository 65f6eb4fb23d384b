//! The sources of what a join states about the proofs that it verifies.

use plonky2::field::types::{Field, PrimeField64};
use plonky2::iop::target::Target;
use sheaf_circuits::join::{ARITY, JoinCircuit};
use sheaf_crypto::hash::DIGEST;
use sheaf_plonk::proof::F;
use sheaf_plonk::verifier_data::VerifierData;

use crate::any_segment::AnySegment;
use crate::recursion::{Said, join_of_two, said};
use crate::trace::Layout;
use crate::wiring::net::{Net, Wire};

/// A join of leaves that prove any segment, and what it says about them.
pub(super) fn build() -> (JoinCircuit, Said) {
    let inner = AnySegment::build(1).circuit.verifier_data();
    let join = JoinCircuit::build(&[&inner]);
    (join, said(&[&inner; ARITY], ARITY - 1))
}

/// `then` where the flag is one, else `otherwise`.
fn selected(net: &mut Net, flag: Wire, [then, otherwise]: [Wire; 2]) -> Wire {
    let constants = [F::ONE, F::NEG_ONE];
    let without = net.sum("an end that stays", constants, [flag, otherwise, otherwise]);
    net.sum("an end that goes on", constants, [flag, then, without])
}

/// Compares the join's own rows with statements 2 to 4.
pub(super) fn compare(net: &mut Net, said: &Said) {
    let zero = net.zero();
    let digest = |net: &Net, part: usize, at: usize| -> [Wire; DIGEST] {
        core::array::from_fn(|i| net.target(said.inputs[part][at + i]))
    };
    let from = digest(net, 0, 0);
    let mut end = digest(net, 0, DIGEST);
    for part in 1..ARITY {
        let present = net.target(said.given[part - 1]);
        let square = net.sum("a part's flag", [F::ONE, F::NEG_ONE], [present; 3]);
        net.same("whether a part is there is a bit", &[square], &[zero]);
        let [start, to] = [0, DIGEST].map(|at| digest(net, part, at));
        end = core::array::from_fn(|i| {
            let gap = net.difference("a gap", end[i], start[i]);
            let terms = [present, gap, present];
            let gap = net.sum("a gap before a part that is there", [F::ONE, F::ZERO], terms);
            net.same("no gap before a part that is there", &[gap], &[zero]);
            selected(net, present, [to[i], end[i]])
        });
    }
    net.publishes(&[from, end].concat());
}

/// A join of leaves of two circuits, with the verifier data of both, and of each part what says
/// that it is of the second.
pub(super) fn build_of_two() -> (JoinCircuit, [VerifierData; 2], [Target; ARITY]) {
    let inner = [1, 2].map(|mark| AnySegment::build(mark).circuit.verifier_data());
    let join = JoinCircuit::build(&[&inner[0], &inner[1]]);
    let (_, parts) = join_of_two(&inner);
    (join, inner, parts.map(|(_, is_second)| is_second))
}

/// All elements of verifier data.
fn elements(data: &VerifierData) -> Vec<F> {
    let caps = data.verifier_only.constants_sigmas_cap.0.iter();
    let digests = caps.chain([&data.verifier_only.circuit_digest]);
    digests.flat_map(|digest| digest.elements).collect()
}

/// Compares the choice among the verifier data of two circuits, which are constants
/// (`circuits::one_of`).
pub(super) fn compare_choice(net: &mut Net, inner: &[VerifierData; 2], are_second: &[Target]) {
    let zero = net.zero();
    let constant = |net: &Net, value: F| net.constant(value.to_canonical_u64());
    for is_second in are_second {
        let is_second = net.target(*is_second);
        let square = net.sum("a choice", [F::ONE, F::NEG_ONE], [is_second; 3]);
        net.same("a choice is a bit", &[square], &[zero]);
        let [first, second] = inner.each_ref().map(elements);
        for (first, second) in first.into_iter().zip(second) {
            let [first, second] = [first, second].map(|value| constant(net, value));
            let chosen = selected(net, is_second, [second, first]);
            net.is_read("chosen verifier data", chosen);
        }
    }
}

#[test]
fn a_choice_is_among_constants() {
    let (join, inner, are_second) = build_of_two();
    let layout = Layout::new(&join.circuit);
    let mut net = Net::new(&layout);
    compare_choice(&mut net, &inner, &are_second);
    assert_eq!(net.into_faults(), Vec::<String>::new());
}

#[test]
fn a_joins_own_rows_have_their_sources() {
    let (join, said) = build();
    let layout = Layout::new(&join.circuit);
    let mut net = Net::without(&layout, said.first_row, None);
    compare(&mut net, &said);
    assert_eq!(net.into_faults(), Vec::<String>::new());
}
