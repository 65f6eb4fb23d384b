//! The cryptography of Sheaf: the Goldilocks field, Poseidon, the curve EcGFp5, keys and Schnorr
//! signatures.
//!
//! This crate must not know payments, proof systems, files or sockets. A function whose time
//! depends on a value is for public values only; most such functions have names that end in
//! `_vartime`.
//!
//! Begin with [`goldilocks`], the field of every hash and key, and [`hash`], which makes digests
//! with the permutation of [`poseidon`]. [`quintic`] is the field over which [`curve`] has its
//! points. Wallets use [`key`] and [`signature`]; [`signature_batch`] checks many signatures at
//! once.
//!
//! A secret key signs a message, and its public key verifies the signature:
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

// A library prints nothing: results and errors are return values.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod error;
pub mod text;

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

// Keys and signatures.
pub mod key;
pub mod signature;
pub mod signature_batch;
