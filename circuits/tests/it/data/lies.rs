//! A prover who lies about statements 1, 3 and 4 of the data circuit: he chooses the values of some
//! wires or limbs, and computes everything else honestly from them.

use std::collections::BTreeSet;

use plonky2::field::types::{Field, PrimeField64};
use plonky2::iop::target::Target;
use sheaf_circuits::data::limbs::LIMBS;
use sheaf_circuits::data::reduce::ReduceRow;
use sheaf_circuits::segment::SEGMENT_INPUTS;
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::element;

use super::*;
use crate::trace::{Layout, Trace, Violation};

fn layout() -> &'static Layout<'static> {
    static LAYOUT: OnceLock<Layout<'static>> = OnceLock::new();
    LAYOUT.get_or_init(|| Layout::new(&circuit().circuit))
}

fn trace(chunk: &DataChunk, forced: &[(Target, F)]) -> Trace<'static> {
    layout().fill(circuit().witness(chunk).expect("not too many steps"), forced)
}

/// The gates that break.
fn broken(chunk: &DataChunk, forced: &[(Target, F)]) -> BTreeSet<String> {
    let gate = |violation| match violation {
        Violation::Gate { gate, .. } => gate.split("Gate").next().unwrap_or("").to_owned(),
        Violation::Copy { row, column } => panic!("copies differ at {row}, {column}"),
    };
    trace(chunk, forced).violations().into_iter().map(gate).collect()
}

fn only(gate: &str) -> BTreeSet<String> {
    BTreeSet::from([gate.to_owned()])
}

/// A full chunk, with words before it, so that y is not zero where it starts.
fn full() -> DataChunk {
    let words: Vec<Word> = (1..=CAPACITY as u64 + 5).map(|i| Word([i, i << 20, i, i])).collect();
    let all = whole(&words[..7], &words[7..], [1 << 40, 2, 3, 4]);
    chunk(chunk(all.before, &all.steps[..5]).after, &all.steps[5..])
}

/// The path of a chunk as public inputs.
fn inputs(before: &Cursor, after: &Cursor) -> Vec<(Target, F)> {
    let digests = [before.digest(), after.digest()].map(|digest| digest.0.map(element));
    let named = digests.as_flattened().iter().enumerate();
    named.map(|(input, value)| (layout().public_input(input), *value)).collect()
}

/// Statement 1, and what a finished proof states.
#[test]
fn no_public_input_is_the_provers_choice() {
    for chunk in [sample(), full()] {
        let honest = trace(&chunk, &[]);
        assert_eq!(honest.violations(), vec![]);
        let inputs = inputs(&chunk.before, &chunk.after);
        let stated: Vec<F> = inputs.iter().map(|(_, value)| *value).collect();
        assert_eq!(honest.public_inputs(), stated);
        for (input, (target, value)) in inputs.into_iter().enumerate() {
            let lie = [(target, value + F::ONE)];
            assert!(!broken(&chunk, &lie).is_empty(), "public input {input}");
        }
    }
    let proof = circuit().prove(&sample()).expect("an honest chunk");
    for input in 0..SEGMENT_INPUTS {
        let mut forged = proof.clone();
        forged.public_inputs[input] += F::ONE;
        assert!(circuit().circuit.verify(forged).is_err(), "public input {input}");
    }
}

/// Statements 1 and 4: the cursor after has the same z and no other y or chain.
#[test]
fn no_cursor_after_is_the_provers_choice() {
    let chunk = full();
    let mut lies = [chunk.after; 5];
    lies[0].z[0] ^= 1;
    lies[1].y[0] ^= 1;
    lies[2].y[4] ^= 1;
    lies[3].data = Digest([sheaf_crypto::goldilocks::Fe::ONE; 4]);
    lies[4].l1 = chunk.before.data;
    assert!(broken(&chunk, &inputs(&chunk.before, &chunk.after)).is_empty());
    for lie in lies {
        assert!(!broken(&chunk, &inputs(&chunk.before, &lie)).is_empty(), "{lie:?}");
    }
}

/// The wire of the circuit's constant zero. A prover who decides on it, as the constant's row makes
/// him, breaks what is held to be zero and nothing that is made with zero.
fn zero() -> (Target, F) {
    let honest = trace(&sample(), &[]);
    let wires = layout().rows_of("ConstantGate").into_iter().flat_map(|row| [(row, 0), (row, 1)]);
    let zero = wires.into_iter().find(|(row, column)| honest.get(*row, *column).is_zero());
    let (row, column) = zero.expect("the circuit has a zero");
    (Target::wire(row, column), F::ZERO)
}

/// The rows that hold z, y and the words of the steps, in this order.
fn limb_rows() -> Vec<usize> {
    layout().rows_of("LimbGate")[..2 + CAPACITY].to_vec()
}

/// Statement 3: what is hashed of a word and of z ends at bit 248. One bit more would be evaluated
/// without being committed to.
#[test]
fn words_and_z_have_no_249th_bit() {
    const BIT_248: u64 = 1 << 8;
    let rows = limb_rows();
    for chunk in [sample(), full()] {
        let honest = trace(&chunk, &[]);
        for row in [rows[0], rows[1 + CAPACITY]] {
            let bit = F::from_canonical_u64(BIT_248);
            let top = (Target::wire(row, LIMBS - 1), honest.get(row, LIMBS - 1) + bit);
            let wide = trace(&chunk, &[zero(), top]);
            let (before, hashed) = (wide.public_inputs(), honest.public_inputs());
            assert_eq!(before[..4], hashed[..4], "the digest does not tell them apart");
            assert_ne!(before[4..], hashed[4..], "but they evaluate to something else");
            assert_eq!(broken(&chunk, &[zero(), top]), only("Limb"));
        }
    }
}

/// Statement 3: no limb is wider than 16 bits, so that y has no 257th bit and nothing is written in
/// two ways.
#[test]
fn no_limb_is_wide() {
    let chunk = full();
    let honest = trace(&chunk, &[]);
    let rows = limb_rows();
    let limb = |row: usize, limb: usize| (Target::wire(row, limb), honest.get(row, limb));
    let (y_row, wide) = (rows[1], F::from_canonical_u64(1 << 16));
    let (top, value) = limb(y_row, LIMBS - 1);
    // A sum of limbs so wide may have no honest quotient, so that other gates break as well.
    assert!(broken(&chunk, &[(top, value + wide)]).contains("Limb"), "a 257th bit of y");
    // The same integer in other limbs.
    for (row, low) in [(rows[0], 2), (y_row, 0), (rows[2], 0), (rows[1 + CAPACITY], 0)] {
        let [(first, low), (second, high)] = [limb(row, low), limb(row, low + 1)];
        let forced = [(first, low + wide), (second, high - F::ONE)];
        assert!(broken(&chunk, &forced).contains("Limb"), "row {row}");
    }
}

/// A wire of the last row of the rules `R`.
fn hint<R: RowRules>(pick: impl FnOnce(R::Hints<usize>) -> usize) -> (usize, usize) {
    let mut columns = 0..;
    let mut next = || columns.next().expect("columns do not end");
    R::Inputs::<usize>::read(&mut next);
    R::Outputs::<usize>::read(&mut next);
    let row = *layout().rows_of(&format!("{}Gate", R::NAME)).last().expect("there is one");
    (row, pick(R::Hints::read(&mut next)))
}

/// Statement 4: the last reduction leaves what is congruent to the sum and nothing else.
#[test]
fn y_after_is_what_the_words_evaluate_to() {
    for chunk in [sample(), full()] {
        let honest = trace(&chunk, &[]);
        let limbs: [fn([usize; LIMBS]) -> usize; 2] = [|limbs| limbs[0], |limbs| limbs[15]];
        for limb in limbs {
            for (row, column) in [
                hint::<ReduceRow>(|hints| limb(hints.remainder)),
                hint::<ReduceRow>(|hints| limb(hints.quotient)),
            ] {
                let lie = honest.get(row, column) + F::ONE;
                let broken = broken(&chunk, &[(Target::wire(row, column), lie)]);
                assert_eq!(broken, only("Reduce"), "column {column}");
            }
        }
    }
}

/// Limb `i` of r.
fn order_limb(i: usize) -> u64 {
    const ORDER: &str = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
    u64::from_str_radix(&ORDER[60 - 4 * i..64 - 4 * i], 16).expect("digits")
}

/// Statement 4: quotient and carries have limbs of 16 bits. A limb that is up by 2^16 where the
/// next limb is down by one makes the same integer, with carries that make up for the change, so
/// that only the range refuses the limb.
#[test]
fn no_quotient_and_no_carry_is_wide() {
    let chunk = full();
    let honest = trace(&chunk, &[]);
    let wire = |pick: &dyn Fn(<ReduceRow as RowRules>::Hints<usize>) -> usize| {
        let (row, column) = hint::<ReduceRow>(pick);
        (Target::wire(row, column), honest.get(row, column))
    };
    let wide = F::from_canonical_u64(1 << 16);
    for limb in 0..LIMBS - 1 {
        let [(low, was_low), (high, was_high)] =
            [limb, limb + 1].map(|i| wire(&|hints| hints.quotient[i]));
        let mut forced = vec![(low, was_low + wide), (high, was_high - F::ONE)];
        for column in 0..LIMBS - 1 {
            let [low, high] = [0, 1].map(|i| wire(&|hints| hints.carries[2 * column + i]));
            let taken = (2 * column + 1).checked_sub(limb).filter(|i| *i < LIMBS);
            let was = low.1.to_canonical_u64() + (high.1.to_canonical_u64() << 16);
            let carry = was - taken.map_or(0, order_limb);
            forced.push((low.0, F::from_canonical_u64(carry & 0xffff)));
            forced.push((high.0, F::from_canonical_u64(carry >> 16)));
        }
        assert_eq!(broken(&chunk, &forced), only("Limb"), "limb {limb} of the quotient");
    }
    for column in 0..LIMBS - 1 {
        let [low, high] = [0, 1].map(|i| wire(&|hints| hints.carries[2 * column + i]));
        let forced = [(low.0, low.1 + wide), (high.0, high.1 - F::ONE)];
        assert_eq!(broken(&chunk, &forced), only("Limb"), "carry {column}");
    }
}
