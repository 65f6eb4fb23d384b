//! The two forms of `POST /v1/transactions`: JSON and binary.
//!
//! One route has both forms, because their meaning is the same: the headers choose how bodies are
//! read and written, and one function of `transactions` handles what was read. In the OpenAPI
//! document the forms are two media types of one operation.

use axum::Json;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use sheaf_ledger::transaction::SignedTransaction;
use sheaf_wire::transactions::binary::{
    BinaryError, MEDIA_TYPE, decode_transactions, encode_statuses,
};
use sheaf_wire::transactions::{SubmissionResults, TransactionStatus};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::extract::Body;
use super::{ApiError, extract};
use crate::limits::{LARGE_BODIES_READ_MAX, SMALL_BODY_BYTES_MAX, TRANSACTIONS_PER_REQUEST_MAX};

/// The turns to read a large body.
static READERS: Semaphore = Semaphore::const_new(LARGE_BODIES_READ_MAX);

/// What a client has sent.
pub(super) enum Submission {
    /// One transaction, which has a status of HTTP of its own. Only JSON has this form.
    One(Box<SignedTransaction>),
    /// An array of 1 to `TRANSACTIONS_PER_REQUEST_MAX` transactions.
    Many(Vec<SignedTransaction>),
}

impl Submission {
    /// Reads a body: binary if `Content-Type` says so, otherwise JSON.
    ///
    /// Reading a thousand transactions takes milliseconds. A thread of the runtime looks at no
    /// socket and no timer meanwhile, so another thread reads a large body, which keeps its place
    /// until then.
    ///
    /// # Errors
    /// 400 `array_length` for an array of another length, `malformed_body` for bytes that are not
    /// of the form.
    pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Self, ApiError> {
        let is_binary = names_binary(headers, &header::CONTENT_TYPE);
        let Body { bytes, place } = body;
        if bytes.len() as u64 <= SMALL_BODY_BYTES_MAX {
            return Self::parse(is_binary, &bytes);
        }
        let turn = READERS.acquire().await.expect("nobody closes it");
        let parsed = spawn_blocking(move || {
            let _held = (turn, place);
            Self::parse(is_binary, &bytes)
        });
        parsed.await.expect("reading a body does not panic")
    }

    fn parse(is_binary: bool, body: &[u8]) -> Result<Self, ApiError> {
        if is_binary {
            let read = decode_transactions(body, TRANSACTIONS_PER_REQUEST_MAX);
            return read.map(Self::Many).map_err(refused);
        }
        let is_array = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
        if !is_array {
            return extract::parse(body).map(|one| Self::One(Box::new(one)));
        }
        let transactions: Vec<SignedTransaction> = extract::parse(body)?;
        if transactions.is_empty() || transactions.len() > TRANSACTIONS_PER_REQUEST_MAX {
            let message = format!("an array has 1 to {TRANSACTIONS_PER_REQUEST_MAX} transactions");
            return Err(ApiError::bad_request("array_length", message));
        }
        Ok(Self::Many(transactions))
    }
}

/// The answer to an array: binary if `Accept` names the form, otherwise JSON.
pub(super) fn answer(headers: &HeaderMap, results: Vec<TransactionStatus>) -> Response {
    if names_binary(headers, &header::ACCEPT) {
        ([(header::CONTENT_TYPE, MEDIA_TYPE)], encode_statuses(&results)).into_response()
    } else {
        Json(SubmissionResults { results }).into_response()
    }
}

fn refused(error: BinaryError) -> ApiError {
    let code = match error {
        BinaryError::Count { .. } => "array_length",
        BinaryError::UnknownVersion { .. }
        | BinaryError::Transaction { .. }
        | BinaryError::Malformed { .. }
        | BinaryError::BytesLeft { .. } => "malformed_body",
    };
    ApiError::bad_request(code, error)
}

/// Whether a header names the media type of the binary form, among others or alone.
fn names_binary(headers: &HeaderMap, name: &HeaderName) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let mut types = values.flat_map(|value| value.split(','));
    types.any(|named| {
        let essence = named.split(';').next().unwrap_or_default();
        essence.trim().eq_ignore_ascii_case(MEDIA_TYPE)
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use futures::FutureExt;

    use super::*;

    /// This runtime's only thread is the one that would read.
    #[tokio::test]
    async fn a_large_body_is_read_on_another_thread() {
        let read = |bytes: u64| {
            let body = Body { bytes: vec![b' '; bytes as usize].into(), place: None };
            async move { Submission::read(&HeaderMap::new(), body).await.is_err() }
        };
        assert_eq!(read(SMALL_BODY_BYTES_MAX).now_or_never(), Some(true));
        let mut large = Box::pin(read(64 * SMALL_BODY_BYTES_MAX));
        assert_eq!((&mut large).now_or_never(), None);
        assert!(large.await, "spaces are no transaction");
    }

    #[test]
    fn the_media_type_is_found_however_it_is_written() {
        let names = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::ACCEPT, HeaderValue::from_static(value));
            }
            names_binary(&headers, &header::ACCEPT)
        };
        for values in [
            &["application/octet-stream"][..],
            &["Application/Octet-Stream"],
            &["application/octet-stream; q=1"],
            &["application/json;q=0.5, application/octet-stream"],
            &["application/json", "application/octet-stream"],
        ] {
            assert!(names(values), "{values:?}");
        }
        for values in [&[][..], &["*/*"], &["application/json"], &["application/octet-streams"]] {
            assert!(!names(values), "{values:?}");
        }
    }
}
