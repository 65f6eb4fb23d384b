//! Schnorr signatures over EcGFp5, as R and s so that many can be checked at once.
//!
//! R = k·G; e = the low 128 bits of Hash(Challenge, R, key, message); s = k + e·secret. A signature
//! is valid if s·G = R + e·key and R is not neutral. A neutral R is refused because no nonce is
//! zero, and because circuits decode R like a key. The group has prime order and encodings are
//! canonical, so a single check and a batch (`signature_batch`) accept exactly the same signatures.

use core::fmt;
use core::str::FromStr;

use rand::CryptoRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha3::Shake256;
use sha3::digest::{ExtendableOutput, Update, XofReader};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::fixed_base::{generator_product, generator_product_vartime};
use crate::goldilocks::Fe;
use crate::hash::{Digest, Tag, bytes_from_hex, hash};
use crate::key::{DecodedKey, PublicKey, SecretKey};
use crate::quintic::{DEGREE, Fe5};
use crate::scalar::Scalar;
use crate::text;

/// The prefix of a nonce's seed.
const NONCE_PREFIX: &[u8] = b"Sheaf nonce v1";

/// Bytes of fresh randomness in a nonce.
const NONCE_RANDOM_BYTES: usize = 32;

/// A signature (R, s). R has the elements that were sent; only a check of the signature finds out
/// whether R is a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signature {
    /// The encoding of R = k·G.
    pub r: Fe5,
    /// k + e·secret.
    pub s: Scalar,
}

impl Signature {
    /// Bytes of the encoding.
    pub const BYTES: usize = Fe5::BYTES + Scalar::BYTES;

    /// R, then s, both little-endian.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (r, s) = bytes.split_at_mut(Fe5::BYTES);
        r.copy_from_slice(&self.r.to_le_bytes());
        s.copy_from_slice(&self.s.to_le_bytes());
        bytes
    }

    /// Reads what `to_bytes` writes.
    ///
    /// # Errors
    /// `NonCanonicalElement` when an element of R is not below p, `NonCanonicalScalar` when s is
    /// not below n.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, Error> {
        let (r, s) = bytes.split_at(Fe5::BYTES);
        Ok(Self {
            r: Fe5::from_le_bytes(r.try_into().expect("split at its length"))?,
            s: Scalar::from_le_bytes(s.try_into().expect("the rest is a scalar"))?,
        })
    }
}

impl SecretKey {
    /// Signs a message. The nonce depends on the secret and the message, so a broken `rng` does not
    /// reveal the secret. The fresh randomness makes faults and side channels harder to use.
    pub fn sign(&self, message: &Digest, rng: &mut impl CryptoRng) -> Signature {
        let nonce = self.nonce(message, rng);
        let r = generator_product(&nonce).encode();
        let challenge = challenge(&r, &self.public_key(), message);
        Signature { r, s: *nonce + Scalar::from(challenge) * *self.scalar() }
    }

    fn nonce(&self, message: &Digest, rng: &mut impl CryptoRng) -> Zeroizing<Scalar> {
        let mut random = Zeroizing::new([0; NONCE_RANDOM_BYTES]);
        rng.fill_bytes(random.as_mut());
        let mut shake = Shake256::default();
        shake.update(NONCE_PREFIX);
        shake.update(self.to_bytes().as_ref());
        shake.update(&message.to_bytes());
        shake.update(random.as_ref());
        let mut wide = Zeroizing::new([0; Scalar::WIDE_BYTES]);
        shake.finalize_xof().read(wide.as_mut());
        Zeroizing::new(Scalar::from_wide_bytes(&wide))
    }
}

/// e: the first two elements of Hash(Challenge, R, key, message) as one integer, the first lowest.
pub fn challenge(r: &Fe5, key: &PublicKey, message: &Digest) -> u128 {
    let mut elements = [Fe::ZERO; 2 * DEGREE + 4];
    elements[..DEGREE].copy_from_slice(&r.0);
    elements[DEGREE..2 * DEGREE].copy_from_slice(key.elements());
    elements[2 * DEGREE..].copy_from_slice(&message.0);
    let Digest([low, high, _, _]) = hash(Tag::CHALLENGE, &elements);
    u128::from(low.canonical()) | u128::from(high.canonical()) << 64
}

/// Checks one signature.
///
/// # Errors
/// `WrongSignature` if the signature does not fit key and message, also if R is neutral or no
/// point.
pub fn verify(key: &DecodedKey, message: &Digest, signature: &Signature) -> Result<(), Error> {
    let challenge = Scalar::from(challenge(&signature.r, key.key(), message));
    let r = generator_product_vartime(&signature.s) - key.point().mul_vartime(&challenge);
    // Encodings are unique, so comparing them saves decoding R.
    let is_valid = !r.is_neutral() && r.encode() == signature.r;
    if is_valid { Ok(()) } else { Err(Error::WrongSignature) }
}

/// `0x` and 160 hexadecimal digits of the bytes.
impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{}", hex::encode(self.to_bytes()))
    }
}

impl FromStr for Signature {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::from_bytes(&bytes_from_hex(text)?)
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}
