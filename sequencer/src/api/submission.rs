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

use super::ApiError;
use super::extract::parse;
use crate::limits::TRANSACTIONS_PER_REQUEST_MAX;

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
    /// # Errors
    /// 400 `array_length` for an array of another length, `malformed_body` for bytes that are not
    /// of the form.
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, ApiError> {
        if names_binary(headers, &header::CONTENT_TYPE) {
            let read = decode_transactions(body, TRANSACTIONS_PER_REQUEST_MAX);
            return read.map(Self::Many).map_err(refused);
        }
        let is_array = body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[');
        if !is_array {
            return parse(body).map(|one| Self::One(Box::new(one)));
        }
        let transactions: Vec<SignedTransaction> = parse(body)?;
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

    use super::*;

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
