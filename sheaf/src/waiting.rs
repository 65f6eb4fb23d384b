//! Waiting for what a rollup does by itself: a deposit that it credits, a transaction on its way.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use clap::ValueEnum;
use sheaf_crypto::hash::Digest;
use tokio::time::sleep;

use crate::api::{Api, TransactionStatus, is_silence};
use crate::wallet::Payer;

/// How often the sequencer is asked.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a batch may take to be proven and final.
pub const FINALITY_SECONDS_MAX: u64 = 3_600;
/// How long a deposit may take to be credited on L2.
const DEPOSIT_SECONDS_MAX: u64 = 60;

/// How far a transaction must have come before a command ends. It goes on without it.
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

impl Goal {
    /// The goal that a stage of the API is; nothing for one that is none.
    fn of(stage: &str) -> Option<Self> {
        Self::from_str(stage, false).ok()
    }

    pub fn is_reached_at(self, stage: &str) -> bool {
        self == Self::Received || Self::of(stage).is_some_and(|reached| reached >= self)
    }

    /// Waits until a transaction has come this far. `tell` hears of each stage on the way, once.
    ///
    /// # Errors
    /// When the sequencer has refused it, or it has not come this far in `FINALITY_SECONDS_MAX`.
    pub async fn follow(
        self,
        api: &Api,
        id: &Digest,
        mut tell: impl FnMut(&TransactionStatus),
    ) -> Result<TransactionStatus> {
        let mut told = String::new();
        until(FINALITY_SECONDS_MAX, async || {
            let status = api.transaction(id).await?;
            ensure!(
                status.stage != "rejected",
                "the sequencer has refused it; `sheaf wallet history {id}` may still say why"
            );
            if self.is_reached_at(&status.stage) {
                return Ok(ControlFlow::Break(status));
            }
            if told != status.stage {
                tell(&status);
                told.clone_from(&status.stage);
            }
            Ok(ControlFlow::Continue(status.stage))
        })
        .await
    }
}

/// Waits until the first deposit of a payer is credited.
///
/// # Errors
/// When the balance is another after `DEPOSIT_SECONDS_MAX`.
pub async fn credited(payer: &Payer, amount: u64) -> Result<()> {
    until(DEPOSIT_SECONDS_MAX, async || {
        let balance = payer.balance().await?;
        let state = || format!("a balance of {balance} instead of {amount}");
        Ok(if balance == amount { ControlFlow::Break(()) } else { ControlFlow::Continue(state()) })
    })
    .await
}

/// Asks until what is waited for is there; until then, an answer says how far it is. A sequencer
/// that is silent meanwhile is waited for, too.
///
/// # Errors
/// Any that is not silence; and the end of the time.
pub async fn until<T>(
    seconds_max: u64,
    mut question: impl AsyncFnMut() -> Result<ControlFlow<T, String>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        let found = match question().await {
            Ok(ControlFlow::Break(there)) => return Ok(there),
            Ok(ControlFlow::Continue(state)) => state,
            Err(error) if is_silence(&error) => format!("{error:#}"),
            Err(error) => return Err(error),
        };
        if start.elapsed().as_secs() >= seconds_max {
            bail!("waited for {seconds_max} s in vain; the last answer: {found}");
        }
        sleep(PAUSE).await;
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

    #[tokio::test]
    async fn what_comes_late_is_waited_for_and_what_never_comes_is_told() {
        let mut asked = 0;
        let third = until(60, async || {
            asked += 1;
            let state = || ControlFlow::Continue(format!("at {asked}"));
            Ok(if asked == 3 { ControlFlow::Break(asked) } else { state() })
        });
        assert_eq!(third.await.expect("it comes"), 3);
        let never = until(0, async || Ok(ControlFlow::<(), _>::Continue("sealed".into())));
        let error = never.await.expect_err("it does not come").to_string();
        assert_eq!(error, "waited for 0 s in vain; the last answer: sealed");
        let failing = until(60, async || -> Result<ControlFlow<(), String>> { bail!("no such") });
        assert_eq!(failing.await.expect_err("it fails").to_string(), "no such");
    }
}
