//! The exporter: `/metrics` on a listener of its own, away from the public API.
//!
//! A request of `/metrics` samples the values that change slowly or belong to no stage.
//! Transactions of sealed, proven, submitted and finalised batches are counted from the events that
//! subscribers get.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, oneshot};
use tokio::time::MissedTickBehavior;

use crate::api::server::{self, ConnectionLimits};
use crate::api::{ApiError, ApiState};
use crate::error::StageError;
use crate::events::Event;
use crate::limits::{EVENT_SUBSCRIBERS_MAX, METRICS_CONNECTIONS_MAX, METRICS_INTERVAL};
use crate::metrics::{self, Sample};
use crate::ordering::{Command, Load};
use crate::store::{BatchState, JobCounts, now_ms};

/// The content type of Prometheus's text format.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4";

#[derive(Debug, Clone)]
struct ExporterState {
    api: ApiState,
    recorder: PrometheusHandle,
}

/// Serves metrics until the process is told to stop.
///
/// # Errors
/// `StageError::Http` when the listener fails; `StageError::Store` when the store fails;
/// `StageError::Gone` when the sender of events is gone.
pub(crate) async fn run(listener: TcpListener, api: ApiState) -> Result<(), StageError> {
    let recorder = metrics::recorder();
    let events = api.events.subscribe();
    let state = ExporterState { api: api.clone(), recorder: recorder.clone() };
    let router = Router::new().route("/metrics", get(show)).with_state(state);
    let stopped = api.stopped.clone();
    let limits =
        ConnectionLimits { all: METRICS_CONNECTIONS_MAX, per_address: METRICS_CONNECTIONS_MAX };
    let serve = server::serve(listener, router, limits, stopped);
    tokio::select! {
        served = serve => served,
        counted = count(&api, recorder, events) => counted,
    }
}

/// Counts the transactions of each batch that reaches a new state, and empties the recorder's
/// buffers.
async fn count(
    api: &ApiState,
    recorder: PrometheusHandle,
    mut events: broadcast::Receiver<Event>,
) -> Result<(), StageError> {
    let mut clock = tokio::time::interval(METRICS_INTERVAL);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let event = tokio::select! {
            _ = clock.tick() => {
                recorder.run_upkeep();
                continue;
            }
            event = events.recv() => event,
        };
        match event {
            Ok(Event::Batch { number, state }) => {
                if let Some(batch) = api.store.batch(number).await? {
                    metrics::reached(state.name(), batch.sealed.transactions as usize);
                }
            }
            // The log counts the transactions of blocks.
            Ok(Event::Block { .. }) => {}
            Err(RecvError::Lagged(lost)) => tracing::warn!(lost, "metrics miss events"),
            Err(RecvError::Closed) => return Err(StageError::Gone { stage: "events" }),
        }
    }
}

async fn show(State(state): State<ExporterState>) -> Result<impl IntoResponse, ApiError> {
    metrics::sampled(&sample(&state.api).await?);
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], state.recorder.render()))
}

async fn sample(api: &ApiState) -> Result<Sample, ApiError> {
    let (answer, load) = oneshot::channel();
    let sent = api.commands.send(Command::Load { answer }).await;
    sent.map_err(|_| ApiError::stopping())?;
    let Load { waiting, open_batch, newest_block: _, pause: _ } =
        load.await.map_err(|_| ApiError::stopping())?;
    let head = api.view.head();
    let open = open_batch.unwrap_or_default();
    let mut batches = vec![("open", u64::from(open_batch.is_some()), open)];
    for state in [BatchState::Sealed, BatchState::Proven, BatchState::Submitted] {
        let count = api.store.count_batches_in(state).await?;
        let oldest = api.store.oldest_batch_in(state).await?;
        batches.push((state.name(), count, age(oldest.map(|batch| batch.sealed_ms))));
    }
    let JobCounts { waiting: unready, ready, leased, done: _, quarantined } =
        api.store.job_counts().await?;
    Ok(Sample {
        mempool: waiting,
        subscribers: EVENT_SUBSCRIBERS_MAX - api.subscribers.available_permits(),
        block: head.block,
        batches,
        jobs: [
            ("waiting", unready),
            ("ready", ready),
            ("leased", leased),
            ("quarantined", quarantined),
        ],
    })
}

/// The time since `since_ms`, in Unix milliseconds; zero without a value.
fn age(since_ms: Option<u64>) -> Duration {
    Duration::from_millis(since_ms.map_or(0, |since| now_ms().saturating_sub(since)))
}
