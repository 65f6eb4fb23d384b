//! The mempool: admitted transactions until a block takes them.
//!
//! Each slot has a queue by nonce. A transaction is *ready* when all nonces before its own are
//! executed or ready; any other transaction is *held*, for a limited time. Ready transactions leave
//! in the order in which they became ready. The mempool reserves the amounts and fees of a slot's
//! waiting transactions and accepts no transaction that the rest of the balance does not cover.
//! So a transaction that leaves the mempool fails only when L1 forces the slot out meanwhile. A
//! waiting transaction is never replaced, only sent again.
//!
//! Bounds count payments, in total and by owner, because a transaction takes memory and room in a
//! batch in proportion to its payments. Held transactions have bounds of their own, so that they
//! never keep a ready transaction out: a client that sends only later nonces, or whose queue is
//! held back again and again, delays only clients that do the same.

mod queue;
mod usage;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use sheaf_ledger::message::Terms;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::rule_error::RuleError;

use self::queue::{Place, SlotQueue};
use self::usage::Usage;
use crate::execution::Account;
use crate::lifecycle::AdmittedTransaction;
use crate::limits::{
    HELD_PAYMENTS_MAX, HELD_PAYMENTS_PER_OWNER_MAX, HOLD_TIMEOUT, NONCE_GAP_MAX,
    READY_PAYMENTS_MAX, WAITERS_PER_TRANSACTION_MAX, WAITING_PAYMENTS_PER_OWNER_MAX,
};
use crate::rejection::Rejection;

/// A waiting transaction and the clients that wait for its outcome. `W` is the channel on which a
/// client waits.
#[derive(Debug)]
pub struct Pending<W> {
    pub transaction: AdmittedTransaction,
    pub waiters: Vec<W>,
    hold_until: Instant,
    place: Place,
}

/// What `insert` did with a transaction. A waiter that the mempool does not keep is returned.
#[derive(Debug)]
pub enum Inserted<W> {
    /// The transaction leaves with one of the next blocks, and its waiter leaves with it.
    Ready,
    /// The transaction waits for earlier nonces, or has as many waiters as are allowed. The client
    /// is not kept waiting.
    Held(W),
    /// A rule refused the transaction, which is not in the mempool.
    Rejected(W, Rejection),
}

/// A transaction that had to leave, and the rule that refused it.
pub type Evicted<W> = (Pending<W>, Rejection);

/// All waiting transactions, each of them either in `ready` or in `held`.
#[derive(Debug)]
pub struct Mempool<W> {
    queues: HashMap<u32, SlotQueue<W>>,
    per_owner: HashMap<Owner, Usage>,
    /// Slot and nonce by turn: the number of a transaction in the order of readiness.
    ready: BTreeMap<u64, (u32, u32)>,
    /// The end of the hold, slot and nonce of each held transaction.
    held: BTreeSet<(Instant, u32, u32)>,
    /// `valid_until`, slot and nonce of each waiting transaction.
    expiring: BTreeSet<(u32, u32, u32)>,
    usage: Usage,
    next_turn: u64,
}

impl<W> Default for Mempool<W> {
    fn default() -> Self {
        Self {
            queues: HashMap::new(),
            per_owner: HashMap::new(),
            ready: BTreeMap::new(),
            held: BTreeSet::new(),
            expiring: BTreeSet::new(),
            usage: Usage::default(),
            next_turn: 0,
        }
    }
}

impl<W> Mempool<W> {
    /// How many transactions wait, ready or held.
    pub fn len(&self) -> usize {
        self.ready.len() + self.held.len()
    }

    /// Payments of the transactions that are ready, and of those that are held.
    pub const fn payments(&self) -> (usize, usize) {
        (self.usage.ready, self.usage.held)
    }

    /// Whether no transaction waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether this transaction waits: the same id, not only the same slot and nonce.
    pub fn contains(&self, transaction: &AdmittedTransaction) -> bool {
        let Terms { slot, nonce, .. } = transaction.terms();
        let pending = self.queues.get(slot).and_then(|queue| queue.waiting.get(nonce));
        pending.is_some_and(|pending| pending.transaction.id() == transaction.id())
    }

    /// Takes a transaction in, or returns the rule that refuses it. `account` is the state of the
    /// paying slot after the newest executed block.
    pub fn insert(
        &mut self,
        transaction: AdmittedTransaction,
        waiter: W,
        account: Account,
        now: Instant,
    ) -> Inserted<W> {
        let Terms { slot, nonce, .. } = *transaction.terms();
        if let Some(queue) = self.queues.get_mut(&slot)
            && let Some(pending) = queue.waiting.get_mut(&nonce)
        {
            if pending.transaction.id() != transaction.id() {
                return Inserted::Rejected(waiter, Rejection::NonceTaken { nonce });
            }
            if pending.is_held() || pending.waiters.len() >= WAITERS_PER_TRANSACTION_MAX {
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

    fn check(&self, transaction: &AdmittedTransaction, account: Account) -> Result<(), Rejection> {
        let terms = transaction.terms();
        let (nonce, next) = (terms.nonce, account.nonce);
        if nonce < next {
            return Err(Rejection::NonceUsed { nonce, next });
        }
        if nonce - next > NONCE_GAP_MAX {
            return Err(Rejection::NonceTooFar { nonce, next });
        }
        let queue = self.queues.get(&terms.slot);
        let available = account.balance.saturating_sub(queue.map_or(0, |queue| queue.reserved));
        let needed = terms.debited();
        if needed > available {
            return Err(RuleError::BalanceTooLow { balance: available, needed }.into());
        }
        let payments = transaction.recipients();
        let owners = self.per_owner.get(transaction.owner()).copied().unwrap_or_default();
        let limit = WAITING_PAYMENTS_PER_OWNER_MAX;
        if owners.waiting() + payments > limit {
            return Err(Rejection::OwnerLimit { limit });
        }
        let is_ready = nonce == queue.map_or(account.nonce, |queue| queue.ready_until);
        if !is_ready {
            return self.check_held(owners, payments);
        }
        // The held transactions that wait for this nonce become ready with it.
        let following = queue.map_or(0, |queue| queue.payments_after(nonce));
        if self.usage.ready + payments + following > READY_PAYMENTS_MAX {
            return Err(Rejection::MempoolFull);
        }
        Ok(())
    }

    /// Checks that `more` payments may be held of an owner with the usage `owners`.
    fn check_held(&self, owners: Usage, more: usize) -> Result<(), Rejection> {
        let limit = HELD_PAYMENTS_PER_OWNER_MAX;
        if owners.held + more > limit {
            return Err(Rejection::HeldLimit { limit });
        }
        if self.usage.held + more > HELD_PAYMENTS_MAX {
            return Err(Rejection::HeldFull);
        }
        Ok(())
    }

    fn put(
        &mut self,
        transaction: AdmittedTransaction,
        waiter: W,
        account: Account,
        now: Instant,
    ) -> Inserted<W> {
        let (owner, terms) = (*transaction.owner(), *transaction.terms());
        let Terms { slot, nonce, valid_until, .. } = terms;
        let payments = transaction.recipients();
        let hold_until = now + HOLD_TIMEOUT;
        self.usage.held += payments;
        self.per_owner.entry(owner).or_default().held += payments;
        self.held.insert((hold_until, slot, nonce));
        self.expiring.insert((valid_until, slot, nonce));
        let queue = self.queues.entry(slot).or_insert_with(|| SlotQueue::new(account.nonce));
        queue.reserved += terms.debited();
        let pending = Pending { transaction, waiters: Vec::new(), hold_until, place: Place::Held };
        let pending = queue.waiting.entry(nonce).or_insert(pending);
        if nonce != queue.ready_until {
            return Inserted::Held(waiter);
        }
        pending.waiters.push(waiter);
        self.promote(slot);
        Inserted::Ready
    }

    /// The transaction that leaves next, if one is ready.
    pub fn peek(&self) -> Option<&AdmittedTransaction> {
        let (_, (slot, nonce)) = self.ready.first_key_value()?;
        self.queues.get(slot)?.waiting.get(nonce).map(|pending| &pending.transaction)
    }

    /// Takes out the transaction that `peek` shows.
    pub fn take(&mut self) -> Option<Pending<W>> {
        let (_, (slot, nonce)) = self.ready.first_key_value()?;
        self.remove(*slot, *nonce)
    }

    fn remove(&mut self, slot: u32, nonce: u32) -> Option<Pending<W>> {
        let queue = self.queues.get_mut(&slot)?;
        let pending = queue.waiting.remove(&nonce)?;
        let terms = pending.transaction.terms();
        queue.reserved -= terms.debited();
        self.expiring.remove(&(terms.valid_until, slot, nonce));
        if queue.waiting.is_empty() {
            self.queues.remove(&slot);
        }
        match pending.place {
            Place::Ready { turn } => {
                self.ready.remove(&turn);
            }
            Place::Held => {
                self.held.remove(&(pending.hold_until, slot, nonce));
            }
        }
        let payments = pending.transaction.recipients();
        self.usage.leave(pending.place, payments);
        let owner = pending.transaction.owner();
        if let Some(owners) = self.per_owner.get_mut(owner) {
            owners.leave(pending.place, payments);
            if owners.waiting() == 0 {
                self.per_owner.remove(owner);
            }
        }
        Some(pending)
    }

    /// Makes each transaction of a slot ready that no missing nonce stops.
    fn promote(&mut self, slot: u32) {
        let Some(queue) = self.queues.get_mut(&slot) else { return };
        while let Some(pending) = queue.waiting.get_mut(&queue.ready_until) {
            let nonce = queue.ready_until;
            queue.ready_until += 1;
            if !pending.is_held() {
                continue;
            }
            let turn = self.next_turn;
            self.next_turn += 1;
            pending.place = Place::Ready { turn };
            self.ready.insert(turn, (slot, nonce));
            self.held.remove(&(pending.hold_until, slot, nonce));
            let payments = pending.transaction.recipients();
            self.usage.promote(payments);
            self.per_owner.entry(*pending.transaction.owner()).or_default().promote(payments);
        }
    }

    /// Adapts a slot's queue to its executed state `account`, after execution has refused a
    /// transaction that left, or after an exit on L1 has taken the balance. Returns the
    /// transactions that the balance does not cover or that exceed the bounds of held ones.
    pub fn resync(&mut self, slot: u32, account: Account) -> Vec<Evicted<W>> {
        let Some(queue) = self.queues.get(&slot) else { return Vec::new() };
        let uncovered = queue.uncovered(account.balance);
        let mut gone: Vec<Evicted<W>> = uncovered
            .into_iter()
            .filter_map(|(nonce, rule)| Some((self.remove(slot, nonce)?, rule.into())))
            .collect();
        gone.extend(self.hold_back(slot, account.nonce));
        gone
    }

    /// Lets a slot's queue begin at the nonce `next` again. A transaction that does not follow from
    /// there without a gap is held, until the deadline that it got on arrival. Returns the
    /// transactions that exceed the bounds of held ones, the last nonces first.
    pub fn hold_back(&mut self, slot: u32, next: u32) -> Vec<Evicted<W>> {
        let Some(queue) = self.queues.get_mut(&slot) else { return Vec::new() };
        queue.ready_until = next;
        self.promote(slot);
        let Some(queue) = self.queues.get_mut(&slot) else { return Vec::new() };
        for (nonce, pending) in queue.waiting.range_mut(queue.ready_until..) {
            let Place::Ready { turn } = pending.place else { continue };
            pending.place = Place::Held;
            self.ready.remove(&turn);
            self.held.insert((pending.hold_until, slot, *nonce));
            let payments = pending.transaction.recipients();
            self.usage.demote(payments);
            self.per_owner.entry(*pending.transaction.owner()).or_default().demote(payments);
        }
        self.evict(slot)
    }

    /// Takes a slot's last held transactions out until the rest is within the bounds of held ones.
    fn evict(&mut self, slot: u32) -> Vec<Evicted<W>> {
        let mut evicted = Vec::new();
        while let Some(nonce) = self.queues.get(&slot).and_then(SlotQueue::last_held) {
            let owner = self.queues[&slot].waiting[&nonce].transaction.owner();
            let owners = self.per_owner.get(owner).copied().unwrap_or_default();
            let Err(rejection) = self.check_held(owners, 0) else { break };
            evicted.extend(self.remove(slot, nonce).map(|pending| (pending, rejection)));
        }
        evicted
    }

    /// Takes out each held transaction whose deadline has come.
    pub fn end_holds(&mut self, now: Instant) -> Vec<Evicted<W>> {
        let mut gone = Vec::new();
        while let Some((deadline, slot, nonce)) = self.held.first().copied()
            && deadline <= now
        {
            let pending = self.remove(slot, nonce);
            gone.extend(pending.map(|pending| (pending, Rejection::HoldTimeout)));
        }
        gone
    }

    /// Takes out each transaction, ready or held, whose `valid_until` is before `timestamp`, the
    /// timestamp of the batch that would take it (Unix seconds). The transactions behind a ready
    /// transaction become held; if they exceed the bounds of held ones, the last are taken out too.
    pub fn expire(&mut self, timestamp: u32) -> Vec<Evicted<W>> {
        let mut gone = Vec::new();
        while let Some((valid_until, slot, nonce)) = self.expiring.first().copied()
            && valid_until < timestamp
        {
            let Some(pending) = self.remove(slot, nonce) else { break };
            let was_ready = !pending.is_held();
            let rule = RuleError::Expired { valid_until, timestamp };
            gone.push((pending, rule.into()));
            if was_ready {
                gone.extend(self.hold_back(slot, nonce));
            }
        }
        gone
    }

    /// The nonce after the slot's ready transactions, which a client should sign next; `None` when
    /// no transaction of the slot waits.
    pub fn next_nonce(&self, slot: u32) -> Option<u32> {
        self.queues.get(&slot).map(|queue| queue.ready_until)
    }
}

#[cfg(test)]
mod tests;
