//! The sequencer: from signed transactions to sealed, proven batches.
//!
//! HTTP → admission → mempool → ordering → execution → log → sealing → proving → submission → L1,
//! and L1 → watcher → inbox → ordering.
//!
//! Stages do not call each other: they meet at a value, a bounded queue or a row, and when one
//! ends, all end; a restart is the recovery. The crate builds no circuit: the binary hands it a
//! `ProofVerifier`.

// What a library has to say, it returns or logs.
#![warn(clippy::print_stdout, clippy::print_stderr)]

// What comes in.
pub mod admission;
pub mod api;
pub mod fees;
pub mod inbox;
pub mod intake;
pub mod lifecycle;
pub mod rejection;

// What is decided.
pub mod capacity;
pub mod directory;
pub mod execution;
pub mod mempool;
pub mod ordering;
pub mod pause;

// What is kept, and who is told.
pub mod block;
pub mod events;
mod exporter;
pub mod log;
pub mod metrics;
pub mod movement;
pub mod tracker;
pub mod view;

// What L1 will see, and what it says.
pub mod agreement;
pub mod finality;
pub mod l1;
pub mod l1_clock;
pub mod proving;
pub mod sealing;
pub mod submission;
pub mod watcher;

// What all of them stand on.
pub mod config;
pub mod error;
pub mod limits;
mod pipeline;
pub mod recovery;
mod start;
pub mod store;

pub use config::{Config, HealthLimits, L1Side, ServiceConfig};
pub use start::{Handle, Sequencer, StartError};
