//! Paths: each slot's Merkle path to the root of the newest final batch.
//!
//! Sealing's tree is ahead of finality, and the contract opens leaves against the root of the last
//! batch that it has verified. So paths have a second slot tree, which follows finality. The tree
//! is made when somebody first asks for a path: from a snapshot and the log, as a start does. Each
//! later question first applies the batches that have become final since. A rollup of which nobody
//! asks for paths pays nothing; otherwise the tree takes 104 bytes a slot, 1.1 GB for 10 million.

use std::collections::BTreeMap;
use std::sync::Arc;

use sheaf_crypto::hash::Digest;
use sheaf_ledger::apply::Siblings;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::slot::Slot;
use sheaf_ledger::tree::SlotTree;
use sheaf_ledger::tree_update::TreeUpdate;
use thiserror::Error;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::block::Block;
use crate::limits::{PATH_BATCHES_AGAIN_MAX, PATH_PATIENCE};
use crate::replay::{self, ReplayError};
use crate::snapshots::Snapshots;
use crate::store::{BatchRow, Store, StoreError};

/// Why there is no path.
#[derive(Debug, Error)]
pub enum PathsError {
    #[error("the state after the newest final batch is being read; ask again in some seconds")]
    NotReady,
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

impl From<StoreError> for PathsError {
    fn from(error: StoreError) -> Self {
        ReplayError::from(error).into()
    }
}

/// A slot after a batch, and its path to the batch's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    pub batch: u64,
    /// The slot tree's root after the batch.
    pub root: Digest,
    /// How many slots are open after the batch.
    pub next_slot: u64,
    pub slot: Slot,
    pub siblings: Siblings,
}

/// The paths of slots after the newest final batch, shared between handlers.
#[derive(Debug, Clone)]
pub struct Paths {
    store: Store,
    snapshots: Snapshots,
    domain: Domain,
    /// The tree of the last question; `None` before the first.
    kept: Arc<Mutex<Option<FinalTree>>>,
}

/// The slot tree after a final batch.
#[derive(Debug)]
struct FinalTree {
    batch: u64,
    tree: SlotTree,
}

impl Paths {
    /// The paths of the slots in `store`. Nothing is read before the first question.
    pub fn new(store: Store, snapshots: Snapshots, domain: Domain) -> Self {
        Self { store, snapshots, domain, kept: Arc::default() }
    }

    /// A slot after the newest final batch, with its path; `None` if no final batch has opened it.
    ///
    /// # Errors
    /// `NotReady` when the tree is still being made after `PATH_PATIENCE`; `Replay` when the log
    /// cannot be read or does not lead to the batch's root.
    pub async fn of(&self, slot: u32) -> Result<Option<Opening>, PathsError> {
        let newest = self.store.last_finalised().await?;
        let kept = timeout(PATH_PATIENCE, Arc::clone(&self.kept).lock_owned()).await;
        let mut kept = kept.map_err(|_| PathsError::NotReady)?;
        if kept.as_ref().is_none_or(|kept| kept.batch < newest) {
            // The work goes on when the caller has gone: the next caller needs it, too.
            let work = tokio::spawn(self.clone().follow(kept, newest));
            let worked = timeout(PATH_PATIENCE, work).await.map_err(|_| PathsError::NotReady)?;
            kept = worked.map_err(|source| ReplayError::Panicked { source })??;
        }
        Ok(kept.as_ref().and_then(|kept| kept.open(slot)))
    }

    /// Brings the tree to batch `newest`.
    async fn follow(
        self,
        mut kept: OwnedMutexGuard<Option<FinalTree>>,
        newest: u64,
    ) -> Result<OwnedMutexGuard<Option<FinalTree>>, ReplayError> {
        let near = |tree: &FinalTree| newest - tree.batch <= PATH_BATCHES_AGAIN_MAX;
        let mut tree = match kept.take().filter(near) {
            Some(tree) => tree,
            None => self.begin(newest).await?,
        };
        while tree.batch < newest {
            let (number, blocks) = (tree.batch + 1, self.store.blocks_of(tree.batch + 1).await?);
            let row = self.row(number).await?;
            let next = spawn_blocking(move || tree.after(&row, &blocks)).await;
            tree = next.map_err(|source| ReplayError::Panicked { source })??;
        }
        *kept = Some(tree);
        Ok(kept)
    }

    /// The tree after a batch, from a snapshot and the log.
    async fn begin(&self, batch: u64) -> Result<FinalTree, ReplayError> {
        if batch == 0 {
            return Ok(FinalTree { batch, tree: SlotTree::new() });
        }
        let (row, places) = (self.row(batch).await?, (&self.store, &self.snapshots));
        let tree = replay::tree_after(places, self.domain, &row).await?;
        Ok(FinalTree { batch, tree })
    }

    async fn row(&self, batch: u64) -> Result<BatchRow, ReplayError> {
        self.store.batch(batch).await?.ok_or(ReplayError::RootDiverged { batch })
    }
}

impl FinalTree {
    fn open(&self, index: u32) -> Option<Opening> {
        let Self { batch, tree } = self;
        let (slot, siblings) = (tree.get(index)?, tree.path(index));
        let (root, next_slot) = (tree.root(), tree.len() as u64);
        Some(Opening { batch: *batch, root, next_slot, slot, siblings })
    }

    /// The tree after the next batch, as the executor left the slots. The root is compared, so no
    /// rule is checked again.
    fn after(mut self, row: &BatchRow, blocks: &[Block]) -> Result<Self, ReplayError> {
        let batch = row.sealed.number;
        let diverged = |source| ReplayError::ExecutionDiverged { batch, source };
        let leaves = self.leaves_after(blocks).into_iter().map(|(index, slot)| (index, Some(slot)));
        let update = TreeUpdate::new(&self.tree, leaves).map_err(diverged)?;
        self.tree.update(&update).map_err(diverged)?;
        if self.tree.root() != row.sealed.post_root {
            return Err(ReplayError::RootDiverged { batch });
        }
        Ok(Self { batch, ..self })
    }

    /// The slots that blocks have touched, as they are after the last of the blocks.
    fn leaves_after(&self, blocks: &[Block]) -> BTreeMap<u32, Slot> {
        let mut leaves = BTreeMap::new();
        for block in blocks {
            for entry in &block.entries {
                if let Entry::Open { slot, owner, token } = *entry {
                    leaves.insert(slot, Slot::opened(owner, token));
                }
            }
            for change in &block.changes {
                let before = leaves.get(&change.slot).copied();
                if let Some(slot) = before.or_else(|| self.tree.get(change.slot)) {
                    let (balance, nonce) = (change.account.balance, change.account.nonce);
                    leaves.insert(change.slot, Slot { balance, nonce, ..slot });
                }
            }
        }
        leaves
    }
}
