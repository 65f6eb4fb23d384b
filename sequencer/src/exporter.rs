//! The exporter: `/metrics` on a listener of its own, away from the public API.
//!
//! A request of `/metrics` samples the values that change slowly or belong to no stage. A follower
//! tells only what is its own, and the leader everything else.
//! Transactions of sealed, proven, submitted and finalised batches are counted from the events that
//! subscribers get.

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use sheaf_wire::events::BatchEvent;
use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;

use crate::api::places::PlaceLimits;
use crate::api::{ApiError, ApiState, server};
use crate::error::StageError;
use crate::events::{Event, Read, Reader};
use crate::limits::{
    ADMISSION_QUEUE, CONNECTION_PATIENCE, EXPORTER_CONNECTIONS_MAX, HELD_PAYMENTS_MAX,
    INDEX_RECENT_RECORDS_MAX, INTAKE_PAYMENTS_MAX, LOG_QUEUE, METRICS_INTERVAL, ORDERING_QUEUE,
    READY_PAYMENTS_MAX, UNSEALED_BATCHES_MAX,
};
use crate::metrics::{self, Batches, PipelineSample, Queue, Sample};
use crate::ordering::{Load, QueueLengths};
use crate::store::{BatchRow, BatchState, BlockLog as _, JobCounts, now_ms};

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
/// `StageError::Http` when the listener fails; `StageError::Store` when the store fails.
pub(crate) async fn run(listener: TcpListener, api: ApiState) -> Result<(), StageError> {
    let recorder = metrics::recorder();
    let events = api.events.read();
    let state = ExporterState { api: api.clone(), recorder: recorder.clone() };
    let router = Router::new().route("/metrics", get(show)).with_state(state);
    let stopped = api.stopped.clone();
    let limits = PlaceLimits {
        all: EXPORTER_CONNECTIONS_MAX,
        per_address: EXPORTER_CONNECTIONS_MAX,
        patience: Some(CONNECTION_PATIENCE),
    };
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
    mut events: Reader,
) -> Result<(), StageError> {
    let mut clock = tokio::time::interval(METRICS_INTERVAL);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let read = tokio::select! {
            _ = clock.tick() => {
                recorder.run_upkeep();
                continue;
            }
            read = events.next() => read,
        };
        match read {
            // The log counts the transactions of blocks.
            Read::Happened(happened) => {
                if let Event::Batch(BatchEvent { number, state, .. }) = happened.event
                    && let Some(batch) = api.store.batch(number).await?
                {
                    note(&batch, state);
                }
            }
            Read::Missed(lost) => tracing::warn!(lost, "metrics miss events"),
        }
    }
}

async fn show(State(state): State<ExporterState>) -> Result<impl IntoResponse, ApiError> {
    metrics::sampled(&sample(&state.api).await?);
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], state.recorder.render()))
}

async fn sample(api: &ApiState) -> Result<Sample, ApiError> {
    let pipeline = match api.store.leads() {
        true => Some(pipeline(api).await?),
        false => None,
    };
    let (block, index_runs) = (api.view.head().block, api.index.runs());
    Ok(Sample { block, index_runs, pipeline })
}

async fn pipeline(api: &ApiState) -> Result<PipelineSample, ApiError> {
    let load = api.load().await?;
    let head = api.view.head();
    let is_late = load.newest_block.filter(|newest| newest.number > head.block);
    let JobCounts { waiting: unready, ready, leased, done: _, quarantined } =
        api.store.job_counts().await?;
    Ok(PipelineSample {
        mempool: load.waiting,
        subscribers: api.subscribers.taken(),
        is_paused: load.pause.is_some(),
        block_wait: age(is_late.map(|newest| newest.executed_ms)),
        epoch: api.store.epoch(),
        queues: queues(api, load.queues).await?,
        batches: batches(api, load).await?,
        jobs: [
            ("waiting", unready),
            ("ready", ready),
            ("leased", leased),
            ("quarantined", quarantined),
        ],
    })
}

/// The queues of the pipeline, in its order.
async fn queues(api: &ApiState, ordering: QueueLengths) -> Result<Vec<Queue>, ApiError> {
    let head = api.view.head();
    let closed = head.batch - u64::from(head.batch_is_open);
    let unsealed = closed.saturating_sub(*api.sealed.borrow());
    let not_final = closed.saturating_sub(api.store.last_finalised().await?);
    let (transactions, payments) = api.intake.lengths();
    let QueueLengths { admissions, ready, held, blocks } = ordering;
    let records = api.index.recent_records();
    let in_memory = [
        ("intake_transactions", transactions, ADMISSION_QUEUE),
        ("intake_payments", payments, INTAKE_PAYMENTS_MAX),
        ("admitted_transactions", admissions, ORDERING_QUEUE),
        ("ready_payments", ready, READY_PAYMENTS_MAX),
        ("held_payments", held, HELD_PAYMENTS_MAX),
        ("executed_blocks", blocks, LOG_QUEUE),
        ("index_records", records, INDEX_RECENT_RECORDS_MAX),
    ];
    let in_memory = in_memory.map(|(name, length, limit)| {
        let (length, limit) = (length as u64, limit as u64);
        Queue { name, length, limit }
    });
    let behind = [
        Queue { name: "unsealed_batches", length: unsealed, limit: UNSEALED_BATCHES_MAX },
        Queue {
            name: "not_final_batches",
            length: not_final,
            limit: api.config.service.not_final_batches.get(),
        },
    ];
    Ok(in_memory.into_iter().chain(behind).collect())
}

/// The batches that are not final. The ages are those that `/healthz` compares with its limits.
async fn batches(api: &ApiState, load: Load) -> Result<Vec<Batches>, ApiError> {
    let (head, limits, unsealed) = (api.view.head(), api.config.health, api.unsealed(load));
    let mut batches = vec![Batches {
        state: "open",
        count: u64::from(head.batch_is_open),
        age: unsealed.age,
        age_limit: unsealed.limit,
    }];
    for (state, age_limit) in [
        (BatchState::Sealed, limits.proof_age_max),
        (BatchState::Proven, limits.finality_age_max),
        (BatchState::Submitted, limits.finality_age_max),
    ] {
        let count = api.store.count_batches_in(state).await?;
        let oldest = api.store.oldest_batch_in(state).await?;
        let age = age(oldest.map(|batch| batch.sealed_ms));
        batches.push(Batches { state: state.name(), count, age, age_limit });
    }
    Ok(batches)
}

/// Notes how long a batch took to reach `state` from the stage before.
fn note(batch: &BatchRow, state: BatchState) {
    let BatchRow { sealed, sealed_ms, proven_ms, submitted_ms, finalised_ms, .. } = batch;
    let opened_ms = u64::from(sealed.timestamp) * 1_000;
    let (from, to) = match state {
        BatchState::Sealed => (Some(opened_ms), Some(*sealed_ms)),
        BatchState::Proven => (Some(*sealed_ms), *proven_ms),
        BatchState::Submitted => (*proven_ms, *submitted_ms),
        // A stand-in may have finalised the batch before this process has sent it.
        BatchState::Finalised => (submitted_ms.or(*proven_ms), *finalised_ms),
    };
    if let (Some(from), Some(to)) = (from, to) {
        metrics::batch_took(state.name(), Duration::from_millis(to.saturating_sub(from)));
    }
    metrics::reached(state.name(), batch.sealed.transactions as usize);
}

/// The time since `since_ms`, in Unix milliseconds; zero without a value.
fn age(since_ms: Option<u64>) -> Duration {
    Duration::from_millis(since_ms.map_or(0, |since| now_ms().saturating_sub(since)))
}
