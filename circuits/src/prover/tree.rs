//! plonky2's Merkle trees, hashed several nodes at a time.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::merkle_tree::{MerkleCap, MerkleTree};
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::util::log2_strict;
use rayon::prelude::*;
use sheaf_ledger::poseidon::RATE;
use sheaf_ledger::poseidon::lanes::{LANES, Lanes};

use crate::proof::{F, element, fe};

/// Nodes that one task hashes: enough (about 0.1 ms) to outweigh being handed to another thread.
const NODES_PER_TASK: usize = 256;

type Node = HashOut<F>;

/// plonky2's tree over leaves of one length: 2^`cap_height` roots instead of one.
pub(super) fn tree_over(leaves: Vec<Vec<F>>, cap_height: usize) -> MerkleTree<F, PoseidonHash> {
    let height = log2_strict(leaves.len()) - cap_height;
    // Of each subtree: where its digests start, in plonky2's order.
    let subtree = (2 << height) - 2;
    let mut digests = vec![Node::ZERO; subtree << cap_height];
    let mut level = hash_leaves(&leaves);
    for layer in 0..height {
        let width = 1 << (height - layer);
        for (index, node) in level.iter().enumerate() {
            digests[subtree * (index / width) + place(layer, index % width)] = *node;
        }
        level = hash_pairs(&level);
    }
    MerkleTree { leaves, digests, cap: MerkleCap(level) }
}

/// Where plonky2 keeps the `index`-th node of a layer (0: the leaves) within its subtree: beside
/// its sibling, between the subtrees of both.
const fn place(layer: usize, index: usize) -> usize {
    let pair = ((index / 2) << (layer + 1)) + (1 << layer) - 1;
    2 * pair + index % 2
}

/// The digests of leaves, which all have the same length.
fn hash_leaves(leaves: &[Vec<F>]) -> Vec<Node> {
    let length = leaves.first().map_or(0, Vec::len);
    // What tells a leaf of this length from other leaves and from inner nodes.
    let capacity = fe(F::from_canonical_usize(length + 1));
    hash_side_by_side(leaves, |lanes, leaves| {
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

/// The parents of adjacent nodes.
fn hash_pairs(nodes: &[Node]) -> Vec<Node> {
    let (pairs, _) = nodes.as_chunks::<2>();
    hash_side_by_side(pairs, |lanes, pairs| {
        for (lane, pair) in pairs.iter().enumerate() {
            let children = pair.iter().flat_map(|node| node.elements);
            for (position, value) in children.enumerate() {
                lanes.set(lane, position, fe(value));
            }
        }
        lanes.permute();
    })
}

/// Hashes items, as many at a time as there are lanes, each in a fresh state.
fn hash_side_by_side<T: Sync>(items: &[T], absorb: impl Fn(&mut Lanes, &[T]) + Sync) -> Vec<Node> {
    let mut nodes = vec![Node::ZERO; items.len()];
    let tasks = items.par_chunks(NODES_PER_TASK).zip(nodes.par_chunks_mut(NODES_PER_TASK));
    tasks.for_each(|(items, nodes)| {
        for (items, nodes) in items.chunks(LANES).zip(nodes.chunks_mut(LANES)) {
            let mut lanes = Lanes::default();
            absorb(&mut lanes, items);
            for (lane, node) in nodes.iter_mut().enumerate() {
                node.elements = core::array::from_fn(|i| element(lanes.get(lane, i)));
            }
        }
    });
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leaves that differ everywhere, some elements not canonical.
    fn leaves(count: usize, length: usize) -> Vec<Vec<F>> {
        let value = |i: usize| {
            plonky2::field::goldilocks_field::GoldilocksField(
                (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
                    | (u64::from(i.is_multiple_of(5)) * (u64::MAX - 7)),
            )
        };
        (0..count).map(|leaf| (0..length).map(|i| value(leaf * length + i)).collect()).collect()
    }

    #[test]
    fn trees_are_plonky2s() {
        for (bits, cap_height, length) in
            [(0, 0, 3), (1, 0, 8), (3, 3, 5), (4, 1, 1), (5, 4, 135), (10, 4, 20)]
        {
            let leaves = leaves(1 << bits, length);
            let expected = MerkleTree::<F, PoseidonHash>::new(leaves.clone(), cap_height);
            assert!(tree_over(leaves, cap_height) == expected, "2^{bits} leaves of {length}");
        }
    }

    #[test]
    fn another_leaf_gives_another_cap() {
        let (first, mut second) = (leaves(16, 9), leaves(16, 9));
        second[11][8] += F::ONE;
        assert!(tree_over(first, 1).cap != tree_over(second, 1).cap);
    }
}
