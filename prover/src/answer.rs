//! What an answer of the sequencer means: what was asked for, "not yours", or a failure, which may
//! pass or not.
//!
//! What may pass is silence: nobody there, an answer that breaks off, a sequencer or a proxy in
//! trouble. What cannot heal is a whole answer that says no, or says something else than this
//! version knows.

use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use sheaf_wire::{ErrorBody, ErrorDetail, is_passing};

use crate::error::WorkerError;

/// Why a request has no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The same request may be answered later.
    Passing(String),
    /// It would fail again.
    Lasting(WorkerError),
}

/// What the sequencer said about a job that may not be ours any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held<T> {
    /// The job is ours, and this is the answer.
    Yes(T),
    /// The lease ended, or the job is done; whatever we have for it is worth nothing.
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
    /// `Passing` when it breaks off.
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
    /// `Passing` when it is no JSON at all, as a proxy's page is none; `Lasting` when it is, and
    /// says something else.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| match error.classify() {
            Category::Data => Failure::Lasting(WorkerError::Unreadable { request: self.request }),
            Category::Io | Category::Syntax | Category::Eof => {
                Failure::Passing(format!("the answer is no JSON: {error}"))
            }
        })
    }

    /// The body as `read` understands it.
    ///
    /// # Errors
    /// `Passing` when it does not: bytes do not say whether they are broken or of another version.
    pub(crate) fn bytes<T>(&self, read: impl FnOnce(&[u8]) -> Option<T>) -> Result<T, Failure> {
        read(&self.body).ok_or_else(|| Failure::Passing("the answer cannot be read".into()))
    }

    /// Tells an answer, which `read` understands, from the word that the job is somebody else's.
    ///
    /// # Errors
    /// Those of `read`, and what a refusal means.
    pub(crate) fn held<T>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, Failure>,
    ) -> Result<Held<T>, Failure> {
        match self.status {
            status if status.is_success() => read(self).map(Held::Yes),
            StatusCode::CONFLICT | StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Held::No),
            _ => Err(self.refusal()),
        }
    }

    /// What an answer means that is none of those that the request has.
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
