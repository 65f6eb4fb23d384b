//! The tracker: the states of transactions that the log does not contain.
//!
//! The tracker remembers, for the API's answers alone, which transactions are on their way and why
//! others were refused. Their number is limited, and the oldest are forgotten first.

use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

use sheaf_crypto::hash::Digest;

use crate::limits::TRACKED_TRANSACTIONS_MAX;
use crate::rejection::Rejection;

/// The state of a transaction outside the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracked {
    /// The API has read the transaction; nothing is checked.
    Received,
    /// Signature and rules are checked; the transaction waits in memory.
    Accepted,
    /// A rule refused the transaction.
    Rejected(Rejection),
}

#[derive(Debug, Default)]
struct Known {
    states: HashMap<Digest, Tracked>,
    /// The ids in order of arrival; some may have no state any more.
    order: VecDeque<Digest>,
}

/// The states of transactions outside the log, shared between stages.
#[derive(Debug, Default)]
pub struct Tracker {
    known: Mutex<Known>,
}

impl Tracker {
    /// The state of a transaction, if the tracker remembers it.
    pub fn get(&self, id: &Digest) -> Option<Tracked> {
        self.known.lock().expect("no holder of the lock panics").states.get(id).copied()
    }

    /// Notes the states of transactions.
    ///
    /// The state of an accepted transaction does not change here, because anybody can send a copy
    /// of the same message with a broken signature.
    pub fn note(&self, states: impl IntoIterator<Item = (Digest, Tracked)>) {
        let mut known = self.known.lock().expect("no holder of the lock panics");
        for (id, state) in states {
            let before = known.states.get(&id).copied();
            if before == Some(Tracked::Accepted) {
                continue;
            }
            known.states.insert(id, state);
            if before.is_none() {
                known.order.push_back(id);
            }
        }
        known.shrink();
    }

    /// Notes that ordering refused an accepted transaction, before or after the mempool took it.
    pub fn reject_accepted(&self, id: Digest, rejection: Rejection) {
        let mut known = self.known.lock().expect("no holder of the lock panics");
        if let Some(state) = known.states.get_mut(&id) {
            *state = Tracked::Rejected(rejection);
        }
    }

    /// Forgets transactions that the log contains.
    pub fn forget<'a>(&self, ids: impl IntoIterator<Item = &'a Digest>) {
        let mut known = self.known.lock().expect("no holder of the lock panics");
        for id in ids {
            known.states.remove(id);
        }
    }
}

impl Known {
    fn shrink(&mut self) {
        while self.order.len() > TRACKED_TRANSACTIONS_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.states.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sheaf_crypto::goldilocks::Fe;

    use super::*;

    fn id(number: u64) -> Digest {
        Digest([number, 0, 0, 1].map(Fe::from_u64))
    }

    #[test]
    fn a_broken_copy_does_not_demote_an_accepted_transaction() {
        let tracker = Tracker::default();
        tracker.note([(id(1), Tracked::Received), (id(1), Tracked::Accepted)]);
        tracker.note([(id(1), Tracked::Rejected(Rejection::MempoolFull))]);
        assert_eq!(tracker.get(&id(1)), Some(Tracked::Accepted));
        tracker.reject_accepted(id(1), Rejection::HoldTimeout);
        assert_eq!(tracker.get(&id(1)), Some(Tracked::Rejected(Rejection::HoldTimeout)));
        tracker.forget([&id(1)]);
        assert_eq!(tracker.get(&id(1)), None);
    }

    #[test]
    fn the_oldest_are_forgotten_beyond_the_limit() {
        let tracker = Tracker::default();
        let count = TRACKED_TRANSACTIONS_MAX as u64;
        tracker.note((0..=count).map(|number| (id(number), Tracked::Received)));
        assert_eq!(tracker.get(&id(0)), None);
        assert_eq!(tracker.get(&id(1)), Some(Tracked::Received));
        assert_eq!(tracker.get(&id(count)), Some(Tracked::Received));
    }
}
