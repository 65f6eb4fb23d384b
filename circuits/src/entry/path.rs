//! A tree path as constraints. The slot's bits order the two children at each level.

use plonky2::field::types::Field;
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::iop::target::{BoolTarget, Target};
use plonky2::plonk::config::AlgebraicHasher;
use sheaf_crypto::hash::DIGEST;
use sheaf_crypto::poseidon::{RATE, WIDTH};
use sheaf_ledger::limits::TREE_DEPTH;
use sheaf_ledger::tag;
use sheaf_plonk::proof::{Builder, F, element};

/// The root above the digest `leaf`; siblings and bits are given lowest first. Each bit is checked:
/// the level's Poseidon gate constrains its swap wire to 0 or 1.
pub fn root_of_path_checked(
    builder: &mut Builder,
    leaf: [Target; DIGEST],
    siblings: &[[Target; DIGEST]; TREE_DEPTH],
    bits: &[BoolTarget; TREE_DEPTH],
) -> [Target; DIGEST] {
    type Permutation = <PoseidonHash as AlgebraicHasher<F>>::AlgebraicPermutation;
    let tag = builder.constant(element(tag::NODE.element()));
    let length = builder.constant(F::from_canonical_usize(RATE));
    let zero = builder.zero();
    let mut node = leaf;
    for (sibling, &is_right) in siblings.iter().zip(bits) {
        // Hash(Node, node, sibling), or the other way round where the gate swaps them.
        let mut state = [zero; WIDTH];
        state[..DIGEST].copy_from_slice(&node);
        state[DIGEST..RATE].copy_from_slice(sibling);
        state[RATE..RATE + 2].copy_from_slice(&[tag, length]);
        let permuted = PoseidonHash::permute_swapped(Permutation::new(state), is_right, builder);
        node.copy_from_slice(&permuted.squeeze()[..DIGEST]);
    }
    node
}
