//! Witnesses: sealed batches with the paths that their proofs need.
//!
//! A witness is derived from the log and stored nowhere. Sealing keeps the witnesses of the next
//! batches to prove. When sealing is far ahead of the provers, the witness of an older batch is
//! made again: from a snapshot, the log is run to the batch before, and from there one batch after
//! another is sealed once more, in the order in which provers need them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::tree::SlotTree;
use thiserror::Error;
use tracing::Instrument;

use crate::limits::{FINALISED_WITNESSES_KEPT, WITNESSES_KEPT};
use crate::metrics;
use crate::replay::{self, ReplayError};
use crate::snapshots::Snapshots;
use crate::store::{BatchRow, Store, StoreError};

/// Why a witness cannot be had.
#[derive(Debug, Error)]
pub enum WitnessError {
    #[error("batch {batch} is not sealed, or final for so long that its witness is not made again")]
    Gone { batch: u64 },
    #[error("the witness of batch {batch} cannot be made from the log again")]
    Rebuild { batch: u64, source: ReplayError },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The witnesses of sealed batches, shared between sealing, provers and submission.
#[derive(Debug)]
pub struct Witnesses {
    store: Store,
    snapshots: Snapshots,
    domain: Domain,
    /// The witnesses at hand; the last was used last.
    kept: Mutex<VecDeque<Arc<SealedBatch>>>,
    /// The state after the batch that was made again last.
    past: tokio::sync::Mutex<Option<Past>>,
}

/// The slot tree after an older batch.
#[derive(Debug)]
struct Past {
    batch: u64,
    tree: SlotTree,
}

impl Witnesses {
    /// The witnesses of the batches in `store`.
    pub fn new(store: Store, snapshots: Snapshots, domain: Domain) -> Self {
        let (kept, past) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { store, snapshots, domain, kept, past }
    }

    /// The store with the batches.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Keeps the witness of a batch that was just sealed, if there is room: the witnesses of older
    /// batches are needed first.
    pub fn keep(&self, sealed: Arc<SealedBatch>) {
        let mut kept = self.kept.lock().expect("no holder of the lock panics");
        if kept.len() < WITNESSES_KEPT {
            kept.push_back(sealed);
        }
    }

    /// Forgets the witness of a batch that has its proof.
    pub fn forget(&self, batch: u64) {
        let mut kept = self.kept.lock().expect("no holder of the lock panics");
        kept.retain(|sealed| sealed.number != batch);
    }

    /// The sealed batch with this number. While a witness is made again, callers wait; this can
    /// take seconds for the first one after a start, and less than one for the next.
    ///
    /// # Errors
    /// `Gone` when there is no such batch, `FINALISED_WITNESSES_KEPT` batches after it are final,
    /// or the log begins after it; `Rebuild` when the log does not lead to the batch's root;
    /// `Store`.
    pub async fn batch(&self, number: u64) -> Result<Arc<SealedBatch>, WitnessError> {
        let row = self.store.batch(number).await?.ok_or(WitnessError::Gone { batch: number })?;
        let is_old = number + FINALISED_WITNESSES_KEPT <= self.store.last_finalised().await?;
        if is_old || number <= self.store.base().batch {
            return Err(WitnessError::Gone { batch: number });
        }
        if let Some(sealed) = self.at_hand(number) {
            return Ok(sealed);
        }
        let mut past = self.past.lock().await;
        // Another caller may have made the same witness meanwhile.
        if let Some(sealed) = self.at_hand(number) {
            return Ok(sealed);
        }
        let start = Instant::now();
        let span = tracing::info_span!("witness", batch = number);
        let made = self.make(past.take(), &row).instrument(span).await;
        let (sealed, after) =
            made.map_err(|source| WitnessError::Rebuild { batch: number, source })?;
        *past = Some(after);
        metrics::witness_made(start.elapsed());
        let mut kept = self.kept.lock().expect("no holder of the lock panics");
        if kept.len() == WITNESSES_KEPT {
            kept.pop_front();
        }
        kept.push_back(Arc::clone(&sealed));
        Ok(sealed)
    }

    fn at_hand(&self, number: u64) -> Option<Arc<SealedBatch>> {
        let mut kept = self.kept.lock().expect("no holder of the lock panics");
        let index = kept.iter().position(|sealed| sealed.number == number)?;
        let sealed = kept.remove(index)?;
        kept.push_back(Arc::clone(&sealed));
        Some(sealed)
    }

    /// Seals a batch once more, over the state after the batch before it.
    async fn make(
        &self,
        past: Option<Past>,
        row: &BatchRow,
    ) -> Result<(Arc<SealedBatch>, Past), ReplayError> {
        let number = row.sealed.number;
        let tree = match past {
            Some(past) if past.batch + 1 == number => past.tree,
            _ => self.tree_after(number - 1).await?,
        };
        let (blocks, domain) = (self.store.blocks_of(number).await?, self.domain);
        let post_root = row.sealed.post_root;
        let work = move || {
            let (sealed, mut tree) = (replay::seal(&tree, domain, number, &blocks)?, tree);
            let diverged = |source| ReplayError::ExecutionDiverged { batch: number, source };
            sealed.update(&mut tree).map_err(diverged)?;
            if tree.root() != post_root {
                return Err(ReplayError::RootDiverged { batch: number });
            }
            Ok((Arc::new(sealed), Past { batch: number, tree }))
        };
        let made = tokio::task::spawn_blocking(work).await;
        made.map_err(|source| ReplayError::Panicked { source })?
    }

    /// The slot tree after a batch; before the first batch, the empty tree.
    async fn tree_after(&self, batch: u64) -> Result<SlotTree, ReplayError> {
        let Some(row) = self.store.batch(batch).await? else { return Ok(SlotTree::new()) };
        let places = (&self.store, &self.snapshots);
        let slots = replay::slots_after(places, self.domain, &row).await?;
        let made = tokio::task::spawn_blocking(move || replay::tree_of(slots, &row)).await;
        made.map_err(|source| ReplayError::Panicked { source })?
    }
}
