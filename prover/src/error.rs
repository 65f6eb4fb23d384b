//! Why a worker ends.

use sheaf_wire::ProofStep;
use thiserror::Error;

/// A failure that the worker cannot repair by repeating a request.
#[derive(Debug, Error)]
pub enum WorkerError {
    /// The address of the sequencer is no http or https URL.
    #[error("'{url}' is no address of a sequencer; write it like http://127.0.0.1:8080")]
    Url { url: String },
    /// The sequencer has not answered `request` for `seconds` seconds; `last` is the last failure.
    #[error("the sequencer at {url} has not answered {request} for {seconds} s: {last}")]
    Unreachable { url: String, request: &'static str, seconds: u64, last: String },
    /// The sequencer leases no job to this worker, because their circuits have different digests.
    #[error(
        "this worker's circuits are not the sequencer's: {message}. Run the same version of Sheaf \
         on both sides, and `sheaf keys build` where the digest is the old one"
    )]
    OtherCircuits { message: String },
    /// The sequencer refuses `request`; `code` is the API's code of the reason.
    #[error("the sequencer refuses {request} ({code}): {message}")]
    Refused { request: &'static str, code: String, message: String },
    /// The sequencer's answer to `request` is JSON of a form that this version does not know.
    #[error("the sequencer answered {request} with something this version cannot read")]
    Unreadable { request: &'static str },
    /// The HTTP client could not be set up; nothing was sent.
    #[error("the HTTP client could not be made")]
    Client(#[source] reqwest::Error),
    /// The operating system started no thread for the proof.
    #[error("the thread that proves {step} could not be started")]
    Thread { step: ProofStep, source: std::io::Error },
    /// The thread of the proof panicked. The panic's own message was printed before this error.
    #[error("proving {step} panicked; what it said stands above")]
    Panicked { step: ProofStep },
}
