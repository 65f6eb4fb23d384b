//! What sequencer and provers say to each other: proving steps, leases and their messages, and how
//! a refusal reads, to wallets too.
//!
//! It knows no queue, no network and no circuit. Proofs travel as bytes whose form is the
//! circuits' own; only the development proofs, which are none, are made here.

// What a library has to say, it returns or logs.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod development;
mod error_body;
mod lease;
mod step;

pub use error_body::{ErrorBody, ErrorDetail, is_passing};
pub use lease::{
    Completed, FailureReport, Heartbeat, HeartbeatAnswer, JobInputs, Lease, LeaseRequest, Release,
};
pub use step::{LeafKind, PlannedStep, ProofStep, StepTextError};
