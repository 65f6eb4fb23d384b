//! The HTTP API for clients, workers and the operator, under `/v1`, and `/healthz`.
//!
//! Handlers read the view, the directory and the store. They pass transactions and commands into
//! queues, and the messages of workers to `Proving`; they decide nothing. Answers are JSON, except
//! the stream of events and the inputs of a job, which are bytes. Every error has a code. Addresses
//! that no route has lead to the explorer.

mod accounts;
mod batches;
mod blobs;
mod blocks;
mod contents;
mod cors;
mod docs;
mod error;
mod events;
mod explorer;
mod extract;
mod health;
mod history;
mod l1;
mod observation;
mod openapi;
mod pace;
pub(crate) mod places;
mod rate;
mod readers;
mod reading;
mod routes;
pub(crate) mod server;
mod status;
mod submission;
mod transactions;
mod words;
mod workers;

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use sheaf_wire::l1::TokenBody;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

use crate::config::Config;
use crate::directory::Directory;
use crate::error::StageError;
use crate::events::Events;
use crate::final_accounts::FinalAccounts;
use crate::index::Index;
use crate::intake::Intake;
use crate::limits::{BODY_BYTES_MAX, CONNECTION_PATIENCE, RATED_ADDRESSES_MAX, REQUEST_TIMEOUT};
use crate::metrics;
use crate::operator_account::OperatorAccount;
use crate::ordering::Command;
use crate::paths::Paths;
use crate::proving::Proving;
use crate::store::Store;
use crate::tracker::Tracker;
use crate::unconfirmed::Unconfirmed;
use crate::view::View;
use places::{PlaceLimits, Places};
use rate::{Rates, Source};

pub use error::ApiError;
pub use openapi::document;
pub use readers::Readers;

/// The state that handlers share: the places that they read, and their ends of the queues.
#[derive(Debug, Clone)]
pub struct ApiState {
    pub config: Arc<Config>,
    pub store: Store,
    pub index: Arc<Index>,
    pub directory: Arc<Directory>,
    pub view: Arc<View>,
    pub tracker: Arc<Tracker>,
    pub intake: Intake,
    /// The account that submits batches, once it was read.
    pub operator: watch::Receiver<Option<OperatorAccount>>,
    /// Whether the database has been compared with L1 since the start, if there is an L1.
    pub compared: watch::Receiver<bool>,
    pub commands: mpsc::Sender<Command>,
    /// The paths of slots after the newest final batch, and their accounts.
    pub paths: Paths,
    pub final_accounts: FinalAccounts,
    /// The tokens of the contract's list, once they were read.
    pub tokens: watch::Receiver<Option<Arc<[TokenBody]>>>,
    /// The requests of L1 that are not confirmed yet, once they were read.
    pub unconfirmed: watch::Receiver<Option<Arc<Unconfirmed>>>,
    pub proving: Proving,
    pub events: Arc<Events>,
    /// A place for each open stream of events.
    pub subscribers: Arc<Places>,
    /// A place for each body that arrives and is not small.
    pub bodies: Arc<Places>,
    /// Those who read pages of history.
    pub readers: Readers,
    /// The newest sealed batch.
    pub sealed: watch::Receiver<u64>,
    /// True once the process must end.
    pub stopped: watch::Receiver<bool>,
}

/// Serves until `state.stopped` is true, then waits for open connections, for `SHUTDOWN_TIMEOUT` at
/// most.
///
/// # Errors
/// `StageError::Http` when the listener fails for good.
pub async fn serve(listener: TcpListener, state: ApiState) -> Result<(), StageError> {
    let stopped = state.stopped.clone();
    let service = &state.config.service;
    let limits = PlaceLimits {
        all: service.connections,
        per_address: service.connections_per_address,
        patience: Some(CONNECTION_PATIENCE),
    };
    server::serve(listener, router(state), limits, stopped).await
}

/// All routes, with the limits that apply to each route: size of the body, time and rate.
fn router(state: ApiState) -> Router {
    let rates =
        Rates::new(state.config.service.requests_per_second, RATED_ADDRESSES_MAX, Instant::now());
    let router = routes::router(&state).merge(docs::router());
    let router = if state.config.service.explorer {
        router.fallback(explorer::serve)
    } else {
        router.fallback(explorer::no_route)
    };
    router
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::from_fn(limit_time))
        .layer(middleware::from_fn_with_state(Arc::new(rates), limit_rate))
        .layer(middleware::from_fn_with_state(Arc::new(routes::of_workers()), cors::answer))
        .layer(middleware::from_fn(observation::observe))
        .with_state(state)
}

/// Answers 429 when an address has used up its allowance of requests.
async fn limit_rate(
    State(rates): State<Arc<Rates>>,
    Extension(source): Extension<Source>,
    request: Request,
    next: Next,
) -> Response {
    if rates.take(source, Instant::now()) {
        return next.run(request).await;
    }
    metrics::refused("requests");
    ApiError::rate_limited().into_response()
}

/// Answers 408 when a handler takes longer than `REQUEST_TIMEOUT`, reading the body included.
async fn limit_time(request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await;
    answered.unwrap_or_else(|_| ApiError::timeout().into_response())
}
