//! Poseidon over the scalar field of BN254, for plonky2 and for the wrap: parameters made by the
//! published generator, the native permutation, and plonky2's hasher over both. The R1CS of the
//! wrap can compute the hasher's Merkle trees and transcript cheaply. This module contains no
//! constraints.

mod dot_product;
#[cfg(target_arch = "x86_64")]
mod eight;
mod hasher;
#[cfg(target_arch = "x86_64")]
mod lane_permutation;
#[cfg(target_arch = "x86_64")]
mod lane_sum;
mod lanes;
mod parameters;
mod permutation;
mod side_by_side;

#[cfg(target_arch = "x86_64")]
pub(crate) use eight::{Eight, Ifma};
pub use hasher::{
    Bn254Config, Bn254Digest, Bn254Permutation, Bn254PoseidonHash, CHALLENGE_BITS,
    CHALLENGES_PER_LANE, DIGEST_CHUNK_BITS, DIGEST_CHUNKS, ELEMENTS_PER_LANE, LEAF_TAG, RATE,
    RATE_LANES, TRANSCRIPT_TAG, capacity_of_sponge,
};
#[cfg(target_arch = "x86_64")]
pub(crate) use parameters::LANES;
pub use parameters::{
    NODE_WIDTH, PoseidonParameters, SPONGE_WIDTH, SparseMatrix, node_parameters, sponge_parameters,
};
pub use permutation::{compress, permute};
pub(crate) use side_by_side::{leaf_digests, pair_digests, permute_transcripts};
