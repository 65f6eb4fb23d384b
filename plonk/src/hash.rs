//! Sheaf's tagged hash as constraints: one Poseidon row for each eight elements begun.
//!
//! It is `sheaf_crypto::hash` to the letter: tag and length stand in the capacity, each block
//! overwrites the rate, the last one is padded with zeros.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOutTarget;
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::iop::target::Target;
use plonky2::plonk::config::AlgebraicHasher;
use sheaf_crypto::hash::Tag;
use sheaf_crypto::poseidon::{RATE, WIDTH};

use crate::proof::{Builder, F};

/// The digest of `elements` under a constant tag.
pub fn hash_checked(builder: &mut Builder, tag: Tag, elements: &[Target]) -> HashOutTarget {
    let tag = builder.constant(F::from_canonical_u64(tag.element().canonical()));
    hash_under_checked(builder, tag, elements)
}

/// The digest of `elements` under a tag that is itself a target. Which tags it may be is the
/// caller's to constrain.
pub fn hash_under_checked(
    builder: &mut Builder,
    tag: Target,
    elements: &[Target],
) -> HashOutTarget {
    let zero = builder.zero();
    let mut state = [zero; WIDTH];
    state[RATE] = tag;
    state[RATE + 1] = builder.constant(F::from_canonical_usize(elements.len()));
    let blocks = elements.chunks(RATE).chain(elements.is_empty().then_some(elements));
    for block in blocks {
        state[..RATE].fill(zero);
        state[..block.len()].copy_from_slice(block);
        type Permutation = <PoseidonHash as AlgebraicHasher<F>>::AlgebraicPermutation;
        let permuted = builder.permute::<PoseidonHash>(Permutation::new(state));
        state.copy_from_slice(permuted.as_ref());
    }
    HashOutTarget { elements: [state[0], state[1], state[2], state[3]] }
}
