//! Words: what a batch publishes, 31 bytes at a time.
//!
//! This module has the limbs and the bytes of words. `data_word` and `l1_word` have the content of
//! each entry's words.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, Tag, bytes_from_hex, hash};

use crate::l1_address::L1Address;
use crate::limits::{AMOUNT_BITS, AMOUNT_MAX};
use crate::owner::Owner;
use crate::rule_error::RuleError;

/// Limbs of a word.
pub const LIMBS: usize = 4;

/// A 248-bit integer in four limbs of 62 bits, lowest first. A limb is one field element, and a
/// word is one coefficient below the BLS12-381 scalar field's modulus.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Word(pub [u64; LIMBS]);

impl Word {
    /// Bytes of a published word, of which the first is always zero.
    pub const BYTES: usize = 32;

    /// The word as L1 sees it: a big-endian integer.
    ///
    /// # Panics
    /// When a limb is not below 2^62. No constructor of the crate makes such a limb.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let [low, high] = [[self.0[0], self.0[1]], [self.0[2], self.0[3]]].map(pair);
        // The word is low + 2^124·high; both halves have 124 bits.
        bytes[16..].copy_from_slice(&(low | (high << 124)).to_be_bytes());
        bytes[..16].copy_from_slice(&(high >> 4).to_be_bytes());
        bytes
    }

    /// Reads what `to_bytes` writes.
    ///
    /// # Errors
    /// `WordTooLarge` unless the first byte is zero.
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, RuleError> {
        let [w0, w1, w2, w3, top] = limbs_of_integer(bytes);
        if top == 0 { Ok(Self([w0, w1, w2, w3])) } else { Err(RuleError::WordTooLarge) }
    }

    /// The limbs as field elements.
    pub fn elements(&self) -> [Fe; LIMBS] {
        self.0.map(Fe::from_u64)
    }

    /// The L1 address as an integer of 160 bits.
    pub fn of_address(address: &L1Address) -> Self {
        let [low, middle, high] = address.limbs().map(Fe::canonical);
        Self([low, middle, high, 0])
    }

    /// The words of a stream as it is published, 32 bytes each; `None` for bytes that are no words.
    pub fn stream(bytes: &[u8]) -> Option<Vec<Self>> {
        let (words, []) = bytes.as_chunks() else { return None };
        words.iter().map(|word| Self::from_bytes(word).ok()).collect()
    }

    /// The integer as an L1 address, or `None` if the integer has more than 160 bits.
    pub fn to_address(&self) -> Option<L1Address> {
        let bytes = self.to_bytes();
        let (above, address) = bytes.split_last_chunk::<{ L1Address::BYTES }>()?;
        above.iter().all(|byte| *byte == 0).then_some(L1Address(*address))
    }

    /// The chain with the word appended: Hash(`tag`, chain, word). `tag` is DataLink or L1Link.
    pub fn link(&self, tag: Tag, chain: &Digest) -> Digest {
        let mut elements = [Fe::ZERO; 8];
        elements[..4].copy_from_slice(&chain.0);
        elements[4..].copy_from_slice(&self.elements());
        hash(tag, &elements)
    }
}

/// Two limbs as one integer of 124 bits.
fn pair([low, high]: [u64; 2]) -> u128 {
    assert!(low <= AMOUNT_MAX && high <= AMOUNT_MAX, "a limb has 62 bits");
    u128::from(low) | (u128::from(high) << AMOUNT_BITS)
}

/// A 256-bit big-endian integer in limbs of 62, 62, 62, 62 and 8 bits, lowest first.
pub(crate) fn limbs_of_integer(bytes: &[u8; 32]) -> [u64; 5] {
    let (high, low) = bytes.split_at(16);
    let low = u128::from_be_bytes(low.try_into().expect("the second sixteen of 32 bytes"));
    let high = u128::from_be_bytes(high.try_into().expect("the first sixteen of 32 bytes"));
    let limb = |integer: u128| integer as u64 & AMOUNT_MAX;
    let middle = (low >> 124) | (high << 4);
    [limb(low), limb(low >> 62), limb(middle), limb(high >> 58), limb(high >> 120)]
}

/// An owner in four limbs: the low 62 bits of each element, and the three pairs of high bits.
///
/// An Open's data word and the B words of deposits and exits have owners in this form.
pub(crate) fn owner_to_limbs(owner: &Owner) -> [u64; LIMBS] {
    let [o0, o1, o2] = owner.0.map(Fe::canonical);
    let highs = (o0 >> AMOUNT_BITS) | ((o1 >> AMOUNT_BITS) << 2) | ((o2 >> AMOUNT_BITS) << 4);
    [o0 & AMOUNT_MAX, o1 & AMOUNT_MAX, o2 & AMOUNT_MAX, highs]
}

/// Reads what `owner_to_limbs` writes, with the elements modulo p; `None` if `highs` has more than
/// six bits.
pub(crate) fn owner_from_limbs([l0, l1, l2, highs]: [u64; LIMBS]) -> Option<Owner> {
    if highs >= 64 {
        return None;
    }
    let element = |low: u64, shift: u32| Fe::from_u64(low | (((highs >> shift) & 3) << 62));
    Some(Owner([element(l0, 0), element(l1, 2), element(l2, 4)]))
}

impl fmt::Display for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{}", hex::encode(self.to_bytes()))
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl Serialize for Word {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = bytes_from_hex(&text).map_err(de::Error::custom)?;
        Self::from_bytes(&bytes).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use sheaf_crypto::goldilocks::ORDER;

    #[test]
    fn limbs_are_weighted_by_powers_of_two_to_the_62() {
        let byte_of = |limb: usize| {
            let mut limbs = [0; LIMBS];
            limbs[limb] = 1;
            let bytes = Word(limbs).to_bytes();
            let position = bytes.iter().position(|byte| *byte != 0).expect("one bit is set");
            (31 - position) * 8 + bytes[position].trailing_zeros() as usize
        };
        assert_eq!([0, 1, 2, 3].map(byte_of), [0, 62, 124, 186]);
        let full = Word([AMOUNT_MAX; LIMBS]).to_bytes();
        assert_eq!(full[0], 0);
        assert_eq!(full[1..], [0xff; 31]);
    }

    #[test]
    fn a_32nd_byte_is_refused() {
        let mut bytes = [0; 32];
        bytes[0] = 1;
        assert_eq!(Word::from_bytes(&bytes), Err(RuleError::WordTooLarge));
    }

    #[test]
    fn owners_are_read_modulo_p() {
        let element = Fe::from_u64(ORDER - 1);
        let owner = Owner([element, Fe::ONE, Fe::ZERO]);
        let limbs = owner_to_limbs(&owner);
        assert_eq!(owner_from_limbs(limbs), Some(owner));
        let spelled_otherwise = [limbs[0], (ORDER + 1) & AMOUNT_MAX, 0, limbs[3] | (3 << 2)];
        assert_eq!(owner_from_limbs(spelled_otherwise), Some(owner));
        assert_eq!(owner_from_limbs([0, 0, 0, 64]), None);
    }

    #[test]
    fn addresses_go_round_and_wider_integers_are_no_address() {
        let address = L1Address(core::array::from_fn(|i| i as u8 + 1));
        assert_eq!(Word::of_address(&address).to_address(), Some(address));
        assert_eq!(Word([0, 0, 1 << 36, 0]).to_address(), None);
        assert_eq!(Word([0, 0, 0, 1]).to_address(), None);
    }

    proptest! {
        #[test]
        fn bytes_go_round(limbs in prop::array::uniform4(0..=AMOUNT_MAX)) {
            let word = Word(limbs);
            prop_assert_eq!(Word::from_bytes(&word.to_bytes()), Ok(word));
            let twice = word.to_bytes().repeat(2);
            prop_assert_eq!(Word::stream(&twice), Some(vec![word; 2]));
            prop_assert_eq!(Word::stream(&twice[1..]), None);
        }

        #[test]
        fn owners_go_round(elements in prop::array::uniform3(0..ORDER)) {
            let owner = Owner(elements.map(Fe::from_u64));
            prop_assert_eq!(owner_from_limbs(owner_to_limbs(&owner)), Some(owner));
        }
    }
}
