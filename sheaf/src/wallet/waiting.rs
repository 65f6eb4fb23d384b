//! Waiting until a transaction or a deposit has come as far as its sender wants.

use std::time::{Duration, Instant};

use alloy::primitives::B256;
use anyhow::{Result, bail, ensure};
use clap::{Args, ValueEnum};
use sheaf_ledger::{Digest, Owner};
use tokio::time::sleep;

use super::history::{Movement, recent};
use super::payer::is_silence;
use crate::api::{Api, TransactionStatus};

/// How often the sequencer is asked.
const PAUSE: Duration = Duration::from_millis(500);
/// How long the wallet waits before it leaves the rest to `history`.
const WAIT_SECONDS_MAX: u64 = 3_600;

/// How far a transaction must have come before the command ends. It goes on without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Goal {
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

#[derive(Debug, Clone, Copy, Args)]
pub struct Waiting {
    /// Wait until it has come this far
    #[arg(long, value_enum, value_name = "STAGE", default_value_t = Goal::Executed)]
    wait: Goal,
}

impl Goal {
    /// The goal that a stage of the API is; nothing for one that is none.
    fn of(stage: &str) -> Option<Self> {
        Self::from_str(stage, false).ok()
    }

    fn is_reached_at(self, stage: &str) -> bool {
        self == Self::Received || Self::of(stage).is_some_and(|reached| reached >= self)
    }
}

impl Waiting {
    /// Waits for a transaction that was sent; `status` is the answer it got.
    pub async fn for_transaction(
        self,
        api: &Api,
        id: &Digest,
        status: TransactionStatus,
    ) -> Result<TransactionStatus> {
        let mut patience = Patience::new();
        let mut status = status;
        while !self.wait.is_reached_at(&status.stage) {
            patience.pause(&status.stage).await?;
            match api.transaction(id).await {
                Ok(found) => status = found,
                Err(error) if is_silence(&error) => {}
                Err(error) => return Err(error),
            }
            ensure!(
                status.stage != "rejected",
                "the sequencer has refused it; `sheaf wallet history {id}` may still say why"
            );
        }
        Ok(status)
    }

    /// Waits for a deposit that L1 has taken. Returns nothing when nobody wanted to wait.
    pub async fn for_deposit(
        self,
        api: &Api,
        owner: &Owner,
        l1_transaction: B256,
    ) -> Result<Option<Movement>> {
        if self.wait == Goal::Received {
            return Ok(None);
        }
        let hash = l1_transaction.to_string();
        let mut patience = Patience::new();
        let mut stage = "received".to_owned();
        loop {
            match recent(api, owner).await {
                Ok(page) => {
                    let found = page.into_iter().find(|one| one.is_requested_by(&hash));
                    if let Some(found) = found {
                        if self.wait.is_reached_at(&found.stage) {
                            return Ok(Some(found));
                        }
                        stage.clone_from(&found.stage);
                    }
                }
                Err(error) if is_silence(&error) => {}
                Err(error) => return Err(error),
            }
            patience.pause(&stage).await?;
        }
    }
}

/// What is left of the time to wait, and what the person was told last.
struct Patience {
    start: Instant,
    told: String,
}

impl Patience {
    fn new() -> Self {
        Self { start: Instant::now(), told: String::new() }
    }

    /// Says how far it is, if that is new, and waits a moment.
    async fn pause(&mut self, stage: &str) -> Result<()> {
        if self.told != stage {
            eprintln!("{stage}…");
            stage.clone_into(&mut self.told);
        }
        if self.start.elapsed().as_secs() > WAIT_SECONDS_MAX {
            bail!(
                "it is still {stage} after {WAIT_SECONDS_MAX} s; `sheaf wallet history` shows it"
            );
        }
        sleep(PAUSE).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_reached_by_its_stage_and_every_later_one() {
        let stages = ["received", "executed", "sealed", "proven", "submitted", "finalised"];
        for (index, goal) in stages.iter().enumerate() {
            let goal = Goal::of(goal).expect("every stage is a goal");
            for (reached, stage) in stages.iter().enumerate() {
                assert_eq!(goal.is_reached_at(stage), reached >= index || index == 0);
            }
        }
        assert!(!Goal::Executed.is_reached_at("accepted"));
        assert!(!Goal::Executed.is_reached_at("rejected"));
    }
}
