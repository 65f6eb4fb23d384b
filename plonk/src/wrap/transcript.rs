//! The Fiat-Shamir transcript as constraints: step by step the same computation as plonky2's
//! `Challenger` over the BN254 permutation.
//!
//! 1. Each permutation overwrites the lanes that were written to, adds the set of written positions
//!    to the capacity, and permutes.
//! 2. A challenge is a 63-bit window of a lane's bits. The bits are the lane's only decomposition
//!    into 254 bits that is below the BN254 modulus.
//! 3. Challenges are taken from the end of the list of squeezed windows, in the order in which
//!    `Challenger` pops them.

use ark_bn254::Fr;
use ark_ff::PrimeField;

use super::builder::{Builder, Linear, weighted_sum};
use super::extension::Ext;
use super::goldilocks::Element;
use super::merkle::pack_lane;
use super::poseidon_bn254::permute_sponge;
use crate::bn254::{
    CHALLENGE_BITS, CHALLENGES_PER_LANE, DIGEST_CHUNK_BITS, ELEMENTS_PER_LANE, RATE, SPONGE_WIDTH,
    TRANSCRIPT_TAG,
};

/// Bits of a BN254 scalar.
const SCALAR_BITS: usize = 254;
/// The number of top bits that are compared with the modulus, see [`constrain_scalar_bits`].
const COMPARED_BITS: usize = 64;

/// A challenge with its 63 bits, the lowest first.
#[derive(Clone)]
pub(crate) struct Challenge {
    pub(crate) element: Element,
    pub(crate) bits: Vec<Linear>,
}

/// The state of the transcript.
pub(crate) struct Transcript {
    /// The state of the permutation: the capacity, then the lanes of the rate.
    lanes: Vec<Linear>,
    /// Observed elements that no permutation has absorbed yet.
    input: Vec<Element>,
    /// The windows of the last permutation's output that no challenge has taken yet.
    output: Vec<usize>,
    /// The bits of each output lane from which a challenge was taken.
    decomposed: Vec<Option<Vec<Linear>>>,
}

impl Transcript {
    pub(crate) fn new() -> Self {
        let mut lanes = vec![Linear::zero(); SPONGE_WIDTH];
        lanes[0] = Linear::constant(Fr::from(TRANSCRIPT_TAG));
        Self { lanes, input: Vec::new(), output: Vec::new(), decomposed: Vec::new() }
    }

    /// Observes an element of at most 64 bits.
    pub(crate) fn observe(&mut self, builder: &mut Builder, element: &Element) {
        self.output.clear();
        self.input.push(element.clone());
        if self.input.len() == RATE {
            self.duplex(builder);
        }
    }

    pub(crate) fn observe_all(&mut self, builder: &mut Builder, elements: &[Element]) {
        for element in elements {
            self.observe(builder, element);
        }
    }

    pub(crate) fn observe_ext(&mut self, builder: &mut Builder, elements: &[Ext]) {
        for element in elements {
            self.observe_all(builder, &element.0);
        }
    }

    fn duplex(&mut self, builder: &mut Builder) {
        let input = std::mem::take(&mut self.input);
        let chunks = input.chunks(ELEMENTS_PER_LANE);
        for (lane, elements) in self.lanes[1..].iter_mut().zip(chunks) {
            *lane = pack_lane(elements);
        }
        let written = (1u64 << input.len()) - 1;
        self.lanes[0].add_constant(Fr::from(written));
        self.lanes = permute_sponge(builder, &self.lanes);
        self.output = (0..RATE).collect();
        self.decomposed = vec![None; RATE / CHALLENGES_PER_LANE];
    }

    pub(crate) fn challenge(&mut self, builder: &mut Builder) -> Challenge {
        if !self.input.is_empty() || self.output.is_empty() {
            self.duplex(builder);
        }
        let window = self.output.pop().expect("a permutation has just filled the outputs");
        let (lane, part) = (window / CHALLENGES_PER_LANE, window % CHALLENGES_PER_LANE);
        let scalar = &self.lanes[1 + lane];
        let bits = self.decomposed[lane].get_or_insert_with(|| scalar_bits(builder, scalar));
        let bits = bits[part * CHALLENGE_BITS..(part + 1) * CHALLENGE_BITS].to_vec();
        let sum = builder.materialise(&weighted_sum(&bits));
        Challenge { element: Element::from_bounded(sum, CHALLENGE_BITS), bits }
    }

    pub(crate) fn challenges(&mut self, builder: &mut Builder, count: usize) -> Vec<Challenge> {
        (0..count).map(|_| self.challenge(builder)).collect()
    }

    pub(crate) fn ext_challenge(&mut self, builder: &mut Builder) -> Ext {
        Ext([self.challenge(builder).element, self.challenge(builder).element])
    }
}

/// The bits of a scalar as an integer below the modulus, the lowest first.
fn scalar_bits(builder: &mut Builder, scalar: &Linear) -> Vec<Linear> {
    let bits = builder.free_bits(&scalar.value().into_bigint(), SCALAR_BITS);
    constrain_scalar_bits(builder, scalar, &bits);
    bits
}

/// Enforces that booleans are the only decomposition of a scalar that is below the modulus r.
///
/// The top 64 bits must be strictly below the top 64 bits of r. This excludes every second
/// decomposition. It also excludes each honest scalar with probability 2^-63. The prover then fails
/// on its own check, and the next attempt, whose grinding usually finds another witness, makes
/// another outer proof.
fn constrain_scalar_bits(builder: &mut Builder, scalar: &Linear, bits: &[Linear]) {
    builder.enforce_equal(&weighted_sum(bits), scalar);
    let first_compared = SCALAR_BITS - COMPARED_BITS;
    let top = (Fr::MODULUS >> first_compared as u32).0[0];
    let gap = Linear::constant(Fr::from(top - 1)).minus(&weighted_sum(&bits[first_compared..]));
    builder.bits(&gap, COMPARED_BITS);
}

/// The elements that the transcript observes for a digest: the digest's bits in chunks.
pub(crate) fn digest_chunks(builder: &mut Builder, digest: &Linear) -> Vec<Element> {
    scalar_bits(builder, digest)
        .chunks(DIGEST_CHUNK_BITS)
        .map(|bits| {
            let sum = builder.materialise(&weighted_sum(bits));
            Element::from_bounded(sum, bits.len())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use ark_ff::{BigInt, BigInteger};
    use ark_relations::gr1cs::ConstraintSystem;
    use plonky2::field::goldilocks_field::GoldilocksField;
    use plonky2::field::types::{Field, PrimeField64};
    use plonky2::iop::challenger::Challenger;

    use super::*;
    use crate::bn254::Bn254PoseidonHash;
    use crate::wrap::builder::tests::gadget::Gadget;

    fn builder() -> Builder {
        Builder::new(ConstraintSystem::new_ref())
    }

    /// Rounds of observing and drawing that cross the ends of blocks in both directions.
    #[test]
    fn challenges_are_plonky2s() {
        let mut native = Challenger::<GoldilocksField, Bn254PoseidonHash>::new();
        let mut builder = builder();
        let mut transcript = Transcript::new();
        let mut next = 0u64;
        for (observed, drawn) in [(0, 2), (1, 1), (23, 3), (24, 25), (60, 30), (5, 1)] {
            for _ in 0..observed {
                next = next.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1) >> 1;
                native.observe_element(GoldilocksField::from_canonical_u64(next));
                let element = builder.canonical(next);
                transcript.observe(&mut builder, &element);
            }
            for _ in 0..drawn {
                let expected = native.get_challenge().to_canonical_u64();
                assert_eq!(transcript.challenge(&mut builder).element.native(), expected);
            }
        }
        assert_eq!(builder.finish().expect("no fault").len(), 0);
    }

    /// s and s + r have the same value in the field; only s may be decomposed.
    #[test]
    fn second_decomposition_is_refused() {
        let honest = BigInt::from(5u64);
        let mut second = honest;
        second.add_with_carry(&Fr::MODULUS);
        for (integer, expected) in [(honest, 0), (second, 1)] {
            let mut builder = builder();
            let scalar = builder.witness(Fr::from(5u64));
            let bits = builder.free_bits(&integer, SCALAR_BITS);
            constrain_scalar_bits(&mut builder, &scalar, &bits);
            assert_eq!(builder.finish().expect("no fault").len(), expected);
        }
    }

    #[test]
    fn bits_of_another_scalar_are_refused() {
        for (other, expected) in [(5u64, 0), (4, 1), (7, 1), (5 << 40, 1)] {
            let mut builder = builder();
            let scalar = builder.witness(Fr::from(5u64));
            let bits = builder.free_bits(&BigInt::from(other), SCALAR_BITS);
            constrain_scalar_bits(&mut builder, &scalar, &bits);
            assert_eq!(builder.finish().expect("no fault").len(), expected, "{other}");
        }
    }

    /// Neither the digest nor what the transcript observes of it moves without the other.
    #[test]
    fn digest_is_bound_to_its_chunks() {
        let (gadget, (digest, chunks)) = Gadget::build(|builder| {
            let digest = builder.witness(Fr::from(1u64 << 60) * Fr::from(3u64));
            let chunks = digest_chunks(builder, &digest);
            (digest, chunks)
        });
        assert_eq!(gadget.freedom(&[]), 0);
        assert!(gadget.broken_by(&[(&digest, Fr::from(1u64))]) > 0);
        for chunk in &chunks {
            assert!(gadget.broken_by(&[(chunk.linear(), Fr::from(1u64))]) > 0);
        }
    }

    #[test]
    fn digest_chunks_are_the_native_ones() {
        use plonky2::plonk::config::{GenericHashOut, Hasher};
        let leaf = [GoldilocksField::ONE, GoldilocksField::TWO];
        let digest = Bn254PoseidonHash::hash_leaf(&leaf);
        let mut builder = builder();
        let variable = builder.witness(digest.0);
        let chunks = digest_chunks(&mut builder, &variable);
        let native: Vec<u64> = digest.to_vec().iter().map(|c| c.to_canonical_u64()).collect();
        assert_eq!(chunks.iter().map(Element::native).collect::<Vec<_>>(), native);
        assert_eq!(builder.finish().expect("no fault").len(), 0);
    }
}
