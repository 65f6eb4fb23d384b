//! The buses of the tables, and the hashes that rows ask for.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_crypto::hash::{DIGEST, Tag};
use sheaf_crypto::poseidon::{RATE, WIDTH};
use sheaf_plonk::gates::value::Value;
use sheaf_plonk::tables::permutation::DIGESTS;
use sheaf_plonk::tables::rules::{Bus, Collect};

/// A node of the slot tree: heap index, digest before, digest after. The root has the index 1, the
/// children of a node h the indices 2h and 2h + 1, and the leaf of a slot the index 2^32 + slot.
pub const NODES: Bus = Bus::new(16);
/// A leaf in the course of a chunk: slot, time, then the leaf's fields.
pub const LEAVES: Bus = Bus::new(17);
/// The machine in the course of a chunk: time, then the machine without its root.
pub const MACHINES: Bus = Bus::new(18);
/// A signature that an entry owes: the entry's time, the signer, the message.
pub const SIGNATURES: Bus = Bus::new(19);
/// A point between two steps of a ladder ([`super::ladder::Rung`]).
pub const LADDERS: Bus = Bus::new(20);
/// A digit of a challenge: the time of the entry that owes the signature, the digit's place from
/// the lowest on, the digit.
pub const CHALLENGE_DIGITS: Bus = Bus::new(21);

/// The state of a hash before its first permutation: up to eight elements, the tag and the number
/// of all elements.
#[inline(always)]
pub fn first_state<V: Value>(tag: V, length: usize, block: &[V]) -> [V; WIDTH] {
    let number = |value: usize| tag.constant(GoldilocksField::from_canonical_usize(value));
    let mut state = [number(0); WIDTH];
    state[..block.len()].copy_from_slice(block);
    state[RATE] = tag;
    state[RATE + 1] = number(length);
    state
}

/// A digest that a row asks for as often as `count` says.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a, V> {
    /// How often: one or zero.
    pub count: V,
    /// What the row says that the digest is.
    pub digest: &'a [V],
}

/// Asks that the permutation of `state` begins with the digest.
#[inline(always)]
pub fn check_digest<V: Value>(
    asked: Asked<'_, V>,
    state: &[V; WIDTH],
    collect: &mut impl Collect<V>,
) {
    let Asked { count, digest } = asked;
    let mut fields = [count; WIDTH + DIGEST];
    fields[..WIDTH].copy_from_slice(state);
    fields[WIDTH..].copy_from_slice(digest);
    collect.send(DIGESTS, count, &fields);
}

/// Asks that `elements`, at most eight, have the digest under a constant tag.
#[inline(always)]
pub fn check_hash<V: Value>(
    asked: Asked<'_, V>,
    tag: Tag,
    elements: &[V],
    collect: &mut impl Collect<V>,
) {
    let tag = GoldilocksField::from_canonical_u64(tag.element().canonical());
    let tag = asked.count.constant(tag);
    check_digest(asked, &first_state(tag, elements.len(), elements), collect);
}

/// A signature that an entry owes as a message.
#[inline(always)]
pub fn owed_message<V: Copy>(time: V, signer: &[V; 3], message: &[V; DIGEST]) -> [V; 8] {
    let ([s0, s1, s2], [m0, m1, m2, m3]) = (*signer, *message);
    [time, s0, s1, s2, m0, m1, m2, m3]
}
