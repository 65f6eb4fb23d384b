//! Owners: the L2 addresses that balances belong to and payments go to.
//!
//! An owner commits to a signing key and to the L1 address that may force a balance out by an exit,
//! so nobody needs to register before being paid. An owner is shown as bech32m with the prefix
//! `sheaf`.

use core::fmt;
use core::str::FromStr;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, elements_from_be_bytes, hash, hash_each};
use sheaf_crypto::key::PublicKey;
use sheaf_crypto::text;

use crate::error::Error;
use crate::l1_address::L1Address;
use crate::owner_text;
use crate::tag;

/// Elements of an owner: 192 bits, with which finding a second key for an owner is infeasible.
pub const OWNER: usize = 3;

/// The human-readable part of an owner's text.
const PREFIX: Hrp = Hrp::parse_unchecked("sheaf");

/// A key and an L1 address, hashed and cut to three elements.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner(pub [Fe; OWNER]);

impl Owner {
    /// Bytes of the encoding.
    pub const BYTES: usize = OWNER * Fe::BYTES;

    /// The owner for whom `key` signs, and whose slots `l1_address` can force out.
    pub fn new(key: &PublicKey, l1_address: &L1Address) -> Self {
        Self::cut(&hash(tag::OWNER, &Self::hashed(key, l1_address)))
    }

    /// The owners of several keys and L1 addresses, hashed side by side.
    pub(crate) fn each<'a>(of: impl Iterator<Item = (&'a PublicKey, &'a L1Address)>) -> Vec<Self> {
        let input = |(key, l1_address)| (tag::OWNER, Self::hashed(key, l1_address));
        let inputs: Vec<_> = of.map(input).collect();
        let mut digests = vec![Digest::ZERO; inputs.len()];
        hash_each(&inputs, &mut digests);
        digests.iter().map(Self::cut).collect()
    }

    fn hashed(key: &PublicKey, l1_address: &L1Address) -> [Fe; 8] {
        let mut elements = [Fe::ZERO; 8];
        elements[..5].copy_from_slice(key.elements());
        elements[5..].copy_from_slice(&l1_address.limbs());
        elements
    }

    const fn cut(digest: &Digest) -> Self {
        let [first, second, third, _] = digest.0;
        Self([first, second, third])
    }

    /// The three elements in order, each big-endian: `bytes24` on L1.
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        for (chunk, element) in bytes.chunks_exact_mut(Fe::BYTES).zip(self.0) {
            chunk.copy_from_slice(&element.to_be_bytes());
        }
        bytes
    }

    /// Reads what `to_bytes` writes; `None` if an element is not below p.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Option<Self> {
        elements_from_be_bytes(&bytes).map(Self).ok()
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        bech32::encode_lower_to_fmt::<Bech32m, _>(formatter, PREFIX, &self.to_bytes())
            .map_err(|_| fmt::Error)
    }
}

impl FromStr for Owner {
    type Err = Error;

    /// Reads bech32m, all lower or all upper case, and refuses every other spelling.
    ///
    /// # Errors
    /// `OwnerText` if the text is not bech32m with a valid checksum and zero padding; `OwnerPrefix`
    /// for another prefix; `Crypto` if the text does not encode 24 bytes or an element is not below
    /// p.
    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(owner) = owner_text::read(text).and_then(Self::from_bytes) {
            return Ok(owner);
        }
        // Capital letters, or something to refuse: the library says why.
        let checked = CheckedHrpstring::new::<Bech32m>(text).map_err(|_| Error::OwnerText)?;
        if checked.hrp() != PREFIX {
            return Err(Error::OwnerPrefix);
        }
        checked.validate_segwit_padding().map_err(|_| Error::OwnerText)?;
        let bytes: Vec<u8> = checked.byte_iter().collect();
        Ok(Self(elements_from_be_bytes(&bytes)?))
    }
}

impl Serialize for Owner {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Owner {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use sheaf_crypto::error::Error as CryptoError;
    use sheaf_crypto::goldilocks::ORDER;

    use super::*;

    const OWNER: Owner =
        Owner([Fe::from_u64(1), Fe::from_u64(ORDER - 1), Fe::from_u64(0x0123_4567_89ab_cdef)]);

    #[test]
    fn text_goes_round_in_both_cases() {
        let text = OWNER.to_string();
        assert!(text.starts_with("sheaf1"));
        assert_eq!(text.parse(), Ok(OWNER));
        assert_eq!(text.to_uppercase().parse(), Ok(OWNER));
        assert_eq!(Owner::from_bytes(OWNER.to_bytes()), Some(OWNER));
    }

    #[test]
    fn each_changed_character_is_refused() {
        let text = OWNER.to_string();
        for position in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[position] = if bytes[position] == b'q' { b'p' } else { b'q' };
            let changed = String::from_utf8(bytes).expect("ASCII stays ASCII");
            assert!(changed.parse::<Owner>().is_err(), "{changed}");
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let text = OWNER.to_string();
        let mixed = text.replacen("sheaf", "Sheaf", 1);
        assert_eq!(mixed.parse::<Owner>(), Err(Error::OwnerText));
        let bytes = OWNER.to_bytes();
        let encode = |prefix: &str, bytes: &[u8]| {
            let prefix = Hrp::parse(prefix).expect("a valid prefix");
            bech32::encode::<Bech32m>(prefix, bytes).expect("short enough")
        };
        assert_eq!(encode("sheaves", &bytes).parse::<Owner>(), Err(Error::OwnerPrefix));
        let older = bech32::encode::<bech32::Bech32>(PREFIX, &bytes).expect("short enough");
        assert_eq!(older.parse::<Owner>(), Err(Error::OwnerText));
        let short = Error::from(CryptoError::WrongLength { expected: 24, found: 23 });
        assert_eq!(encode("sheaf", &bytes[..23]).parse::<Owner>(), Err(short));
        let mut large = bytes;
        large[..8].copy_from_slice(&ORDER.to_be_bytes());
        let refused = Error::from(CryptoError::NonCanonicalElement { value: ORDER });
        assert_eq!(encode("sheaf", &large).parse::<Owner>(), Err(refused));
    }
}
