//! The serial executor: the order as given, one thread. It is the reference for every other way.

use super::{Plan, Records, Verdict};

/// Applies `plan` in its order.
pub(super) fn apply_serially(records: &Records, plan: &Plan) -> Vec<Verdict> {
    plan.transactions().iter().map(|transaction| records.apply(plan, transaction)).collect()
}
