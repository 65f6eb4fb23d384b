//! The serial executor: one thread, in the plan's order. Its result is the reference for waves.

use super::{Plan, Records, Verdict};

/// Applies `plan` in its order.
pub(super) fn apply_serially(records: &Records, plan: &Plan) -> Vec<Verdict> {
    plan.transactions().iter().map(|transaction| records.apply(plan, transaction)).collect()
}
