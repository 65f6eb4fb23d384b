//! The table of Poseidon permutations: a row for each permutation that other rows need.
//!
//! 1. Each S-box's cube is the third power of its input, and its output is cube²·input. The layers
//!    between the S-boxes are linear, so the last state follows from the columns.
//! 2. The row answers `digests` messages with the input and the first four elements of the last
//!    state, and `states` messages with the input and the whole last state.
//!
//! The partial rounds are computed as in plonky2, with matrices that are zero nearly everywhere.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use plonky2::hash::poseidon::{
    ALL_ROUND_CONSTANTS, HALF_N_FULL_ROUNDS, N_PARTIAL_ROUNDS, N_ROUNDS, Poseidon,
};
use sheaf_crypto::hash::DIGEST;
use sheaf_crypto::poseidon::WIDTH;

use super::rules::{Bus, Collect, TableRules};
use crate::gates::value::Value;
use crate::proof::F;

/// Messages of 16 fields: a state, and the first four elements of the state after a permutation.
pub const DIGESTS: Bus = Bus::new(1);
/// Messages of 24 fields: a state, and the state after a permutation.
pub const STATES: Bus = Bus::new(2);

/// S-boxes of a permutation.
const SBOXES: usize = 2 * HALF_N_FULL_ROUNDS * WIDTH + N_PARTIAL_ROUNDS;

/// The rules of the table.
///
/// Columns: the state before, cube and output of each S-box in the order of the rounds, `digests`,
/// `states`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PermutationRules;

impl PermutationRules {
    /// The row for the permutation of `state`, which other rows ask for this often: for its digest,
    /// and for the whole state.
    pub fn row(state: [F; WIDTH], digests: u64, states: u64) -> Vec<F> {
        let mut filling = Filling { row: state.to_vec() };
        permuted(state, &mut filling);
        filling.row.extend([digests, states].map(F::from_canonical_u64));
        filling.row
    }
}

impl TableRules for PermutationRules {
    const NAME: &'static str = "permutations";
    const WIDTH: usize = WIDTH + 2 * SBOXES + 2;

    fn filler() -> Vec<F> {
        Self::row([F::ZERO; WIDTH], 0, 0)
    }

    #[inline(always)]
    fn evaluate<V: Value>(row: &[V], collect: &mut impl Collect<V>) {
        let (before, _) = row.as_chunks::<WIDTH>();
        let before = before[0];
        let columns = &row[WIDTH..];
        let mut checking = Checking { columns, next: 0, collect: &mut *collect };
        let after = permuted(before, &mut checking);
        let mut fields = [before[0]; 2 * WIDTH];
        fields[..WIDTH].copy_from_slice(&before);
        fields[WIDTH..].copy_from_slice(&after);
        let [digests, states] = [columns[2 * SBOXES], columns[2 * SBOXES + 1]];
        collect.receive(DIGESTS, digests, &fields[..WIDTH + DIGEST]);
        collect.receive(STATES, states, &fields);
    }
}

/// The S-box, x⁷.
trait SBox<V> {
    fn apply(&mut self, input: V) -> V;
}

/// Reads cube and output from the columns and checks both.
struct Checking<'a, V, C> {
    columns: &'a [V],
    next: usize,
    collect: &'a mut C,
}

impl<V: Value, C: Collect<V>> SBox<V> for Checking<'_, V, C> {
    #[inline(always)]
    fn apply(&mut self, input: V) -> V {
        let [cube, output] = [self.columns[self.next], self.columns[self.next + 1]];
        self.next += 2;
        self.collect.zero(input * input * input - cube);
        self.collect.zero(cube * cube * input - output);
        output
    }
}

/// Writes cube and output.
struct Filling {
    row: Vec<F>,
}

impl SBox<F> for Filling {
    fn apply(&mut self, input: F) -> F {
        let cube = input.cube();
        let output = cube * cube * input;
        self.row.extend([cube, output]);
        output
    }
}

#[inline(always)]
fn number(value: u64) -> GoldilocksField {
    GoldilocksField::from_canonical_u64(value)
}

/// The state after a permutation.
///
/// Loops, and no closures: what is not inlined into the function that enables AVX-512 has each of
/// its instructions as a call.
#[inline(always)]
fn permuted<V: Value>(mut state: [V; WIDTH], sbox: &mut impl SBox<V>) -> [V; WIDTH] {
    for round in 0..HALF_N_FULL_ROUNDS {
        state = full_round(state, round, sbox);
    }
    let constants = GoldilocksField::FAST_PARTIAL_FIRST_ROUND_CONSTANT;
    for (element, constant) in state.iter_mut().zip(constants) {
        *element = element.plus(number(constant));
    }
    state = before_partial_rounds(state);
    for round in 0..N_PARTIAL_ROUNDS {
        state = partial_round(state, round, sbox);
    }
    for round in N_ROUNDS - HALF_N_FULL_ROUNDS..N_ROUNDS {
        state = full_round(state, round, sbox);
    }
    state
}

#[inline(always)]
fn full_round<V: Value>(
    mut state: [V; WIDTH],
    round: usize,
    sbox: &mut impl SBox<V>,
) -> [V; WIDTH] {
    for (i, element) in state.iter_mut().enumerate() {
        *element = sbox.apply(element.plus(number(ALL_ROUND_CONSTANTS[WIDTH * round + i])));
    }
    let mut mixed = state;
    for (row, mixed) in mixed.iter_mut().enumerate() {
        let circulant = GoldilocksField::MDS_MATRIX_CIRC;
        let diagonal = GoldilocksField::MDS_MATRIX_DIAG[row];
        *mixed = state[row].times(number(circulant[0] + diagonal));
        for i in 1..WIDTH {
            *mixed = state[(row + i) % WIDTH].times_plus(number(circulant[i]), *mixed);
        }
    }
    mixed
}

#[inline(always)]
fn before_partial_rounds<V: Value>(state: [V; WIDTH]) -> [V; WIDTH] {
    let matrix = GoldilocksField::FAST_PARTIAL_ROUND_INITIAL_MATRIX;
    let mut mixed = state;
    for (column, mixed) in mixed.iter_mut().enumerate().skip(1) {
        *mixed = state[1].times(number(matrix[0][column - 1]));
        for row in 2..WIDTH {
            *mixed = state[row].times_plus(number(matrix[row - 1][column - 1]), *mixed);
        }
    }
    mixed
}

#[inline(always)]
fn partial_round<V: Value>(
    mut state: [V; WIDTH],
    round: usize,
    sbox: &mut impl SBox<V>,
) -> [V; WIDTH] {
    let corner = GoldilocksField::MDS_MATRIX_CIRC[0] + GoldilocksField::MDS_MATRIX_DIAG[0];
    let [weights, echoes] = [
        &GoldilocksField::FAST_PARTIAL_ROUND_W_HATS[round],
        &GoldilocksField::FAST_PARTIAL_ROUND_VS[round],
    ];
    let constant = number(GoldilocksField::FAST_PARTIAL_ROUND_CONSTANTS[round]);
    let output = sbox.apply(state[0]).plus(constant);
    state[0] = output.times(number(corner));
    for i in 1..WIDTH {
        state[0] = state[i].times_plus(number(weights[i - 1]), state[0]);
        state[i] = output.times_plus(number(echoes[i - 1]), state[i]);
    }
    state
}
