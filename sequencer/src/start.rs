//! Start and end: recovery, then every stage as a task of its own, joined by bounded queues.
//!
//! The first stage that ends, for whatever reason, ends all, the API last, which tells those who
//! wait. Told to stop, the API ends first and closing queues carry the end from stage to stage, so
//! that what was accepted becomes durable.

use std::net::SocketAddr;
use std::sync::Arc;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, broadcast, mpsc, watch};
use tokio::task::{JoinError, JoinSet};

use crate::admission::{self, Admitter, KeyCache};
use crate::agreement;
use crate::api::{self, ApiState};
use crate::config::Config;
use crate::error::StageError;
use crate::events::Event;
use crate::exporter;
use crate::inbox::Inbox;
use crate::intake::Intake;
use crate::l1::L1Error;
use crate::limits::{
    COMMAND_QUEUE, EVENT_SUBSCRIBERS_MAX, EVENTS_KEPT, INBOX_QUEUE, LOG_QUEUE, ORDERING_QUEUE,
    STOP_TIMEOUT,
};
use crate::log::Log;
use crate::metrics;
use crate::ordering::{BatchPolicy, Engine, Gate, Ordering};
use crate::proving::{self, BatchLimits, Proving};
use crate::recovery::{self, Recovered};
use crate::sealing::SealingStage;
use crate::store::{Store, StoreError};
use crate::tracker::Tracker;

/// Why a sequencer did not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error("the store could not be opened ({})", .0.code())]
    Store(#[from] StoreError),
    #[error("the database cannot be held against L1, or does not fit it ({})", .0.code())]
    L1(#[from] L1Error),
    #[error("what the database holds does not fit together ({})", .0.code())]
    Recovery(#[from] StageError),
    #[error("the circuits are too small for any batch: {limits:?}")]
    CircuitsTooSmall { limits: BatchLimits },
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: std::io::Error },
}

/// The whole pipeline.
#[derive(Debug)]
pub struct Sequencer;

/// A running sequencer. Dropped, it stops at once, as if the process had been killed.
#[derive(Debug)]
pub struct Handle {
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    store: Store,
    events: broadcast::Sender<Event>,
    stop: watch::Sender<bool>,
    /// The API, which outlives the others to tell whoever waits for them.
    api: Stages,
    stages: Stages,
}

/// A stage that has ended: its name, and how.
type Ended = (&'static str, Result<(), StageError>);

type Stages = JoinSet<Ended>;

impl Sequencer {
    /// Opens the database, holds it against L1, recovers what it holds, and starts every stage.
    ///
    /// # Errors
    /// When the database cannot be used or does not fit L1, or the address is taken.
    pub async fn start(config: Config) -> Result<Handle, StartError> {
        let limits = config.verifier.limits();
        if !limits.are_usable() {
            return Err(StartError::CircuitsTooSmall { limits });
        }
        let store = Store::open(&config.database, config.rollup()).await?;
        if let Some(l1) = &config.l1 {
            agreement::check_database(&store, l1).await?;
        }
        let recovered = recovery::recover(&store, config.domain()).await?;
        let listeners = Listeners {
            api: listen(config.listen).await?,
            metrics: match config.service.metrics {
                Some(address) => Some(listen(address).await?),
                None => None,
            },
        };
        let (_, address) = listeners.api;
        tracing::info!(%address, sealed_batch = recovered.sealed_batch, "sequencer starts");
        Ok(spawn(config, store, recovered, listeners).await?)
    }
}

/// What the process listens on, and where that is.
struct Listeners {
    api: (TcpListener, SocketAddr),
    metrics: Option<(TcpListener, SocketAddr)>,
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

async fn spawn(
    config: Config,
    store: Store,
    recovered: Recovered,
    listeners: Listeners,
) -> Result<Handle, StoreError> {
    let Recovered { tree, sealed_batch, directory, view, position } = recovered;
    let (domain, tracker) = (config.domain(), Arc::new(Tracker::default()));
    let (intake, submitted) = Intake::new();
    let (admissions, admitted) = mpsc::channel(ORDERING_QUEUE);
    let (requests, requested) = mpsc::channel(INBOX_QUEUE);
    let (commands, commanded) = mpsc::channel(COMMAND_QUEUE);
    let (blocks, executed) = mpsc::channel(LOG_QUEUE);
    let (events, _) = broadcast::channel(EVENTS_KEPT);
    let (head, durable) = watch::channel(view.head());
    let (sealed, newest_sealed) = watch::channel(sealed_batch);
    let (finalised, newest_final) = watch::channel(store.last_finalised().await?);
    let (stop, stopped) = watch::channel(false);

    let api_state = ApiState {
        config: Arc::new(config.clone()),
        store: store.clone(),
        directory: Arc::clone(&directory),
        view: Arc::clone(&view),
        tracker: Arc::clone(&tracker),
        intake,
        commands,
        proving: proving_of(&config, &store, &events),
        events: events.clone(),
        subscribers: Arc::new(Semaphore::new(EVENT_SUBSCRIBERS_MAX)),
        sealed: newest_sealed.clone(),
        stopped,
    };
    let admitter = admitter(&api_state);
    let inbox = Inbox { store: store.clone(), next: position.next_request, requests, finalised };
    let ordering = Ordering {
        engine: Engine::new(directory, policy(&config), position, config.service.execution),
        gate: Gate { finalised: newest_final, l1_time: config.l1_time },
        admissions: admitted,
        requests: requested,
        commands: commanded,
        blocks,
        sealed: newest_sealed,
        tracker: Arc::clone(&tracker),
    };
    let log =
        Log { store: store.clone(), blocks: executed, view, tracker, head, events: events.clone() };
    let sealing = SealingStage {
        store: store.clone(),
        domain,
        tree,
        verifier: config.verifier,
        head: durable,
        sealed,
        events: events.clone(),
    };

    let sweep = proving::sweep(store.clone(), config.service.lease_lifetime);
    let (mut api, mut stages) = (Stages::new(), Stages::new());
    let (listener, address) = listeners.api;
    let metrics_address = spawn_metrics(&mut stages, listeners.metrics, &api_state);
    api.spawn(async { ("api", api::serve(listener, api_state).await) });
    stages.spawn(async { ("admission", admission::run(admitter, submitted, admissions).await) });
    stages.spawn(async { ("inbox", inbox.run().await) });
    stages.spawn(async { ("ordering", ordering.run().await) });
    stages.spawn(async { ("log", log.run().await) });
    stages.spawn(async { ("sealing", sealing.run().await) });
    stages.spawn(async { ("leases", sweep.await) });
    Ok(Handle { address, metrics_address, store, events, stop, api, stages })
}

/// Serves metrics, if they are asked for. Comes before the stages, so that nothing goes uncounted.
fn spawn_metrics(
    stages: &mut Stages,
    listener: Option<(TcpListener, SocketAddr)>,
    state: &ApiState,
) -> Option<SocketAddr> {
    let (listener, address) = listener?;
    metrics::recorder();
    let state = state.clone();
    stages.spawn(async { ("metrics", exporter::run(listener, state).await) });
    Some(address)
}

fn policy(config: &Config) -> BatchPolicy {
    BatchPolicy {
        operator: config.operator,
        age_max: config.batch_age_max,
        limits: config.verifier.limits(),
    }
}

fn proving_of(config: &Config, store: &Store, events: &broadcast::Sender<Event>) -> Proving {
    let (verifier, lifetime) = (Arc::clone(&config.verifier), config.service.lease_lifetime);
    Proving::new(store.clone(), verifier, events.clone(), lifetime)
}

/// Admission looks up what the API shows.
fn admitter(state: &ApiState) -> Admitter {
    Admitter {
        domain: state.config.domain(),
        contract: state.config.contract,
        fees: state.config.fees.clone(),
        limits: state.config.verifier.limits(),
        directory: Arc::clone(&state.directory),
        view: Arc::clone(&state.view),
        tracker: Arc::clone(&state.tracker),
        keys: KeyCache::default(),
    }
}

impl Handle {
    /// Where the API listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the metrics are served, if they are.
    pub const fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// The database, for stages that the binary adds: watcher and submission.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Where subscribers hear of blocks and batches.
    pub const fn events(&self) -> &broadcast::Sender<Event> {
        &self.events
    }

    /// Adds a stage that the binary brings; when it ends, all end.
    pub fn add_stage(
        &mut self,
        name: &'static str,
        stage: impl Future<Output = Result<(), StageError>> + Send + 'static,
    ) {
        self.stages.spawn(async move { (name, stage.await) });
    }

    /// Runs until `stop` is over, then ends in order and returns what it said; or until a stage
    /// ends, then ends the others at once.
    ///
    /// # Errors
    /// The error of the stage that ended first; `Gone` when it ended without one, which it must
    /// not.
    pub async fn run<T>(mut self, stop: impl Future<Output = T>) -> Result<T, StageError> {
        let first = tokio::select! {
            said = stop => {
                self.stop().await?;
                return Ok(said);
            }
            ended = self.api.join_next() => ended,
            ended = self.stages.join_next() => ended,
        };
        let error = match first.expect("stages were spawned at the start, and none has ended") {
            Ok((stage, Ok(()))) => StageError::Gone { stage },
            Ok((stage, Err(error))) => {
                tracing::error!(stage, code = error.code(), "stage ended");
                error
            }
            Err(source) => StageError::Panicked { source },
        };
        self.stages.shutdown().await;
        // Whoever waits for an outcome is told now that it is not known.
        self.stop.send_replace(true);
        while self.api.join_next().await.is_some() {}
        self.store.close().await;
        Err(error)
    }

    /// Stops accepting, makes durable what was accepted, and ends; after `STOP_TIMEOUT` it ends
    /// as it is, which loses nothing that was acknowledged.
    ///
    /// # Errors
    /// The first error of a stage on the way.
    pub async fn stop(mut self) -> Result<(), StageError> {
        self.stop.send_replace(true);
        let ended = tokio::time::timeout(STOP_TIMEOUT, self.end_in_order()).await;
        if ended.is_err() {
            tracing::warn!("not every stage has ended in {} s", STOP_TIMEOUT.as_secs());
        }
        self.api.shutdown().await;
        self.stages.shutdown().await;
        self.store.close().await;
        ended.unwrap_or(Ok(()))
    }

    /// Waits until the API has ended, and those that then follow: admission, ordering, log and
    /// sealing.
    async fn end_in_order(&mut self) -> Result<(), StageError> {
        let mut result = Ok(());
        while let Some(ended) = self.api.join_next().await {
            result = result.and(outcome(ended).map(drop));
        }
        while let Some(ended) = self.stages.join_next().await {
            match outcome(ended) {
                Ok("sealing") => break,
                Ok(_) => {}
                // A stage that misses its neighbour says so, but here none failed.
                Err(StageError::Gone { .. }) => {}
                Err(error) => result = result.and(Err(error)),
            }
        }
        result
    }
}

/// The stage that ended, or why it did.
fn outcome(ended: Result<Ended, JoinError>) -> Result<&'static str, StageError> {
    let (stage, result) = ended.map_err(|source| StageError::Panicked { source })?;
    result.map(|()| stage)
}
