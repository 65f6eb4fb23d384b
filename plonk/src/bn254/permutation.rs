//! The native Poseidon permutation over BN254 and its two-to-one compression. This module depends
//! on neither plonky2 nor constraints.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::dot_product::dot_product;
use super::parameters::{NODE_WIDTH, PoseidonParameters, node_parameters};

/// Applies the permutation in place.
pub fn permute<const T: usize>(parameters: &PoseidonParameters<T>, state: &mut [Fr; T]) {
    let (last, earlier) =
        parameters.first_constants.split_last().expect("there are four first full rounds");
    for constants in earlier {
        full_round(state, constants, &parameters.mds);
    }
    full_round(state, last, &parameters.before_partial);

    for (constant, matrix) in parameters.partial_constants.iter().zip(&parameters.sparse) {
        state[0] = fifth_power(state[0] + constant);
        let first = dot_product(&matrix.row, state);
        for i in 1..T {
            state[i] += matrix.column[i] * state[0];
        }
        state[0] = first;
    }

    for constants in &parameters.last_constants {
        full_round(state, constants, &parameters.mds);
    }
}

/// `Poseidon(left, right)` as circomlib defines it: element 0 of the state starts with capacity 0
/// and is the output.
pub fn compress(left: Fr, right: Fr) -> Fr {
    let mut state: [Fr; NODE_WIDTH] = [Fr::ZERO, left, right];
    permute(node_parameters(), &mut state);
    state[0]
}

fn fifth_power(x: Fr) -> Fr {
    x.square().square() * x
}

fn full_round<const T: usize>(state: &mut [Fr; T], constants: &[Fr; T], matrix: &[[Fr; T]; T]) {
    for (element, constant) in state.iter_mut().zip(constants) {
        *element = fifth_power(*element + constant);
    }
    let powers = *state;
    for (element, row) in state.iter_mut().zip(matrix) {
        *element = dot_product(row, &powers);
    }
}
