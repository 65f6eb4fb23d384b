//! Hashing of inputs that do not depend on each other, several at a time, for both hashers:
//! Poseidon over Goldilocks and Poseidon over BN254.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::plonk::config::Hasher;
use rayon::prelude::*;
use sheaf_crypto::poseidon::lanes::{LANES, Lanes};
use sheaf_crypto::poseidon::{RATE, WIDTH};

use crate::bn254::{Bn254PoseidonHash, leaf_digests, pair_digests, permute_transcripts};
use crate::proof::{F, element, fe};

/// Nodes that one task hashes: enough (about 0.1 ms) to outweigh the hand-over to another thread.
const NODES_PER_TASK: usize = 256;

/// States of a transcript that are permuted together.
pub(super) const STATES: usize = 8;

/// A hasher that takes several nodes of a Merkle tree together, because the nodes do not depend on
/// each other. It also permutes several transcripts together, which grinding tries.
pub trait NodeHasher: Hasher<F> {
    /// The digests of leaves, which all have the same length. Each digest equals that of
    /// `hash_leaf`.
    fn hash_leaves(leaves: &[Vec<F>]) -> Vec<Self::Hash>;

    /// The parents of pairs of adjacent nodes, whose number is even. Each parent equals that of
    /// `two_to_one`.
    fn hash_pairs(nodes: &[Self::Hash]) -> Vec<Self::Hash>;

    /// Permutes each state as its own `permute` does.
    fn permute_states(states: &mut [Self::Permutation; STATES]);
}

impl NodeHasher for PoseidonHash {
    fn hash_leaves(leaves: &[Vec<F>]) -> Vec<Self::Hash> {
        let length = leaves.first().map_or(0, Vec::len);
        // The capacity separates a leaf of this length from other leaves and from inner nodes.
        let capacity = fe(F::from_canonical_usize(length + 1));
        permute_side_by_side(leaves, |lanes, leaves| {
            (0..LANES).for_each(|lane| lanes.set(lane, RATE, capacity));
            for start in (0..length).step_by(RATE) {
                let end = length.min(start + RATE);
                for (lane, leaf) in leaves.iter().enumerate() {
                    for (position, value) in leaf[start..end].iter().enumerate() {
                        lanes.set(lane, position, fe(*value));
                    }
                }
                lanes.permute();
            }
        })
    }

    fn hash_pairs(nodes: &[Self::Hash]) -> Vec<Self::Hash> {
        let (pairs, _) = nodes.as_chunks::<2>();
        permute_side_by_side(pairs, |lanes, pairs| {
            for (lane, pair) in pairs.iter().enumerate() {
                let children = pair.iter().flat_map(|node| node.elements);
                for (position, value) in children.enumerate() {
                    lanes.set(lane, position, fe(value));
                }
            }
            lanes.permute();
        })
    }

    fn permute_states(states: &mut [Self::Permutation; STATES]) {
        const { assert!(STATES <= LANES) };
        let mut lanes = Lanes::default();
        for (lane, state) in states.iter().enumerate() {
            for (position, value) in state.as_ref().iter().enumerate() {
                lanes.set(lane, position, fe(*value));
            }
        }
        lanes.permute();
        for (lane, state) in states.iter_mut().enumerate() {
            let permuted = (0..WIDTH).map(|position| element(lanes.get(lane, position)));
            state.set_from_iter(permuted, 0);
        }
    }
}

/// Hashes items over Goldilocks, as many at a time as there are lanes, each item in a new state.
fn permute_side_by_side<T: Sync>(
    items: &[T],
    absorb: impl Fn(&mut Lanes, &[T]) + Sync,
) -> Vec<HashOut<F>> {
    in_groups(items, |items: &[T]| {
        let mut lanes = Lanes::default();
        absorb(&mut lanes, items);
        let digest = |lane| core::array::from_fn(|i| element(lanes.get(lane, i)));
        core::array::from_fn::<_, LANES, _>(|lane| HashOut { elements: digest(lane) })
    })
}

impl NodeHasher for Bn254PoseidonHash {
    fn hash_leaves(leaves: &[Vec<F>]) -> Vec<Self::Hash> {
        in_groups(leaves, leaf_digests)
    }

    fn hash_pairs(nodes: &[Self::Hash]) -> Vec<Self::Hash> {
        let (pairs, _) = nodes.as_chunks::<2>();
        in_groups(pairs, pair_digests)
    }

    fn permute_states(states: &mut [Self::Permutation; STATES]) {
        permute_transcripts(states);
    }
}

/// The digests of all items, where `digests` computes the digests of up to `GROUP` items.
fn in_groups<const GROUP: usize, T: Sync, N: Send>(
    items: &[T],
    digests: impl Fn(&[T]) -> [N; GROUP] + Sync,
) -> Vec<N> {
    let task = |items: &[T]| -> Vec<N> {
        let group = |items: &[T]| digests(items).into_iter().take(items.len());
        items.chunks(GROUP).flat_map(group).collect()
    };
    items.par_chunks(NODES_PER_TASK).flat_map_iter(task).collect()
}
