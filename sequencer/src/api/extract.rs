//! Extractors of bodies, path segments and query strings. They refuse malformed input with errors
//! of this API instead of the framework's.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::time::Instant;

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::places::Place;
use super::rate::Source;
use super::reading::{read_json, read_parameters, read_segment};
use super::{ApiError, ApiState};
use crate::limits::SMALL_BODY_BYTES_MAX;
use crate::metrics;

/// The bytes of a body, up to the route's limit, with the place that a large body takes.
pub(super) struct Body {
    pub bytes: Bytes,
    pub place: Option<Place>,
}

/// A JSON body of the form `T`, which refuses unknown fields.
pub(super) struct JsonBody<T>(pub T);

/// A path segment of the form `T`.
pub(super) struct Segment<T>(pub T);

/// A query string of the form `T`.
pub(super) struct Parameters<T>(pub T);

impl FromRequest<ApiState> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let place = place(&request, state)?;
        let reading = Bytes::from_request(request, state);
        let bytes = match &place {
            None => reading.await,
            Some(place) => tokio::select! {
                bytes = reading => bytes,
                () = place.holder.told_to_leave() => return Err(ApiError::body_too_slow()),
            },
        };
        let bytes = bytes.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                let message = "the body is larger than this route allows";
                ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message)
            }
            _ if is_too_slow(&rejection) => ApiError::body_too_slow(),
            _ => ApiError::bad_request("body_unreadable", "the body could not be read"),
        })?;
        if let Some(place) = &place {
            place.holder.works();
        }
        Ok(Self { bytes, place })
    }
}

/// The place that a body takes while it arrives and until it is read; none for a small body.
///
/// # Errors
/// 503 `overloaded` when there is no place.
fn place(request: &Request, state: &ApiState) -> Result<Option<Place>, ApiError> {
    let bytes = request.body().size_hint().upper();
    if bytes.is_some_and(|bytes| bytes <= SMALL_BODY_BYTES_MAX) {
        return Ok(None);
    }
    let source = request.extensions().get::<Source>();
    let source = *source.expect("the server gives every request its source");
    let place = state.bodies.take(source, Instant::now());
    place.map(Some).map_err(|_| {
        metrics::refused("bodies");
        ApiError::overloaded()
    })
}

/// Whether a body could not be read because `PacedBody` waited for it too long.
fn is_too_slow(error: &(dyn Error + 'static)) -> bool {
    let is_timeout = |error: &io::Error| error.kind() == ErrorKind::TimedOut;
    error.downcast_ref().is_some_and(is_timeout) || error.source().is_some_and(is_too_slow)
}

impl<T: DeserializeOwned> FromRequest<ApiState> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let Body { bytes, .. } = Body::from_request(request, state).await?;
        parse(&bytes).map(Self)
    }
}

/// Reads a JSON value of the form `T`.
///
/// # Errors
/// 400 `malformed_body` when `bytes` are not of that form; the message names the place.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    read_json(bytes).map_err(|reason| ApiError::bad_request("malformed_body", reason))
}

/// The length of a page of `what`: `limit`, or the most if the client names none.
///
/// # Errors
/// 400 `page_length` unless the length is 1 to `most`.
pub(super) fn page_length(limit: Option<u32>, most: u32, what: &str) -> Result<u32, ApiError> {
    match limit.unwrap_or(most) {
        limit if (1..=most).contains(&limit) => Ok(limit),
        _ => {
            let message = format!("a page has 1 to {most} {what}");
            Err(ApiError::bad_request("page_length", message))
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segment<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let refused = |reason: String| ApiError::bad_request("malformed_path", reason);
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| refused("the path is not UTF-8".to_owned()))?;
        read_segment(&text).map(Self).map_err(refused)
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let refused = |reason: String| ApiError::bad_request("malformed_query", reason);
        let query = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let Query(pairs) = query.map_err(|_| refused("the query is not UTF-8".to_owned()))?;
        read_parameters(pairs).map(Self).map_err(refused)
    }
}
