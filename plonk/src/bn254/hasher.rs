//! The BN254 permutation as plonky2 needs it: digest, sponge, hasher and configuration.
//!
//! Under `Bn254Config` the Merkle trees and the Fiat-Shamir transcript of a proof are computed over
//! BN254's scalar field. Only the hash of the public inputs, which a circuit must compute too, is
//! computed over Goldilocks.
//!
//! Element 0 of the sponge's state is the capacity. The other elements are lanes, and a lane
//! carries three Goldilocks elements of 64 bits. The capacity begins with a tag for the purpose, to
//! which leaves and plain hashes add the length. So leaves, transcripts and plain hashes of
//! fewer than 2^32 elements never begin with the same capacity. Nodes have capacity 0 and another
//! width.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, PrimeField};
use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, Field64, PrimeField64};
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::plonk::config::{GenericConfig, GenericHashOut, Hasher};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::parameters::{SPONGE_WIDTH, sponge_parameters};
use super::permutation::{compress, permute};

/// Goldilocks elements in one lane.
pub const ELEMENTS_PER_LANE: usize = 3;
/// Lanes of the sponge's rate.
pub const RATE_LANES: usize = SPONGE_WIDTH - 1;
/// Goldilocks elements absorbed by one permutation.
pub const RATE: usize = RATE_LANES * ELEMENTS_PER_LANE;
/// Challenges taken from one lane; four of 63 bits use 252 of its 254 bits.
pub const CHALLENGES_PER_LANE: usize = 4;
/// Bits of a challenge. 2^63 is below the Goldilocks modulus, so no reduction biases a challenge.
pub const CHALLENGE_BITS: usize = 63;
/// Goldilocks elements as which the transcript observes a digest.
pub const DIGEST_CHUNKS: usize = 5;
/// Bits of each element that represents a digest; 5 · 51 ≥ 254.
pub const DIGEST_CHUNK_BITS: usize = 51;
/// Capacity tag of Merkle leaves, to which the length in elements is added.
pub const LEAF_TAG: u64 = 1 << 32;
/// Capacity tag of plain hashes, to which the length in elements is added.
const PLAIN_TAG: u64 = 2 << 32;
/// Capacity of a new transcript.
pub const TRANSCRIPT_TAG: u64 = 3 << 32;
/// Bytes of an encoded digest.
const DIGEST_BYTES: usize = 32;

type F = GoldilocksField;

/// A digest: an element of BN254's scalar field, encoded as 32 little-endian bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bn254Digest(pub Fr);

impl Bn254Digest {
    fn to_le_bytes(self) -> [u8; DIGEST_BYTES] {
        let mut bytes = [0; DIGEST_BYTES];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0.into_bigint().0) {
            chunk.copy_from_slice(&limb.to_le_bytes());
        }
        bytes
    }
}

impl Serialize for Bn254Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_le_bytes().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bn254Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = <[u8; DIGEST_BYTES]>::deserialize(deserializer)?;
        let mut limbs = [0; 4];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
            *limb = u64::from_le_bytes(chunk.try_into().expect("chunks of eight bytes"));
        }
        Fr::from_bigint(BigInt::new(limbs))
            .map(Self)
            .ok_or_else(|| D::Error::custom("digest is not below the BN254 scalar modulus"))
    }
}

impl GenericHashOut<F> for Bn254Digest {
    fn to_bytes(&self) -> Vec<u8> {
        self.to_le_bytes().to_vec()
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        Self(Fr::from_le_bytes_mod_order(bytes))
    }

    fn to_vec(&self) -> Vec<F> {
        let limbs = self.0.into_bigint().0;
        (0..DIGEST_CHUNKS)
            .map(|i| {
                F::from_canonical_u64(bit_window(&limbs, i * DIGEST_CHUNK_BITS, DIGEST_CHUNK_BITS))
            })
            .collect()
    }
}

/// Bits `start .. start + width` of a 256-bit integer, `width < 64`.
fn bit_window(limbs: &[u64; 4], start: usize, width: usize) -> u64 {
    let (limb, shift) = (start / 64, start % 64);
    let low = limbs[limb] >> shift;
    let high = match (shift, limbs.get(limb + 1)) {
        (1.., Some(next)) => next << (64 - shift),
        _ => 0,
    };
    (low | high) & ((1 << width) - 1)
}

/// Packs up to three elements into one lane: Σ xᵢ·2^(64·i).
pub(super) fn pack_lane(elements: &[F]) -> Fr {
    let mut limbs = [0; 4];
    for (limb, element) in limbs.iter_mut().zip(elements) {
        *limb = element.to_canonical_u64();
    }
    Fr::from_bigint(BigInt::new(limbs)).expect("192 bits are below the modulus")
}

/// The capacity with which a sponge over `length` elements begins.
pub fn capacity_of_sponge(tag: u64, length: usize) -> u64 {
    tag + length as u64
}

/// The overwrite-mode sponge over a message, whose length is part of the capacity. The digest is
/// element 1 of the last state.
fn sponge(tag: u64, input: &[F]) -> Bn254Digest {
    let mut state = [Fr::ZERO; SPONGE_WIDTH];
    state[0] = Fr::from(capacity_of_sponge(tag, input.len()));
    let blocks = input.len().div_ceil(RATE).max(1);
    for block in 0..blocks {
        let rest = &input[block * RATE..];
        let chunk = &rest[..rest.len().min(RATE)];
        for (lane, elements) in state[1..].iter_mut().zip(chunk.chunks(ELEMENTS_PER_LANE)) {
            *lane = pack_lane(elements);
        }
        permute(sponge_parameters(), &mut state);
    }
    Bn254Digest(state[1])
}

/// The state of the transcript: the sponge's state over BN254, and the elements that were written
/// or squeezed last.
///
/// A permutation first overwrites each lane in which an element was written; the other elements of
/// that lane count as zero. The other lanes keep their values. The set of written positions, as a
/// bit mask, is added to the capacity, so that a missing element and a zero differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bn254Permutation {
    pub(super) lanes: [Fr; SPONGE_WIDTH],
    elements: [F; RATE],
    written: u32,
}

impl Default for Bn254Permutation {
    fn default() -> Self {
        let mut lanes = [Fr::ZERO; SPONGE_WIDTH];
        lanes[0] = Fr::from(TRANSCRIPT_TAG);
        Self { lanes, elements: [F::ZERO; RATE], written: 0 }
    }
}

impl AsRef<[F]> for Bn254Permutation {
    fn as_ref(&self) -> &[F] {
        &self.elements
    }
}

impl Bn254Permutation {
    /// The step before the permutation: the written elements enter the lanes.
    pub(super) fn absorb(&mut self) {
        for lane in 0..RATE_LANES {
            let first = lane * ELEMENTS_PER_LANE;
            let mask = self.written >> first & ((1 << ELEMENTS_PER_LANE) - 1);
            if mask == 0 {
                continue;
            }
            let mut elements = [F::ZERO; ELEMENTS_PER_LANE];
            for (i, element) in elements.iter_mut().enumerate() {
                if mask >> i & 1 == 1 {
                    *element = self.elements[first + i];
                }
            }
            self.lanes[1 + lane] = pack_lane(&elements);
        }
        self.lanes[0] += Fr::from(self.written);
    }

    /// The step after the permutation: the bits of the first six lanes become 24 elements.
    pub(super) fn take_elements(&mut self) {
        self.written = 0;
        for (lane, outputs) in
            self.lanes[1..].iter().zip(self.elements.chunks_exact_mut(CHALLENGES_PER_LANE))
        {
            let limbs = lane.into_bigint().0;
            for (i, output) in outputs.iter_mut().enumerate() {
                let window = bit_window(&limbs, i * CHALLENGE_BITS, CHALLENGE_BITS);
                debug_assert!(window < F::ORDER);
                *output = F::from_canonical_u64(window);
            }
        }
    }
}

impl PlonkyPermutation<F> for Bn254Permutation {
    const RATE: usize = RATE;
    const WIDTH: usize = RATE;

    fn new<I: IntoIterator<Item = F>>(elements: I) -> Self {
        let mut state = Self::default();
        for (i, element) in elements.into_iter().take(RATE).enumerate() {
            if element != F::ZERO {
                state.set_elt(element, i);
            }
        }
        state
    }

    fn set_elt(&mut self, element: F, index: usize) {
        self.elements[index] = element;
        self.written |= 1 << index;
    }

    fn set_from_iter<I: IntoIterator<Item = F>>(&mut self, elements: I, start: usize) {
        for (index, element) in (start..RATE).zip(elements) {
            self.set_elt(element, index);
        }
    }

    fn set_from_slice(&mut self, elements: &[F], start: usize) {
        self.set_from_iter(elements.iter().copied(), start);
    }

    fn permute(&mut self) {
        self.absorb();
        permute(sponge_parameters(), &mut self.lanes);
        self.take_elements();
    }

    fn squeeze(&self) -> &[F] {
        &self.elements
    }
}

/// Poseidon over BN254 as plonky2's hasher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bn254PoseidonHash;

impl Hasher<F> for Bn254PoseidonHash {
    const HASH_SIZE: usize = DIGEST_BYTES;
    type Hash = Bn254Digest;
    type Permutation = Bn254Permutation;

    fn hash_no_pad(input: &[F]) -> Self::Hash {
        sponge(PLAIN_TAG, input)
    }

    fn hash_leaf(input: &[F]) -> Self::Hash {
        sponge(LEAF_TAG, input)
    }

    fn two_to_one(left: Self::Hash, right: Self::Hash) -> Self::Hash {
        Bn254Digest(compress(left.0, right.0))
    }
}

/// The configuration of the outer proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bn254Config;

impl GenericConfig<2> for Bn254Config {
    type F = F;
    type FE = QuadraticExtension<F>;
    type Hasher = Bn254PoseidonHash;
    type InnerHasher = PoseidonHash;
}

#[cfg(test)]
mod tests {
    use plonky2::iop::challenger::Challenger;

    use super::*;

    fn elements(values: &[u64]) -> Vec<F> {
        values.iter().map(|&v| F::from_canonical_u64(v)).collect()
    }

    #[test]
    fn leaf_binds_length_and_order() {
        let leaf = |values: &[u64]| Bn254PoseidonHash::hash_leaf(&elements(values));
        assert_eq!(leaf(&[1, 2, 3]), leaf(&[1, 2, 3]));
        assert_ne!(leaf(&[1, 2, 3]), leaf(&[1, 2, 3, 0]));
        assert_ne!(leaf(&[1, 2, 3]), leaf(&[2, 1, 3]));
        assert_ne!(leaf(&[1, 2, 3]), Bn254PoseidonHash::hash_no_pad(&elements(&[1, 2, 3])));
    }

    #[test]
    fn digest_chunks_rebuild_the_digest() {
        let digest = Bn254PoseidonHash::hash_leaf(&elements(&[5, 6]));
        let base = Fr::from(1u64 << DIGEST_CHUNK_BITS);
        let rebuilt = digest
            .to_vec()
            .iter()
            .rev()
            .fold(Fr::ZERO, |acc, chunk| acc * base + Fr::from(chunk.to_canonical_u64()));
        assert_eq!(Bn254Digest(rebuilt), digest);
        assert_eq!(Bn254Digest::from_bytes(&digest.to_bytes()), digest);
    }

    #[test]
    fn non_canonical_digest_is_refused() {
        let digest = Bn254Digest(Fr::from(9u64));
        let json = serde_json::to_string(&digest).expect("serialises");
        assert_eq!(serde_json::from_str::<Bn254Digest>(&json).expect("canonical"), digest);
        let above = serde_json::to_string(&[255u8; DIGEST_BYTES]).expect("serialises");
        assert!(serde_json::from_str::<Bn254Digest>(&above).is_err());
    }

    #[test]
    fn transcript_separates_a_zero_from_nothing() {
        let draw = |observed: &[u64]| {
            let mut challenger = Challenger::<F, Bn254PoseidonHash>::new();
            challenger.observe_elements(&elements(observed));
            challenger.get_n_challenges(30)
        };
        assert_eq!(draw(&[1, 2]), draw(&[1, 2]));
        assert_ne!(draw(&[1, 2]), draw(&[1, 2, 0]));
        assert_ne!(draw(&[]), draw(&[0]));
    }
}
