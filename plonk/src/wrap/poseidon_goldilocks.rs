//! Goldilocks Poseidon as constraints. The public inputs' hash is the one hash that both plonky2's
//! gates and the wrap must compute.
//!
//! 1. The digest is plonky2's `hash_no_pad` of the inputs, in overwrite mode at rate 8.
//!
//! The linear layers have coefficients below 2^6, so that sums grow slowly. Through the partial
//! rounds only the input and the output of each S-box are reduced to 64 bits, and the other
//! elements of the state stay unreduced.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::hash::poseidon::{
    ALL_ROUND_CONSTANTS, HALF_N_FULL_ROUNDS, N_PARTIAL_ROUNDS, N_ROUNDS, Poseidon, SPONGE_RATE,
    SPONGE_WIDTH,
};

use super::builder::Builder;
use super::goldilocks::{Element, REDUCED_BITS};

/// Goldilocks elements in a digest.
pub(crate) const DIGEST_ELEMENTS: usize = 4;

type State = [Element; SPONGE_WIDTH];

/// The coefficient of element `column` in row `row` of the MDS matrix.
pub(crate) fn mds_entry(row: usize, column: usize) -> u64 {
    let offset = (column + SPONGE_WIDTH - row) % SPONGE_WIDTH;
    let diagonal = if row == column { GoldilocksField::MDS_MATRIX_DIAG[row] } else { 0 };
    GoldilocksField::MDS_MATRIX_CIRC[offset] + diagonal
}

fn mds_layer(state: &State) -> State {
    std::array::from_fn(|row| {
        let mut sum = Element::zero();
        for (column, element) in state.iter().enumerate() {
            sum.add_scaled(mds_entry(row, column), element);
        }
        sum.compacted()
    })
}

fn seventh_power(builder: &mut Builder, x: &Element) -> Element {
    let x = builder.fit(x, REDUCED_BITS);
    let square = builder.mul(&x, &x);
    let cube = builder.mul(&square, &x);
    let cube = builder.reduce(&cube);
    let sixth = builder.mul(&cube, &cube);
    builder.mul(&sixth, &x)
}

fn permute(builder: &mut Builder, mut state: State) -> State {
    for round in 0..N_ROUNDS {
        for (i, element) in state.iter_mut().enumerate() {
            element.add_assign(&Element::constant(ALL_ROUND_CONSTANTS[round * SPONGE_WIDTH + i]));
        }
        let partial = (HALF_N_FULL_ROUNDS..HALF_N_FULL_ROUNDS + N_PARTIAL_ROUNDS).contains(&round);
        if partial {
            if round == HALF_N_FULL_ROUNDS {
                state = state.map(|element| builder.fit(&element, REDUCED_BITS));
            }
            // The output of the S-box is reduced, because it enters every other element and stays
            // there through the remaining rounds.
            let power = seventh_power(builder, &state[0]);
            state[0] = builder.reduce(&power);
        } else {
            state = state.map(|element| seventh_power(builder, &element));
        }
        state = mds_layer(&state);
    }
    state
}

/// Hashes elements of at most 64 bits each. The digest's four elements are canonical.
pub(crate) fn hash_no_pad(builder: &mut Builder, inputs: &[Element]) -> Vec<Element> {
    let mut state: State = std::array::from_fn(|_| Element::zero());
    for block in inputs.chunks(SPONGE_RATE) {
        state[..block.len()].clone_from_slice(block);
        state = permute(builder, state);
    }
    let digest = state[..DIGEST_ELEMENTS].iter();
    digest.map(|element| canonical_copy(builder, element, element.native())).collect()
}

/// A fresh canonical element that must be congruent to the given one modulo p. `hint` is the value
/// of the fresh element.
fn canonical_copy(builder: &mut Builder, element: &Element, hint: u64) -> Element {
    let canonical = builder.canonical(hint);
    builder.assert_zero(&element.minus(&canonical));
    canonical
}

#[cfg(test)]
mod tests {
    use ark_relations::gr1cs::ConstraintSystem;
    use plonky2::field::types::{Field, PrimeField64};
    use plonky2::hash::poseidon::PoseidonHash;
    use plonky2::plonk::config::Hasher;

    use super::*;
    use crate::wrap::builder::tests::gadget::Gadget;
    use crate::wrap::goldilocks::GOLDILOCKS;

    #[test]
    fn digest_is_the_native_one() {
        let values: Vec<u64> =
            (0..23).map(|i| (u64::MAX / 3).wrapping_mul(i) % GOLDILOCKS).collect();
        let native = PoseidonHash::hash_no_pad(
            &values.iter().map(|&v| GoldilocksField::from_canonical_u64(v)).collect::<Vec<_>>(),
        );
        let mut builder = Builder::new(ConstraintSystem::new_ref());
        let inputs: Vec<Element> = values.iter().map(|&v| builder.canonical(v)).collect();
        let digest = hash_no_pad(&mut builder, &inputs);
        let digest: Vec<u64> = digest.iter().map(Element::native).collect();
        assert_eq!(digest, native.elements.map(|e| e.to_canonical_u64()));
        assert_eq!(builder.finish().expect("no fault").len(), 0);
    }

    /// Each element of a digest is the hash's.
    #[test]
    fn another_digest_of_a_hash_is_refused() {
        let (gadget, digest) = Gadget::build(|builder| {
            let inputs: Vec<Element> = (1..=3).map(|value| builder.canonical(value)).collect();
            hash_no_pad(builder, &inputs)
        });
        for element in &digest {
            assert_eq!(gadget.broken_by_lie(element), 1);
        }
    }

    /// Another element, with bits of its own, is refused.
    #[test]
    fn another_digest_is_refused() {
        for (off, expected) in [(0, 0), (1, 1), (1 << 40, 1)] {
            let mut builder = Builder::new(ConstraintSystem::new_ref());
            let element = builder.canonical(77).scaled(GOLDILOCKS).plus(&Element::constant(5));
            let copy = canonical_copy(&mut builder, &element, 5 + off);
            assert_eq!(copy.native(), 5 + off);
            assert_eq!(builder.finish().expect("no fault").len(), expected, "off by {off}");
        }
    }
}
