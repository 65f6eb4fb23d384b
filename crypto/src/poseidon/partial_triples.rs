//! The partial rounds for words without products of 128 bits: three at a time, in residues.
//!
//! The S-box changes one element and the matrix is a product of polynomials, so the state can stay
//! split into residues and into halves of 32 bits from round to round. Only the first element is
//! put together and passed through the S-box, and its change is added to the residues. A round
//! multiplies the bound of an element by at most 264 (the largest sum of a row), so after three
//! rounds the halves are below 2^57, and sums of four of them below 2^59. Then the state is
//! reduced.

use super::mix::{CORNER_BITS, Residues};
use super::partial_rounds::{Constants, constants};
use super::{FIRST_PARTIAL_ROUND, PARTIAL_ROUNDS, SECOND_HALF, WIDTH, sbox};
use crate::goldilocks::word::Word;

const ROUNDS_PER_TRIPLE: usize = 3;
const TRIPLES: usize = PARTIAL_ROUNDS / ROUNDS_PER_TRIPLE;
/// The rounds that are left after the triples.
const REST: usize = PARTIAL_ROUNDS % ROUNDS_PER_TRIPLE;
const _: () = assert!(REST == 1);

static CONSTANTS: [Constants<ROUNDS_PER_TRIPLE>; TRIPLES] = {
    let mut triples = [const { constants(FIRST_PARTIAL_ROUND) }; TRIPLES];
    let mut triple = 1;
    while triple < TRIPLES {
        triples[triple] = constants(FIRST_PARTIAL_ROUND + ROUNDS_PER_TRIPLE * triple);
        triple += 1;
    }
    triples
};
static LAST: Constants<REST> = constants(SECOND_HALF - REST);

/// From the state that enters (constants added) to the state that leaves, with the constants of
/// the full round that follows added.
#[inline(always)]
pub(super) fn partial_rounds<W: Word>(state: &mut [W; WIDTH]) {
    for constants in &CONSTANTS {
        rounds(state, constants);
    }
    rounds(state, &LAST);
}

#[inline(always)]
fn rounds<W: Word, const LENGTH: usize>(state: &mut [W; WIDTH], constants: &Constants<LENGTH>) {
    state[0] = sbox(state[0]);
    let (mut low, mut high) = (*state, *state);
    for i in 0..WIDTH {
        low[i] = state[i].low();
        high[i] = state[i].high();
    }
    let (mut first_low, mut first_high) = (low[0], high[0]);
    let mut low = Residues::of(&low).multiplied();
    let mut high = Residues::of(&high).multiplied();
    for constant in &constants.inputs[1..] {
        let (product_low, product_high) = (low.first(), high.first());
        let constants = [constant.low(), constant.high()].map(|half| product_low.repeat(half));
        let first = W::joined(
            product_low.plus(first_low.shifted::<CORNER_BITS>()).plus(constants[0]),
            product_high.plus(first_high.shifted::<CORNER_BITS>()).plus(constants[1]),
        );
        let first = sbox(first);
        (first_low, first_high) = (first.low(), first.high());
        low = low.continued(first_low.minus(product_low)).multiplied();
        high = high.continued(first_high.minus(product_high)).multiplied();
    }
    let (mut low, mut high) = (low.joined(), high.joined());
    low[0] = low[0].plus(first_low.shifted::<CORNER_BITS>());
    high[0] = high[0].plus(first_high.shifted::<CORNER_BITS>());
    for i in 0..WIDTH {
        let constant = constants.outputs[i];
        let low = low[i].plus(low[i].repeat(constant.low()));
        state[i] = W::joined(low, high[i].plus(high[i].repeat(constant.high())));
    }
}
