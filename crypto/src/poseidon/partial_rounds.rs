//! The 22 partial rounds of Poseidon as three linear systems.
//!
//! In a partial round only the first element passes the S-box; the rest is linear. Take a block of
//! consecutive partial rounds. Let z be the state that enters it (constants added), s_k the output
//! of its k-th S-box, M the matrix, and M' the matrix with its first column zeroed. Then
//!
//! * the input of S-box j is  (M'^j z)₀ + Σ_{k<j} s_k·(M'^{j−1−k} M e₀)₀ + constant_j, and
//! * the state that leaves L rounds is  M'^L z + Σ_k s_k·M'^{L−1−k} M e₀ + constants.
//!
//! So each S-box input is one sum of products, and only the sum's last term depends on the S-box
//! before it. The entries of M are so small that for eight rounds all weights of a sum, as
//! integers, add up to less than 2^64: the sum fits 128 bits and is reduced once. The tables are
//! computed when this file is compiled.

use super::mix::entry;
use super::round_constants::ROUND_CONSTANTS;
use super::{FIRST_PARTIAL_ROUND, SECOND_HALF, WIDTH, sbox};
use crate::goldilocks::{ORDER, reduce_128_vartime};

/// Elements of the state that the S-boxes of partial rounds do not change.
const LINEAR: usize = WIDTH - 1;

/// The longest block whose sums fit 128 bits.
const LONG: usize = 8;
const SHORT: usize = 7;

const SECOND_BLOCK: usize = FIRST_PARTIAL_ROUND + LONG;
const THIRD_BLOCK: usize = SECOND_BLOCK + SHORT;
const _: () = assert!(THIRD_BLOCK + SHORT == SECOND_HALF);

static FIRST: Block<LONG> = block(FIRST_PARTIAL_ROUND);
static SECOND: Block<SHORT> = block(SECOND_BLOCK);
static THIRD: Block<SHORT> = block(THIRD_BLOCK);

/// From the state that enters (constants added) to the state that leaves, with the constants of
/// the full round that follows added.
#[inline(always)]
pub(super) fn partial_rounds(state: &mut [u64; WIDTH]) {
    FIRST.apply(state);
    SECOND.apply(state);
    THIRD.apply(state);
}

/// The linear system of `LENGTH` consecutive partial rounds.
struct Block<const LENGTH: usize> {
    /// Row j: the first row of M'^j, without its zero first entry.
    input_rows: [[u64; LINEAR]; LENGTH],
    /// Entry j − 1 − k: the weight of the k-th S-box output in the input of the j-th.
    echoes: [u64; LENGTH],
    output_rows: [[u64; LINEAR]; WIDTH],
    /// Row i, entry k: the weight of the k-th S-box output in element i of the state that leaves.
    output_echoes: [[u64; LENGTH]; WIDTH],
    constants: Constants<LENGTH>,
}

/// The constants of consecutive partial rounds, moved to the places where they are added.
pub(super) struct Constants<const LENGTH: usize> {
    /// The constant that is added to each S-box's input; zero for the first, whose constant is in
    /// the state.
    pub inputs: [u64; LENGTH],
    /// The constants that are added to the state that leaves, with those of the round that follows.
    pub outputs: [u64; WIDTH],
}

impl<const LENGTH: usize> Block<LENGTH> {
    #[inline(always)]
    fn apply(&self, state: &mut [u64; WIDTH]) {
        let [first, linear @ ..] = *state;
        let mut outputs = [0u64; LENGTH];
        outputs[0] = sbox(first);
        for round in 1..LENGTH {
            let constant = u128::from(self.constants.inputs[round]);
            let sum = weigh(constant, self.input_rows[round].iter().zip(&linear));
            let echoes = self.echoes[..round].iter().rev();
            outputs[round] = sbox(reduce_128_vartime(weigh(sum, echoes.zip(&outputs))));
        }
        for (i, element) in state.iter_mut().enumerate() {
            let constant = u128::from(self.constants.outputs[i]);
            let sum = weigh(constant, self.output_rows[i].iter().zip(&linear));
            *element = reduce_128_vartime(weigh(sum, self.output_echoes[i].iter().zip(&outputs)));
        }
    }
}

/// sum + Σ weight·value.
#[inline(always)]
fn weigh<'a>(mut sum: u128, terms: impl Iterator<Item = (&'a u64, &'a u64)>) -> u128 {
    for (weight, value) in terms {
        sum = sum.wrapping_add(u128::from(*weight) * u128::from(*value));
    }
    sum
}

/// The tables of the block that starts with round `start`.
const fn block<const LENGTH: usize>(start: usize) -> Block<LENGTH> {
    let mut block = Block {
        input_rows: [[0; LINEAR]; LENGTH],
        echoes: [0; LENGTH],
        output_rows: [[0; LINEAR]; WIDTH],
        output_echoes: [[0; LENGTH]; WIDTH],
        constants: constants(start),
    };
    // The image of one S-box output, round after round.
    let mut echo = [0; WIDTH];
    echo[0] = 1;
    let mut distance = 0;
    while distance < LENGTH {
        echo = matrix_times(&echo);
        block.echoes[distance] = echo[0];
        let mut i = 0;
        while i < WIDTH {
            block.output_echoes[i][LENGTH - 1 - distance] = echo[i];
            i += 1;
        }
        echo[0] = 0;
        distance += 1;
    }
    // The image of each element of the entering state, round after round.
    let mut column = 1;
    while column < WIDTH {
        let mut image = [0; WIDTH];
        image[column] = 1;
        let mut round = 0;
        while round < LENGTH {
            block.input_rows[round][column - 1] = image[0];
            image[0] = 0;
            image = matrix_times(&image);
            round += 1;
        }
        let mut i = 0;
        while i < WIDTH {
            block.output_rows[i][column - 1] = image[i];
            i += 1;
        }
        column += 1;
    }
    assert_sums_fit(&block);
    block
}

/// The constants of the rounds from `start` on. The constants of round `start` itself are in the
/// state already.
pub(super) const fn constants<const LENGTH: usize>(start: usize) -> Constants<LENGTH> {
    let mut inputs = [0; LENGTH];
    let mut image = [0; WIDTH];
    let mut round = 0;
    while round < LENGTH {
        inputs[round] = image[0];
        image[0] = 0;
        let product = wide_matrix_times(&image);
        let following = &ROUND_CONSTANTS[start + round + 1];
        let mut i = 0;
        while i < WIDTH {
            image[i] = ((product[i] + following[i] as u128) % ORDER as u128) as u64;
            i += 1;
        }
        round += 1;
    }
    Constants { inputs, outputs: image }
}

/// Stops the compiler unless the weights of each output sum to less than 2^64. The weights of an
/// S-box's input sum to less, because they are the weights of the first output of a shorter block.
const fn assert_sums_fit<const LENGTH: usize>(block: &Block<LENGTH>) {
    let mut row = 0;
    while row < WIDTH {
        let mut sum = 0u128;
        let mut i = 0;
        while i < LINEAR {
            sum += block.output_rows[row][i] as u128;
            i += 1;
        }
        let mut k = 0;
        while k < LENGTH {
            sum += block.output_echoes[row][k] as u128;
            k += 1;
        }
        assert!(sum <= u64::MAX as u128);
        row += 1;
    }
}

const fn matrix_times(vector: &[u64; WIDTH]) -> [u64; WIDTH] {
    let wide = wide_matrix_times(vector);
    let mut result = [0; WIDTH];
    let mut row = 0;
    while row < WIDTH {
        assert!(wide[row] <= u64::MAX as u128);
        result[row] = wide[row] as u64;
        row += 1;
    }
    result
}

const fn wide_matrix_times(vector: &[u64; WIDTH]) -> [u128; WIDTH] {
    let mut result = [0; WIDTH];
    let mut row = 0;
    while row < WIDTH {
        let mut column = 0;
        while column < WIDTH {
            result[row] += entry(row, column) as u128 * vector[column] as u128;
            column += 1;
        }
        row += 1;
    }
    result
}
