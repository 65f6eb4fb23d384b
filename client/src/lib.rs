//! A client of a Sheaf rollup, for a wallet, an exchange or a script. Begin with [`Payer`].
//!
//! - [`Api`] is the sequencer's HTTP API, with the bodies of [`sheaf_wire`].
//! - [`Payer`] is the owner of a key: balances on L1 and L2, signing, paying, depositing,
//!   withdrawing, claiming.
//! - [`Leaver`] is the owner of a key who leaves by L1 alone: exit requests, and escapes and
//!   refunds out of a frozen rollup.
//! - [`waiting`] follows a transaction or a deposit until it has reached the stage that the caller
//!   wants.
//! - [`contracts`] has the bindings of the contract on L1, for everything else.
//!
//! The crate reaches the sequencer through its HTTP API alone, and must depend neither on the
//! sequencer's crate nor on SQL. It returns the sequencer's answers without verifying them. A
//! program that trusts only L1 rebuilds the state with [`L1Data`].
//!
//! ```no_run
//! use sheaf_client::{Api, Payer, Payment, PrivateKeySigner, Stage, waiting};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let signer: PrivateKeySigner = std::env::var("L1_KEY")?.parse()?;
//! let api = Api::new("http://127.0.0.1:8080")?;
//! let rollup = api.status().await?;
//! let payer = Payer::new(signer, api, "http://127.0.0.1:8545", &rollup)?;
//! let owner = "sheaf17jphnfa78e08ehhhnz7k8ez0u67axat5kze7jes0l6rqk".parse()?;
//! let signed = payer.sign_transfer(vec![Payment { owner, amount: 1_000 }]).await?;
//! payer.submit(&signed.transaction).await?;
//! let last = waiting::transaction(payer.api(), &signed.id, Stage::Finalised, |_| {}).await?;
//! println!("final in batch {:?}", last.batch);
//! # Ok(())
//! # }
//! ```

// A library returns or logs its messages and never prints them.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod amount;
mod api;
mod blob_search;
mod blob_source;
mod error;
mod key;
mod l1_account;
mod l1_data;
mod l1_history;
mod leaver;
mod payer;
mod rebuilt;
#[cfg(test)]
mod server;
mod token;
pub mod waiting;

pub use alloy::signers::local::PrivateKeySigner;
pub use api::Api;
pub use blob_source::{BlobSource, NoBlobSource};
pub use error::{ClientError, Result};
pub use key::derive;
pub use l1_account::Tell;
pub use l1_data::{L1Data, NewestBatch, Progress};
pub use leaver::{Leaver, WaitingRequest};
pub use payer::{Payer, Signed};
pub use rebuilt::{IndexedSlot, Rebuilt};
pub use sheaf_contracts as contracts;
pub use sheaf_contracts::token::ETHER;
pub use sheaf_ledger::transaction::Payment;
pub use sheaf_wire::transactions::{Stage, TransactionStatus};
pub use token::Token;
