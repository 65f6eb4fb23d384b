//! Waiting until a transaction or a deposit has come as far as its sender wants.

use alloy::primitives::B256;
use anyhow::Result;
use clap::{Args, ValueEnum};
use sheaf_client::{Api, Stage, TransactionStatus, waiting};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::Owner;

/// How far a transaction must have come before a command ends. It goes on without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Goal {
    /// Do not wait
    Received,
    /// Durable at the sequencer
    Executed,
    /// In a batch that is closed
    Sealed,
    /// The batch has its proof
    Proven,
    /// The batch is on its way to L1
    Submitted,
    /// L1 has verified the batch
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
    /// Wait until it has come this far
    #[arg(long, value_enum, value_name = "STAGE", default_value_t = Goal::Executed)]
    wait: Goal,
}

impl Waiting {
    /// Waits for a transaction that was sent; `status` is the answer it got.
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

    /// Waits for a deposit that L1 has taken. Returns how far it has come: no farther than
    /// `received` when nobody wanted to wait.
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

/// Says how far it is.
fn tell(stage: Stage) {
    eprintln!("{stage}…");
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
