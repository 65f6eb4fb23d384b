//! The sequencer of a Sheaf rollup: from signed transactions to batches that L1 has verified.
//!
//! Transactions take this way: HTTP → admission → mempool → ordering → execution → log → sealing →
//! jobs ⇄ workers → submission → L1. Requests of L1 take this way: L1 → watcher → inbox → ordering.
//!
//! Stages do not call each other: they meet at a value, a bounded queue or a database row. When one
//! stage ends, all stages end, and a restart is the recovery.
//!
//! The crate must not know how proofs are made: it builds no circuit, and the program that starts a
//! sequencer passes it a [`proving::ProofVerifier`].
//!
//! Where to begin reading: `pipeline.rs` assembles the stages and their queues, [`lifecycle`] has
//! the values that travel between them, and each stage is a module: [`admission`], [`ordering`]
//! with [`mempool`] and [`execution`], [`log`], [`sealing`], [`proving`], [`submission`].
//! [`store`] has the only SQL, [`limits`] every bound.
//!
//! A sequencer for a local chain, with development proofs and without L1:
//!
//! ```no_run
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use sheaf_contracts::chain_limits::ChainLimits;
//! use sheaf_ledger::data_mode::DataMode;
//! use sheaf_ledger::domain::LOCAL_CHAIN_ID;
//! use sheaf_sequencer::fees::FeePolicy;
//! use sheaf_sequencer::proving::DevelopmentVerifier;
//! use sheaf_sequencer::{Config, HealthLimits, Sequencer, ServiceConfig};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let config = Config {
//!     listen: "127.0.0.1:8080".parse()?,
//!     database: "rollup.sqlite".parse()?,
//!     chain_id: LOCAL_CHAIN_ID,
//!     contract: "0x5fbdb2315678afecb367f032d93f642f64180aa3".parse()?,
//!     operator: "sheaf17jphnfa78e08ehhhnz7k8ez0u67axat5kze7jes0l6rqk".parse()?,
//!     fees: FeePolicy::default(),
//!     data_mode: DataMode::Calldata,
//!     chain: ChainLimits::OSAKA,
//!     batch_age_max: Duration::from_secs(60),
//!     health: HealthLimits::default(),
//!     worker_token: None,
//!     verifier: Arc::new(DevelopmentVerifier::new(LOCAL_CHAIN_ID)?),
//!     l1: None,
//!     service: ServiceConfig::default(),
//! };
//! let sequencer = Sequencer::start(config).await?;
//! println!("the API listens on {}", sequencer.address());
//! sequencer.run(tokio::signal::ctrl_c()).await??;
//! # Ok(())
//! # }
//! ```

// A library returns its results and logs its events: it prints nothing.
#![warn(clippy::print_stdout, clippy::print_stderr)]

// Input: transactions from HTTP, and requests of L1.
pub mod admission;
pub mod api;
pub mod fees;
pub mod inbox;
pub mod intake;
pub mod lifecycle;
pub mod rejection;

// Decisions: which transactions a block takes, and what they do to the slots.
pub mod capacity;
pub mod directory;
pub mod execution;
pub mod mempool;
pub mod ordering;
pub mod pause;

// Results: durable blocks, and the modules that show them to readers.
pub mod archiving;
mod atomic_file;
pub mod block;
pub mod derived;
pub mod events;
mod exporter;
pub mod index;
pub mod log;
pub mod metrics;
pub mod movement;
pub mod tracker;
pub mod view;

// The log run again: the state at a start, the witnesses of batches, the paths of slots, and what
// another database can execute again.
pub mod adoption;
pub mod final_accounts;
mod final_state;
pub mod paths;
pub mod recovery;
pub mod replay;
mod slot_bytes;
pub mod snapshots;
pub mod witnesses;

// L1: batches on their way there, and requests, finality and time from there.
pub mod agreement;
pub mod finality;
pub mod l1;
pub mod l1_clock;
pub mod operator_account;
pub mod proving;
pub mod sealing;
pub mod submission;
pub mod token_list;
pub mod unconfirmed;
pub mod watcher;

// A second sequencer on the same database.
mod following;

// Shared by all stages: settings, errors, limits, storage, and assembly of the pipeline.
pub mod config;
pub mod error;
pub mod limits;
mod listeners;
mod pipeline;
mod start;
pub mod store;

pub use config::{Config, HealthLimits, L1Side, ServiceConfig};
pub use start::{Handle, Sequencer, StartError};
