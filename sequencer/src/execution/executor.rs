//! The executor that ordering uses: one of the two ways, as the operator chose.

use super::{Plan, Records, Verdict, WavePlanner, apply_serially};

/// How blocks are applied. Both ways give the same result, bit for bit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Execution {
    /// In their order, on the thread that orders.
    #[default]
    Serial,
    /// In conflict-free waves, on all threads of the rayon pool.
    Waves,
}

/// Applies one block after the other to the same slots.
#[derive(Debug)]
pub struct Executor {
    /// Nothing where blocks are applied serially.
    waves: Option<WavePlanner>,
}

impl Executor {
    pub fn new(execution: Execution) -> Self {
        let waves = match execution {
            Execution::Serial => None,
            Execution::Waves => Some(WavePlanner::default()),
        };
        Self { waves }
    }

    /// Applies `plan`; the verdicts stand in its order.
    pub fn apply(&mut self, records: &Records, plan: &Plan) -> Vec<Verdict> {
        match &mut self.waves {
            None => apply_serially(records, plan),
            Some(planner) => planner.apply(records, plan),
        }
    }
}
