//! One slot's waiting transactions, by nonce.

use std::collections::BTreeMap;
use std::ops::Bound;

use sheaf_ledger::rule_error::RuleError;

use super::Pending;

/// Which of the mempool's two orders lists a transaction: `ready` or `held`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Ready { turn: u64 },
    Held,
}

/// The queue of a slot. Transactions with a nonce below `ready_until` are ready, the others are
/// held.
#[derive(Debug)]
pub(super) struct SlotQueue<W> {
    /// The nonce that becomes ready next.
    pub ready_until: u32,
    /// Amounts and fees of all waiting transactions together, in L2 units.
    pub reserved: u64,
    /// The waiting transactions by nonce.
    pub waiting: BTreeMap<u32, Pending<W>>,
}

impl<W> Pending<W> {
    pub(super) fn is_held(&self) -> bool {
        self.place == Place::Held
    }
}

impl<W> SlotQueue<W> {
    pub(super) fn new(next: u32) -> Self {
        Self { ready_until: next, reserved: 0, waiting: BTreeMap::new() }
    }

    /// The nonces of the transactions that `balance` (L2 units) does not cover once the earlier
    /// ones are paid, each with the rule that refuses it.
    pub(super) fn uncovered(&self, balance: u64) -> Vec<(u32, RuleError)> {
        let mut available = balance;
        let mut uncovered = Vec::new();
        for (nonce, pending) in &self.waiting {
            let needed = pending.transaction.terms().debited();
            match available.checked_sub(needed) {
                Some(rest) => available = rest,
                None => {
                    let rule = RuleError::BalanceTooLow { balance: available, needed };
                    uncovered.push((*nonce, rule));
                }
            }
        }
        uncovered
    }

    /// Payments of the waiting transactions that follow `nonce` without a gap.
    pub(super) fn payments_after(&self, nonce: u32) -> usize {
        let later = self.waiting.range((Bound::Excluded(nonce), Bound::Unbounded));
        let unbroken = later.zip(1..).take_while(|((next, _), step)| **next - nonce == *step);
        unbroken.map(|((_, pending), _)| pending.transaction.recipients()).sum()
    }

    /// The last nonce, if its transaction is held.
    pub(super) fn last_held(&self) -> Option<u32> {
        let (nonce, pending) = self.waiting.last_key_value()?;
        pending.is_held().then_some(*nonce)
    }
}
