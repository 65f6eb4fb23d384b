//! The Poseidon permutation of width 12 over Goldilocks: plonky2's original, bit for bit.
//!
//! 4 full rounds, 22 partial rounds, 4 full rounds, S-box x^7 (Grassi et al., eprint 2019/458).
//! This module permutes a state; `hash` makes digests of inputs.
//!
//! Between rounds the state has 64-bit integers that are congruent to the elements but not
//! necessarily below p; only the result is made canonical. Hashed values are public, so time may
//! depend on them.

pub mod lanes;
mod mix;
mod partial_rounds;
mod partial_triples;
mod round_constants;

use crate::goldilocks::Fe;
use crate::goldilocks::word::Word;
use mix::mix;
use round_constants::ROUND_CONSTANTS;

/// Elements of the state.
pub const WIDTH: usize = 12;
/// Elements that one permutation absorbs; the other four are the capacity.
pub const RATE: usize = 8;

const HALF_FULL_ROUNDS: usize = 4;
const PARTIAL_ROUNDS: usize = 22;
const ROUNDS: usize = 2 * HALF_FULL_ROUNDS + PARTIAL_ROUNDS;
const FIRST_PARTIAL_ROUND: usize = HALF_FULL_ROUNDS;
const SECOND_HALF: usize = HALF_FULL_ROUNDS + PARTIAL_ROUNDS;

/// The constants after the last round: none.
const NO_CONSTANTS: [u64; WIDTH] = [0; WIDTH];

/// Words that can be permuted.
trait Permuted: Word {
    /// The partial rounds, from the state that enters them (constants added) to the state that
    /// enters the full round after them.
    #[inline(always)]
    fn partial_rounds(state: &mut [Self; WIDTH]) {
        partial_triples::partial_rounds(state);
    }
}

impl Permuted for u64 {
    /// A product of two `u64` to 128 bits is one instruction, so tables of weights for whole blocks
    /// of rounds are faster here.
    #[inline(always)]
    fn partial_rounds(state: &mut [Self; WIDTH]) {
        partial_rounds::partial_rounds(state);
    }
}

#[cfg(target_arch = "x86_64")]
impl Permuted for crate::goldilocks::avx512::Eight {}

/// Permutes `state` in place.
pub fn permute(state: &mut [Fe; WIDTH]) {
    // Loops are written out here and below, because the compiler leaves closures over arrays of
    // twelve as calls, at twice the time.
    let mut words = [0; WIDTH];
    for i in 0..WIDTH {
        words[i] = state[i].canonical();
    }
    permute_words(&mut words);
    for i in 0..WIDTH {
        state[i] = Fe::from_u64(words[i]);
    }
}

/// Permutes a state of 64-bit representatives. The result is again such a state.
#[inline(always)]
fn permute_words<W: Permuted>(state: &mut [W; WIDTH]) {
    // No mixing comes before the first round, so its constants are added alone.
    for i in 0..WIDTH {
        let constant = state[i].repeat(ROUND_CONSTANTS[0][i]);
        state[i] =
            W::joined(state[i].low().plus(constant.low()), state[i].high().plus(constant.high()));
    }
    for round in 0..HALF_FULL_ROUNDS {
        // Each mixing adds the constants of the round that follows.
        full_round(state, &ROUND_CONSTANTS[round + 1]);
    }
    W::partial_rounds(state);
    for round in SECOND_HALF..ROUNDS {
        full_round(state, ROUND_CONSTANTS.get(round + 1).unwrap_or(&NO_CONSTANTS));
    }
}

#[inline(always)]
fn full_round<W: Word>(state: &mut [W; WIDTH], following: &[u64; WIDTH]) {
    for element in state.iter_mut() {
        *element = sbox(*element);
    }
    mix(state, following);
}

/// x^7.
#[inline(always)]
fn sbox<W: Word>(element: W) -> W {
    let square = element.squared();
    square.times(element).times(square.squared())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goldilocks::ORDER;
    use proptest::prelude::*;

    /// The definition, written as slowly as it reads: constants, S-boxes, the matrix.
    fn permute_by_definition(state: &mut [Fe; WIDTH]) {
        for (round, constants) in ROUND_CONSTANTS.iter().enumerate() {
            let full = !(FIRST_PARTIAL_ROUND..SECOND_HALF).contains(&round);
            for i in 0..WIDTH {
                state[i] += Fe::from_u64(constants[i]);
                if full || i == 0 {
                    state[i] = state[i].pow(7);
                }
            }
            let before = *state;
            for (row, element) in state.iter_mut().enumerate() {
                *element = (0..WIDTH).fold(Fe::ZERO, |sum, column| {
                    sum + Fe::from_u64(mix::entry(row, column)) * before[column]
                });
            }
        }
    }

    /// plonky2's own vectors (`hash/poseidon_goldilocks.rs`), from a reference implementation.
    const VECTORS: [([u64; WIDTH], [u64; WIDTH]); 4] = [
        (
            [0; WIDTH],
            [
                0x3c18a9786cb0b359,
                0xc4055e3364a246c3,
                0x7953db0ab48808f4,
                0xc71603f33a1144ca,
                0xd7709673896996dc,
                0x46a84e87642f44ed,
                0xd032648251ee0b3c,
                0x1c687363b207df62,
                0xdf8565563e8045fe,
                0x40f5b37ff4254dae,
                0xd070f637b431067c,
                0x1792b1c4342109d7,
            ],
        ),
        (
            [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
            [
                0xd64e1e3efc5b8e9e,
                0x53666633020aaa47,
                0xd40285597c6a8825,
                0x613a4f81e81231d2,
                0x414754bfebd051f0,
                0xcb1f8980294a023f,
                0x6eb2a9e4d54a9d0f,
                0x1902bc3af467e056,
                0xf045d5eafdc6021f,
                0xe4150f77caaa3be5,
                0xc9bfd01d39b50cce,
                0x5c0a27fcb0e1459b,
            ],
        ),
        (
            [ORDER - 1; WIDTH],
            [
                0xbe0085cfc57a8357,
                0xd95af71847d05c09,
                0xcf55a13d33c1c953,
                0x95803a74f4530e82,
                0xfcd99eb30a135df1,
                0xe095905e913a3029,
                0xde0392461b42919b,
                0x7d3260e24e81d031,
                0x10d3d0465d9deaa0,
                0xa87571083dfc2a47,
                0xe18263681e9958f8,
                0xe28e96f1ae5e60d3,
            ],
        ),
        (
            [
                0x8ccbbbea4fe5d2b7,
                0xc2af59ee9ec49970,
                0x90f7e1a9e658446a,
                0xdcc0630a3ab8b1b8,
                0x7ff8256bca20588c,
                0x5d99a7ca0c44ecfb,
                0x48452b17a70fbee3,
                0xeb09d654690b6c88,
                0x4a55d3a39c676a88,
                0xc0407a38d2285139,
                0xa234bac9356386d1,
                0xe1633f2bad98a52f,
            ],
            [
                0xa89280105650c4ec,
                0xab542d53860d12ed,
                0x5704148e9ccab94f,
                0xd3a826d4b62da9f5,
                0x8a7a6ca87892574f,
                0xc7017e1cad1a674e,
                0x1f06668922318e34,
                0xa3b203bc8102676f,
                0xfcc781b0ce382bf2,
                0x934c69ff3ed14ba5,
                0x504688a5996e8f13,
                0x401f3f2ed524a2ba,
            ],
        ),
    ];

    #[test]
    fn reproduces_plonky2s_vectors() {
        for (input, expected) in VECTORS {
            let mut state = input.map(Fe::from_u64);
            permute(&mut state);
            assert_eq!(state.map(Fe::canonical), expected);
        }
    }

    #[test]
    fn a_changed_input_changes_every_element() {
        for position in 0..WIDTH {
            let mut state = [Fe::ZERO; WIDTH];
            state[position] = Fe::ONE;
            permute(&mut state);
            for (element, unchanged) in state.iter().zip(VECTORS[0].1) {
                assert_ne!(element.canonical(), unchanged);
            }
        }
    }

    proptest! {
        #[test]
        fn equals_the_definition(input in prop::array::uniform12(any::<u64>())) {
            let mut fast = input.map(Fe::from_u64);
            let mut slow = fast;
            permute(&mut fast);
            permute_by_definition(&mut slow);
            prop_assert_eq!(fast, slow);
        }
    }
}
