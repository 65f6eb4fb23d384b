//! The hasher's results for several leaves, pairs or transcripts together.

use ark_bn254::Fr;
use ark_ff::AdditiveGroup;
use plonky2::field::goldilocks_field::GoldilocksField;

use super::hasher::{
    Bn254Digest, Bn254Permutation, ELEMENTS_PER_LANE, LEAF_TAG, RATE, capacity_of_sponge, pack_lane,
};
use super::lanes::{permute_nodes, permute_sponges};
use super::parameters::{LANES, NODE_WIDTH, SPONGE_WIDTH};

/// The digest that `hash_leaf` returns for each of up to eight leaves, which all have the same
/// length.
pub(crate) fn leaf_digests(leaves: &[Vec<GoldilocksField>]) -> [Bn254Digest; LANES] {
    let length = leaves.first().map_or(0, Vec::len);
    let mut states = [[Fr::ZERO; SPONGE_WIDTH]; LANES];
    let capacity = Fr::from(capacity_of_sponge(LEAF_TAG, length));
    states.iter_mut().for_each(|state| state[0] = capacity);
    for start in (0..length.max(1)).step_by(RATE) {
        let end = length.min(start + RATE);
        for (state, leaf) in states.iter_mut().zip(leaves) {
            let parts = leaf[start..end].chunks(ELEMENTS_PER_LANE);
            state[1..].iter_mut().zip(parts).for_each(|(place, part)| *place = pack_lane(part));
        }
        permute_sponges(&mut states);
    }
    states.map(|state| Bn254Digest(state[1]))
}

/// The digest that `two_to_one` returns for each of up to eight pairs.
pub(crate) fn pair_digests(pairs: &[[Bn254Digest; 2]]) -> [Bn254Digest; LANES] {
    let mut states = [[Fr::ZERO; NODE_WIDTH]; LANES];
    for (state, [left, right]) in states.iter_mut().zip(pairs) {
        *state = [Fr::ZERO, left.0, right.0];
    }
    permute_nodes(&mut states);
    states.map(|state| Bn254Digest(state[0]))
}

/// Permutes each transcript as its own `permute` does.
pub(crate) fn permute_transcripts(transcripts: &mut [Bn254Permutation; LANES]) {
    transcripts.iter_mut().for_each(Bn254Permutation::absorb);
    let mut states = transcripts.map(|transcript| transcript.lanes);
    permute_sponges(&mut states);
    for (transcript, state) in transcripts.iter_mut().zip(states) {
        transcript.lanes = state;
        transcript.take_elements();
    }
}

#[cfg(test)]
mod tests {
    use plonky2::field::types::{Field, Field64};
    use plonky2::hash::hashing::PlonkyPermutation;
    use plonky2::plonk::config::Hasher;

    use super::*;
    use crate::bn254::Bn254PoseidonHash;

    /// Random elements, among them the largest, some of them not canonical.
    fn leaf(length: usize, seed: usize) -> Vec<GoldilocksField> {
        let value = |i: usize| match (i + seed) % 7 {
            0 => GoldilocksField(u64::MAX),
            1 => GoldilocksField(GoldilocksField::ORDER - 1),
            2 => GoldilocksField::ZERO,
            _ => GoldilocksField(((i * 8 + seed) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
        };
        (0..length).map(value).collect()
    }

    /// Every length up to more than that of the widest leaf, and every number of leaves.
    #[test]
    fn leaves_are_hashed_as_one_by_one() {
        for length in 0..=150 {
            let leaves: Vec<_> = (0..=length % LANES).map(|seed| leaf(length, seed)).collect();
            for (leaf, digest) in leaves.iter().zip(leaf_digests(&leaves)) {
                assert_eq!(digest, Bn254PoseidonHash::hash_leaf(leaf), "length {length}");
            }
        }
    }

    #[test]
    fn pairs_are_hashed_as_one_by_one() {
        let digest = |i: usize| Bn254PoseidonHash::hash_leaf(&leaf(3, i));
        for count in 1..=LANES {
            let pairs: Vec<_> = (0..count).map(|i| [digest(2 * i), digest(2 * i + 1)]).collect();
            for ([left, right], parent) in pairs.iter().zip(pair_digests(&pairs)) {
                assert_eq!(parent, Bn254PoseidonHash::two_to_one(*left, *right));
            }
        }
    }

    #[test]
    fn transcripts_are_permuted_as_one_by_one() {
        let transcript = |seed: usize| {
            let mut transcript = Bn254Permutation::new(leaf(seed, seed));
            transcript.permute();
            transcript.set_from_slice(&leaf(2 * seed, 3), 1);
            transcript
        };
        let mut found: [_; LANES] = core::array::from_fn(transcript);
        let mut expected = found;
        permute_transcripts(&mut found);
        expected.iter_mut().for_each(Bn254Permutation::permute);
        assert_eq!(found, expected);
    }
}
