//! Joins: the proofs of adjacent segments make a proof of one segment, and other proofs do not.

use std::sync::OnceLock;

use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use sheaf_circuits::error::Error;
use sheaf_circuits::join::{ARITY, JoinCircuit};
use sheaf_circuits::one_of::Part;
use sheaf_circuits::segment::{SEGMENT_INPUTS, Segment};
use sheaf_plonk::error::Error as PlonkError;
use sheaf_plonk::proof::{F, Proof, element};

use crate::any_segment::{AnySegment, digest};
use crate::recursion::{join_given, join_of_two_given};
use crate::trace::{Layout, Violation};

struct Tree {
    leaf: AnySegment,
    stranger: AnySegment,
    level1: JoinCircuit,
    level2: JoinCircuit,
}

fn tree() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| {
        let leaf = AnySegment::build(1);
        let level1 = JoinCircuit::build(&[&leaf.circuit.verifier_data()]);
        let level2 = JoinCircuit::build(&[&level1.circuit.verifier_data()]);
        Tree { leaf, stranger: AnySegment::build(2), level1, level2 }
    })
}

fn segment(from: u64, to: u64) -> Segment {
    Segment { from: digest(from), to: digest(to) }
}

fn leaf(from: u64, to: u64) -> Proof {
    tree().leaf.prove(segment(from, to))
}

fn states(proof: &Proof, from: u64, to: u64) {
    assert_eq!(Segment::of(proof).expect("a segment"), segment(from, to));
}

/// The parts where one circuit's proofs are joined.
fn parts(proofs: &[Proof]) -> Vec<Part<'_>> {
    proofs.iter().map(|proof| Part { proof, circuit: 0 }).collect()
}

fn is_refusal(result: &Result<Proof, Error>) -> bool {
    matches!(result, Err(Error::Plonk(PlonkError::Witness { .. } | PlonkError::Refused { .. })))
}

fn refused(proofs: &[Proof]) -> bool {
    is_refusal(&tree().level1.prove(&parts(proofs)))
}

#[test]
fn adjacent_paths_are_one() {
    let Tree { level1, level2, .. } = tree();
    let full = level1.prove(&parts(&[leaf(10, 20), leaf(20, 30), leaf(30, 40)])).expect("adjacent");
    states(&full, 10, 40);
    let pair = level1.prove(&parts(&[leaf(40, 50), leaf(50, 60)])).expect("adjacent");
    states(&pair, 40, 60);
    let alone = level1.prove(&parts(&[leaf(60, 70)])).expect("alone");
    states(&alone, 60, 70);
    let all = level2.prove(&parts(&[full, pair, alone])).expect("adjacent");
    states(&all, 10, 70);
}

/// Statement 3.
#[test]
fn a_gap_is_refused() {
    assert!(refused(&[leaf(10, 20), leaf(21, 30)]));
    assert!(refused(&[leaf(20, 30), leaf(10, 20)]));
    assert!(refused(&[leaf(10, 20), leaf(20, 30), leaf(31, 40)]));
    assert!(refused(&[leaf(10, 20), leaf(20, 30), leaf(20, 30)]));
}

/// Statement 1.
#[test]
fn another_circuits_proof_is_refused() {
    let (honest, strange) = (leaf(10, 20), tree().stranger.prove(segment(20, 30)));
    assert!(refused(&[honest.clone(), strange.clone()]));
    assert!(refused(&[honest, leaf(20, 20), strange.clone()]));
    assert!(refused(&[strange]));
}

/// Statement 1: a proof whose public inputs were changed states nothing.
#[test]
fn changed_inputs_are_refused() {
    let first = leaf(10, 20);
    let mut second = leaf(20, 30);
    second.public_inputs[7] = first.public_inputs[0];
    assert!(refused(&[first, second]));
}

#[test]
fn none_and_more_than_there_are_places_for_are_refused() {
    let parts: Vec<Proof> = (0..4).map(|i| leaf(10 * i, 10 * i + 10)).collect();
    for parts in [&parts[..], &[]] {
        let result = tree().level1.prove(&self::parts(parts));
        let Err(Error::InputProofs { expected: 3, found }) = result else { panic!("{result:?}") };
        assert_eq!(found, parts.len());
    }
}

fn layout() -> &'static Layout<'static> {
    static LAYOUT: OnceLock<Layout<'static>> = OnceLock::new();
    LAYOUT.get_or_init(|| Layout::new(&tree().level1.circuit))
}

/// What breaks when a prover joins three leaves whatever happens, says which of the last two are
/// there, and has decided on the public inputs in `claimed`; and the segment that he then states.
fn violations(
    leaves: [&Proof; ARITY],
    present: [F; ARITY - 1],
    claimed: &[(usize, F)],
) -> (Vec<Violation>, Vec<F>) {
    let inner = tree().leaf.circuit.verifier_data();
    let given = join_given(&inner, leaves, present);
    let forced = claimed.iter().map(|(input, value)| (layout().public_input(*input), *value));
    let forced: Vec<(Target, F)> = forced.collect();
    let trace = layout().fill(given.witness, &forced);
    (trace.violations(), trace.public_inputs())
}

/// The public inputs that claim this segment.
fn claim(segment: Segment) -> Vec<(usize, F)> {
    segment.from.0.into_iter().chain(segment.to.0).map(element).enumerate().collect()
}

const BOTH: [F; 2] = [F::ONE, F::ONE];
const SECOND: [F; 2] = [F::ONE, F::ZERO];
const NEITHER: [F; 2] = [F::ZERO, F::ZERO];

/// Statements 2 to 4: the segment is that of the parts, whichever are there.
#[test]
fn no_end_is_the_provers_choice() {
    let parts = [leaf(10, 20), leaf(20, 30), leaf(30, 40)];
    for (present, end) in [(BOTH, 40), (SECOND, 30), (NEITHER, 20)] {
        let (broken, public) = violations(parts.each_ref(), present, &[]);
        assert_eq!(broken, vec![]);
        let honest = claim(segment(10, end));
        assert_eq!(public.iter().copied().enumerate().collect::<Vec<_>>(), honest);
        for (input, value) in honest {
            let lie = [(input, value + F::ONE)];
            let (broken, _) = violations(parts.each_ref(), present, &lie);
            assert_ne!(broken, vec![], "public input {input}, present {present:?}");
        }
    }
    for (present, from, to) in [
        (BOTH, 20, 40),
        (BOTH, 10, 30),
        (SECOND, 20, 30),
        (SECOND, 10, 20),
        (SECOND, 10, 40),
        (NEITHER, 20, 20),
        (NEITHER, 10, 30),
        (NEITHER, 30, 40),
    ] {
        let (broken, public) = violations(parts.each_ref(), present, &claim(segment(from, to)));
        assert_eq!(
            public.iter().copied().enumerate().collect::<Vec<_>>(),
            claim(segment(from, to))
        );
        assert_ne!(broken, vec![], "{from} to {to}, present {present:?}");
    }
}

/// Statement 3: whether there is a part is a bit, so its start cannot count by half.
#[test]
fn presence_is_a_bit() {
    let [first, second, third] = [leaf(10, 20), leaf(20, 30), leaf(30, 40)];
    for wrong in [F::TWO, F::NEG_ONE, F::TWO.inverse()] {
        for present in [[wrong, F::ZERO], [F::ONE, wrong]] {
            let (broken, _) = violations([&first, &second, &third], present, &[]);
            assert_ne!(broken, vec![], "{present:?}");
        }
    }
    let apart = leaf(21, 30);
    assert_ne!(violations([&first, &apart, &third], BOTH, &[]).0, vec![]);
    assert_ne!(violations([&first, &second, &apart], BOTH, &[]).0, vec![]);
    assert_eq!(violations([&first, &second, &apart], SECOND, &[]).0, vec![], "it is not there");
    // A part may be missing before one that is there: the segment then leads over what remains.
    assert_eq!(violations([&first, &apart, &second], [F::ZERO, F::ONE], &[]).0, vec![]);
    assert_ne!(violations([&first, &second, &third], [F::ZERO, F::ONE], &[]).0, vec![]);
}

/// A finished join with another public input is no proof.
#[test]
fn a_finished_path_cannot_be_changed() {
    let Tree { level1, .. } = tree();
    let honest = level1.prove(&parts(&[leaf(10, 20), leaf(20, 30)])).expect("adjacent");
    for input in 0..SEGMENT_INPUTS {
        let mut forged = honest.clone();
        forged.public_inputs[input] += F::ONE;
        assert!(level1.circuit.verify(forged).is_err(), "public input {input}");
    }
    level1.circuit.verify(honest).expect("as it was made");
}

/// A join over two circuits, with the proofs of three adjacent segments: the middle one is of the
/// second circuit.
struct OfTwo {
    join: JoinCircuit,
    proofs: [Proof; ARITY],
}

fn of_two() -> &'static OfTwo {
    static OF_TWO: OnceLock<OfTwo> = OnceLock::new();
    OF_TWO.get_or_init(|| {
        let Tree { leaf: first, stranger: second, .. } = tree();
        let inner = [first, second].map(|leaf| leaf.circuit.verifier_data());
        let join = JoinCircuit::build(&[&inner[0], &inner[1]]);
        let proofs = [leaf(10, 20), second.prove(segment(20, 30)), leaf(30, 40)];
        OfTwo { join, proofs }
    })
}

#[test]
fn proofs_of_two_circuits_are_joined() {
    let OfTwo { join, proofs } = of_two();
    let part = |i: usize| Part { proof: &proofs[i], circuit: usize::from(i == 1) };
    states(&join.prove(&[part(0), part(1), part(2)]).expect("adjacent"), 10, 40);
    states(&join.prove(&[part(1), part(2)]).expect("adjacent"), 20, 40);
    states(&join.prove(&[part(1)]).expect("alone"), 20, 30);
}

/// Statement 1.
#[test]
fn a_proof_that_is_taken_for_the_other_circuits_is_refused() {
    let OfTwo { join, proofs } = of_two();
    for wrong in 0..ARITY {
        let circuit = |i: usize| usize::from((i == 1) != (i == wrong));
        let part = |i: usize| Part { proof: &proofs[i], circuit: circuit(i) };
        assert!(is_refusal(&join.prove(&[part(0), part(1), part(2)])), "part {wrong}");
    }
}

/// Statement 1: a third circuit's proof is of neither, and no mixture of two circuits' verifier
/// data is a circuit's.
#[test]
fn neither_a_third_circuit_nor_a_mixture_is_taken() {
    let OfTwo { join, proofs } = of_two();
    let Tree { leaf: first, stranger: second, .. } = tree();
    let third = AnySegment::build(3).prove(segment(20, 30));
    let inner = [first, second].map(|leaf| leaf.circuit.verifier_data());
    let layout = Layout::new(&join.circuit);
    let broken = |middle: &Proof, are_second: [F; ARITY]| {
        let proofs = [&proofs[0], middle, &proofs[2]];
        let given = join_of_two_given(&inner, proofs, are_second);
        layout.fill(given, &[]).violations()
    };
    assert_eq!(broken(&proofs[1], [F::ZERO, F::ONE, F::ZERO]), vec![]);
    for is_second in [F::ZERO, F::ONE, F::TWO, F::TWO.inverse()] {
        assert_ne!(broken(&third, [F::ZERO, is_second, F::ZERO]), vec![], "{is_second}");
        let is_right = is_second == F::ONE;
        let [middle, first] = [[F::ZERO, is_second, F::ZERO], [is_second, F::ONE, F::ZERO]];
        assert_eq!(broken(&proofs[1], middle).is_empty(), is_right, "{is_second}");
        assert_eq!(broken(&proofs[1], first).is_empty(), is_second == F::ZERO, "{is_second}");
    }
}
