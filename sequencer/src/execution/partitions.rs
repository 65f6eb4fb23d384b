//! Partitions: the slots shared out among threads, each of which applies what touches its own.
//!
//! Effects on different accounts commute, so each thread applies the effects of its partition in
//! their order, and no two threads ever touch one account. Nothing is planned: sharing the effects
//! out reads no account.

use rayon::ThreadPool;

use super::{Accounts, Effect};

/// Slots side by side that belong to one partition, as a power of two: with fewer, threads would
/// write to the same cache lines.
const NEIGHBOURS_BITS: u32 = 6;

/// The threads, and the effects of each one's partition.
#[derive(Debug)]
pub(super) struct Partitions {
    threads: ThreadPool,
    effects: Vec<Vec<Effect>>,
}

impl Partitions {
    /// A partition for each of these threads.
    pub(super) fn new(threads: ThreadPool) -> Self {
        let effects = vec![Vec::new(); threads.current_num_threads()];
        Self { threads, effects }
    }

    /// Applies effects in their order.
    ///
    /// # Panics
    /// As [`Accounts::apply`].
    pub(super) fn apply(&mut self, accounts: &Accounts, effects: &[Effect]) {
        self.effects.iter_mut().for_each(Vec::clear);
        let count = self.effects.len();
        for effect in effects {
            let partition = (effect.slot() >> NEIGHBOURS_BITS) as usize % count;
            self.effects[partition].push(*effect);
        }
        let effects = &self.effects;
        self.threads.broadcast(|thread| {
            effects[thread.index()].iter().for_each(|effect| accounts.apply(effect));
        });
    }
}
