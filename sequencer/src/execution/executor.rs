//! The executor that ordering uses: serial or in waves, as the operator chooses.

use super::{Accounts, Plan, Verdict, WavePlanner, apply_serially};

/// How blocks are applied. Both ways give the same result, bit for bit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Execution {
    /// One transaction after the other, on the thread that orders.
    #[default]
    Serial,
    /// In conflict-free waves, on all threads of the rayon pool.
    Waves,
}

/// Applies one block after the other to the same slots.
#[derive(Debug)]
pub struct Executor {
    /// `None` if blocks are applied serially.
    waves: Option<WavePlanner>,
}

impl Executor {
    /// An executor that applies blocks in this way.
    pub fn new(execution: Execution) -> Self {
        let waves = match execution {
            Execution::Serial => None,
            Execution::Waves => Some(WavePlanner::default()),
        };
        Self { waves }
    }

    /// Applies `plan` to `accounts`, and returns a verdict for each transaction, in the plan's
    /// order.
    pub fn apply(&mut self, accounts: &Accounts, plan: &Plan) -> Vec<Verdict> {
        match &mut self.waves {
            None => apply_serially(accounts, plan),
            Some(planner) => planner.apply(accounts, plan),
        }
    }
}
