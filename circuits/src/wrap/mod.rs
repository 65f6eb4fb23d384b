//! The wrap: an R1CS over BN254's scalar field that verifies the outer proof, for Groth16.
//!
//! Reading order: `builder` (constraints), `goldilocks` and `extension` (the field of the outer
//! proof), `poseidon_bn254`, `merkle` and `transcript` (its hashes), `poseidon_goldilocks` (the
//! hash of its public inputs), `proof_witness`, `gates` and `vanishing` (PLONK), `query_point` and
//! `fri`, and `circuit`, which puts them together. `verifier` refuses circuits that are not
//! covered.

mod builder;
mod circuit;
mod extension;
mod fri;
mod gates;
mod goldilocks;
mod merkle;
mod poseidon_bn254;
mod poseidon_goldilocks;
mod proof_witness;
mod query_point;
mod transcript;
mod vanishing;
mod verifier;

use thiserror::Error;

pub(crate) use builder::Factors;
pub(crate) use circuit::Assignment;
pub use circuit::WrapCircuit;
pub use verifier::OuterVerifier;

/// Why an outer circuit or an outer proof cannot be wrapped.
#[derive(Debug, Error)]
pub enum WrapError {
    /// The outer circuit contains a gate that the wrap has no constraints for.
    #[error("outer circuit uses the gate {id}, which the wrap cannot evaluate")]
    UnsupportedGate {
        /// plonky2's name of the gate.
        id: String,
    },
    /// The outer circuit's parameters are outside what the wrap covers.
    #[error("outer circuit has an unsupported shape: {what}")]
    UnsupportedShape {
        /// The parameter at fault.
        what: &'static str,
    },
    /// The proof does not have the lists that the outer circuit's proofs have.
    #[error("proof does not have the shape of the outer circuit's proofs")]
    ProofShape,
}
