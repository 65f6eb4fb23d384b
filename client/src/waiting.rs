//! Waiting until a rollup has credited a deposit, or until a transaction has reached a stage.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use alloy::primitives::B256;
use reqwest::StatusCode;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::Owner;
use sheaf_wire::history::{HistoryBody, HistoryParameters, MovementBody};
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
/// Movements in a page that is searched for a deposit: the most that a page has.
const MOVEMENTS_PER_PAGE: u32 = 100;
/// Pages that one search reads at most. An account with more movements after a deposit is not
/// waiting for that deposit.
const PAGES_MAX: usize = 1_000;

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
/// goal in an hour; `Refused` when the sequencer refuses the question for good, and the other
/// errors of [`Api`]. What may pass is waited out.
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
/// refuses the question for good, and the other errors of [`Api`]. What may pass is waited out.
pub async fn deposit(
    api: &Api,
    (owner, l1_transaction): (&Owner, B256),
    goal: Stage,
    mut tell: impl FnMut(Stage),
) -> Result<MovementBody> {
    let hash = l1_transaction.to_string();
    let mut told = None;
    let mut searched = None;
    until(FINALITY_SECONDS_MAX, async || {
        let found = match find(api, (owner, &hash), searched).await? {
            Found::Movement(movement) => Some(movement),
            Found::Nothing { newest } => {
                searched = newest.or(searched);
                None
            }
        };
        let stage = found.as_ref().map_or(Stage::Received, |found| found.stage);
        if told.replace(stage) != Some(stage) {
            tell(stage);
        }
        Ok(match found {
            Some(found) if is_reached(goal, found.stage) => ControlFlow::Break(*found),
            Some(_) | None => ControlFlow::Continue(stage.to_string()),
        })
    })
    .await
}

/// The result of a search for the movement of a deposit.
enum Found {
    Movement(Box<MovementBody>),
    /// There is no such movement up to block `newest`, the newest that moved the account.
    Nothing {
        newest: Option<u64>,
    },
}

/// Searches an account for the movement that the L1 transaction `hash` caused, from the newest
/// movement on. Blocks up to `searched` are known to have none.
async fn find(api: &Api, (owner, hash): (&Owner, &str), searched: Option<u64>) -> Result<Found> {
    let mut page = HistoryParameters { before: None, limit: Some(MOVEMENTS_PER_PAGE) };
    let mut newest = None;
    for _ in 0..PAGES_MAX {
        let HistoryBody { transactions, next, .. } = match api.history(owner, &page).await {
            Ok(body) => body,
            // Older blocks are archived, and were final long ago.
            Err(ClientError::Refused { status: StatusCode::GONE, .. }) => break,
            Err(error) => return Err(error),
        };
        newest = newest.or(transactions.first().map(|movement| movement.block));
        let reaches = |movement: &MovementBody| searched.is_some_and(|last| movement.block <= last);
        let is_last = next.is_none() || transactions.iter().any(reaches);
        let mut movements = transactions.into_iter();
        if let Some(found) = movements.find(|movement| movement.is_requested_by(hash)) {
            return Ok(Found::Movement(Box::new(found)));
        }
        if is_last {
            break;
        }
        page.before = next;
    }
    Ok(Found::Nothing { newest })
}

/// Waits until a payer's balance is `amount` L2 units, which its first deposit credits.
///
/// # Errors
/// `Late` when the balance is different after a minute; `Refused` when the sequencer refuses the
/// question for good, and the other errors of [`Api`]. What may pass is waited out.
pub async fn credited(payer: &Payer, amount: u64) -> Result<()> {
    until(DEPOSIT_SECONDS_MAX, async || {
        let balance = payer.balance().await?;
        let state = || format!("a balance of {balance} instead of {amount}");
        Ok(if balance == amount { ControlFlow::Break(()) } else { ControlFlow::Continue(state()) })
    })
    .await
}

/// Repeats `question` until it breaks with a result. Until then, `question` continues with a text
/// that describes the current state. A sequencer that is silent, or refuses for a while, as during
/// a restart, does not end the wait.
///
/// # Errors
/// `Late` with the last text after `seconds_max`; the question's error, unless it may pass.
async fn until<T>(
    seconds_max: u64,
    mut question: impl AsyncFnMut() -> Result<ControlFlow<T, String>>,
) -> Result<T> {
    let start = Instant::now();
    loop {
        let last = match question().await {
            Ok(ControlFlow::Break(there)) => return Ok(there),
            Ok(ControlFlow::Continue(state)) => state,
            Err(error) if error.may_pass() => error.to_string(),
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
    use crate::server::{Server, refusal};

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

    /// Behind 150 younger movements, which fill a page and more, and once more behind ten others.
    #[tokio::test]
    async fn a_deposit_is_found_however_much_moves_after_it() {
        let (owner, l1_transaction) = (Owner::default(), B256::repeat_byte(5));
        let movement = move |block: u64| {
            let request = (block == 1).then(|| format!("{l1_transaction}"));
            serde_json::json!({
                "kind": "deposited", "stage": if block == 1 { "sealed" } else { "executed" },
                "slot": 0, "token": 0, "amount": "1", "block": block, "executed_ms": 0, "batch": 1,
                "request": { "number": block, "l1_transaction": request },
            })
        };
        let page = move |newest: u64| {
            let oldest = newest.saturating_sub(100);
            let movements: Vec<_> = (oldest + 1..=newest).rev().map(movement).collect();
            let next = (oldest > 0).then(|| oldest.to_string());
            serde_json::json!({ "owner": owner, "transactions": movements, "next": next })
        };
        let answer = move |_: usize, request: &str| {
            let before = request.split_once("before=").map(|(_, rest)| rest);
            let before = before.and_then(|rest| rest.split(['&', ' ']).next());
            let newest = before.map_or(151, |before| before.parse().expect("a block"));
            (200, page(newest).to_string())
        };
        let server = Server::start(2, answer);
        let api = Api::new(&server.url).expect("a URL");
        let place = (&owner, l1_transaction);
        let found = deposit(&api, place, Stage::Sealed, |_| {}).await.expect("it is there");
        assert_eq!((found.block, found.stage, server.asked()), (1, Stage::Sealed, 2));
        // What was searched is not searched again.
        let server = Server::start(1, answer);
        let api = Api::new(&server.url).expect("a URL");
        let hash = B256::repeat_byte(6).to_string();
        let nothing = find(&api, (&owner, &hash), Some(90)).await.expect("an answer");
        assert!(matches!(nothing, Found::Nothing { newest: Some(151) }));
        assert_eq!(server.asked(), 1);
    }

    #[tokio::test]
    async fn who_waits_bears_a_restart_and_no_refusal() {
        let answers = [refusal(503, "outcome_unknown"), refusal(404, "transaction_not_found")];
        let server = Server::start(2, move |place, _| answers[place].clone());
        let api = Api::new(&server.url).expect("a URL");
        let waited = transaction(&api, &Digest::ZERO, Stage::Executed, |_| {}).await;
        assert!(
            matches!(&waited, Err(ClientError::Refused { status, .. }) if *status == 404),
            "{waited:?}"
        );
        assert_eq!(server.asked(), 2);
    }
}
