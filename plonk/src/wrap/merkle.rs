//! Merkle paths to a cap, and the leaf hash.
//!
//! 1. A leaf's digest is the native leaf hash of its elements, packed three to a lane.
//! 2. The leaf's digest, hashed with one sibling after another, is the cap entry that the remaining
//!    index bits name. The lowest index bits say on which side each sibling is, from the leaf up.
//!
//! The caller gives range-checked elements and boolean bits.

use ark_bn254::Fr;

use super::builder::{Builder, Linear};
use super::goldilocks::{Element, REDUCED_BITS, shifted};
use super::poseidon_bn254::{compress, permute_sponge};
use crate::bn254::{ELEMENTS_PER_LANE, LEAF_TAG, RATE, SPONGE_WIDTH, capacity_of_sponge};

/// One opening of a Merkle tree: the leaf, and the siblings from the leaf upwards.
pub(crate) struct MerkleOpening {
    pub(crate) leaf: Vec<Element>,
    pub(crate) siblings: Vec<Linear>,
}

/// Σ xᵢ·2^(64·i) over at most three elements of 64 bits.
pub(crate) fn pack_lane<'a>(elements: impl IntoIterator<Item = &'a Element>) -> Linear {
    let mut lane = Linear::zero();
    for (i, element) in elements.into_iter().enumerate() {
        assert!(element.bits() <= REDUCED_BITS && i < ELEMENTS_PER_LANE);
        lane = lane.plus(&shifted(element.linear(), i * REDUCED_BITS));
    }
    lane
}

fn hash_leaf(builder: &mut Builder, leaf: &[Element]) -> Linear {
    let mut state = vec![Linear::zero(); SPONGE_WIDTH];
    state[0] = Linear::constant(Fr::from(capacity_of_sponge(LEAF_TAG, leaf.len())));
    for block in leaf.chunks(RATE) {
        for (lane, elements) in state[1..].iter_mut().zip(block.chunks(ELEMENTS_PER_LANE)) {
            *lane = pack_lane(elements);
        }
        state = permute_sponge(builder, &state);
    }
    state.swap_remove(1)
}

/// Enforces both statements for an opening at the index with these bits, the lowest first.
pub(crate) fn assert_opens(
    builder: &mut Builder,
    opening: &MerkleOpening,
    index_bits: &[Linear],
    cap: &[Linear],
) {
    let (path_bits, cap_bits) = index_bits.split_at(opening.siblings.len());
    let mut digest = builder.within("leaf hashes", |builder| hash_leaf(builder, &opening.leaf));
    builder.within("Merkle nodes", |builder| {
        for (sibling, bit) in opening.siblings.iter().zip(path_bits) {
            let left = builder.select(bit, sibling, &digest);
            let right = digest.plus(sibling).minus(&left);
            digest = compress(builder, left, right);
        }
    });
    builder.within("cap entries", |builder| {
        let expected = select_entry(builder, cap_bits, cap);
        builder.enforce_equal(&digest, &expected);
    });
}

/// The entry of a list of 2^n combinations at the index with these n bits, the lowest first.
pub(crate) fn select_entry(builder: &mut Builder, bits: &[Linear], entries: &[Linear]) -> Linear {
    assert_eq!(entries.len(), 1 << bits.len());
    let mut layer = entries.to_vec();
    for bit in bits {
        layer = layer.chunks(2).map(|pair| builder.select(bit, &pair[1], &pair[0])).collect();
    }
    layer.swap_remove(0)
}
