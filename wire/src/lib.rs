//! What goes over HTTP between a sequencer, its workers and its clients: the requests, answers and
//! error bodies of every route, a module for each family of routes. Server, worker and clients use
//! the same types, so that a field has one name and one meaning.
//!
//! The crate knows the ledger's types and how JSON spells them. It knows no queue, no network and
//! no circuit. Proofs travel as bytes whose form is the circuits' own; only development proofs are
//! made here, because they prove nothing.
//!
//! ```
//! use sheaf_wire::error_body::ErrorBody;
//!
//! let answer = r#"{"error": {"code": "fee_too_low", "message": "at least 10 is asked"}}"#;
//! let refusal: ErrorBody = serde_json::from_str(answer)?;
//! assert_eq!(refusal.error.code, "fee_too_low");
//! # Ok::<(), serde_json::Error>(())
//! ```

// What a library has to say, it returns or logs.
#![warn(clippy::print_stdout, clippy::print_stderr)]

// A module for each family of routes.
pub mod accounts;
pub mod batches;
pub mod events;
pub mod history;
pub mod status;
pub mod transactions;
pub mod workers;

// What several of them speak of.
pub mod development;
pub mod error_body;
mod step;

pub use sheaf_ledger::data_mode::DataMode;

pub use error_body::{ErrorBody, ErrorDetail, is_passing};
pub use step::{LeafKind, PlannedStep, ProofStep, StepTextError};
pub use workers::{
    Completed, FailureReport, Heartbeat, HeartbeatAnswer, JobInputs, Lease, LeaseRequest, Release,
};
