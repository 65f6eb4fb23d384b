//! Keys: the secret key that signs, the public key that verifies, and how a wallet's secret is
//! derived.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha3::Shake256;
use sha3::digest::{ExtendableOutput, Update, XofReader};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::curve::Point;
use crate::error::Error;
use crate::fixed_base::generator_product;
use crate::goldilocks::Fe;
use crate::hash::bytes_from_hex;
use crate::quintic::Fe5;
use crate::scalar::Scalar;
use crate::text;
use crate::torsion::Torsion;

/// The prefix of a key's seed. Another use of the same L1 signature must have another prefix, so
/// that it makes another secret.
const SEED_PREFIX: &[u8] = b"Sheaf key v1";

/// Bytes of an Ethereum signature: r, s, v.
pub const L1_SIGNATURE_BYTES: usize = 65;

/// A public key as it is sent: the encoding of a point, five elements, constant term first.
/// `DecodedKey::new` checks that the encoding belongs to a point.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([Fe; 5]);

impl PublicKey {
    /// Bytes of the encoding.
    pub const BYTES: usize = Fe5::BYTES;

    /// The key with this encoding, which is not checked.
    pub const fn from_elements(elements: [Fe; 5]) -> Self {
        Self(elements)
    }

    /// The five elements of the encoding.
    pub const fn elements(&self) -> &[Fe; 5] {
        &self.0
    }

    /// The five elements in order, each as 8 little-endian bytes.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        Fe5(self.0).to_le_bytes()
    }

    /// Reads what `to_bytes` writes.
    ///
    /// # Errors
    /// `NonCanonicalElement` when an element is not below p.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, Error> {
        Fe5::from_le_bytes(bytes).map(|w| Self(w.0))
    }
}

/// `0x` and eighty hexadecimal digits of the bytes.
impl fmt::Display for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{}", hex::encode(self.to_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for PublicKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::from_bytes(&bytes_from_hex(text)?)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}

/// A public key that is a point other than the neutral one. Decoding costs as much as a fifth of a
/// signature in a batch, so callers should keep decoded keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodedKey {
    key: PublicKey,
    torsion: Torsion,
}

impl DecodedKey {
    /// Decodes a key.
    ///
    /// # Errors
    /// `NeutralKey` for the neutral point, for which anyone could sign; `NotOnCurve` when the
    /// encoding belongs to no point.
    pub fn new(key: PublicKey) -> Result<Self, Error> {
        let torsion = Torsion::decode_vartime(Fe5(key.0)).ok_or(Error::NotOnCurve)?;
        if torsion.is_zero() { Err(Error::NeutralKey) } else { Ok(Self { key, torsion }) }
    }

    /// The key's encoding.
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// The key's point.
    pub fn point(&self) -> Point {
        Point::from_torsion(&self.torsion)
    }

    pub(crate) const fn torsion(&self) -> &Torsion {
        &self.torsion
    }
}

/// A secret scalar other than zero, wiped from memory when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey(Scalar);

impl SecretKey {
    /// Derives a wallet's key from an Ethereum account's signature over the protocol's text
    /// (`docs/protocol.md`, section 3). Some wallets write the parity of that signature as 0 or 1
    /// instead of 27 or 28; the key is the same.
    ///
    /// # Errors
    /// `L1SignatureParity` for any other last byte; `ZeroSecret` if the derived scalar is zero,
    /// which nobody will ever see.
    pub fn from_l1_signature(signature: &[u8; L1_SIGNATURE_BYTES]) -> Result<Self, Error> {
        let mut signature = Zeroizing::new(*signature);
        let [.., parity] = &mut *signature;
        *parity = match *parity {
            0 | 27 => 27,
            1 | 28 => 28,
            found => return Err(Error::L1SignatureParity { found }),
        };
        let mut shake = Shake256::default();
        shake.update(SEED_PREFIX);
        shake.update(signature.as_ref());
        let mut wide = Zeroizing::new([0; Scalar::WIDE_BYTES]);
        shake.finalize_xof().read(wide.as_mut());
        Self::from_scalar(Scalar::from_wide_bytes(&wide))
    }

    /// Takes a scalar as a key.
    ///
    /// # Errors
    /// `ZeroSecret` for zero, whose public key is the neutral point.
    pub fn from_scalar(scalar: Scalar) -> Result<Self, Error> {
        if scalar.is_zero() { Err(Error::ZeroSecret) } else { Ok(Self(scalar)) }
    }

    /// Reads forty little-endian bytes.
    ///
    /// # Errors
    /// `NonCanonicalScalar` when the integer is not below n; `ZeroSecret` for zero.
    pub fn from_bytes(bytes: &[u8; Scalar::BYTES]) -> Result<Self, Error> {
        Self::from_scalar(Scalar::from_le_bytes(bytes)?)
    }

    /// The secret in forty little-endian bytes, for an encrypted key file.
    pub fn to_bytes(&self) -> Zeroizing<[u8; Scalar::BYTES]> {
        Zeroizing::new(self.0.to_le_bytes())
    }

    /// The public key, which verifies this key's signatures.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(generator_product(&self.0).encode().0)
    }

    pub(crate) const fn scalar(&self) -> &Scalar {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_signature_makes_one_key() {
        let derive = |first: u8, parity: u8| {
            let mut signature = [first; L1_SIGNATURE_BYTES];
            signature[64] = parity;
            SecretKey::from_l1_signature(&signature)
        };
        let key = derive(7, 27).expect("not zero");
        for same in [derive(7, 27), derive(7, 0)] {
            assert_eq!(same.expect("not zero").public_key(), key.public_key());
        }
        for other in [derive(8, 27), derive(7, 28)] {
            assert_ne!(other.expect("not zero").public_key(), key.public_key());
        }
        assert!(matches!(derive(7, 29), Err(Error::L1SignatureParity { found: 29 })));
        assert!(DecodedKey::new(key.public_key()).is_ok());
        let bytes = key.to_bytes();
        let read = SecretKey::from_bytes(&bytes).expect("its own bytes");
        assert_eq!(read.public_key(), key.public_key());
    }

    #[test]
    fn a_secret_is_not_printed() {
        let key = SecretKey::from_scalar(Scalar::from(12_345u64)).expect("not zero");
        assert_eq!(format!("{key:?}"), "SecretKey(…)");
    }

    #[test]
    fn zero_and_the_neutral_point_are_no_keys() {
        assert!(matches!(SecretKey::from_scalar(Scalar::ZERO), Err(Error::ZeroSecret)));
        let neutral = PublicKey::from_elements([Fe::ZERO; 5]);
        assert_eq!(DecodedKey::new(neutral), Err(Error::NeutralKey));
        let nowhere = PublicKey::from_elements([1, 0, 0, 0, 0].map(Fe::from_u64));
        let is_point = Torsion::decode_vartime(Fe5(*nowhere.elements())).is_some();
        assert_eq!(DecodedKey::new(nowhere).is_ok(), is_point);
    }
}
