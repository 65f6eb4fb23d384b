//! Why a worker ends.

use sheaf_wire::ProofStep;
use thiserror::Error;

/// What a worker cannot repair by asking again.
#[derive(Debug, Error)]
pub enum WorkerError {
    #[error("'{url}' is no address of a sequencer; write it like http://127.0.0.1:8080")]
    Url { url: String },
    #[error("the sequencer at {url} has not answered {request} for {seconds} s: {last}")]
    Unreachable { url: String, request: &'static str, seconds: u64, last: String },
    #[error(
        "this worker's circuits are not the sequencer's: {message}. Run the same version of Sheaf \
         on both sides, and `sheaf keys build` where the digest is the old one"
    )]
    OtherCircuits { message: String },
    #[error("the sequencer refuses {request} ({code}): {message}")]
    Refused { request: &'static str, code: String, message: String },
    #[error("the sequencer answered {request} with something this version cannot read")]
    Unreadable { request: &'static str },
    #[error("the HTTP client could not be made")]
    Client(#[source] reqwest::Error),
    #[error("the thread that proves {step} could not be started")]
    Thread { step: ProofStep, source: std::io::Error },
    #[error("proving {step} panicked; what it said stands above")]
    Panicked { step: ProofStep },
}
