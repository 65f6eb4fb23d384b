//! A prover worker: leases a job from a sequencer over HTTP, proves the job's step, hands the proof
//! in, and starts again.
//!
//! A worker may be killed at any moment. Only the worker's own work is lost, because the lease then
//! ends and another worker gets the job.
//!
//! The crate must not know SQL, Ethereum or circuits, and a worker has no key of value. The caller
//! provides the circuits behind the trait [`StepProver`]; the sequencer verifies every proof.
//!
//! Begin with [`worker`], the loop over jobs. [`client`] sends the requests and repeats them while
//! the sequencer is away. [`step_prover`] is the interface to the circuits, and [`limits`] has
//! every timeout and pause.
//!
//! A worker that checks witnesses instead of proving them, for a development chain:
//!
//! ```no_run
//! use std::sync::Arc;
//! use std::time::Duration;
//!
//! use sheaf_prover::client::Client;
//! use sheaf_prover::{DevelopmentProver, Progress, Worker, WorkerError};
//! use sheaf_wire::Lease;
//! use tokio::sync::watch;
//!
//! /// Prints the proofs that the sequencer has accepted.
//! #[derive(Debug)]
//! struct Proofs;
//!
//! impl Progress for Proofs {
//!     fn started(&self, _lease: &Lease) {}
//!     fn proven(&self, lease: &Lease, time: Duration, bytes: usize) {
//!         println!("{} of batch {}: {bytes} bytes in {time:?}", lease.step, lease.batch);
//!     }
//!     fn lost(&self, _lease: &Lease) {}
//!     fn dropped(&self, _lease: &Lease, _reason: &str) {}
//! }
//!
//! # async fn example() -> Result<(), WorkerError> {
//! let worker = Worker {
//!     client: Client::new("http://127.0.0.1:8080", None)?,
//!     prover: Arc::new(DevelopmentProver),
//!     name: "worker-1".to_owned(),
//!     progress: Arc::new(Proofs),
//! };
//! // `stop.send_replace(true)`, from another task, ends the worker.
//! let (stop, stopped) = watch::channel(false);
//! worker.run(stopped).await?;
//! # drop(stop);
//! # Ok(())
//! # }
//! ```

// A library returns or logs its messages, and prints nothing.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod answer;
pub mod client;
pub mod error;
pub mod limits;
mod patience;
pub mod step_prover;
pub mod worker;

pub use answer::Leased;
pub use error::WorkerError;
pub use step_prover::{DevelopmentProver, StepError, StepProver};
pub use worker::{Progress, Worker};
