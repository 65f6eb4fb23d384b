//! Recovery: rebuilds from the database the values with which the stages begin.
//!
//! Recovery reads the slots after the newest sealed batch and compares their root with the batch's.
//! Then it runs the later blocks through the ledger's own rules again, and after each block the
//! slots must be as the executor left them. A start on an empty database does the same with nothing
//! to read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sheaf_crypto::hash::Digest;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::machine::Machine;
use sheaf_ledger::slot::Slot;
use sheaf_ledger::tree::SlotTree;

use crate::block::Block;
use crate::capacity::{Contents, Words};
use crate::directory::{Directory, Identity};
use crate::error::StageError;
use crate::execution::{Account, Accounts};
use crate::ordering::{OpenBatch, Position, Pot};
use crate::store::{BatchRow, Store, now_ms};
use crate::view::{Head, View};

/// Everything that recovery returns for the stages to begin with.
#[derive(Debug)]
pub struct Recovered {
    /// The slot tree after the newest sealed batch.
    pub tree: SlotTree,
    /// The newest sealed batch; 0 before the first.
    pub sealed_batch: u64,
    /// Owners and tokens of all slots, those after the newest sealed batch included.
    pub directory: Arc<Directory>,
    /// Balances and nonces after the newest durable block.
    pub view: Arc<View>,
    /// The state with which ordering begins.
    pub position: Position,
}

/// Reads the database and runs the blocks after the newest sealed batch again.
///
/// # Errors
/// `Store` when the database fails; `RootDiverged` when the stored slots do not lead to the newest
/// batch's root; `LogGap` when a block is missing; `ExecutionDiverged` when the ledger refuses a
/// block; `SlotDiverged` when ledger and executor disagree about a slot; `Panicked`.
pub async fn recover(store: &Store, domain: Domain) -> Result<Recovered, StageError> {
    let last = store.last_batch().await?;
    let slots = store.slots().await?;
    let last_block = last.as_ref().map_or(0, |batch| batch.sealed.last_block);
    let blocks = store.blocks_after(last_block).await?;
    tokio::task::spawn_blocking(move || rebuild(domain, last.as_ref(), slots, &blocks))
        .await
        .map_err(|source| StageError::Panicked { source })?
}

fn rebuild(
    domain: Domain,
    last: Option<&BatchRow>,
    slots: Vec<Slot>,
    blocks: &[Block],
) -> Result<Recovered, StageError> {
    let tree = SlotTree::from_slots(slots);
    if let Some(batch) = last
        && tree.root() != batch.sealed.post_root
    {
        return Err(StageError::RootDiverged { batch: batch.sealed.number });
    }
    let mut replay = Replay::new(domain, last, tree.slots().to_vec());
    for block in blocks {
        replay.apply(block)?;
    }
    let directory = Directory::default();
    for Slot { owner, token, .. } in &replay.slots {
        directory.open(Identity { owner: *owner, token: *token });
    }
    let accounts: Vec<Account> = replay.slots.iter().map(account_of).collect();
    let view = View::new(accounts.clone(), replay.head);
    let position = replay.position(accounts.into_iter().collect());
    Ok(Recovered {
        tree,
        sealed_batch: last.map_or(0, |batch| batch.sealed.number),
        directory: Arc::new(directory),
        view: Arc::new(view),
        position,
    })
}

/// The open batch after its blocks were run again.
#[derive(Debug)]
struct Replayed {
    machine: Machine,
    entries: usize,
    signatures: usize,
}

/// The state while the blocks of the log are run again, one after another, by the ledger's rules.
#[derive(Debug)]
struct Replay {
    domain: Domain,
    slots: Vec<Slot>,
    /// The open batch, if there is one.
    open: Option<Replayed>,
    head: Head,
    next_block: u64,
    next_batch: u64,
    next_request: u64,
}

impl Replay {
    fn new(domain: Domain, last: Option<&BatchRow>, slots: Vec<Slot>) -> Self {
        let head = last.map_or_else(Head::default, |batch| Head {
            block: batch.sealed.last_block,
            batch: batch.sealed.number,
            batch_is_open: false,
            timestamp: batch.sealed.timestamp,
            executed_ms: batch.sealed_ms,
        });
        let next_request =
            last.map_or(0, |batch| batch.sealed.first_request + batch.sealed.requests);
        let (next_block, next_batch) = (head.block + 1, head.batch + 1);
        Self { domain, slots, open: None, head, next_block, next_batch, next_request }
    }

    fn apply(&mut self, block: &Block) -> Result<(), StageError> {
        if block.number != self.next_block
            || block.batch != self.next_batch
            || block.first_request != self.next_request
        {
            return Err(StageError::LogGap { expected: self.next_block, found: block.number });
        }
        let diverged = |source| StageError::ExecutionDiverged { batch: block.batch, source };
        let mut open = self.open.take().unwrap_or_else(|| {
            // The replay does not follow the root; sealing does.
            let next_slot = self.slots.len() as u64;
            let machine = Machine::start(Digest::ZERO, next_slot, self.domain, block.timestamp);
            Replayed { machine, entries: 0, signatures: 0 }
        });
        for entry in &block.entries {
            let index = entry.slot() as usize;
            let leaf = self.slots.get(index).copied();
            let stepped = open.machine.step(entry, &leaf).map_err(diverged)?;
            match (self.slots.get_mut(index), stepped.leaf) {
                (Some(slot), Some(after)) => *slot = after,
                (None, Some(opened)) => self.slots.push(opened),
                (_, None) => {}
            }
        }
        open.entries += block.entries.len();
        open.signatures += block.transactions.len();
        for change in &block.changes {
            let replayed = self.slots.get(change.slot as usize).map(account_of);
            if replayed != Some(change.account) {
                return Err(StageError::SlotDiverged { batch: block.batch, slot: change.slot });
            }
        }
        self.next_block += 1;
        self.next_request += u64::from(block.requests);
        self.head = Head::of(block);
        if block.closes.is_some() {
            open.machine.check_settled().map_err(diverged)?;
            self.next_batch += 1;
        } else {
            self.open = Some(open);
        }
        Ok(())
    }

    fn position(&self, accounts: Accounts) -> Position {
        let open = self.open.as_ref().map(|replayed| {
            let Replayed { machine, entries, signatures } = replayed;
            let words = Words { data: machine.data_words as usize, l1: machine.l1_words as usize };
            let contents = Contents { entries: *entries, signatures: *signatures, words };
            let pots = machine.pots.map(|pot| Pot { token: pot.token, amount: pot.amount });
            let opened = opened_at(machine.timestamp);
            OpenBatch::new(self.next_batch, machine.timestamp, opened).with_contents(contents, pots)
        });
        Position {
            accounts,
            open,
            next_block: self.next_block,
            next_batch: self.next_batch,
            next_request: self.next_request,
            timestamp: self.head.timestamp,
        }
    }
}

/// The moment when a batch with `timestamp` (Unix seconds) was opened, by the clock that measures
/// ages.
fn opened_at(timestamp: u32) -> Instant {
    let age_ms = now_ms().saturating_sub(u64::from(timestamp) * 1_000);
    let now = Instant::now();
    now.checked_sub(Duration::from_millis(age_ms)).unwrap_or(now)
}

fn account_of(slot: &Slot) -> Account {
    Account { balance: slot.balance, nonce: slot.nonce }
}
