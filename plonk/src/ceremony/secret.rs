//! What a contributor draws: the secret number by which δ is multiplied, and a point for the proof
//! that the contributor knows the number.
//!
//! Both follow from a seed of 32 bytes, in snarkjs' way, so that anybody can repeat the draw from a
//! public beacon.

use ark_bn254::{Fq, Fq2, FqConfig, Fr, FrConfig, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ff::{AdditiveGroup, BigInt, Field, Fp, MontBackend, MontConfig, PrimeField};
use blake2::{Blake2b512, Digest as _};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::Digest;

/// The smallest and the largest exponent of a beacon. 2^10 hashes are the fewest that snarkjs
/// takes; 2^32 take some minutes, and whoever verifies the key must repeat them.
pub const BEACON_EXPONENTS: std::ops::RangeInclusive<u8> = 10..=32;
/// Bits of an element of either field.
const FIELD_BITS: u32 = 254;

/// A public random value that nobody could know or choose when the last contribution was made, such
/// as the hash of a block that was agreed upon in advance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// The value, of 1 to 255 bytes.
    pub value: Vec<u8>,
    /// The value is hashed 2^exponent times.
    pub exponent: u8,
}

/// The secret of one contribution. Its memory is overwritten when it is dropped; copies on the
/// stack of called functions are not.
pub struct Secret {
    /// The number by which δ is multiplied.
    pub(super) delta: Zeroizing<Fr>,
    /// The base of the proof in G1.
    pub(super) base: G1Affine,
}

impl Secret {
    /// Draws a secret from random bytes of the operating system, at least 32, and text that a
    /// person typed. The secret is random if either is.
    pub fn draw(random: &Zeroizing<Vec<u8>>, text: &Zeroizing<String>) -> Self {
        let mut hash = Blake2b512::new();
        hash.update(random.as_slice());
        hash.update(text.as_bytes());
        let mut digest: [u8; 64] = hash.finalize_reset().into();
        let secret = Self::from_seed(&digest[..32]);
        digest.zeroize();
        secret
    }

    /// The secret of a beacon, which everybody knows.
    pub(super) fn of_beacon(beacon: &Beacon) -> Self {
        let mut value = beacon.value.clone();
        for _ in 0..1u64 << beacon.exponent {
            value = Sha256::digest(&value).to_vec();
        }
        Self::from_seed(&value)
    }

    fn from_seed(seed: &[u8]) -> Self {
        let mut sampler = Sampler::new(seed);
        let delta = Zeroizing::new(sampler.element::<FrConfig>());
        Self { delta, base: sampler.point(Sampler::element::<FqConfig>) }
    }
}

/// The point of G2 that belongs to a digest, whose logarithm nobody knows.
pub(super) fn point_of(digest: &Digest) -> G2Affine {
    let mut sampler = Sampler::new(&digest[..32]);
    let point: G2Affine = sampler.point(|sampler| {
        let [real, imaginary] = [(); 2].map(|()| sampler.element::<FqConfig>());
        Fq2::new(real, imaginary)
    });
    point.mul_by_cofactor()
}

/// Draws elements and points as snarkjs does.
struct Sampler(ChaCha20Rng);

impl Sampler {
    /// `seed` has 32 bytes, which are eight big-endian words.
    fn new(seed: &[u8]) -> Self {
        let mut key = [0; 32];
        for (word, bytes) in key.chunks_exact_mut(4).zip(seed.chunks_exact(4)) {
            word.copy_from_slice(bytes);
            word.reverse();
        }
        let own = Self(ChaCha20Rng::from_seed(key));
        key.zeroize();
        own
    }

    /// An element whose Montgomery form is drawn until it is below the order.
    fn element<T: MontConfig<4>>(&mut self) -> Fp<MontBackend<T, 4>, 4> {
        loop {
            let mut limbs = [0; 4];
            for limb in &mut limbs {
                let (high, low) = (self.0.next_u32(), self.0.next_u32());
                *limb = u64::from(high) << 32 | u64::from(low);
            }
            limbs[3] &= u64::MAX >> (256 - FIELD_BITS);
            let form = BigInt::new(limbs);
            if form < T::MODULUS {
                return Fp::new_unchecked(form);
            }
        }
    }

    /// A point of the curve, given by its x and the larger or the smaller y.
    fn point<P: SWCurveConfig>(&mut self, mut x: impl FnMut(&mut Self) -> P::BaseField) -> Affine<P>
    where
        P::BaseField: Signed,
    {
        loop {
            let x = x(self);
            let is_larger = self.0.next_u32() & 1 == 1;
            let Some(y) = (x.square() * x + P::COEFF_B).sqrt() else { continue };
            let y = if y.is_larger() == is_larger { y } else { -y };
            return Affine::new_unchecked(x, y);
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        // The generator has no way to overwrite its state; another state takes its place.
        self.0 = ChaCha20Rng::from_seed([0; 32]);
        std::hint::black_box(&self.0);
    }
}

/// Fields in which one of an element and its opposite is called the larger.
trait Signed {
    fn is_larger(&self) -> bool;
}

impl Signed for Fq {
    fn is_larger(&self) -> bool {
        self.into_bigint() > Self::MODULUS_MINUS_ONE_DIV_TWO
    }
}

impl Signed for Fq2 {
    fn is_larger(&self) -> bool {
        if self.c1 == Fq::ZERO { self.c0.is_larger() } else { self.c1.is_larger() }
    }
}
