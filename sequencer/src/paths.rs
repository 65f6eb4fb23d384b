//! Paths: each slot's Merkle path to the root of the newest final batch.
//!
//! Sealing's tree is ahead of finality, and the contract opens leaves against the root of the last
//! batch that it has verified. So paths have a second slot tree, of 104 bytes a slot, which follows
//! finality once somebody has asked for a path.

use std::collections::BTreeMap;

use sheaf_crypto::hash::Digest;
use sheaf_ledger::apply::Siblings;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::slot::Slot;
use sheaf_ledger::tree::SlotTree;
use sheaf_ledger::tree_update::TreeUpdate;

use crate::block::Block;
use crate::final_state::{At, FinalState, FinalStateError, Kept};
use crate::limits::PATH_PATIENCE;
use crate::replay::{self, ReplayError};
use crate::snapshots::Snapshots;
use crate::store::{BatchRow, Store};

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
pub struct Paths(FinalState<Tree>);

/// The slot tree after a batch.
#[derive(Debug, Default)]
struct Tree(SlotTree);

impl Paths {
    /// The paths of the slots in `store`. Nothing is read before the first question.
    pub fn new(store: Store, snapshots: Snapshots, domain: Domain) -> Self {
        Self(FinalState::new(store, snapshots, domain))
    }

    /// A slot after the newest final batch, with its path; `None` if no final batch has opened it.
    ///
    /// # Errors
    /// `NotReady` when the tree is still being made after `PATH_PATIENCE`; `Replay` when the log
    /// cannot be read or does not lead to the batch's root.
    pub async fn of(&self, slot: u32) -> Result<Option<Opening>, FinalStateError> {
        let kept = self.0.newest(PATH_PATIENCE).await?;
        Ok(kept.as_ref().and_then(|at| open(at, slot)))
    }
}

fn open(At { batch, kept: Tree(tree) }: &At<Tree>, index: u32) -> Option<Opening> {
    let (slot, siblings) = (tree.get(index)?, tree.path(index));
    let (root, next_slot) = (tree.root(), tree.len() as u64);
    Some(Opening { batch: *batch, root, next_slot, slot, siblings })
}

impl Kept for Tree {
    fn of(slots: Vec<Slot>, row: &BatchRow) -> Result<Self, ReplayError> {
        replay::tree_of(slots, row).map(Self)
    }

    /// The root is compared, so no rule is checked again.
    fn after(mut self, row: &BatchRow, blocks: &[Block]) -> Result<Self, ReplayError> {
        let batch = row.sealed.number;
        let diverged = |source| ReplayError::ExecutionDiverged { batch, source };
        let leaves = self.leaves_after(blocks).into_iter().map(|(index, slot)| (index, Some(slot)));
        let update = TreeUpdate::new(&self.0, leaves).map_err(diverged)?;
        self.0.update(&update).map_err(diverged)?;
        if self.0.root() != row.sealed.post_root {
            return Err(ReplayError::RootDiverged { batch });
        }
        Ok(self)
    }
}

impl Tree {
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
                if let Some(slot) = before.or_else(|| self.0.get(change.slot)) {
                    let (balance, nonce) = (change.account.balance, change.account.nonce);
                    leaves.insert(change.slot, Slot { balance, nonce, ..slot });
                }
            }
        }
        leaves
    }
}
