//! Waiting until a transaction or a deposit has reached the stage that `--wait` names.

use alloy::primitives::B256;
use anyhow::Result;
use clap::{Args, ValueEnum};
use sheaf_client::{Api, Stage, TransactionStatus, waiting};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::Owner;

use crate::output;

/// The stage that a transaction must reach before the command ends. The later stages follow without
/// the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Goal {
    /// Do not wait
    Received,
    /// The transaction is durable at the sequencer
    Executed,
    /// The batch of the transaction is closed
    Sealed,
    /// The batch has its proof
    Proven,
    /// The batch is on its way to L1
    Submitted,
    /// L1 has verified the batch, under enough confirmations
    Finalised,
}

impl From<Goal> for Stage {
    fn from(goal: Goal) -> Self {
        match goal {
            Goal::Received => Self::Received,
            Goal::Executed => Self::Executed,
            Goal::Sealed => Self::Sealed,
            Goal::Proven => Self::Proven,
            Goal::Submitted => Self::Submitted,
            Goal::Finalised => Self::Finalised,
        }
    }
}

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Waiting {
    /// Wait until the transaction or deposit has reached this stage
    #[arg(long, value_enum, value_name = "STAGE", default_value_t = Goal::Executed)]
    wait: Goal,
}

impl Waiting {
    /// Waits for a transaction that was sent; `status` is the sequencer's answer to it.
    ///
    /// # Errors
    /// When the transaction is rejected or has not reached the stage within an hour, or the
    /// sequencer refuses.
    pub(super) async fn for_transaction(
        self,
        api: &Api,
        id: &Digest,
        status: TransactionStatus,
    ) -> Result<TransactionStatus> {
        let goal = self.wait.into();
        if waiting::is_reached(goal, status.stage) {
            return Ok(status);
        }
        Ok(waiting::transaction(api, id, goal, |status| tell(status.stage)).await?)
    }

    /// Waits for a deposit that L1 has taken. Returns the stage that the deposit has reached;
    /// `received` without asking when `--wait` is `received`.
    ///
    /// # Errors
    /// When the deposit has not reached the stage within an hour, or the sequencer refuses.
    pub(super) async fn for_deposit(
        self,
        api: &Api,
        owner: &Owner,
        l1_transaction: B256,
    ) -> Result<Stage> {
        if self.wait == Goal::Received {
            return Ok(Stage::Received);
        }
        let deposit = (owner, l1_transaction);
        Ok(waiting::deposit(api, deposit, self.wait.into(), tell).await?.stage)
    }
}

/// Prints a stage to standard error.
fn tell(stage: Stage) {
    output::note(format_args!("{stage}…"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_goal_is_spelt_as_its_stage() {
        for goal in Goal::value_variants() {
            let spelt = goal.to_possible_value().expect("none is hidden");
            assert_eq!(spelt.get_name(), Stage::from(*goal).name());
        }
    }
}
