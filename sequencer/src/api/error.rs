//! The form in which clients get an error: `{"error": {"code": …, "message": …}}`.
//!
//! The code is for programs and never changes; the message is for people. The cause of an internal
//! failure is logged, and clients do not see it.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sheaf_crypto::hash::Digest;
use sheaf_wire::{ErrorBody, ErrorDetail};

use crate::final_state::FinalStateError;
use crate::limits::{RETRY_AFTER_RESTART, RETRY_LATER, RETRY_SOON};
use crate::proving::ProvingError;
use crate::rejection::Rejection;
use crate::replay::ReplayError;
use crate::store::StoreError;
use crate::witnesses::WitnessError;

/// An error on its way to a client.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    detail: ErrorDetail,
}

impl ApiError {
    /// An error about no transaction, and without a time to retry.
    pub fn new(status: StatusCode, code: &str, message: impl ToString) -> Self {
        let (code, message) = (code.to_owned(), message.to_string());
        let detail = ErrorDetail { code, message, transaction: None, retry_after_s: None };
        Self { status, detail }
    }

    /// 400 with this code.
    pub fn bad_request(code: &str, message: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 404 with the code `{what}_not_found`.
    pub fn not_found(what: &str, message: impl ToString) -> Self {
        Self::new(StatusCode::NOT_FOUND, &format!("{what}_not_found"), message)
    }

    /// 410: the store has the words of a batch no more, or never had them.
    pub fn words_gone() -> Self {
        let message = "the words are in the batch's L1 transaction, and not kept here";
        Self::new(StatusCode::GONE, "words_gone", message)
    }

    /// 405 with the code `method_not_allowed`.
    pub fn method_not_allowed() -> Self {
        let message = "the route does not know this method";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
    }

    /// 503: what the request needs is in use, and the same request may succeed a second later.
    pub fn overloaded() -> Self {
        let message = "too many requests are waiting; come back later";
        Self::unavailable("overloaded", message).retry_after(RETRY_SOON)
    }

    /// 503: all connections are in use, and no other gives way to this one.
    pub fn connections() -> Self {
        let message = "too many connections are open; come back later";
        Self::unavailable("connections", message).retry_after(RETRY_SOON)
    }

    /// 429: the client's address has as many connections as an address may have.
    pub fn connections_of_address() -> Self {
        let message = "this address has too many connections; use one for many requests";
        Self::too_many("connections_of_address", message).retry_after(RETRY_SOON)
    }

    /// 503: too many streams of events are open, and no other gives way to this one.
    pub fn subscribers() -> Self {
        let message = "too many streams of events are open; come back later";
        Self::unavailable("subscribers", message).retry_after(RETRY_LATER)
    }

    /// 429: the client's address has used up its allowance of requests.
    pub fn rate_limited() -> Self {
        let message = "this address asks too often; come back in a second";
        Self::too_many("rate_limited", message).retry_after(RETRY_SOON)
    }

    /// 408: the body arrived too slowly.
    pub fn body_too_slow() -> Self {
        let message = "the body arrived too slowly; nothing of it was used";
        Self::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", message).retry_after(RETRY_SOON)
    }

    /// 408: the request took longer than a request may take.
    pub fn timeout() -> Self {
        let message = "the request took too long; ask what became of it";
        Self::new(StatusCode::REQUEST_TIMEOUT, "timeout", message).retry_after(RETRY_SOON)
    }

    /// 503: another sequencer leads, and only that one does what the request asks for.
    pub fn following() -> Self {
        let message = "this sequencer follows another one and serves reads: ask the one that leads";
        Self::unavailable("following", message).retry_after(RETRY_SOON)
    }

    /// 503: the contract's list of tokens was not read since the start.
    pub fn tokens_not_ready() -> Self {
        let message = "the list of tokens is being read from L1; ask again in some seconds";
        Self::unavailable("tokens_not_ready", message).retry_after(RETRY_LATER)
    }

    /// 503: no L1 node tells what the request asks for.
    pub fn l1_unreachable() -> Self {
        let message = "no L1 node answers; come back later";
        Self::unavailable("l1_unreachable", message).retry_after(RETRY_LATER)
    }

    /// 503: a stage has ended and the process is about to end, so the outcome of the request is not
    /// known.
    pub fn stopping() -> Self {
        let message = "the sequencer is stopping; ask for the transaction after its restart";
        Self::unavailable("outcome_unknown", message).retry_after(RETRY_AFTER_RESTART)
    }

    /// The refusal of a transaction: 429 when it may be accepted later, otherwise 422.
    pub fn rejected(id: Option<Digest>, rejection: &Rejection) -> Self {
        let (code, later) = (rejection.code(), rejection.retry_after());
        let error = match later {
            Some(later) => Self::too_many(code, rejection).retry_after(later),
            None => Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, rejection),
        };
        error.about(id)
    }

    /// The same error with the id of the transaction that it is about.
    #[must_use]
    pub fn about(mut self, transaction: Option<Digest>) -> Self {
        self.detail.transaction = transaction;
        self
    }

    /// The error without the status.
    pub fn detail(self) -> ErrorDetail {
        self.detail
    }

    fn too_many(code: &str, message: impl ToString) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, message)
    }

    fn unavailable(code: &str, message: impl ToString) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
    }

    /// 500: the cause is logged and concerns no client.
    fn inside() -> Self {
        let message = "the request failed inside";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }

    fn retry_after(mut self, later: Duration) -> Self {
        self.detail.retry_after_s = Some(later.as_secs());
        self
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        if let StoreError::Archived { last, .. } = error {
            let message = format!("the blocks up to {last} are archived and not served here");
            return Self::new(StatusCode::GONE, "archived", message);
        }
        if let StoreError::BeforeLog { before, .. } = error {
            let message = format!("this log was begun from L1 after block {before}");
            return Self::new(StatusCode::GONE, "before_log", message);
        }
        tracing::error!(code = error.code(), %error, "a request failed in the store");
        let message = "the database failed; what became of the request is not known";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }
}

impl From<FinalStateError> for ApiError {
    fn from(error: FinalStateError) -> Self {
        match error {
            FinalStateError::NotReady => {
                Self::unavailable("paths_not_ready", error).retry_after(RETRY_LATER)
            }
            FinalStateError::Replay(ReplayError::Store(store)) => store.into(),
            FinalStateError::Replay(_) => {
                tracing::error!(%error, "the final state cannot be made from the log");
                Self::inside()
            }
        }
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
                return Self::inside();
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
        let retry_after = self.detail.retry_after_s;
        let mut response = (self.status, Json(ErrorBody { error: self.detail })).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::pause::Pause;

    const PAGE: &str = include_str!("../../../docs/protocol.md");

    /// Every refusal after which a client may come back.
    fn refusals() -> Vec<ApiError> {
        let limit = 1;
        let rejections = [
            Rejection::OwnerLimit { limit },
            Rejection::HeldLimit { limit },
            Rejection::HeldFull,
            Rejection::MempoolFull,
            Rejection::WrongSignatures,
            Rejection::Paused(Pause::Backlog { batches: 1 }),
            Rejection::Paused(Pause::ClockApart { seconds: 1 }),
            Rejection::Paused(Pause::L1TimeUnknown),
        ];
        let mut refusals = vec![
            ApiError::rate_limited(),
            ApiError::connections_of_address(),
            ApiError::connections(),
            ApiError::body_too_slow(),
            ApiError::timeout(),
            ApiError::overloaded(),
            ApiError::subscribers(),
            ApiError::following(),
            ApiError::stopping(),
            FinalStateError::NotReady.into(),
            ApiError::tokens_not_ready(),
            ApiError::l1_unreachable(),
        ];
        refusals.extend(rejections.map(|rejection| ApiError::rejected(None, &rejection)));
        refusals
    }

    /// Code, status and seconds of every row of the table "Come back later".
    fn rows() -> BTreeSet<[String; 3]> {
        let (_, table) = PAGE.split_once("| code | HTTP | Retry-After |").expect("the table");
        let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
        let cells = |row: &str| {
            let mut cells = row.split('|').skip(1).map(|cell| cell.trim().replace('`', ""));
            std::array::from_fn(|_| cells.next().expect("three cells"))
        };
        rows.map(cells).collect()
    }

    #[test]
    fn the_page_has_every_refusal_with_its_status_and_its_seconds() {
        let answers = refusals().into_iter().map(|error| {
            let (code, in_body) = (error.detail.code.clone(), error.detail.retry_after_s);
            let response = error.into_response();
            let seconds = response.headers()[header::RETRY_AFTER].to_str().expect("digits");
            assert_eq!(in_body.map(|seconds| seconds.to_string()).as_deref(), Some(seconds));
            [code, response.status().as_u16().to_string(), seconds.to_owned()]
        });
        assert_eq!(answers.collect::<BTreeSet<_>>(), rows());
    }

    #[test]
    fn what_is_refused_for_good_has_no_time_to_come_back() {
        let response = ApiError::rejected(None, &Rejection::HoldTimeout).into_response();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!response.headers().contains_key(header::RETRY_AFTER));
    }
}
