//! The form in which clients get an error: `{"error": {"code": …, "message": …}}`.
//!
//! The code is for programs and never changes; the message is for people. The cause of an internal
//! failure is logged, and clients do not see it.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sheaf_crypto::hash::Digest;
use sheaf_wire::{ErrorBody, ErrorDetail};

use crate::proving::ProvingError;
use crate::rejection::Rejection;
use crate::store::StoreError;
use crate::witnesses::WitnessError;

/// An error on its way to a client.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    detail: ErrorDetail,
    /// Seconds after which the same request may succeed.
    retry_after_s: Option<u32>,
}

impl ApiError {
    /// An error about no transaction, and without a time to retry.
    pub fn new(status: StatusCode, code: &str, message: impl ToString) -> Self {
        let (code, message) = (code.to_owned(), message.to_string());
        Self {
            status,
            detail: ErrorDetail { code, message, transaction: None },
            retry_after_s: None,
        }
    }

    /// 400 with this code.
    pub fn bad_request(code: &str, message: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 404 with the code `{what}_not_found`.
    pub fn not_found(what: &str, message: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, &format!("{what}_not_found"), message)
    }

    /// 405 with the code `method_not_allowed`.
    pub fn method_not_allowed() -> Self {
        let message = "the route does not know this method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    /// 503: the intake is full, and the same request may succeed a second later.
    pub fn overloaded() -> Self {
        let message = "too many requests are waiting; come back later";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message).retry_after(1)
    }

    /// 503: a stage has ended and the process is about to end, so the outcome of the request is not
    /// known.
    pub fn stopping() -> Self {
        let message = "the sequencer is stopping; ask for the transaction after its restart";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown", message).retry_after(5)
    }

    /// The refusal of a transaction: 429 when it may be accepted later, otherwise 422.
    pub fn rejected(id: Option<Digest>, rejection: &Rejection) -> Self {
        let status = if rejection.is_passing() {
            StatusCode::TOO_MANY_REQUESTS
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        let mut error = Self::new(status, rejection.code(), rejection);
        error.detail.transaction = id;
        if rejection.is_passing() { error.retry_after(1) } else { error }
    }

    /// Code and message, without the status.
    pub fn detail(self) -> ErrorDetail {
        self.detail
    }

    pub(super) fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if let StoreError::Archived { last, .. } = error {
            let message = format!("the blocks up to {last} are archived and not served here");
            return Self::new(StatusCode::GONE, "archived", message);
        }
        tracing::error!(code = error.code(), %error, "a request failed in the store");
        let message = "the database failed; what became of the request is not known";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }
}

impl From<ProvingError> for ApiError {
    fn from(error: ProvingError) -> Self {
        let (status, code) = match error {
            ProvingError::Store(store) | ProvingError::Witness(WitnessError::Store(store)) => {
                return store.into();
            }
            ProvingError::Panicked { .. } | ProvingError::Witness(WitnessError::Rebuild { .. }) => {
                tracing::error!(%error, "a worker's request failed");
                let message = "the request failed inside";
                return Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message);
            }
            ProvingError::OtherCircuits { .. } => (StatusCode::CONFLICT, "other_circuits"),
            ProvingError::WorkerName => (StatusCode::BAD_REQUEST, "worker_name"),
            ProvingError::UnknownJob { .. } => (StatusCode::NOT_FOUND, "job_not_found"),
            ProvingError::Stale { .. } => (StatusCode::CONFLICT, "stale_attempt"),
            ProvingError::InvalidProof { .. } => {
                (StatusCode::UNPROCESSABLE_ENTITY, "invalid_proof")
            }
            ProvingError::Witness(WitnessError::Gone { .. }) => (StatusCode::GONE, "witness_gone"),
        };
        Self::new(status, code, error)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(ErrorBody { error: self.detail })).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
