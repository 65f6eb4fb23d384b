//! Sheaf's tagged hash as constraints: one row of Poseidon for each eight elements begun, and one
//! row for none.
//!
//! The function is the one of `sheaf_crypto::hash`: the capacity contains tag and length, each
//! block overwrites the rate, and zeros pad the last block.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOutTarget;
use plonky2::hash::hashing::PlonkyPermutation;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::iop::target::Target;
use plonky2::plonk::config::AlgebraicHasher;
use sheaf_crypto::hash::Tag;
use sheaf_crypto::poseidon::{RATE, WIDTH};

use crate::proof::{Builder, F};

/// Constrains and returns the digest of `elements` under a constant tag.
pub fn hash_checked(builder: &mut Builder, tag: Tag, elements: &[Target]) -> HashOutTarget {
    let tag = builder.constant(F::from_canonical_u64(tag.element().canonical()));
    hash_under_checked(builder, tag, elements)
}

/// Constrains and returns the digest of `elements` under a tag that is itself a target. The caller
/// constrains the tag to the permitted values.
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
