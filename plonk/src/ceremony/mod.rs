//! The second phase of a Groth16 ceremony (Bowe, Gabizon and Miers, eprint 2017/1050): from the
//! powers of τ of a first phase to a proving key whose trapdoor nobody knows, as long as one
//! contributor of each phase was honest.
//!
//! The first phase is taken from a file, not made. The files are snarkjs': powers of τ are a .ptau
//! file, the key is a .zkey file, and the constraints can be written as .r1cs, so that anybody can
//! contribute and verify with snarkjs as well ([decision
//! 0012](../../../docs/decisions/0012-ceremony.md)).
//!
//! 1. [`constraints`] are the matrices of the circuit.
//! 2. [`powers`] reads and checks powers of τ; `lagrange` makes the points that the key's sums
//!    need.
//! 3. [`key`] is the key and its file; [`initial`] makes the first key, before any contribution.
//! 4. [`contribution`] adds a contribution, from a [`secret`] or from a public beacon, and
//!    [`transcript`] lists and checks all contributions.
//! 5. [`verify`] compares a key with circuit, powers and contributions.
//!
//! `sections` and `encoding` are the files' container and points, and `combine` multiplies sparse
//! matrices by points.

mod combine;
pub mod constraints;
pub mod contribution;
mod encoding;
pub mod initial;
pub mod key;
mod lagrange;
pub mod powers;
pub mod secret;
mod sections;
pub mod transcript;
pub mod verify;

#[cfg(test)]
mod tests;

use ark_std::rand::RngCore;

/// A digest of BLAKE2b.
pub type Digest = [u8; 64];

/// What long computations need besides their input.
pub struct Run<'a> {
    /// Draws the scalars of random checks. Whoever can predict the scalars can pass wrong points
    /// off as right ones.
    pub rng: &'a mut dyn RngCore,
    /// Called with the name of each part before the part begins.
    pub progress: &'a dyn Fn(&str),
}
