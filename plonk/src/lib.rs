//! The machinery of proofs: custom gates, a prover for plonky2's circuits, and the Groth16 proof
//! that a plonky2 proof is valid.
//!
//! This crate must not know payments: it depends on neither `sheaf-ledger` nor `sheaf-wire`. It
//! does I/O only through the readers and writers that its callers pass.
//!
//! # Where to begin
//!
//! 1. [`proof`] names the types of the proof system, and [`error`] everything that can fail.
//! 2. [`gates`] is the way to write rows of constraints, and [`hash`] is Sheaf's tagged hash as
//!    constraints.
//! 3. [`prover`] proves a circuit. [`verifier_data`] encodes the data that verify its proofs.
//! 4. [`tables`] proves rows that exchange messages, and a circuit verifies such proofs.
//! 5. [`outer`] proves a plonky2 proof again, under hashes over BN254 ([`bn254`]).
//! 6. [`wrap`] is the R1CS that verifies an outer proof, [`packing`] arranges its public inputs,
//!    and [`groth16`] proves it. [`wrap_prover`] makes the Groth16 proof of a plonky2 proof.
//! 7. [`ceremony`] makes a proving key whose trapdoor nobody knows.
//!
//! # Example
//!
//! A proof of knowing an element whose digest is public:
//!
//! ```
//! use plonky2::iop::witness::PartialWitness;
//! use sheaf_crypto::goldilocks::Fe;
//! use sheaf_crypto::hash::{Tag, hash};
//! use sheaf_plonk::hash::hash_checked;
//! use sheaf_plonk::proof::{Builder, C, config, element, set};
//! use sheaf_plonk::prover::prove_verified;
//!
//! let mut builder = Builder::new(config());
//! let secret = builder.add_virtual_target();
//! let digest = hash_checked(&mut builder, Tag::new(12), &[secret]);
//! builder.register_public_inputs(&digest.elements);
//! let circuit = builder.build::<C>();
//!
//! let value = Fe::from_u64(5);
//! let mut witness = PartialWitness::new();
//! set(&mut witness, secret, element(value))?;
//! let proof = prove_verified(&circuit, witness)?;
//! assert_eq!(proof.public_inputs, hash(Tag::new(12), &[value]).0.map(element));
//! # Ok::<(), sheaf_plonk::error::Error>(())
//! ```

// A library returns its results and prints nothing.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod bn254;
pub mod ceremony;
pub mod error;
pub mod gates;
pub mod groth16;
pub mod hash;
pub mod outer;
pub mod packing;
pub mod proof;
pub mod prover;
pub mod tables;
pub mod verifier_data;
pub mod wrap;
pub mod wrap_prover;
