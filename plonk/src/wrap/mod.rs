//! The wrap: an R1CS over BN254's scalar field that verifies the outer proof, for Groth16.
//!
//! Reading order: `builder` (constraints), `goldilocks` and `extension` (the field of the outer
//! proof), `poseidon_bn254`, `merkle` and `transcript` (the proof's hashes), `poseidon_goldilocks`
//! (the hash of the proof's public inputs), `proof_witness`, `gates` and `vanishing` (PLONK),
//! `query_point` and `fri`, and `circuit`, which puts the parts together. `verifier` refuses an
//! outer circuit that the wrap cannot verify. `outline` counts and digests the constraints of each
//! part.

mod builder;
mod circuit;
mod extension;
mod fri;
mod gates;
mod goldilocks;
mod merkle;
mod outline;
mod poseidon_bn254;
mod poseidon_goldilocks;
mod proof_witness;
mod query_point;
mod transcript;
mod vanishing;
mod verifier;

pub(crate) use builder::Factors;
pub(crate) use circuit::Assignment;
pub use circuit::WrapCircuit;
pub use outline::{Outline, Part};
pub use verifier::OuterVerifier;
