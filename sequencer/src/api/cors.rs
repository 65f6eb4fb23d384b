//! Requests of pages that other servers have sent: a browser lets a page read an answer only if
//! the answer says so.
//!
//! Every answer may be read by every page, because the API has no cookies: a request proves who
//! sends it by a signature or by a token, which a page must have been given. The routes of workers
//! are left out, because a sequencer on a loopback address may give jobs without a token, and no
//! page that its operator happens to read is a worker.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const ANY_ORIGIN: (HeaderName, HeaderValue) =
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));

/// What a page may read of an answer, beside the body.
const EXPOSED: (HeaderName, HeaderValue) =
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Retry-After"));

/// The answer to a browser that asks, before it sends a request, whether it may: which methods and
/// headers, and for how many seconds the answer holds.
const PREFLIGHT: [(HeaderName, HeaderValue); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST")),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("Authorization, Content-Type, Last-Event-ID"),
    ),
    (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
];

/// Answers a browser's question, and lets pages read every other answer, except on the routes in
/// `closed`.
pub(super) async fn answer(
    State(closed): State<Arc<BTreeSet<&'static str>>>,
    matched: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    if matched.is_some_and(|path| closed.contains(path.as_str())) {
        return next.run(request).await;
    }
    let asks = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if request.method() == Method::OPTIONS && asks {
        return open((StatusCode::NO_CONTENT, PREFLIGHT).into_response());
    }
    open(next.run(request).await)
}

/// The answer, which any page may read.
pub(super) fn open(mut response: Response) -> Response {
    response.headers_mut().extend([ANY_ORIGIN, EXPOSED]);
    response
}
