//! A start while L1 is away: what an earlier start has compared is served, and the L1 side waits
//! for the comparison.

use std::time::Duration;

use alloy::sol_types::SolCall;
use reqwest::StatusCode;
use serde_json::Value;
use sheaf_contracts::Sheaf;
use sheaf_sequencer::StartError;
use sheaf_sequencer::l1::L1Error;
use tempfile::TempDir;

use crate::l1::node::Fault;
use crate::l1::rollup::{CONFIRMATIONS, PATIENCE, Rollup};

/// Patience of a process that must end, though not before L1 is back.
const SOME_PATIENCE: Duration = Duration::from_secs(15);
/// What a node that is being restarted answers.
const AWAY: Fault = Fault::Status(StatusCode::SERVICE_UNAVAILABLE);

/// A rollup with a credited deposit, started again while its L1 is away.
async fn started_without_l1() -> Rollup {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 50).await;
    rollup.confirm().await;
    rollup.consume().await;
    rollup.node.fail(AWAY);
    rollup.run_stages(PATIENCE).await
}

async fn is_compared(rollup: &Rollup) -> bool {
    rollup.get("/v1/status").await["l1"]["compared"] == true
}

#[tokio::test(flavor = "multi_thread")]
async fn payments_and_reads_go_on_without_l1_and_the_rest_follows_with_it() {
    let rollup = started_without_l1().await;
    assert!(!is_compared(&rollup).await);
    assert_eq!(rollup.get("/v1/status").await["l1"]["node"], Value::Null);
    let health = rollup.get("/healthz").await;
    assert_eq!((&health["healthy"], &health["l1_unreachable"]), (&true.into(), &true.into()));
    assert_eq!(rollup.get("/v1/slots/0").await["balance"], "50");
    rollup.withdraw(1, 0, 4).await;
    let batch = rollup.close_and_prove().await;
    rollup.deposit(1, 7).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(rollup.requests().await.len(), 1, "deposits wait");
    assert_eq!(rollup.submissions(batch).await, [], "so do batches");

    // A node that answers everything but what the comparison asks for.
    let selector = hex::encode(Sheaf::verifierCall::SELECTOR);
    rollup.node.obey(move |method, parameters| {
        let is_asked = method == "eth_call" && parameters[0].to_string().contains(&selector);
        is_asked.then_some(Fault::Refusal("limit exceeded"))
    });
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(rollup.requests().await.len(), 1, "deposits wait for the comparison");
    assert_eq!(rollup.submissions(batch).await, [], "so do batches");
    rollup.node.recover();
    rollup.wait_for("it is compared", async || is_compared(&rollup).await).await;
    rollup.wait_for("the deposit is read", async || rollup.requests().await.len() == 2).await;
    rollup.becomes_final(batch).await;
    let health = rollup.get("/healthz").await;
    assert_eq!((&health["healthy"], &health["l1_unreachable"]), (&true.into(), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_were_read_before_wait_for_the_comparison() {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 50).await;
    rollup.confirm().await;
    rollup.consume().await;
    rollup.withdraw(1, 0, 4).await;
    // Read and not yet consumed when the process ends.
    let copy = rollup.back_up().await;
    let database = Rollup::database_in(&copy).await;
    let again = "INSERT INTO requests SELECT 1, kind, owner, token, amount, slot, l1_block,
                 l1_transaction, sender FROM requests";
    sqlx::query(again).execute(&database).await.expect("it is stored");
    database.close().await;
    rollup.node.fail(AWAY);
    let rollup = rollup.try_run_on(copy, SOME_PATIENCE).await.expect("it starts");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(rollup.get("/v1/slots/0").await["balance"], "46");
    // L1 has no such request.
    rollup.node.recover();
    let (_node, code) = rollup.end().await;
    assert_eq!(code, "l1_logs_left_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_never_compared_is_not_served_without_l1() {
    let rollup = Rollup::start().await;
    rollup.node.fail(AWAY);
    let empty = TempDir::new().expect("a temporary directory");
    let refused = rollup.try_run_on(empty, Duration::from_secs(1)).await.err();
    let refused = refused.expect("there is nothing to serve");
    assert!(matches!(refused, StartError::L1(L1Error::Unreachable { .. })), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_difference_that_is_found_later_ends_the_process() {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 5).await;
    rollup.confirm().await;
    let old = rollup.back_up().await;
    let batch = rollup.prove_batch().await;
    rollup.submit(batch).await;
    rollup.node.fail(AWAY);
    let rollup = rollup.try_run_on(old, PATIENCE).await.expect("nobody contradicts it");
    rollup.node.recover();
    let (_node, code) = rollup.end().await;
    assert_eq!(code, "l1_unknown_batch");
}
