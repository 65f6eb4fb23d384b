//! The data reference: the 32 bytes that name a batch's data words on L1.
//!
//! z depends on the reference, so nobody can choose the words after z. The contract makes the
//! reference of the calldata or the blobs of the transaction that finalises the batch
//! (`docs/protocol.md`, section 8).

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha3::{Digest as _, Keccak256};
use sheaf_crypto::hash::bytes_from_hex;
use sheaf_crypto::text;

use crate::error::Error;
use crate::word::Word;

/// keccak256 of the number of blobs, as 32 big-endian bytes, and of what names the words: keccak256
/// of the words if there is no blob, otherwise the versioned hash of each blob.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DataReference(pub [u8; 32]);

impl DataReference {
    /// The reference of words in calldata.
    pub fn calldata(data_words: &[Word]) -> Self {
        Self::of(0, &[words_reference(data_words)])
    }

    /// The reference of words in blobs with these versioned hashes (EIP-4844), in order.
    pub fn blobs(versioned_hashes: &[[u8; 32]]) -> Self {
        Self::of(versioned_hashes.len() as u64, versioned_hashes)
    }

    fn of(blobs: u64, hashes: &[[u8; 32]]) -> Self {
        let mut count = [0; 32];
        count[24..].copy_from_slice(&blobs.to_be_bytes());
        let mut keccak = Keccak256::new_with_prefix(count);
        for hash in hashes {
            keccak.update(hash);
        }
        Self(keccak.finalize().into())
    }
}

impl fmt::Display for DataReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{}", hex::encode(self.0))
    }
}

impl fmt::Debug for DataReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for DataReference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(Self(bytes_from_hex(text)?))
    }
}

impl Serialize for DataReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DataReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}

/// keccak256 over words of 32 bytes: what names data words in calldata, and L1 words.
pub fn words_reference(words: &[Word]) -> [u8; 32] {
    let mut keccak = Keccak256::new();
    for word in words {
        keccak.update(word.to_bytes());
    }
    keccak.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// keccak256 of the count and the hashes, written out by hand.
    fn keccak(count: u8, hashes: &[[u8; 32]]) -> [u8; 32] {
        let mut bytes = vec![0; 31];
        bytes.push(count);
        bytes.extend(hashes.as_flattened());
        Keccak256::digest(bytes).into()
    }

    #[test]
    fn a_reference_is_the_hash_of_the_number_of_blobs_and_the_hashes() {
        let words = [Word([1, 2, 3, 4]), Word([5, 6, 7, 8])];
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_bytes()).collect();
        let named: [u8; 32] = Keccak256::digest(bytes).into();
        assert_eq!(DataReference::calldata(&words).0, keccak(0, &[named]));
        let hashes = [[1; 32], [2; 32]];
        assert_eq!(DataReference::blobs(&hashes).0, keccak(2, &hashes));
    }

    #[test]
    fn no_two_ways_have_one_reference() {
        let words = [Word([1, 2, 3, 4])];
        let hash = words_reference(&words);
        let references = [
            DataReference::calldata(&words),
            DataReference::calldata(&[]),
            DataReference::blobs(&[hash]),
            DataReference::blobs(&[hash, hash]),
        ];
        for (index, one) in references.iter().enumerate() {
            assert!(!references[..index].contains(one), "{index}");
        }
    }

    #[test]
    fn a_reference_is_hexadecimal_text() {
        let reference = DataReference([0xab; 32]);
        assert_eq!(reference.to_string(), format!("0x{}", "ab".repeat(32)));
        assert_eq!(reference.to_string().parse(), Ok(reference));
        let json = serde_json::to_string(&reference).expect("a text");
        assert_eq!(serde_json::from_str::<DataReference>(&json).expect("the same"), reference);
        assert!("0xab".parse::<DataReference>().is_err(), "too short");
    }
}
