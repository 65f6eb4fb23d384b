//! The executor that ordering uses: one of two ways to apply effects, as the operator chose.

use std::num::NonZero;
use std::thread::available_parallelism;

use rayon::ThreadPoolBuilder;

use super::partitions::Partitions;
use super::{Accounts, Effect};
use crate::limits::PARALLEL_EFFECTS_MIN;

/// How the effects of a block are applied. Both ways give the same result, bit for bit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Execution {
    /// In their order, on the thread that orders.
    #[default]
    Serial,
    /// Each partition of the slots on a thread of its own: on so many threads, or as many as the
    /// machine has. Blocks of fewer effects than `PARALLEL_EFFECTS_MIN` are applied serially.
    Partitions { threads: Option<NonZero<usize>> },
}

/// Applies one block after the other to the same accounts.
#[derive(Debug)]
pub struct Executor {
    /// Nothing where effects are applied serially.
    partitions: Option<Partitions>,
}

impl Executor {
    /// # Panics
    /// When the system gives no threads.
    pub fn new(execution: Execution) -> Self {
        let partitions = match execution {
            Execution::Serial => None,
            Execution::Partitions { threads } => {
                let here = || available_parallelism().map_or(1, usize::from);
                let count = threads.map_or_else(here, usize::from);
                let name = |index| format!("execution-{index}");
                let threads = ThreadPoolBuilder::new().num_threads(count).thread_name(name);
                Some(Partitions::new(threads.build().expect("the system gives a few threads")))
            }
        };
        Self { partitions }
    }

    /// Applies effects in their order.
    ///
    /// # Panics
    /// As [`Accounts::apply`].
    pub fn apply(&mut self, accounts: &Accounts, effects: &[Effect]) {
        match &mut self.partitions {
            Some(partitions) if effects.len() >= PARALLEL_EFFECTS_MIN => {
                partitions.apply(accounts, effects);
            }
            _ => effects.iter().for_each(|effect| accounts.apply(effect)),
        }
    }
}
