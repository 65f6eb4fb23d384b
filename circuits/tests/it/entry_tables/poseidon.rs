//! The permutation of Poseidon as its paper has it, over any ring: the last state of a row's hashes
//! with its derivatives.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use plonky2::hash::poseidon::{
    ALL_ROUND_CONSTANTS, HALF_N_FULL_ROUNDS, N_PARTIAL_ROUNDS, N_ROUNDS, Poseidon,
};
use sheaf_crypto::poseidon::WIDTH;
use sheaf_plonk::gates::value::Value;

pub(super) fn permuted<V: Value>(mut state: [V; WIDTH]) -> [V; WIDTH] {
    let partial = HALF_N_FULL_ROUNDS..HALF_N_FULL_ROUNDS + N_PARTIAL_ROUNDS;
    for round in 0..N_ROUNDS {
        let sboxes = if partial.contains(&round) { 1 } else { WIDTH };
        for (i, element) in state.iter_mut().enumerate() {
            *element = element.plus(number(ALL_ROUND_CONSTANTS[WIDTH * round + i]));
            if i < sboxes {
                let cube = *element * *element * *element;
                *element = cube * cube * *element;
            }
        }
        state = core::array::from_fn(|row| {
            let diagonal = state[row].times(number(F::MDS_MATRIX_DIAG[row]));
            (0..WIDTH).fold(diagonal, |sum, i| {
                state[(row + i) % WIDTH].times_plus(number(F::MDS_MATRIX_CIRC[i]), sum)
            })
        });
    }
    state
}

fn number(value: u64) -> F {
    F::from_canonical_u64(value)
}
