//! The messages that a sequencer, its workers and its clients send over HTTP: the requests, answers
//! and error bodies of every route. Server, worker and clients use the same types, so that a field
//! has one name and one meaning.
//!
//! The crate uses the ledger's types and defines their JSON, and a binary form of transactions and
//! their statuses. It must not depend on queues, networks or circuits. Proofs travel as bytes whose
//! form the circuits define. Only development proofs are made here, because they prove nothing.
//!
//! There is a module for each family of routes. Begin with [`transactions`] for a client, and with
//! [`workers`] for a prover.
//!
//! ```
//! use sheaf_wire::error_body::ErrorBody;
//!
//! let answer = r#"{"error": {"code": "fee_too_low", "message": "at least 10 is asked"}}"#;
//! let refusal: ErrorBody = serde_json::from_str(answer)?;
//! assert_eq!(refusal.error.code, "fee_too_low");
//! # Ok::<(), serde_json::Error>(())
//! ```

// A library returns or logs its messages and never prints them.
#![warn(clippy::print_stdout, clippy::print_stderr)]

// A module for each family of routes.
pub mod accounts;
pub mod batches;
pub mod blocks;
pub mod events;
pub mod history;
pub mod l1;
pub mod status;
pub mod transactions;
pub mod words;
pub mod workers;

// Types that several of these modules use.
pub mod development;
pub mod error_body;
mod loopback;
pub mod schema;
mod step;

pub use sheaf_ledger::data_mode::DataMode;
pub use sheaf_ledger::data_reference::DataReference;

pub use error_body::{ErrorBody, ErrorDetail, is_passing};
pub use loopback::is_loopback;
pub use step::{LeafKind, ProofStep, StepTextError, TreeStep};
pub use workers::{
    Completed, FailureReport, Heartbeat, HeartbeatAnswer, JobInputs, Lease, LeaseRequest, Release,
};
