//! The L1 side for programs in Rust: the contracts' bindings, a client of an L1 node whose errors
//! hide the node's URL, and the deployment of a rollup.
//!
//! Sequencer and clients both call the contract through this crate, so that neither depends on the
//! other. The crate must not know the sequencer, SQL or proof systems.
//!
//! Begin with [`Sheaf`], the rollup's contract, whose structs are in [`ISheaf`];
//! `contracts/src/interfaces/ISheaf.sol` documents every call, event and error. [`deployment`] puts
//! the contract on L1, [`client`] makes the client of a node, [`blobs`] turns data words into
//! blobs, [`history`] has the form of what L1 says of a rollup, and [`shelf`] that of a place for
//! blobs.
//!
//! A rollup with development proofs on a local test chain:
//!
//! ```no_run
//! use alloy::primitives::Address;
//! use alloy::signers::local::PrivateKeySigner;
//! use sheaf_contracts::deployment::{Terms, VerifierKey, deploy};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let operator: PrivateKeySigner = std::env::var("L1_KEY")?.parse()?;
//! let terms = Terms::usual(operator.address(), Address::ZERO);
//! let url = "http://127.0.0.1:8545".parse()?;
//! let deployed = deploy(url, operator, VerifierKey::Development, terms).await?;
//! println!("the rollup's contract is {}", deployed.contract);
//! # Ok(())
//! # }
//! ```

// A library returns or logs its messages, and prints nothing.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod bindings;
pub mod blobs;
pub mod chain_limits;
pub mod deployment;
mod deployment_error;
pub mod history;
mod node;
pub mod shelf;
mod terms;
pub mod token;

pub use bindings::{DevelopmentVerifier, Groth16Verifier, ISheaf, Sheaf};
pub use node::client;
