//! The cryptography under Sheaf's rules: fields, Poseidon, the curve, keys and signatures.
//!
//! This crate knows no payment, and does no I/O.
//!
//! ```
//! use sheaf_crypto::hash::{Tag, hash};
//! use sheaf_crypto::key::{DecodedKey, SecretKey};
//! use sheaf_crypto::scalar::Scalar;
//! use sheaf_crypto::signature::verify;
//!
//! # fn main() -> Result<(), sheaf_crypto::error::Error> {
//! let secret = SecretKey::from_scalar(Scalar::from(12_345_u64))?;
//! let message = hash(Tag::new(5), &[]);
//! let signature = secret.sign(&message, &mut rand::rng());
//! verify(&DecodedKey::new(secret.public_key())?, &message, &signature)?;
//! # Ok(())
//! # }
//! ```

// A library returns what it has to say.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod error;

// The field, its extension of degree five, and the hash over the field.
pub mod goldilocks;
pub mod hash;
pub mod poseidon;
pub mod quintic;
mod square_root;

// The group.
pub mod curve;
pub mod fixed_base;
mod multi_scalar;
mod recoding;
pub mod scalar;
mod torsion;

// What signs and what is checked.
pub mod key;
pub mod signature;
pub mod signature_batch;
