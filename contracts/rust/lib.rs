//! The L1 side for programs in Rust: the contracts' bindings, a client of a node that keeps the
//! node's URL to itself, and the deployment of a rollup.
//!
//! Sequencer and clients both speak to the contract, and neither needs the other for that.

// What a library has to say, it returns or logs.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod bindings;
pub mod deployment;
mod node;

pub use bindings::{DevelopmentVerifier, Groth16Verifier, ISheaf, Sheaf};
pub use node::client;
