//! What an answer of the sequencer means: the result that was requested, the message that the job
//! is no longer the worker's, or a failure.
//!
//! A failure is passing when the same request may succeed later: no connection, an answer that
//! breaks off, a sequencer or a proxy that is busy or in trouble. A failure is lasting when a whole
//! answer has arrived that refuses the request, or whose content this version cannot read.

use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use sheaf_wire::{ErrorBody, ErrorDetail, is_passing};

use crate::error::WorkerError;

/// Why a request has no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The same request may succeed later; the text says what happened.
    Passing(String),
    /// The same request would fail again.
    Lasting(WorkerError),
}

/// The sequencer's answer to a message about a job, which may be another worker's by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leased<T> {
    /// The job is this worker's, and this is the answer.
    Yes(T),
    /// The job is not this worker's: the lease ended, the job is done, or the batch is final. A
    /// proof of the job is of no use any more.
    No,
}

/// An answer that has arrived whole.
#[derive(Debug)]
pub(crate) struct Answer {
    request: &'static str,
    status: StatusCode,
    body: Vec<u8>,
}

impl Answer {
    /// Waits for the rest of an answer to `request`.
    ///
    /// # Errors
    /// `Passing` when the answer breaks off.
    pub(crate) async fn whole(request: &'static str, response: Response) -> Result<Self, Failure> {
        let status = response.status();
        let cut = |error| Failure::Passing(format!("the answer broke off: {error}"));
        let body = response.bytes().await.map_err(cut)?.into();
        Ok(Self { request, status, body })
    }

    pub(crate) const fn status(&self) -> StatusCode {
        self.status
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `Passing` when the body is no JSON, like a proxy's page. `Lasting`, with `Unreadable`, when
    /// the body is JSON of another form than `T`.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| match error.classify() {
            Category::Data => Failure::Lasting(WorkerError::Unreadable { request: self.request }),
            Category::Io | Category::Syntax | Category::Eof => {
                Failure::Passing(format!("the answer is no JSON: {error}"))
            }
        })
    }

    /// The body as `read` decodes it.
    ///
    /// # Errors
    /// `Passing` when `read` cannot decode the body: broken bytes cannot be told from bytes of
    /// another version.
    pub(crate) fn bytes<T>(&self, read: impl FnOnce(&[u8]) -> Option<T>) -> Result<T, Failure> {
        read(&self.body).ok_or_else(|| Failure::Passing("the answer cannot be read".into()))
    }

    /// Reads an answer with `read`, unless its status says that the job is not this worker's.
    ///
    /// # Errors
    /// The failure of `read`, or [`Answer::refusal`] for every other status.
    pub(crate) fn held<T>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, Failure>,
    ) -> Result<Leased<T>, Failure> {
        match self.status {
            status if status.is_success() => read(self).map(Leased::Yes),
            StatusCode::CONFLICT | StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Leased::No),
            _ => Err(self.refusal()),
        }
    }

    /// The failure of an answer whose status is none of the request's own. `Passing` for a status
    /// under which the same request may succeed later; else `Lasting`, with `OtherCircuits` or
    /// `Refused`.
    pub(crate) fn refusal(&self) -> Failure {
        let Self { request, status, .. } = *self;
        let (code, message) = match serde_json::from_slice(&self.body) {
            Ok(ErrorBody { error: ErrorDetail { code, message, .. } }) => (code, message),
            Err(_) => (status.as_u16().to_string(), status.to_string()),
        };
        if is_passing(status.as_u16()) {
            return Failure::Passing(format!("{message} ({code})"));
        }
        Failure::Lasting(match code.as_str() {
            "other_circuits" => WorkerError::OtherCircuits { message },
            _ => WorkerError::Refused { request, code, message },
        })
    }
}
