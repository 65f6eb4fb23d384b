//! Proving machinery that knows no payments: custom gates, a prover for plonky2's circuits, and the
//! Groth16 proof that a plonky2 proof is valid.
//!
//! Reading order: [`proof`] names the types; [`gates`] is how rows of constraints are written;
//! [`hash`] is the tagged hash as constraints; [`prover`] proves; [`outer`] proves a proof again
//! under hashes over BN254 ([`bn254`]); [`wrap`] is the R1CS that verifies such an outer proof,
//! [`groth16`] its proof, [`packing`] its public inputs, and [`wrap_prover`] makes both.
//!
//! This crate does no I/O but through the readers and writers that it is given.

// A library returns what it has to say.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod bn254;
pub mod error;
pub mod gates;
pub mod groth16;
pub mod hash;
pub mod outer;
pub mod packing;
pub mod proof;
pub mod prover;
pub mod verifier_data;
pub mod wrap;
pub mod wrap_prover;
