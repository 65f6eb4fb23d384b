//! Eight permutations over BN254 at once, side by side, because nodes of a tree do not depend on
//! each other.
//!
//! On a processor with AVX-512 and its multiplication of 52-bit integers (IFMA) the permutations
//! share each instruction. Elsewhere they run one after another. The result is the same.

use ark_bn254::Fr;

use super::parameters::{
    LANES, NODE_WIDTH, PoseidonParameters, SPONGE_WIDTH, node_parameters, sponge_parameters,
};
use super::permutation::permute;

#[cfg(target_arch = "x86_64")]
use {
    super::eight::Ifma,
    super::lane_permutation::{LaneParameters, Permutation},
    std::sync::OnceLock,
};

/// Permutes eight states of the two-to-one compression.
pub(crate) fn permute_nodes(states: &mut [[Fr; NODE_WIDTH]; LANES]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = Ifma::try_new() {
        static PARAMETERS: OnceLock<LaneParameters<NODE_WIDTH>> = OnceLock::new();
        let parameters = PARAMETERS.get_or_init(|| node_parameters().into());
        simd.vectorize(Permutation { simd, parameters, states });
        return;
    }
    one_after_another(node_parameters(), states);
}

/// Permutes eight states of the sponge.
pub(crate) fn permute_sponges(states: &mut [[Fr; SPONGE_WIDTH]; LANES]) {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = Ifma::try_new() {
        static PARAMETERS: OnceLock<LaneParameters<SPONGE_WIDTH>> = OnceLock::new();
        let parameters = PARAMETERS.get_or_init(|| sponge_parameters().into());
        simd.vectorize(Permutation { simd, parameters, states });
        return;
    }
    one_after_another(sponge_parameters(), states);
}

fn one_after_another<const T: usize>(
    parameters: &PoseidonParameters<T>,
    states: &mut [[Fr; T]; LANES],
) {
    states.iter_mut().for_each(|state| permute(parameters, state));
}

#[cfg(test)]
mod tests {
    use ark_ff::{AdditiveGroup, BigInt, BigInteger, PrimeField, UniformRand};
    use ark_std::rand::SeedableRng;
    use ark_std::rand::rngs::StdRng;

    use super::*;

    fn agree<const T: usize>(
        parameters: &PoseidonParameters<T>,
        permute: fn(&mut [[Fr; T]; LANES]),
        states: [[Fr; T]; LANES],
    ) {
        let (mut found, mut expected) = (states, states);
        permute(&mut found);
        one_after_another(parameters, &mut expected);
        assert_eq!(found, expected);
    }

    #[test]
    fn equal_one_after_another() {
        let mut rng = StdRng::seed_from_u64(3);
        for _ in 0..50 {
            let nodes = core::array::from_fn(|_| core::array::from_fn(|_| Fr::rand(&mut rng)));
            agree(node_parameters(), permute_nodes, nodes);
            let sponges = core::array::from_fn(|_| core::array::from_fn(|_| Fr::rand(&mut rng)));
            agree(sponge_parameters(), permute_sponges, sponges);
        }
    }

    /// The smallest and the largest Montgomery forms and integers, in lanes beside each other.
    #[test]
    fn extremes_are_reduced() {
        let mut largest = Fr::MODULUS;
        largest.sub_with_borrow(&BigInt::from(1u64));
        let extremes = [Fr::ZERO, Fr::new_unchecked(largest), -Fr::from(1u64), Fr::from(1u64)];
        let state = |lane: usize| extremes[lane % extremes.len()];
        agree(node_parameters(), permute_nodes, core::array::from_fn(|i| [state(i); NODE_WIDTH]));
        let sponges = core::array::from_fn(|i| [state(i); SPONGE_WIDTH]);
        agree(sponge_parameters(), permute_sponges, sponges);
        let mixed = core::array::from_fn(|i| core::array::from_fn(|j| state(i / 2 + j)));
        agree(sponge_parameters(), permute_sponges, mixed);
    }
}
