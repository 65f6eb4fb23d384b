//! A batch's data words in blobs (EIP-4844, `docs/protocol.md`, section 8).
//!
//! Word i is coefficient i modulo 4,096 of the polynomial of blob i / 4,096. A blob holds its
//! polynomial's values at the 4,096th roots of unity, in bit-reversed order, each as 32 big-endian
//! bytes. c-kzg commits to blobs with Ethereum's setup and opens them at a point.

use alloy::eips::eip4844::{AsCkzg, Bytes48, kzg_to_versioned_hash};
use alloy::eips::eip7594::BlobTransactionSidecarEip7594;
use alloy::primitives::{B256, U256};
use ark_bls12_381::Fr;
use ark_ff::{BigInteger, PrimeField, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use c_kzg::{Bytes32, KzgSettings, ethereum_kzg_settings};
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::limits::BLOB_WORDS;
use sheaf_ledger::word::Word;
use thiserror::Error;

use crate::bindings::ISheaf;

pub use alloy::eips::eip4844::Blob;

/// Values of one blob.
const VALUES: usize = BLOB_WORDS as usize;
/// Bytes of a value.
const VALUE_BYTES: usize = 32;
/// Bits of a value's index.
const INDEX_BITS: u32 = BLOB_WORDS.ilog2();
/// How far c-kzg tabulates multiples of Ethereum's setup: 2^8 makes cell proofs three times as fast
/// as no table, and takes 96 MB.
const TABLE_BITS: u64 = 8;

/// Why a blob has no data words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BlobError {
    /// A value is not below the order of the field.
    #[error("value {index} of the blob is not below the order of the field")]
    ValueTooLarge { index: usize },
    /// A coefficient of the blob's polynomial has more than 248 bits.
    #[error("coefficient {index} of the blob's polynomial is no word of 31 bytes")]
    NoWord { index: usize },
}

/// The blobs that publish data words: as few as hold all words, but at least one. Words that are
/// missing in the last blob are zero.
pub fn of_words(words: &[Word]) -> Vec<Blob> {
    let mut chunks: Vec<&[Word]> = words.chunks(VALUES).collect();
    if chunks.is_empty() {
        chunks.push(&[]);
    }
    chunks.into_iter().map(blob).collect()
}

fn blob(words: &[Word]) -> Blob {
    let coefficients: Vec<Fr> =
        words.iter().map(|word| Fr::from_be_bytes_mod_order(&word.to_bytes())).collect();
    let values = domain().fft(&coefficients);
    let mut blob = Blob::ZERO;
    for (index, place) in blob.chunks_exact_mut(VALUE_BYTES).enumerate() {
        place.copy_from_slice(&values[reversed(index)].into_bigint().to_bytes_be());
    }
    blob
}

/// The 4,096 words of a blob, those of zero included that publishing has added.
///
/// # Errors
/// `ValueTooLarge` or `NoWord` for a blob that no batch has published.
pub fn to_words(blob: &Blob) -> Result<Vec<Word>, BlobError> {
    let mut values = vec![Fr::zero(); VALUES];
    for (index, bytes) in blob.chunks_exact(VALUE_BYTES).enumerate() {
        let integer = U256::from_be_slice(bytes).into_limbs();
        values[reversed(index)] = Fr::from_bigint(ark_ff::BigInt::new(integer))
            .ok_or(BlobError::ValueTooLarge { index })?;
    }
    let coefficients = domain().ifft(&values);
    let word = |(index, coefficient): (usize, &Fr)| {
        let bytes = coefficient.into_bigint().to_bytes_be();
        let bytes = bytes.as_array().expect("an element has 32 bytes");
        Word::from_bytes(bytes).map_err(|_| BlobError::NoWord { index })
    };
    coefficients.iter().enumerate().map(word).collect()
}

fn domain() -> Radix2EvaluationDomain<Fr> {
    Radix2EvaluationDomain::new(VALUES).expect("the field has 2^32 roots of unity")
}

/// The index with its bits in reverse order: EIP-4844's order of values.
const fn reversed(index: usize) -> usize {
    index.reverse_bits() >> (usize::BITS - INDEX_BITS)
}

/// The versioned hash of a blob, by which transactions name it.
pub fn versioned_hash(blob: &Blob) -> B256 {
    let commitment = setup().blob_to_kzg_commitment(blob.as_ckzg());
    let commitment = commitment.expect("every value of the blob is below the order of the field");
    kzg_to_versioned_hash(commitment.to_bytes().as_slice())
}

/// The reference of the data words that these blobs publish.
pub fn reference(versioned_hashes: &[B256]) -> DataReference {
    let hashes: Vec<[u8; 32]> = versioned_hashes.iter().map(|hash| hash.0).collect();
    DataReference::blobs(&hashes)
}

/// The polynomial of a sidecar's blob at `point`, with its commitment and a proof, as the contract
/// takes them. Takes some 50 ms of a core.
pub fn open((blob, commitment): (&Blob, &Bytes48), point: &Word) -> ISheaf::Blob {
    let point = Bytes32::new(point.to_bytes());
    let opened = setup().compute_kzg_proof(blob.as_ckzg(), &point);
    let (proof, y) = opened.expect("every value of the blob is below the order of the field");
    let bytes = [commitment.as_slice(), proof.to_bytes().as_slice()].concat();
    let (parts, []) = bytes.as_chunks::<VALUE_BYTES>() else { unreachable!("48 and 48 bytes") };
    ISheaf::Blob {
        y: U256::from_be_bytes(*y),
        opening: std::array::from_fn(|index| B256::from(parts[index])),
    }
}

/// The blobs with commitments and cell proofs (EIP-7594), as a transaction carries them. Takes some
/// 200 ms of a core for each blob.
pub fn sidecar(blobs: Vec<Blob>) -> BlobTransactionSidecarEip7594 {
    BlobTransactionSidecarEip7594::try_from_blobs_with_settings(blobs, setup())
        .expect("every value of the blobs is below the order of the field")
}

fn setup() -> &'static KzgSettings {
    ethereum_kzg_settings(TABLE_BITS)
}

#[cfg(test)]
mod tests {
    use sheaf_ledger::binding::evaluate;

    use super::*;

    /// The order of the field, as EIP-4844 writes it.
    const ORDER: &str = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";
    const POINT: Word = Word([3, 1 << 61, 7, (1 << 62) - 1]);

    /// `count` words without a pattern.
    fn words(count: usize) -> Vec<Word> {
        let mut state = 1_u64;
        let mut limb = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 2
        };
        (0..count).map(|_| Word(std::array::from_fn(|_| limb()))).collect()
    }

    fn opened(words: &[Word]) -> Vec<ISheaf::Blob> {
        let sidecar = sidecar(of_words(words));
        sidecar.blobs.iter().zip(&sidecar.commitments).map(|blob| open(blob, &POINT)).collect()
    }

    fn value(text: &str) -> [u8; 32] {
        U256::from_str_radix(text, 16).expect("hexadecimal").to_be_bytes()
    }

    #[test]
    fn words_go_round_through_as_few_blobs_as_hold_them() {
        for (count, expected) in [(0, 1), (1, 1), (4_095, 1), (4_096, 1), (4_097, 2), (24_576, 6)] {
            let words = words(count);
            let blobs = of_words(&words);
            assert_eq!(blobs.len(), expected, "{count} words");
            let read: Vec<Word> =
                blobs.iter().flat_map(|blob| to_words(blob).expect("words")).collect();
            assert_eq!(read[..count], words);
            assert!(read[count..].iter().all(|word| *word == Word::default()));
        }
    }

    /// The contract adds the values of the blobs like this, and the data circuit those of words.
    #[test]
    fn opened_blobs_give_the_value_of_the_whole_stream() {
        let words = words(4_100);
        let expected = evaluate(&[], &words, &POINT.0);
        let expected =
            expected.iter().rev().fold(U256::ZERO, |y, limb| (y << 62) | U256::from(*limb));
        let order = U256::from_be_bytes(value(ORDER));
        let z = U256::from_be_bytes(POINT.to_bytes());
        let power = z.pow_mod(U256::from(4_096), order);
        let [first, second] = &opened(&words)[..] else { panic!("two blobs") };
        assert_eq!(second.y.mul_mod(power, order).add_mod(first.y, order), expected);
        assert_ne!(first.y, second.y);
    }

    #[test]
    fn an_opening_is_valid_for_its_value_and_for_no_other() {
        let [blob] = &of_words(&words(9))[..] else { panic!("one blob") };
        let [ISheaf::Blob { y, opening }] = opened(&words(9))[..] else { panic!("one blob") };
        let opening = opening.concat();
        let bytes48 = |bytes: &[u8]| c_kzg::Bytes48::from_bytes(bytes).expect("48 bytes");
        let (commitment, proof) = (bytes48(&opening[..48]), bytes48(&opening[48..]));
        let holds = |y: U256| {
            let (z, y) = (Bytes32::new(POINT.to_bytes()), Bytes32::new(y.to_be_bytes()));
            setup().verify_kzg_proof(&commitment, &z, &y, &proof).expect("well-formed")
        };
        assert!(holds(y));
        assert!(!holds(y + U256::ONE));
        assert_eq!(kzg_to_versioned_hash(&opening[..48]), versioned_hash(blob));
    }

    #[test]
    fn an_empty_blob_has_the_versioned_hash_that_ethereum_knows() {
        let [blob] = &of_words(&[])[..] else { panic!("one blob") };
        let known = "0x010657f37554c781402a22917dee2f75def7ab966d7b770905398eba3c444014";
        assert_eq!(versioned_hash(blob).to_string(), known);
    }

    #[test]
    fn a_sidecar_has_the_cell_proofs_that_nodes_verify() {
        let blobs = of_words(&words(4_097));
        let hashes: Vec<B256> = blobs.iter().map(versioned_hash).collect();
        let mut sidecar = sidecar(blobs);
        assert_eq!(sidecar.cell_proofs.len(), 2 * 128);
        sidecar.validate(&hashes, setup()).expect("every cell proof holds");
        sidecar.cell_proofs.swap(0, 1);
        assert!(sidecar.validate(&hashes, setup()).is_err());
    }

    #[test]
    fn what_no_batch_publishes_is_no_words() {
        let mut blob = Blob::ZERO;
        blob[32..64].copy_from_slice(&value(ORDER));
        assert_eq!(to_words(&blob), Err(BlobError::ValueTooLarge { index: 1 }));
        // Equal values everywhere are a constant polynomial, and this constant has 249 bits.
        let constant: U256 = U256::ONE << 248;
        for place in blob.chunks_exact_mut(VALUE_BYTES) {
            place.copy_from_slice(&constant.to_be_bytes::<32>());
        }
        assert_eq!(to_words(&blob), Err(BlobError::NoWord { index: 0 }));
    }
}
