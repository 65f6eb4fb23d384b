//! What is kept of the state after the newest final batch.
//!
//! Sealing and the view are ahead of finality. So what readers see of the final state is kept
//! beside them, and follows finality. It is made when somebody first asks: from a snapshot and the
//! log, as a start does. Each later question first applies the batches that have become final
//! since. A rollup of which nobody asks pays nothing.

use std::sync::Arc;
use std::time::Duration;

use sheaf_ledger::domain::Domain;
use sheaf_ledger::slot::Slot;
use thiserror::Error;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use crate::block::Block;
use crate::limits::FINAL_BATCHES_AGAIN_MAX;
use crate::replay::{self, ReplayError};
use crate::snapshots::Snapshots;
use crate::store::{BatchRow, Store, StoreError};

/// Why nothing of the final state is shown.
#[derive(Debug, Error)]
pub enum FinalStateError {
    #[error("the state after the newest final batch is being read; ask again in some seconds")]
    NotReady,
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

impl From<StoreError> for FinalStateError {
    fn from(error: StoreError) -> Self {
        ReplayError::from(error).into()
    }
}

/// What is kept of a state.
pub(crate) trait Kept: Default + Send + 'static {
    /// What is kept of these slots after a batch.
    ///
    /// # Errors
    /// `RootDiverged` when the slots do not lead to the batch's root, if that is checked.
    fn of(slots: Vec<Slot>, row: &BatchRow) -> Result<Self, ReplayError>;

    /// What is kept after the next batch, as the executor left the slots.
    ///
    /// # Errors
    /// `ExecutionDiverged` or `RootDiverged` when the blocks do not lead to the batch's root, if
    /// that is checked.
    fn after(self, row: &BatchRow, blocks: &[Block]) -> Result<Self, ReplayError>;
}

/// What is kept of the state after the newest final batch, shared between handlers.
#[derive(Debug)]
pub(crate) struct FinalState<T> {
    store: Store,
    snapshots: Snapshots,
    domain: Domain,
    /// What the last question left; `None` before the first.
    kept: Arc<Mutex<Option<At<T>>>>,
}

/// What is kept of the state after a batch; before the first, after batch 0.
#[derive(Debug)]
pub(crate) struct At<T> {
    pub batch: u64,
    pub kept: T,
}

impl<T> Clone for FinalState<T> {
    fn clone(&self) -> Self {
        let (store, snapshots) = (self.store.clone(), self.snapshots.clone());
        Self { store, snapshots, domain: self.domain, kept: Arc::clone(&self.kept) }
    }
}

impl<T: Kept> FinalState<T> {
    /// The final state of the slots in `store`. Nothing is read before the first question.
    pub(crate) fn new(store: Store, snapshots: Snapshots, domain: Domain) -> Self {
        Self { store, snapshots, domain, kept: Arc::default() }
    }

    /// What is kept of the state after the newest final batch; never `None`.
    ///
    /// # Errors
    /// `NotReady` when another question has its turn, or the state is still being made, after
    /// `patience`; `Replay` when the log cannot be read or does not lead to the
    /// batch.
    pub(crate) async fn newest(
        &self,
        patience: Duration,
    ) -> Result<OwnedMutexGuard<Option<At<T>>>, FinalStateError> {
        let (end, late) = (Instant::now() + patience, |_| FinalStateError::NotReady);
        let newest = timeout_at(end, self.store.last_finalised()).await.map_err(late)??;
        let kept = timeout_at(end, Arc::clone(&self.kept).lock_owned()).await.map_err(late)?;
        if kept.as_ref().is_some_and(|at| at.batch >= newest) {
            return Ok(kept);
        }
        // The work goes on when the caller has gone: the next caller needs it, too.
        let work = tokio::spawn(self.clone().follow(kept, newest));
        let worked = timeout_at(end, work).await.map_err(late)?;
        Ok(worked.map_err(|source| ReplayError::Panicked { source })??)
    }

    /// Brings what is kept to batch `newest`.
    async fn follow(
        self,
        mut kept: OwnedMutexGuard<Option<At<T>>>,
        newest: u64,
    ) -> Result<OwnedMutexGuard<Option<At<T>>>, ReplayError> {
        let near = |at: &At<T>| newest - at.batch <= FINAL_BATCHES_AGAIN_MAX;
        let mut at = match kept.take().filter(near) {
            Some(at) => at,
            None => self.begin(newest).await?,
        };
        while at.batch < newest {
            let (batch, blocks) = (at.batch + 1, self.store.blocks_of(at.batch + 1).await?);
            let row = self.row(batch).await?;
            let next = spawn_blocking(move || at.kept.after(&row, &blocks)).await;
            let kept = next.map_err(|source| ReplayError::Panicked { source })??;
            at = At { batch, kept };
        }
        *kept = Some(at);
        Ok(kept)
    }

    /// The state after a batch, from a snapshot and the log.
    async fn begin(&self, batch: u64) -> Result<At<T>, ReplayError> {
        if batch == 0 {
            return Ok(At { batch, kept: T::default() });
        }
        let (row, places) = (self.row(batch).await?, (&self.store, &self.snapshots));
        let slots = replay::slots_after(places, self.domain, &row).await?;
        let made = spawn_blocking(move || T::of(slots, &row)).await;
        let kept = made.map_err(|source| ReplayError::Panicked { source })??;
        Ok(At { batch, kept })
    }

    async fn row(&self, batch: u64) -> Result<BatchRow, ReplayError> {
        self.store.batch(batch).await?.ok_or(ReplayError::RootDiverged { batch })
    }
}
