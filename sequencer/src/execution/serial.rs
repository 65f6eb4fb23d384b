//! The serial executor: one thread, in the plan's order. Its result is the reference for waves.

use super::{Accounts, Plan, Verdict};

/// Applies `plan` in its order.
pub(super) fn apply_serially(accounts: &Accounts, plan: &Plan) -> Vec<Verdict> {
    plan.transactions().iter().map(|transaction| accounts.apply(plan, transaction)).collect()
}
