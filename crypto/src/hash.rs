//! Sheaf's hash: Poseidon as a sponge whose capacity contains the use of the hash and the number of
//! elements.
//!
//! The state starts as eight zeros, then the tag, the number of elements, and two zeros. Each block
//! of eight elements overwrites the rate, the last one padded with zeros, and is followed by a
//! permutation. The digest is the first four elements. Because tag and length are in the capacity,
//! no two uses and no two lengths can collide, and padding needs no marker.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;
use crate::goldilocks::Fe;
use crate::poseidon::lanes::{LANES, LANES_WORTHWHILE, Lanes};
use crate::poseidon::{RATE, WIDTH, permute};
use crate::text;

/// Elements of a digest.
pub const DIGEST: usize = 4;

/// A number that separates the uses of the hash: two uses with different tags never share a digest.
///
/// This crate names its own two uses. A protocol gives every other use a number of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag(u32);

impl Tag {
    /// Two children of a Merkle tree's node.
    pub const NODE: Self = Self(2);
    /// The challenge of a signature.
    pub const CHALLENGE: Self = Self(8);

    /// The tag with this number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number of the tag.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The tag as an element of the capacity.
    #[inline]
    pub const fn element(self) -> Fe {
        Fe::from_u64(self.0 as u64)
    }
}

/// Four field elements: what a hash returns and what a tree's node is.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [Fe; DIGEST]);

impl Digest {
    /// Four zeros: the leaf of an unopened slot, and the start of every chain.
    pub const ZERO: Self = Self([Fe::ZERO; DIGEST]);
    /// Bytes of the encoding.
    pub const BYTES: usize = DIGEST * Fe::BYTES;

    /// The four elements in order, each big-endian: `bytes32` on L1.
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

/// `0x` and 64 lower-case hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("0x")?;
        self.0.iter().try_for_each(|element| write!(formatter, "{element}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Digest {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        elements_from_be_bytes(&bytes_from_hex::<{ Self::BYTES }>(text)?).map(Self)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}

/// Reads `N` canonical big-endian elements.
///
/// # Errors
/// `WrongLength` unless there are `8·N` bytes; `NonCanonicalElement` when an integer is not
/// below p.
pub fn elements_from_be_bytes<const N: usize>(bytes: &[u8]) -> Result<[Fe; N], Error> {
    let expected = N * Fe::BYTES;
    if bytes.len() != expected {
        return Err(Error::WrongLength { expected, found: bytes.len() });
    }
    let mut elements = [Fe::ZERO; N];
    let (words, _) = bytes.as_chunks::<{ Fe::BYTES }>();
    for (element, word) in elements.iter_mut().zip(words) {
        *element = Fe::try_from(u64::from_be_bytes(*word))?;
    }
    Ok(elements)
}

/// Reads `0x` and exactly `N` bytes of hexadecimal digits in either case.
///
/// # Errors
/// `HexText` for any other text.
pub fn bytes_from_hex<const N: usize>(text: &str) -> Result<[u8; N], Error> {
    let refused = Error::HexText { bytes: N };
    let mut bytes = [0; N];
    let digits = text.strip_prefix("0x").ok_or(refused)?;
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| refused)?;
    Ok(bytes)
}

/// The digest of `elements` under `tag`: one permutation for each block of up to eight elements,
/// and one if there are no elements.
pub fn hash(tag: Tag, elements: &[Fe]) -> Digest {
    let mut state = start(tag, elements.len());
    if elements.is_empty() {
        permute(&mut state);
    }
    for block in elements.chunks(RATE) {
        let (absorbed, padding) = state[..RATE].split_at_mut(block.len());
        absorbed.copy_from_slice(block);
        padding.fill(Fe::ZERO);
        permute(&mut state);
    }
    squeeze(&state)
}

/// The parent of two nodes of the slot tree: `hash(Tag::NODE, left ‖ right)` in one permutation.
#[inline]
pub fn hash_node(left: &Digest, right: &Digest) -> Digest {
    let mut state = node_state(left, right);
    permute(&mut state);
    squeeze(&state)
}

#[inline]
fn node_state(left: &Digest, right: &Digest) -> [Fe; WIDTH] {
    let mut state = start(Tag::NODE, RATE);
    state[..DIGEST].copy_from_slice(&left.0);
    state[DIGEST..RATE].copy_from_slice(&right.0);
    state
}

/// Writes the parents of adjacent pairs of nodes: one level of a tree.
///
/// # Panics
/// When there is not exactly one parent for each two children.
pub fn hash_nodes(children: &[Digest], parents: &mut [Digest]) {
    let (pairs, odd) = children.as_chunks::<2>();
    assert!(odd.is_empty(), "one parent for two children");
    hash_states(pairs, |[left, right]| node_state(left, right), parents);
}

/// Writes the digest of each of several inputs of `N` elements, at most eight, under its tag.
///
/// # Panics
/// When there is not exactly one digest for each input.
pub fn hash_each<const N: usize>(inputs: &[(Tag, [Fe; N])], digests: &mut [Digest]) {
    const { assert!(N > 0 && N <= RATE, "one permutation absorbs an input") };
    let state_of = |(tag, input): &(Tag, [Fe; N])| {
        let mut state = start(*tag, N);
        state[..N].copy_from_slice(input);
        state
    };
    hash_states(inputs, state_of, digests);
}

/// Permutes a state for each input, `LANES` at once, and writes the digests.
#[inline(always)]
fn hash_states<T>(inputs: &[T], state_of: impl Fn(&T) -> [Fe; WIDTH], digests: &mut [Digest]) {
    assert_eq!(inputs.len(), digests.len(), "one digest for each input");
    let mut lanes = Lanes::default();
    for (digests, inputs) in digests.chunks_mut(LANES).zip(inputs.chunks(LANES)) {
        if inputs.len() < LANES_WORTHWHILE {
            for (digest, input) in digests.iter_mut().zip(inputs) {
                let mut state = state_of(input);
                permute(&mut state);
                *digest = squeeze(&state);
            }
            continue;
        }
        for (lane, input) in inputs.iter().enumerate() {
            let state = state_of(input);
            state.into_iter().enumerate().for_each(|(i, element)| lanes.set(lane, i, element));
        }
        lanes.permute_first(inputs.len());
        for (lane, digest) in digests.iter_mut().enumerate() {
            *digest = Digest(core::array::from_fn(|i| lanes.get(lane, i)));
        }
    }
}

#[inline]
fn start(tag: Tag, length: usize) -> [Fe; WIDTH] {
    let mut state = [Fe::ZERO; WIDTH];
    state[RATE] = tag.element();
    state[RATE + 1] = Fe::from_u64(length as u64);
    state
}

#[inline]
fn squeeze(state: &[Fe; WIDTH]) -> Digest {
    Digest([state[0], state[1], state[2], state[3]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::goldilocks::ORDER;

    fn counted(count: u64) -> Vec<Fe> {
        (1..=count).map(Fe::from_u64).collect()
    }

    #[test]
    fn absorbs_blocks_of_eight_over_a_tagged_capacity() {
        let elements = counted(11);
        let mut state = [Fe::ZERO; WIDTH];
        state[..8].copy_from_slice(&elements[..8]);
        state[8] = Fe::from(8);
        state[9] = Fe::from(11);
        permute(&mut state);
        state[..8].fill(Fe::ZERO);
        state[..3].copy_from_slice(&elements[8..]);
        permute(&mut state);
        assert_eq!(hash(Tag::CHALLENGE, &elements).0, state[..4]);
    }

    #[test]
    fn lengths_and_tags_separate() {
        let zeros = [Fe::ZERO; 17];
        let mut digests: Vec<Digest> =
            (0..=17).map(|length| hash(Tag::new(1), &zeros[..length])).collect();
        digests.extend((0..=17).map(|length| hash(Tag::NODE, &zeros[..length])));
        let count = digests.len();
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), count);
    }

    #[test]
    fn a_node_is_the_hash_of_its_children() {
        let elements = counted(8);
        let left = Digest(elements[..4].try_into().expect("four"));
        let right = Digest(elements[4..].try_into().expect("four"));
        assert_eq!(hash_node(&left, &right), hash(Tag::NODE, &elements));
        assert_ne!(hash_node(&right, &left), hash(Tag::NODE, &elements));
        let mut parents = [Digest::ZERO; 2];
        hash_nodes(&[left, right, right, left], &mut parents);
        assert_eq!(parents, [hash_node(&left, &right), hash_node(&right, &left)]);
        // Whole groups of lanes, and every number of nodes that fill none.
        let digest = |i: usize| hash(Tag::new(12), &counted(i as u64 + 1));
        let children: Vec<Digest> = (0..6 * LANES).map(digest).collect();
        for count in 2 * LANES..=3 * LANES {
            let mut parents = vec![Digest::ZERO; count];
            hash_nodes(&children[..2 * count], &mut parents);
            for (parent, [left, right]) in parents.iter().zip(children.as_chunks::<2>().0) {
                assert_eq!(*parent, hash_node(left, right), "of {count}");
            }
        }
    }

    #[test]
    fn bytes_go_round_and_refuse_what_is_not_canonical() {
        let digest = hash(Tag::new(12), &counted(3));
        let mut bytes = digest.to_bytes();
        assert_eq!(Digest::from_bytes(bytes), Some(digest));
        assert_eq!(digest.to_string().parse(), Ok(digest));
        bytes[8..16].copy_from_slice(&ORDER.to_be_bytes());
        assert_eq!(Digest::from_bytes(bytes), None);
        let text = format!("0x{}", hex::encode(bytes));
        let refused = Error::NonCanonicalElement { value: ORDER };
        assert_eq!(text.parse::<Digest>(), Err(refused));
        for text in ["", "0x", "0x00", &text[2..], &text[..65], &format!("{text}0")] {
            assert_eq!(text.parse::<Digest>(), Err(Error::HexText { bytes: 32 }));
        }
    }
}
