//! The HTTP API: what clients and workers may ask, under `/v1`.
//!
//! Handlers read the view, the directory and the store, and put what is new into queues; they
//! decide nothing. Every answer but a stream is JSON; every error has a code.

mod accounts;
mod batches;
mod error;
mod events;
mod extract;
mod health;
mod openapi;
pub mod schema;
mod status;
mod transactions;
mod workers;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, broadcast, mpsc, watch};

use crate::config::Config;
use crate::directory::Directory;
use crate::error::StageError;
use crate::events::Event;
use crate::intake::Intake;
use crate::limits::{BODY_BYTES_MAX, PROOF_BYTES_MAX, REQUEST_TIMEOUT, SHUTDOWN_TIMEOUT};
use crate::ordering::Command;
use crate::proving::Proving;
use crate::store::Store;
use crate::tracker::Tracker;
use crate::view::View;

pub use error::{ApiError, ErrorBody, ErrorDetail};
pub use openapi::document;

/// What handlers reach: reading places and queues' ends.
#[derive(Debug, Clone)]
pub struct ApiState {
    pub config: Arc<Config>,
    pub store: Store,
    pub directory: Arc<Directory>,
    pub view: Arc<View>,
    pub tracker: Arc<Tracker>,
    pub intake: Intake,
    pub commands: mpsc::Sender<Command>,
    pub proving: Proving,
    pub events: broadcast::Sender<Event>,
    /// One permit for each open stream of events.
    pub subscribers: Arc<Semaphore>,
    /// The newest sealed batch.
    pub sealed: watch::Receiver<u64>,
}

/// Serves until `stopped` turns true, then lets open requests end for a while.
///
/// # Errors
/// `StageError::Http` when the listener fails.
pub async fn serve(
    listener: TcpListener,
    state: ApiState,
    mut stopped: watch::Receiver<bool>,
) -> Result<(), StageError> {
    let mut also_stopped = stopped.clone();
    let server = axum::serve(listener, router(state)).with_graceful_shutdown(async move {
        // A sender that is gone means the same.
        let _ = stopped.wait_for(|stop| *stop).await;
    });
    // Streams of events never end by themselves.
    let patience = async move {
        let _ = also_stopped.wait_for(|stop| *stop).await;
        tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
    };
    tokio::select! {
        served = server.into_future() => served.map_err(|source| StageError::Http { source }),
        () = patience => Ok(()),
    }
}

/// All routes.
pub fn router(state: ApiState) -> Router {
    let workers = Router::new()
        .route("/v1/jobs/lease", post(workers::lease))
        .route("/v1/jobs/{id}/inputs", get(workers::inputs))
        .route("/v1/jobs/{id}/heartbeat", post(workers::heartbeat))
        .route(
            "/v1/jobs/{id}/complete",
            post(workers::complete).layer(DefaultBodyLimit::max(PROOF_BYTES_MAX)),
        )
        .route("/v1/jobs/{id}/fail", post(workers::fail))
        .route("/v1/jobs/{id}/requeue", post(workers::requeue))
        .layer(middleware::from_fn_with_state(state.clone(), workers::authorise));
    Router::new()
        .route("/v1/transactions", post(transactions::submit))
        .route("/v1/transactions/{id}", get(transactions::status))
        .route("/v1/accounts/{owner}", get(accounts::account))
        .route("/v1/accounts/{owner}/nonce", get(accounts::nonce))
        .route("/v1/slots/{index}", get(accounts::slot))
        .route("/v1/batches", get(batches::list))
        .route("/v1/batches/{number}", get(batches::batch))
        .route("/v1/batches/{number}/proof", get(batches::proof))
        .route("/v1/status", get(status::status))
        .route("/v1/fees/quote", get(status::quote))
        .route("/v1/events", get(events::stream))
        .route("/openapi.json", get(openapi::serve))
        .route("/healthz", get(health::health))
        .merge(workers)
        .fallback(async || ApiError::not_found("route", "there is no such route"))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(limit_time))
        .with_state(state)
}

/// Answers 408 where a handler takes too long, reading the body included.
async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the request took too long")
                .into_response()
        }
    }
}
