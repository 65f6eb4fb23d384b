//! The public values of a batch proof, in the order that circuits, wrap, Rust and the contract
//! share, and their packing into the seven public inputs of the Groth16 proof (`docs/protocol.md`,
//! section 9).

use sheaf_crypto::hash::Digest;

use crate::batch::SealedBatch;
use crate::binding::{challenge, evaluate};
use crate::data_reference::DataReference;

/// Public values of a batch proof, in Goldilocks elements.
pub const PUBLIC_VALUES: usize = 23;
/// Public inputs of the Groth16 proof.
pub const PACKED_INPUTS: usize = 7;
/// Bits of a limb of `z` and of the low four limbs of `y`.
pub const LIMB_BITS: usize = 62;
/// Bits within which the top limb of `y`, the timestamp and the word count are packed.
pub const SHORT_BITS: usize = 32;
/// Bits of a canonical element.
pub const ELEMENT_BITS: usize = 64;

/// The 23 public values of a batch proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublicValues {
    /// The State digest before the batch.
    pub pre: [u64; 4],
    /// The State digest after the batch.
    pub post: [u64; 4],
    /// Hash(Chains, D, L): the commitment to the chains of data words and of L1 words.
    pub chains: [u64; 4],
    /// The evaluation point, 248 bits in limbs of 62.
    pub z: [u64; 4],
    /// The evaluation, 255 bits in four limbs of 62 and one of 7.
    pub y: [u64; 5],
    /// The batch's time, in Unix seconds.
    pub timestamp: u32,
    /// The number of L1 words in the batch.
    pub l1_words: u32,
}

/// The place of one public value among the packed inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The index of the packed input.
    pub input: usize,
    /// The input's bit at which the value begins.
    pub shift: usize,
    /// The most bits that the value may have.
    pub bits: usize,
}

/// The place of the public value at `index`, which must be below `PUBLIC_VALUES`.
pub const fn place(index: usize) -> Place {
    match index {
        // pre, post, chains: twelve full elements, three to an input.
        0..=11 => Place { input: index / 3, shift: index % 3 * ELEMENT_BITS, bits: ELEMENT_BITS },
        // z, then the low limbs of y: four limbs to an input.
        12..=19 => Place {
            input: 4 + (index - 12) / 4,
            shift: (index - 12) % 4 * LIMB_BITS,
            bits: LIMB_BITS,
        },
        // The top limb of y, the timestamp and the word count.
        _ => Place { input: 6, shift: (index - 20) * SHORT_BITS, bits: SHORT_BITS },
    }
}

impl PublicValues {
    /// The public values of the proof of `batch`. `data_reference` names the batch's data words on
    /// L1.
    pub fn of(batch: &SealedBatch, data_reference: DataReference) -> Self {
        let header = batch.header(data_reference);
        let z = challenge(&header);
        let elements = |digest: Digest| digest.0.map(|element| element.canonical());
        Self {
            pre: elements(header.pre),
            post: elements(header.post),
            chains: elements(header.chains),
            z,
            y: evaluate(&batch.l1_words, &batch.data_words, &z),
            timestamp: header.timestamp,
            l1_words: u32::try_from(batch.l1_words.len()).expect("a batch has at most 1,024"),
        }
    }

    /// The values in proof order.
    pub fn to_elements(&self) -> [u64; PUBLIC_VALUES] {
        let Self { pre, post, chains, z, y, timestamp, l1_words } = self;
        let mut elements = [0; PUBLIC_VALUES];
        let parts: [&[u64]; 6] =
            [pre, post, chains, z, y, &[u64::from(*timestamp), u64::from(*l1_words)]];
        for (element, value) in elements.iter_mut().zip(parts.concat()) {
            *element = value;
        }
        elements
    }

    /// Reads what `to_elements` writes; `None` if one of the last two values exceeds 32 bits.
    pub fn from_elements(elements: &[u64; PUBLIC_VALUES]) -> Option<Self> {
        let four = |at: usize| std::array::from_fn(|i| elements[at + i]);
        Some(Self {
            pre: four(0),
            post: four(4),
            chains: four(8),
            z: four(12),
            y: std::array::from_fn(|i| elements[16 + i]),
            timestamp: elements[21].try_into().ok()?,
            l1_words: elements[22].try_into().ok()?,
        })
    }

    /// The packed inputs, each in four limbs of 64 bits, lowest first. The packing is injective for
    /// values within the widths of `place`, which the wrap enforces. A wider value is cut here, and
    /// verification then refuses the proof.
    pub fn to_packed(&self) -> [[u64; 4]; PACKED_INPUTS] {
        let mut limbs = [[0u64; 4]; PACKED_INPUTS];
        for (index, value) in self.to_elements().into_iter().enumerate() {
            let Place { input, shift, bits } = place(index);
            let value = if bits < 64 { value & ((1 << bits) - 1) } else { value };
            let (limb, offset) = (shift / 64, shift % 64);
            limbs[input][limb] |= value << offset;
            if offset > 0 && limb < 3 {
                limbs[input][limb + 1] |= value >> (64 - offset);
            }
        }
        limbs
    }

    /// The packed inputs as the contract takes them: 32 big-endian bytes each.
    pub fn to_packed_bytes(&self) -> [[u8; 32]; PACKED_INPUTS] {
        self.to_packed().map(|limbs| {
            let mut bytes = [0; 32];
            for (chunk, limb) in bytes.rchunks_exact_mut(8).zip(limbs) {
                chunk.copy_from_slice(&limb.to_be_bytes());
            }
            bytes
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> PublicValues {
        PublicValues {
            pre: [1, 2, 3, u64::MAX],
            post: [5, 6, 7, 8],
            chains: [9, 10, 11, 12],
            z: [13, (1 << 62) - 1, 15, (1 << 62) - 2],
            y: [17, 18, 19, 20, 21],
            timestamp: u32::MAX,
            l1_words: 23,
        }
    }

    #[test]
    fn elements_go_round() {
        let values = sample();
        assert_eq!(PublicValues::from_elements(&values.to_elements()), Some(values));
        let mut elements = values.to_elements();
        elements[21] = 1 << 32;
        assert_eq!(PublicValues::from_elements(&elements), None);
    }

    /// Every value can be read back from its place: nothing overlaps, nothing is lost.
    #[test]
    fn packing_loses_nothing() {
        let values = sample();
        let packed = values.to_packed_bytes();
        for (index, value) in values.to_elements().into_iter().enumerate() {
            let Place { input, shift, bits } = place(index);
            let bit = |at: usize| u64::from(packed[input][31 - at / 8] >> (at % 8) & 1);
            let read: u64 = (0..bits).map(|at| bit(shift + at) << at).sum();
            assert_eq!(read, value, "value {index}");
        }
        let set: u32 = packed.iter().flatten().map(|byte| byte.count_ones()).sum();
        let expected: u32 = values.to_elements().iter().map(|value| value.count_ones()).sum();
        assert_eq!(set, expected);
    }
}
