//! Start and end of the process: recovery, then the pipeline.
//!
//! The first stage that ends, for whatever reason, ends all stages. The API ends last, so that it
//! still answers the clients that wait. On an ordinary stop the API ends first, and closing queues
//! end the other stages one after another, so that accepted transactions become durable.

use std::net::SocketAddr;
use std::sync::Arc;

use rayon::ThreadPoolBuildError;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinError;

use crate::config::Config;
use crate::derived::Held;
use crate::error::StageError;
use crate::events::Events;
use crate::following::{self, Turn};
use crate::index::Index;
use crate::l1::L1Error;
use crate::l1_clock;
use crate::limits::STOP_TIMEOUT;
use crate::listeners::Listeners;
use crate::pipeline::{Beginning, Ended, L1Known, Pipeline, comparison};
use crate::proving::BatchLimits;
use crate::recovery;
use crate::sealing;
use crate::snapshots::Snapshots;
use crate::store::{Store, StoreError};

/// Why a sequencer did not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error("the store could not be opened ({})", .0.code())]
    Store(#[from] StoreError),
    #[error("the database cannot be compared with L1, or differs from it ({})", .0.code())]
    L1(#[from] L1Error),
    #[error("what the database has does not fit together ({})", .0.code())]
    Recovery(#[from] StageError),
    #[error("the circuits are too small for any batch: {limits:?}")]
    CircuitsTooSmall { limits: BatchLimits },
    #[error("the system starts no threads for sealing: raise the limit of processes")]
    Threads(#[from] ThreadPoolBuildError),
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: std::io::Error },
}

impl StartError {
    /// Whether L1 has a batch that the database lacks, or has with another state: another account
    /// has made it.
    pub const fn is_anothers_batch(&self) -> bool {
        matches!(self, Self::L1(L1Error::UnknownBatch { .. } | L1Error::Diverged { .. }))
    }
}

/// The whole pipeline; `start` runs it.
#[derive(Debug)]
pub struct Sequencer;

/// A running sequencer. Dropping the handle stops the sequencer at once, as if the process had been
/// killed.
#[derive(Debug)]
pub struct Handle {
    address: SocketAddr,
    metrics_address: Option<SocketAddr>,
    store: Store,
    pipeline: Pipeline,
    /// Held until the process has ended, so that no other one writes derived files.
    #[expect(dead_code, reason = "held, not read")]
    derived: Held,
}

impl Sequencer {
    /// Waits for the turn to lead the database, and meanwhile serves reads if the database is on a
    /// server and another sequencer leads. Then compares the database with L1, recovers the state
    /// from it, and starts every stage. While L1 is away, a database that was compared at an
    /// earlier start is served, and compared before the stages of the L1 side begin.
    ///
    /// # Errors
    /// `CircuitsTooSmall` when the circuits cannot prove a batch with a single payment, withdrawal
    /// or request; `Store` when the database cannot be opened or read; `L1` when L1 does not answer
    /// or the database differs from it; `Recovery` when the database's parts do not agree; `Listen`
    /// when an address cannot be used.
    pub async fn start(config: Config) -> Result<Handle, StartError> {
        let limits = config.limits();
        if !limits.are_usable() {
            return Err(StartError::CircuitsTooSmall { limits });
        }
        let turn = following::turn(&config, async || listen(&config).await).await?;
        let Turn { mut store, derived, reads } = turn;
        if let Some(folder) = &config.service.archive {
            store = store.with_archive(folder).await?;
        }
        let mut l1 = L1Known { is_compared: true, time: None };
        if let Some(side) = &config.l1 {
            l1.is_compared = comparison(side, config.data_mode, &store).at_start().await?;
            if l1.is_compared {
                l1.time = side.l1.insist(|| l1_clock::read(&side.l1)).await?;
            }
        }
        let folder = config.derived();
        let (index, snapshots) =
            (Index::open(&folder, store.base().block)?, Snapshots::new(&folder));
        let recovered = recovery::recover(&store, &snapshots, config.domain(), &index)
            .await
            .map_err(StageError::from)?;
        let finalised = store.last_finalised().await?;
        let listeners = match reads {
            Some(reads) => reads.end(),
            None => listen(&config).await?,
        };
        let (_, address) = listeners.api;
        let metrics_address = listeners.metrics.as_ref().map(|(_, address)| *address);
        tracing::info!(%address, sealed_batch = recovered.sealed_batch, "sequencer starts");
        let beginning = Beginning {
            config,
            store: store.clone(),
            index: Arc::new(index),
            snapshots,
            sealing: sealing::threads()?,
            recovered,
            finalised,
            l1,
        };
        let pipeline = Pipeline::start(beginning, listeners);
        Ok(Handle { address, metrics_address, store, pipeline, derived })
    }
}

/// Listens where the configuration says.
async fn listen(config: &Config) -> Result<Listeners, StartError> {
    let api = listen_at(config.listen).await?;
    let metrics = match config.service.metrics {
        Some(address) => Some(listen_at(address).await?),
        None => None,
    };
    Ok(Listeners { api, metrics })
}

async fn listen_at(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let listening = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    listening.await.map_err(|source| StartError::Listen { address, source })
}

impl Handle {
    /// The address on which the API listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address on which metrics are served, if the operator asked for them.
    pub const fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics_address
    }

    /// The database that the stages share.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The events of blocks and batches, as subscribers receive them.
    pub const fn events(&self) -> &Arc<Events> {
        &self.pipeline.events
    }

    /// Runs until `stop` completes, then ends in order and returns the output of `stop`. If a stage
    /// ends before, ends the other stages at once. Whoever keeps the store keeps the turn to lead
    /// after an error that `is_anothers_batch`, so that no follower leads before the batch is
    /// adopted; otherwise the turn is given back.
    ///
    /// # Errors
    /// The error of the stage that ended first; `Gone` when that stage ended without an error,
    /// which no stage may do; `Panicked`; after `stop`, as the method `stop`.
    pub async fn run<T>(mut self, stop: impl Future<Output = T>) -> Result<T, StageError> {
        let first = tokio::select! {
            said = stop => {
                self.stop().await?;
                return Ok(said);
            }
            ended = self.pipeline.api.0.join_next() => ended,
            ended = self.pipeline.stages.0.join_next() => ended,
        };
        let error = match first.expect("stages were spawned at the start, and none has ended") {
            Ok((stage, Ok(()))) => StageError::Gone { stage },
            Ok((stage, Err(error))) => {
                tracing::error!(stage, code = error.code(), "stage ended");
                error
            }
            Err(source) => StageError::Panicked { source },
        };
        self.pipeline.stages.0.shutdown().await;
        // Clients that wait for an outcome are told that the outcome is not known.
        self.pipeline.stop.send_replace(true);
        while self.pipeline.api.0.join_next().await.is_some() {}
        if !error.is_anothers_batch() {
            self.store.close().await;
        }
        Err(error)
    }

    /// Stops accepting transactions, makes the accepted ones durable, and ends. After
    /// `STOP_TIMEOUT` the sequencer ends even if a stage still runs, which loses no acknowledged
    /// transaction.
    ///
    /// # Errors
    /// The first error of a stage while the stages end.
    pub async fn stop(mut self) -> Result<(), StageError> {
        self.pipeline.stop.send_replace(true);
        let ended = tokio::time::timeout(STOP_TIMEOUT, self.end_in_order()).await;
        if ended.is_err() {
            tracing::warn!("not every stage has ended in {} s", STOP_TIMEOUT.as_secs());
        }
        self.pipeline.api.0.shutdown().await;
        self.pipeline.stages.0.shutdown().await;
        self.store.close().await;
        ended.unwrap_or(Ok(()))
    }

    /// Waits until the API has ended, then until the stages after it have ended: admission,
    /// ordering, log and sealing.
    async fn end_in_order(&mut self) -> Result<(), StageError> {
        let mut result = Ok(());
        while let Some(ended) = self.pipeline.api.0.join_next().await {
            result = result.and(outcome(ended).map(drop));
        }
        while let Some(ended) = self.pipeline.stages.0.join_next().await {
            match outcome(ended) {
                Ok("sealing") => break,
                Ok(_) => {}
                // A stage returns `Gone` when its neighbour has ended, which is no failure here.
                Err(StageError::Gone { .. }) => {}
                Err(error) => result = result.and(Err(error)),
            }
        }
        result
    }
}

/// The name of the stage that ended, or its error.
fn outcome(ended: Result<Ended, JoinError>) -> Result<&'static str, StageError> {
    let (stage, result) = ended.map_err(|source| StageError::Panicked { source })?;
    result.map(|()| stage)
}
