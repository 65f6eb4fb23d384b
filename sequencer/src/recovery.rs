//! Recovery: rebuilds from the log the values with which the stages begin.
//!
//! Recovery begins with the newest snapshot of slots and runs the later blocks through the ledger's
//! own rules again. After each block the slots must be as the executor left them, and after the
//! newest sealed batch they must have its root. A start on an empty database does the same with
//! nothing to read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sheaf_ledger::domain::Domain;
use sheaf_ledger::tree::SlotTree;

use crate::capacity::{Contents, Words};
use crate::directory::{Directory, Identity};
use crate::execution::{Account, Accounts};
use crate::index::Index;
use crate::ordering::{OpenBatch, Position, Pot};
use crate::replay::{Replay, ReplayError, Replayed, account_of};
use crate::snapshots::Snapshots;
use crate::store::{Store, now_ms};
use crate::view::View;

/// Everything that recovery returns for the stages to begin with.
#[derive(Debug)]
pub struct Recovered {
    /// The slot tree after the newest sealed batch.
    pub tree: SlotTree,
    /// The newest sealed batch; 0 before the first.
    pub sealed_batch: u64,
    /// How many entries were sealed after the newest snapshot.
    pub entries_since_snapshot: u64,
    /// Owners and tokens of all slots, those after the newest sealed batch included.
    pub directory: Arc<Directory>,
    /// Balances and nonces after the newest durable block.
    pub view: Arc<View>,
    /// The state with which ordering begins.
    pub position: Position,
}

/// Reads the newest snapshot and runs the blocks after it again. Indexes each block of the log that
/// is not indexed yet.
///
/// # Errors
/// `Store` when the database, the index or a snapshot cannot be read; `RootDiverged` when the slots
/// do not lead to the newest batch's root; `LogGap` when a block is missing; `ExecutionDiverged`
/// when the ledger refuses a block; `SlotDiverged` when ledger and executor disagree about a slot;
/// `Panicked`.
pub async fn recover(
    store: &Store,
    snapshots: &Snapshots,
    domain: Domain,
    index: &Index,
) -> Result<Recovered, ReplayError> {
    let last = store.last_batch().await?;
    let sealed_batch = last.as_ref().map_or(0, |batch| batch.sealed.number);
    let replay = Replay::at_snapshot(store, snapshots, domain, sealed_batch).await?;
    index.catch_up(store, replay.head.block).await?;
    let last_block = last.as_ref().map_or(0, |batch| batch.sealed.last_block);
    let replay = run_to(replay, (store, index), last_block).await?;
    let (sealed_slots, entries_since_snapshot) = (replay.slots.clone(), replay.entries);
    let tree = tokio::task::spawn_blocking(|| SlotTree::from_slots(sealed_slots))
        .await
        .map_err(|source| ReplayError::Panicked { source })?;
    if let Some(batch) = last
        && tree.root() != batch.sealed.post_root
    {
        return Err(ReplayError::RootDiverged { batch: sealed_batch });
    }
    let replay = run_to(replay, (store, index), u64::MAX).await?;
    let directory = Directory::default();
    for slot in &replay.slots {
        directory.open(Identity { owner: slot.owner, token: slot.token });
    }
    let accounts: Vec<Account> = replay.slots.iter().map(account_of).collect();
    let view = View::new(accounts.clone(), replay.head);
    let position = position(&replay, accounts.into_iter().collect());
    let (directory, view) = (Arc::new(directory), Arc::new(view));
    Ok(Recovered { tree, sealed_batch, entries_since_snapshot, directory, view, position })
}

/// Runs the blocks of the log up to block `last`, and indexes them, so that each is read once.
async fn run_to(
    mut replay: Replay,
    (store, index): (&Store, &Index),
    last: u64,
) -> Result<Replay, ReplayError> {
    loop {
        let blocks = store.blocks_between(replay.head.block, last).await?;
        if blocks.is_empty() {
            return Ok(replay);
        }
        index.follow(&blocks).await?;
        (replay, _) = replay.run(blocks).await?;
    }
}

/// The state with which ordering begins after the replayed blocks.
fn position(replay: &Replay, accounts: Accounts) -> Position {
    let open = replay.open.as_ref().map(|replayed| {
        let Replayed { machine, entries, signatures } = replayed;
        let words = Words { data: machine.data_words as usize, l1: machine.l1_words as usize };
        let contents = Contents { entries: *entries, signatures: *signatures, words };
        let pots = machine.pots.map(|pot| Pot { token: pot.token, amount: pot.amount });
        let opened = opened_at(machine.timestamp);
        OpenBatch::new(replay.next_batch, machine.timestamp, opened).with_contents(contents, pots)
    });
    Position {
        accounts,
        open,
        next_block: replay.next_block,
        next_batch: replay.next_batch,
        next_request: replay.next_request,
        timestamp: replay.head.timestamp,
    }
}

/// The moment when a batch with `timestamp` (Unix seconds) was opened, by the clock that measures
/// ages.
fn opened_at(timestamp: u32) -> Instant {
    let age_ms = now_ms().saturating_sub(u64::from(timestamp) * 1_000);
    let now = Instant::now();
    now.checked_sub(Duration::from_millis(age_ms)).unwrap_or(now)
}
