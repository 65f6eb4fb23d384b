//! The engine: makes blocks from the mempool, the executor's slots and the open batch.
//!
//! The engine is plain and single-threaded: it has no clock, no channel and no database, and the
//! same calls make the same blocks. A block takes the requests of L1 first, then transactions in
//! the order in which they became ready. A recipient without a slot gets one right before the
//! transaction that pays it, and keeps the slot even if execution refuses that transaction.

mod closing;
mod executed_ids;
mod planning;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sheaf_crypto::hash::Digest;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::message::Terms;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::rule_error::RuleError;

use self::executed_ids::ExecutedIds;
use self::planning::Planned;
use super::open_batch::OpenBatch;
use crate::block::{AppliedTransaction, BlockWaiters, ExecutedBlock};
use crate::capacity::{BatchLimits, Contents};
use crate::directory::{Directory, Identity};
use crate::execution::{Account, Accounts, Effect, Execution, Executor};
use crate::lifecycle::{Admission, AdmittedTransaction, L1Request, RequestKind, Waiter};
use crate::limits::REQUESTS_PER_BLOCK_MAX;
use crate::mempool::{Evicted, Inserted, Mempool};
use crate::rejection::Rejection;

/// The rules by which a batch closes, and the owner who gets its fees.
#[derive(Debug, Clone, Copy)]
pub struct BatchPolicy {
    /// The owner who collects the fees.
    pub operator: Owner,
    /// A batch is closed when it has been open for this long.
    pub age_max: Duration,
    /// A batch is closed before it exceeds the circuits' capacity.
    pub limits: BatchLimits,
}

/// One moment, by both clocks that a block needs.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// For ages and holds.
    pub instant: Instant,
    /// Unix milliseconds by this machine's clock, for blocks.
    pub unix_ms: u64,
    /// Unix milliseconds for a batch that is opened now, and for what expires before it. While L1's
    /// time is not known, they are behind `unix_ms`.
    pub batch_ms: u64,
}

/// The state with which ordering begins, after a restart or in a new rollup.
#[derive(Debug)]
pub struct Position {
    /// Balance and nonce of each slot.
    pub accounts: Accounts,
    /// The open batch, if there is one.
    pub open: Option<OpenBatch>,
    pub next_block: u64,
    /// The number of the open batch, or of the batch to open next.
    pub next_batch: u64,
    /// The first request of L1 that no block has consumed.
    pub next_request: u64,
    /// The newest batch's timestamp, in Unix seconds: the next batch's is not below it.
    pub timestamp: u32,
}

/// The block that was made last. It may not be durable yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewestBlock {
    pub number: u64,
    /// When the block was made, Unix milliseconds.
    pub executed_ms: u64,
}

/// A transaction that a rule refused after the mempool took it, and its waiting clients.
#[derive(Debug)]
pub struct Refusal {
    pub id: Digest,
    pub waiters: Vec<Waiter>,
    pub rejection: Rejection,
}

/// What `Engine::enter` did with an admission.
#[derive(Debug)]
pub enum Entered {
    /// The transaction is ready; its waiter is answered when its block is durable.
    Ready,
    /// The transaction waits for earlier nonces, has too many waiters, or was executed lately. The
    /// client is answered at once.
    Held(Waiter),
    /// A rule refused the transaction.
    Rejected(Waiter, Rejection),
}

/// Orders transactions, executes them and closes batches.
#[derive(Debug)]
pub struct Engine {
    mempool: Mempool<Waiter>,
    requests: VecDeque<L1Request>,
    directory: Arc<Directory>,
    policy: BatchPolicy,
    position: Position,
    executor: Executor,
    close_requested: bool,
    executed: ExecutedIds,
    newest: Option<NewestBlock>,
}

/// A block while it is being made.
#[derive(Debug, Default)]
struct Draft {
    first_request: u64,
    requests: u32,
    entries: Vec<Entry>,
    /// What the block does to accounts, in its order.
    effects: Vec<Effect>,
    planned: Vec<Planned>,
    transactions: Vec<AppliedTransaction>,
    waiters: Vec<BlockWaiters>,
    refusals: Vec<Refusal>,
    is_full: bool,
}

impl Engine {
    /// An engine with an empty mempool that continues from `position`.
    pub fn new(
        directory: Arc<Directory>,
        policy: BatchPolicy,
        position: Position,
        execution: Execution,
    ) -> Self {
        Self {
            mempool: Mempool::default(),
            requests: VecDeque::new(),
            directory,
            policy,
            position,
            executor: Executor::new(execution),
            close_requested: false,
            executed: ExecutedIds::default(),
            newest: None,
        }
    }

    /// Takes an admitted transaction into the mempool, unless it was executed lately or its slot is
    /// not open.
    pub fn enter(&mut self, admission: Admission, now: Instant) -> Entered {
        let Admission { transaction, waiter } = admission;
        if self.executed.contains(transaction.id()) {
            return Entered::Held(waiter);
        }
        let slot = transaction.terms().slot;
        let Some(account) = self.position.accounts.get(slot) else {
            let rule = RuleError::SlotNotOpen { slot };
            return Entered::Rejected(waiter, rule.into());
        };
        match self.mempool.insert(transaction, waiter, account, now) {
            Inserted::Ready => Entered::Ready,
            Inserted::Held(waiter) => Entered::Held(waiter),
            Inserted::Rejected(waiter, rejection) => Entered::Rejected(waiter, rejection),
        }
    }

    /// Whether this transaction, by its id, waits or was executed lately.
    pub fn knows(&self, transaction: &AdmittedTransaction) -> bool {
        self.executed.contains(transaction.id()) || self.mempool.contains(transaction)
    }

    /// Whether there is room for further requests of L1. Requests wait here while no batch may be
    /// opened for them.
    pub fn wants_requests(&self) -> bool {
        self.requests.len() < REQUESTS_PER_BLOCK_MAX
    }

    /// The batch that the next block would have to open; `None` while a batch is open.
    pub fn batch_to_open(&self) -> Option<u64> {
        self.position.open.is_none().then_some(self.position.next_batch)
    }

    /// How long the open batch has been open; `None` while no batch is open.
    pub fn open_batch_age(&self, now: Instant) -> Option<Duration> {
        self.position.open.as_ref().map(|open| open.age(now))
    }

    /// Takes requests of L1, which must follow the requests taken before.
    ///
    /// # Panics
    /// When a request is missing. The inbox reads requests in order, from the first that the log
    /// does not contain.
    pub fn take_requests(&mut self, requests: Vec<L1Request>) {
        for request in requests {
            let expected = self.position.next_request + self.requests.len() as u64;
            assert_eq!(request.number, expected, "requests come in the contract's order");
            self.requests.push_back(request);
        }
    }

    /// Closes the open batch with the next block. Returns the batch's number; `None` if no batch is
    /// open.
    pub fn request_close(&mut self) -> Option<u64> {
        let open = self.position.open.as_ref()?;
        self.close_requested = true;
        Some(open.number)
    }

    /// Takes out each transaction that was held for too long, and each transaction whose
    /// `valid_until` is before the timestamp of the batch that would take it.
    pub fn expire(&mut self, now: Moment) -> Vec<Refusal> {
        let mut gone = self.mempool.end_holds(now.instant);
        let open = self.position.open.as_ref().map(|batch| batch.timestamp);
        gone.extend(self.mempool.expire(open.unwrap_or_else(|| self.next_timestamp(now))));
        gone.into_iter().map(refused).collect()
    }

    /// The nonce that the next transaction of a slot should have, waiting transactions counted;
    /// `None` for a slot that is not open.
    pub fn next_nonce(&self, slot: u32) -> Option<u32> {
        let executed = self.position.accounts.get(slot)?.nonce;
        Some(self.mempool.next_nonce(slot).unwrap_or(executed))
    }

    /// How many transactions wait, ready or held.
    pub fn waiting(&self) -> usize {
        self.mempool.len()
    }

    /// The block made last; `None` before the first since the start.
    pub const fn newest_block(&self) -> Option<NewestBlock> {
        self.newest
    }

    /// Balance and nonce of each slot after the newest block.
    pub fn accounts(&self) -> &Accounts {
        &self.position.accounts
    }

    /// Payments of the transactions that are ready, and of those that are held.
    pub const fn payments(&self) -> (usize, usize) {
        self.mempool.payments()
    }

    /// Whether something waits for a block, or the open batch is to be closed.
    pub fn is_block_due(&self, now: Moment) -> bool {
        let has_work = !self.requests.is_empty() || self.mempool.peek().is_some();
        has_work || self.close_reason(now, false).is_some()
    }

    /// Makes the next block, if it has an entry or closes the batch. Also returns the transactions
    /// that were refused meanwhile.
    pub fn next_block(&mut self, now: Moment) -> (Option<ExecutedBlock>, Vec<Refusal>) {
        if !self.is_block_due(now) {
            return (None, Vec::new());
        }
        let mut batch = self.position.open.take().unwrap_or_else(|| self.open_batch(now));
        let mut draft = Draft { first_request: self.position.next_request, ..Draft::default() };
        self.consume_requests(&mut batch, &mut draft);
        self.plan_transactions(&batch, &mut draft);
        self.execute(&mut batch, &mut draft);
        self.position.open = Some(batch);
        let refusals = std::mem::take(&mut draft.refusals);
        let closes = self.close_reason(now, draft.is_full);
        (self.finish(draft, closes, now), refusals)
    }

    fn open_batch(&self, now: Moment) -> OpenBatch {
        OpenBatch::new(self.position.next_batch, self.next_timestamp(now), now.instant)
    }

    /// The timestamp of a batch that is opened at `now`, in Unix seconds.
    fn next_timestamp(&self, now: Moment) -> u32 {
        let now_s = u32::try_from(now.batch_ms / 1_000).expect("Unix time fits 32 bits until 2106");
        now_s.max(self.position.timestamp)
    }

    /// The slot of `identity`. If there is none, opens a slot and returns the entry that opens it.
    fn resolve(&mut self, identity: Identity) -> (u32, Option<Entry>) {
        if let Some(slot) = self.directory.find(identity) {
            return (slot, None);
        }
        let slot = self.directory.open(identity);
        let opened = self.position.accounts.open();
        assert_eq!(slot, opened, "directory and accounts are opened together, here alone");
        (slot, Some(Entry::Open { slot, owner: identity.owner, token: identity.token }))
    }

    fn consume_requests(&mut self, batch: &mut OpenBatch, draft: &mut Draft) {
        while (draft.requests as usize) < REQUESTS_PER_BLOCK_MAX {
            let fits = batch.fits(Contents::REQUEST_MAX, &self.policy.limits);
            if !self.requests.is_empty() && !fits {
                draft.is_full = true;
                return;
            }
            let Some(request) = self.requests.pop_front() else { return };
            let before = draft.entries.len();
            match request.kind {
                RequestKind::Deposit { owner, token, amount } => {
                    let (slot, open) = self.resolve(Identity { owner, token });
                    draft.entries.extend(open);
                    draft.entries.push(Entry::Deposit { slot, amount });
                    draft.effects.push(Effect::Credit { slot, amount });
                }
                RequestKind::Exit { owner, slot } => {
                    draft.entries.push(Entry::Exit { slot, owner });
                    self.exit(slot, owner, draft);
                }
            }
            batch.add(Contents::of_entries(&draft.entries[before..]));
            draft.requests += 1;
            self.position.next_request += 1;
        }
    }

    /// Pays a slot out if the exit names its owner. Transactions that the slot cannot pay any more
    /// are refused.
    fn exit(&mut self, slot: u32, owner: Owner, draft: &mut Draft) {
        if self.directory.identity(slot).is_none_or(|identity| identity.owner != owner) {
            return;
        }
        draft.effects.push(Effect::Exit { slot });
        // Requests come first in a block, so no nonce has moved.
        if let Some(Account { nonce, .. }) = self.position.accounts.get(slot) {
            let gone = self.mempool.resync(slot, Account { balance: 0, nonce });
            draft.refusals.extend(gone.into_iter().map(refused));
        }
    }

    /// Applies the block's effects. Every planned transaction can pay: its balance was reserved.
    fn execute(&mut self, batch: &mut OpenBatch, draft: &mut Draft) {
        self.executor.apply(&self.position.accounts, &draft.effects);
        for planned in std::mem::take(&mut draft.planned) {
            draft.entries.extend(&planned.opens);
            let first_entry = index(draft.entries.len());
            draft.entries.extend(&planned.entries);
            let transaction = &planned.pending.transaction;
            draft.transactions.push(AppliedTransaction::new(first_entry, transaction));
            let Terms { token, fee, .. } = *transaction.terms();
            batch.charge(planned.pot, token, fee);
            batch.add(planned.contents());
            let id = *transaction.id();
            self.executed.insert(id);
            draft.waiters.push(BlockWaiters { id, waiters: planned.pending.waiters });
        }
    }
}

fn refused((pending, rejection): Evicted<Waiter>) -> Refusal {
    Refusal { id: *pending.transaction.id(), waiters: pending.waiters, rejection }
}

fn index(length: usize) -> u32 {
    u32::try_from(length).expect("a block has at most a batch's words")
}
