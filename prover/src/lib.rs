//! A prover worker: takes a job over HTTP, proves it, hands the proof in, and starts again.
//!
//! It needs no database, no L1 and no key of value; how a step is proven is the business of the
//! `StepProver` it is given. Killed at any moment, it loses nothing but its own work: the lease
//! ends, and another worker takes the job.

// What a library has to say, it returns or logs.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod answer;
pub mod client;
pub mod error;
pub mod limits;
mod patience;
pub mod step_prover;
pub mod worker;

pub use answer::Held;
pub use error::WorkerError;
pub use step_prover::{DevelopmentProver, StepError, StepProver};
pub use worker::{Progress, Worker};
