//! The mempool: admitted transactions until a block takes them.
//!
//! Each slot has a queue by nonce. A transaction is *ready* when all nonces before it are executed
//! or ready, and ready ones leave in the order in which they became ready; others are *held*, for a
//! limited time. What a slot's waiting transactions will take is reserved, so that none is accepted
//! that its balance does not cover: what leaves the mempool fails only when L1 forces the slot out
//! meanwhile. Everything is bounded, in total and by owner. A waiting transaction is never
//! replaced, only sent again.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Instant;

use sheaf_ledger::owner::Owner;
use sheaf_ledger::rule_error::RuleError;

use crate::execution::Record;
use crate::lifecycle::AdmittedTransaction;
use crate::limits::{
    HOLD_TIMEOUT, MEMPOOL_TRANSACTIONS_MAX, MEMPOOL_TRANSACTIONS_PER_OWNER_MAX, NONCE_GAP_MAX,
    WAITERS_PER_TRANSACTION_MAX,
};
use crate::rejection::Rejection;

/// A transaction and everybody who waits for it. `W` is where an outcome is awaited.
#[derive(Debug)]
pub struct Pending<W> {
    pub transaction: AdmittedTransaction,
    pub waiters: Vec<W>,
    hold_until: Instant,
}

/// What `insert` did with a transaction, and with the waiter where it does not keep it.
#[derive(Debug)]
pub enum Inserted<W> {
    /// The transaction leaves with one of the next blocks, and its waiter with it.
    Ready,
    /// It waits for earlier nonces, or too many wait for it: nobody is kept waiting.
    Held(W),
    /// Refused.
    Rejected(W, Rejection),
}

/// One slot's transactions. Those with a nonce below `ready_until` are ready.
#[derive(Debug)]
struct SlotQueue<W> {
    /// The nonce that leaves next.
    next: u32,
    ready_until: u32,
    /// What the waiting transactions will take together.
    reserved: u64,
    waiting: BTreeMap<u32, Pending<W>>,
}

/// All waiting transactions.
#[derive(Debug)]
pub struct Mempool<W> {
    queues: HashMap<u32, SlotQueue<W>>,
    per_owner: HashMap<Owner, usize>,
    /// Slot and nonce in the order of readiness. May name one that has gone: `take` skips it.
    ready: VecDeque<(u32, u32)>,
    /// Held ones by deadline, which is the order of arrival. May name one that has gone.
    held: VecDeque<(Instant, u32, u32)>,
    len: usize,
}

impl<W> Default for Mempool<W> {
    fn default() -> Self {
        Self {
            queues: HashMap::new(),
            per_owner: HashMap::new(),
            ready: VecDeque::new(),
            held: VecDeque::new(),
            len: 0,
        }
    }
}

impl<W> Mempool<W> {
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Takes a transaction in, or says why not. `account` is its slot as executed so far.
    pub fn insert(
        &mut self,
        transaction: AdmittedTransaction,
        waiter: W,
        account: Record,
        now: Instant,
    ) -> Inserted<W> {
        let nonce = transaction.nonce;
        if let Some(queue) = self.queues.get_mut(&transaction.slot)
            && let Some(pending) = queue.waiting.get_mut(&nonce)
        {
            if pending.transaction.id != transaction.id {
                return Inserted::Rejected(waiter, Rejection::NonceTaken { nonce });
            }
            if nonce >= queue.ready_until || pending.waiters.len() >= WAITERS_PER_TRANSACTION_MAX {
                return Inserted::Held(waiter);
            }
            pending.waiters.push(waiter);
            return Inserted::Ready;
        }
        match self.check(&transaction, account) {
            Ok(()) => self.put(transaction, waiter, account, now),
            Err(rejection) => Inserted::Rejected(waiter, rejection),
        }
    }

    fn check(&self, transaction: &AdmittedTransaction, account: Record) -> Result<(), Rejection> {
        let (nonce, next) = (transaction.nonce, account.nonce);
        if nonce < next {
            return Err(Rejection::NonceUsed { nonce, next });
        }
        if nonce - next > NONCE_GAP_MAX {
            return Err(Rejection::NonceTooFar { nonce, next });
        }
        let reserved = self.queues.get(&transaction.slot).map_or(0, |queue| queue.reserved);
        let available = account.balance.saturating_sub(reserved);
        let needed = transaction.debit;
        if needed > available {
            return Err(RuleError::BalanceTooLow { balance: available, needed }.into());
        }
        // Names of transactions that have gone may pile up in `held` only until their deadline.
        if self.len >= MEMPOOL_TRANSACTIONS_MAX || self.held.len() >= MEMPOOL_TRANSACTIONS_MAX {
            return Err(Rejection::MempoolFull);
        }
        let limit = MEMPOOL_TRANSACTIONS_PER_OWNER_MAX;
        if self.per_owner.get(&transaction.owner).is_some_and(|waiting| *waiting >= limit) {
            return Err(Rejection::OwnerLimit { limit });
        }
        Ok(())
    }

    fn put(
        &mut self,
        transaction: AdmittedTransaction,
        waiter: W,
        account: Record,
        now: Instant,
    ) -> Inserted<W> {
        let (slot, nonce) = (transaction.slot, transaction.nonce);
        self.len += 1;
        *self.per_owner.entry(transaction.owner).or_default() += 1;
        let queue = self.queues.entry(slot).or_insert_with(|| SlotQueue::new(account.nonce));
        queue.reserved += transaction.debit;
        let hold_until = now + HOLD_TIMEOUT;
        let pending = Pending { transaction, waiters: Vec::new(), hold_until };
        let pending = queue.waiting.entry(nonce).or_insert(pending);
        if nonce == queue.ready_until {
            pending.waiters.push(waiter);
            queue.promote(slot, &mut self.ready);
            return Inserted::Ready;
        }
        self.held.push_back((hold_until, slot, nonce));
        Inserted::Held(waiter)
    }

    /// The transaction that leaves next, if any.
    pub fn peek(&mut self) -> Option<&AdmittedTransaction> {
        while let Some((slot, nonce)) = self.ready.front().copied() {
            let leaves = self.queues.get(&slot).is_some_and(|queue| {
                queue.next == nonce
                    && nonce < queue.ready_until
                    && queue.waiting.contains_key(&nonce)
            });
            if leaves {
                let queue = &self.queues[&slot];
                return queue.waiting.get(&nonce).map(|pending| &pending.transaction);
            }
            self.ready.pop_front();
        }
        None
    }

    /// Takes out what `peek` shows.
    pub fn take(&mut self) -> Option<Pending<W>> {
        self.peek()?;
        let (slot, nonce) = self.ready.pop_front()?;
        self.queues.get_mut(&slot)?.next += 1;
        self.remove(slot, nonce)
    }

    fn remove(&mut self, slot: u32, nonce: u32) -> Option<Pending<W>> {
        let queue = self.queues.get_mut(&slot)?;
        let pending = queue.waiting.remove(&nonce)?;
        queue.reserved -= pending.transaction.debit;
        if queue.waiting.is_empty() {
            self.queues.remove(&slot);
        }
        self.len -= 1;
        if let Some(waiting) = self.per_owner.get_mut(&pending.transaction.owner) {
            *waiting -= 1;
            if *waiting == 0 {
                self.per_owner.remove(&pending.transaction.owner);
            }
        }
        Some(pending)
    }

    /// Adapts a slot's queue to what was executed: after a transaction that left was refused, or
    /// after L1 took the balance. Gives back what the balance no longer covers.
    pub fn resync(&mut self, slot: u32, account: Record) -> Vec<(Pending<W>, Rejection)> {
        let Some(queue) = self.queues.get(&slot) else { return Vec::new() };
        let mut uncovered = Vec::new();
        let mut available = account.balance;
        for (nonce, pending) in &queue.waiting {
            let needed = pending.transaction.debit;
            match available.checked_sub(needed) {
                Some(rest) => available = rest,
                None => {
                    let rule = RuleError::BalanceTooLow { balance: available, needed };
                    uncovered.push((*nonce, Rejection::Rule(rule)));
                }
            }
        }
        let gone = uncovered
            .into_iter()
            .filter_map(|(nonce, rejection)| Some((self.remove(slot, nonce)?, rejection)))
            .collect();
        self.hold_back(slot, account.nonce);
        gone
    }

    /// Has a slot's queue begin at `next` again: what does not follow from there without a gap is
    /// held, until the deadline it got on arrival.
    pub fn hold_back(&mut self, slot: u32, next: u32) {
        let Some(queue) = self.queues.get_mut(&slot) else { return };
        queue.next = next;
        queue.ready_until = next;
        queue.promote(slot, &mut self.ready);
        let held = queue.waiting.range(queue.ready_until..);
        self.held.extend(held.map(|(nonce, pending)| (pending.hold_until, slot, *nonce)));
        self.held.make_contiguous().sort_by_key(|(deadline, _, _)| *deadline);
    }

    /// Takes out everything that was held until its deadline.
    pub fn expire(&mut self, now: Instant) -> Vec<Pending<W>> {
        let mut expired = Vec::new();
        while let Some((deadline, slot, nonce)) = self.held.front().copied() {
            if deadline > now {
                break;
            }
            self.held.pop_front();
            let is_held = self.queues.get(&slot).is_some_and(|queue| {
                let pending = queue.waiting.get(&nonce);
                nonce >= queue.ready_until && pending.is_some_and(|p| p.hold_until == deadline)
            });
            if is_held {
                expired.extend(self.remove(slot, nonce));
            }
        }
        expired
    }

    /// The nonce after the slot's ready transactions: what a client should sign next. Nothing when
    /// none is waiting.
    pub fn next_nonce(&self, slot: u32) -> Option<u32> {
        self.queues.get(&slot).map(|queue| queue.ready_until)
    }
}

impl<W> SlotQueue<W> {
    fn new(next: u32) -> Self {
        Self { next, ready_until: next, reserved: 0, waiting: BTreeMap::new() }
    }

    /// Makes everything ready that no missing nonce stops.
    fn promote(&mut self, slot: u32, ready: &mut VecDeque<(u32, u32)>) {
        while self.waiting.contains_key(&self.ready_until) {
            ready.push_back((slot, self.ready_until));
            self.ready_until += 1;
        }
    }
}

#[cfg(test)]
mod tests;
