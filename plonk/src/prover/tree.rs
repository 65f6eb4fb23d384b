//! plonky2's Merkle trees, hashed several nodes at a time.

use plonky2::hash::merkle_tree::{MerkleCap, MerkleTree};
use plonky2::util::log2_strict;

use super::nodes::NodeHasher;
use crate::proof::F;

/// plonky2's tree over leaves of one length, with a cap of 2^`cap_height` roots.
pub(super) fn tree_over<H: NodeHasher>(leaves: Vec<Vec<F>>, cap_height: usize) -> MerkleTree<F, H> {
    let height = log2_strict(leaves.len()) - cap_height;
    // plonky2's order is subtree by subtree; each subtree has this many digests.
    let subtree = (2 << height) - 2;
    let mut level = H::hash_leaves(&leaves);
    let mut digests = vec![level[0]; subtree << cap_height];
    for layer in 0..height {
        let width = 1 << (height - layer);
        for (index, node) in level.iter().enumerate() {
            digests[subtree * (index / width) + place(layer, index % width)] = *node;
        }
        level = H::hash_pairs(&level);
    }
    MerkleTree { leaves, digests, cap: MerkleCap(level) }
}

/// The place that plonky2 gives the `index`-th node of a layer (0: the leaves) within its subtree:
/// beside its sibling, between the subtrees of the two.
const fn place(layer: usize, index: usize) -> usize {
    let pair = ((index / 2) << (layer + 1)) + (1 << layer) - 1;
    2 * pair + index % 2
}

#[cfg(test)]
mod tests {
    use plonky2::field::types::Field;
    use plonky2::hash::poseidon::PoseidonHash;

    use super::*;
    use crate::bn254::Bn254PoseidonHash;

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

    fn is_plonky2s<H: NodeHasher>(bits: usize, cap_height: usize, length: usize) {
        let leaves = leaves(1 << bits, length);
        let expected = MerkleTree::<F, H>::new(leaves.clone(), cap_height);
        let found = tree_over::<H>(leaves, cap_height);
        assert!(found == expected, "2^{bits} leaves of {length}");
    }

    #[test]
    fn trees_are_plonky2s() {
        for (bits, cap_height, length) in
            [(0, 0, 3), (1, 0, 8), (3, 3, 5), (4, 1, 1), (5, 4, 135), (10, 4, 20)]
        {
            is_plonky2s::<PoseidonHash>(bits, cap_height, length);
            is_plonky2s::<Bn254PoseidonHash>(bits, cap_height, length);
        }
    }

    fn differs_with_a_leaf<H: NodeHasher>() {
        let (first, mut second) = (leaves(16, 9), leaves(16, 9));
        second[11][8] += F::ONE;
        assert!(tree_over::<H>(first, 1).cap != tree_over::<H>(second, 1).cap);
    }

    #[test]
    fn another_leaf_gives_another_cap() {
        differs_with_a_leaf::<PoseidonHash>();
        differs_with_a_leaf::<Bn254PoseidonHash>();
    }
}
