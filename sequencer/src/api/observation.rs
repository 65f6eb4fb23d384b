//! Observation: each request's span, its time and its answer.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use tracing::field::Empty;
use tracing::{Instrument, debug_span};

use crate::metrics;

/// The route of a request that no route matches.
const NO_ROUTE: &str = "none";

/// Runs a request in its span, counts its answer and notes how long the answer took. The body of a
/// stream follows the answer and is not waited for.
pub(super) async fn observe(
    matched: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    let route = matched.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let span = debug_span!("request", method = %request.method(), route, status = Empty);
    let response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("status", status.as_u16());
    metrics::answered(route, status.as_str(), start.elapsed());
    response
}
