//! Waiting until a rollup has credited a deposit, or until a transaction has reached a stage.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use alloy::primitives::B256;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::Owner;
use sheaf_wire::history::{HistoryParameters, MovementBody};
use sheaf_wire::transactions::{Stage, TransactionStatus};
use tokio::time::sleep;

use crate::api::Api;
use crate::error::{ClientError, Result};
use crate::payer::Payer;

/// The pause between two requests to the sequencer.
const PAUSE: Duration = Duration::from_millis(200);
/// How long a batch may take to be proven and final.
const FINALITY_SECONDS_MAX: u64 = 3_600;
/// How long a deposit may take to be credited on L2.
const DEPOSIT_SECONDS_MAX: u64 = 60;
/// How many of an account's newest movements are searched for a deposit: the most in one page.
const MOVEMENTS_MAX: u32 = 100;

/// Whether a transaction at `stage` has reached `goal`. Every stage has reached `received`; a
/// rejected transaction has reached no other goal.
pub fn is_reached(goal: Stage, stage: Stage) -> bool {
    goal == Stage::Received || (stage >= goal && stage != Stage::Rejected)
}

/// Waits until a transaction has reached `goal`. Calls `tell` once for each stage that is seen
/// before the goal.
///
/// # Errors
/// `Rejected` when a rule refused the transaction; `Late` when the transaction has not reached the
/// goal in an hour; `Refused` when the sequencer refuses the question, and the other errors of
/// [`Api`] except its silence, which is waited out.
pub async fn transaction(
    api: &Api,
    id: &Digest,
    goal: Stage,
    mut tell: impl FnMut(&TransactionStatus),
) -> Result<TransactionStatus> {
    let mut told = None;
    until(FINALITY_SECONDS_MAX, async || {
        let status = api.transaction(id).await?;
        let stage = status.stage;
        if stage == Stage::Rejected {
            return Err(ClientError::Rejected { id: *id, detail: status.error.map(Box::new) });
        }
        if is_reached(goal, stage) {
            return Ok(ControlFlow::Break(status));
        }
        if told.replace(stage) != Some(stage) {
            tell(&status);
        }
        Ok(ControlFlow::Continue(stage.to_string()))
    })
    .await
}

/// Waits until a deposit to `owner`, made by `l1_transaction`, has reached `goal`. Calls `tell`
/// once for each stage that is seen, the last included. Until the deposit is in a durable block,
/// its stage is `received`.
///
/// # Errors
/// `Late` when the deposit has not reached the goal in an hour; `Refused` when the sequencer
/// refuses the question, and the other errors of [`Api`] except its silence, which is waited out.
pub async fn deposit(
    api: &Api,
    (owner, l1_transaction): (&Owner, B256),
    goal: Stage,
    mut tell: impl FnMut(Stage),
) -> Result<MovementBody> {
    let hash = l1_transaction.to_string();
    let page = HistoryParameters { before: None, limit: Some(MOVEMENTS_MAX) };
    let mut told = None;
    until(FINALITY_SECONDS_MAX, async || {
        let recent = api.history(owner, &page).await?.transactions;
        let found = recent.into_iter().find(|movement| movement.is_requested_by(&hash));
        let stage = found.as_ref().map_or(Stage::Received, |found| found.stage);
        if told.replace(stage) != Some(stage) {
            tell(stage);
        }
        Ok(match found {
            Some(found) if is_reached(goal, found.stage) => ControlFlow::Break(found),
            Some(_) | None => ControlFlow::Continue(stage.to_string()),
        })
    })
    .await
}

/// Waits until a payer's balance is `amount` L2 units, which its first deposit credits.
///
/// # Errors
/// `Late` when the balance is different after a minute; `Refused` when the sequencer refuses the
/// question, and the other errors of [`Api`] except its silence, which is waited out.
pub async fn credited(payer: &Payer, amount: u64) -> Result<()> {
    until(DEPOSIT_SECONDS_MAX, async || {
        let balance = payer.balance().await?;
        let state = || format!("a balance of {balance} instead of {amount}");
        Ok(if balance == amount { ControlFlow::Break(()) } else { ControlFlow::Continue(state()) })
    })
    .await
}

/// Repeats `question` until it breaks with a result. Until then, `question` continues with a text
/// that describes the current state. The silence of a sequencer does not end the wait.
///
/// # Errors
/// `Late` with the last text after `seconds_max`; the question's error, unless it is silence.
async fn until<T>(
    seconds_max: u64,
    mut question: impl AsyncFnMut() -> Result<ControlFlow<T, String>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        let last = match question().await {
            Ok(ControlFlow::Break(there)) => return Ok(there),
            Ok(ControlFlow::Continue(state)) => state,
            Err(error) if error.is_silence() => error.to_string(),
            Err(error) => return Err(error),
        };
        if start.elapsed().as_secs() >= seconds_max {
            return Err(ClientError::Late { seconds: seconds_max, last });
        }
        sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_reached_by_its_stage_and_every_later_one() {
        let [stages @ .., Stage::Rejected] = Stage::ALL else { panic!("the refusal is last") };
        for (index, goal) in stages.into_iter().enumerate() {
            for (reached, stage) in stages.into_iter().enumerate() {
                assert_eq!(is_reached(goal, stage), reached >= index, "{goal} {stage}");
            }
            assert_eq!(is_reached(goal, Stage::Rejected), goal == Stage::Received);
        }
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
        let failing =
            until(60, async || -> Result<ControlFlow<(), String>> { Err(ClientError::Clock) });
        assert!(matches!(failing.await, Err(ClientError::Clock)));
    }
}
