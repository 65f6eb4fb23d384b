//! Submission of batches: the L1 transaction is dropped, outbid, refused, reverted or reorganised
//! away, or the process restarts meanwhile. Each batch reaches L1 once, or the process ends.

mod blobs;
mod fees;
mod flight;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use alloy::eips::BlockId;
use alloy::network::TransactionBuilder;
use alloy::primitives::{B256, Bytes, U256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy::sol_types::SolError;
use futures::FutureExt;
use serde_json::{Value, json};
use sheaf_contracts::Sheaf;
use sheaf_sequencer::events::{Event, Read};
use sheaf_sequencer::l1::{Advance, L1Error};
use sheaf_sequencer::limits::{
    BATCH_LEAD_MAX, SUBMISSION_BUMP_PERCENT, SUBMISSION_FAILURES_MAX, SUBMISSION_PATIENCE_BLOCKS,
};
use sheaf_sequencer::store::{BatchState, Submission, now_ms};

use crate::l1::anvil::{Anvil, address};
use crate::l1::node::Fault;
use crate::l1::rollup::{GWEI, PATIENCE, Rollup};

/// A rollup with a proven batch, on an L1 that mines when it is told to.
async fn proven() -> (Rollup, u64) {
    let rollup = Rollup::start().await;
    let batch = rollup.prove_batch().await;
    rollup.node.anvil.mine_at_once(false).await;
    (rollup, batch)
}

async fn advance(rollup: &Rollup) -> Advance {
    rollup.submit_once().await.expect("L1 is well")
}

/// What L1 was given to mine, as bytes.
fn sent(rollup: &Rollup) -> Vec<Vec<u8>> {
    let raw = |parameters: Value| {
        let bytes: Bytes = parameters[0].as_str().expect("hex").parse().expect("hex");
        bytes.to_vec()
    };
    rollup.node.asked("eth_sendRawTransaction").into_iter().map(raw).collect()
}

async fn is_mined(rollup: &Rollup, submission: &Submission) -> bool {
    let receipt = rollup.node.anvil.receipt(B256::from(submission.hash)).await;
    receipt.is_some_and(|receipt| receipt.status())
}

async fn drop_from_pool(rollup: &Rollup, submission: &Submission) {
    let hash = B256::from(submission.hash);
    let dropped: Option<B256> = rollup.node.anvil.rpc("anvil_dropTransaction", [hash]).await;
    assert_eq!(dropped, Some(hash));
}

/// Lets L1 mine blocks without the submissions until the patience with the first is over.
async fn lose_patience(rollup: &Rollup) {
    let anvil = &rollup.node.anvil;
    // The step after the one that sends a submission begins the wait, also if L1 is too dear now.
    for _ in 0..2 {
        let _ = rollup.submit_once().await;
    }
    let () = anvil.rpc("anvil_dropAllTransactions", json!([])).await;
    let newest = anvil.provider().get_block(BlockId::latest()).await.expect("an answer");
    let base = newest.expect("a block").header.base_fee_per_gas.expect("a new chain");
    for _ in 0..SUBMISSION_PATIENCE_BLOCKS {
        let () = anvil.rpc("anvil_setNextBlockBaseFeePerGas", [U256::from(base)]).await;
        anvil.mine(1).await;
    }
}

async fn send_refused(rollup: &Rollup) {
    rollup.node.obey(|method, _| {
        (method == "eth_sendRawTransaction").then_some(Fault::Refusal("not today"))
    });
    let refused = rollup.submit_once().await.expect_err("it is not taken");
    assert!(matches!(refused, L1Error::Refused { .. }), "{refused}");
    rollup.node.recover();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_sent_once_and_the_next_one_follows_it() {
    let (rollup, first) = proven().await;
    assert_eq!((rollup.verified().await, rollup.batch(first).await.state), (0, BatchState::Proven));
    for _ in 0..3 {
        advance(&rollup).await;
    }
    let submissions = rollup.submissions(first).await;
    assert_eq!(submissions.len(), 1);
    assert_eq!(sent(&rollup), [submissions[0].raw.clone()]);
    let batch = rollup.batch(first).await;
    assert_eq!(batch.state, BatchState::Submitted);
    assert_eq!(batch.l1_transaction, Some(submissions[0].hash));
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, first);
    advance(&rollup).await;
    assert_eq!(sent(&rollup).len(), 1);
    rollup.node.anvil.mine_at_once(true).await;
    let second = rollup.prove_batch().await;
    rollup.submit(second).await;
    assert_eq!(sent(&rollup).len(), 2);
    assert_eq!(rollup.submissions(second).await[0].nonce, submissions[0].nonce + 1);
}

/// As after an upgrade: an older version did not store what a batch publishes.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_words_are_not_stored_is_sent_with_the_words_of_the_log() {
    let (rollup, batch) = proven().await;
    let forget = sqlx::query("DELETE FROM published").execute(&rollup.database().await).await;
    assert_eq!(forget.expect("they are forgotten").rows_affected(), 1);
    advance(&rollup).await;
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, batch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_without_a_proof_is_not_sent() {
    let rollup = Rollup::start().await;
    assert_eq!(advance(&rollup).await, Advance::Idle);
    rollup.prove_batch().await;
    // As sealing left it.
    sqlx::query("UPDATE batches SET state = 'sealed'")
        .execute(&rollup.database().await)
        .await
        .expect("it is as before the proof");
    assert_eq!(advance(&rollup).await, Advance::Idle);
    assert_eq!(sent(&rollup).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_stored_before_it_is_sent_and_a_restart_sends_the_same() {
    let (rollup, batch) = proven().await;
    send_refused(&rollup).await;
    let stored = rollup.submissions(batch).await;
    assert_eq!((stored.len(), stored[0].sent_ms), (1, None));
    assert_eq!(rollup.batch(batch).await.state, BatchState::Proven);
    let rollup = rollup.kill_and_restart().await;
    advance(&rollup).await;
    assert_eq!(sent(&rollup), [stored[0].raw.clone(), stored[0].raw.clone()]);
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, batch);
    assert!(is_mined(&rollup, &stored[0]).await);
    assert_eq!(rollup.submissions(batch).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_after_sending_sends_nothing_again() {
    let (rollup, batch) = proven().await;
    advance(&rollup).await;
    // Killed between L1's answer and our note of it.
    sqlx::query("UPDATE submissions SET sent_ms = NULL")
        .execute(&rollup.database().await)
        .await
        .expect("the note is gone");
    sqlx::query("UPDATE batches SET state = 'proven', submitted_ms = NULL, l1_transaction = NULL")
        .execute(&rollup.database().await)
        .await
        .expect("the note is gone");
    let rollup = rollup.kill_and_restart().await;
    advance(&rollup).await;
    assert_eq!(rollup.batch(batch).await.state, BatchState::Submitted);
    rollup.node.anvil.mine(1).await;
    let rollup = rollup.kill_and_restart().await;
    advance(&rollup).await;
    assert_eq!((rollup.verified().await, sent(&rollup).len()), (batch, 1));
    assert_eq!(rollup.submissions(batch).await.len(), 1);
}

/// Has L1 mine a block just before it answers this.
fn mine_before(rollup: &Rollup, question: &'static str) {
    let mine = move |method: &str, _: &Value| {
        (method == question).then(|| Fault::After("anvil_mine", json!(["0x1"])))
    };
    rollup.node.obey(mine);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_mined_while_l1_is_asked_is_not_sent_again() {
    let (rollup, batch) = proven().await;
    advance(&rollup).await;
    mine_before(&rollup, "eth_getTransactionCount");
    assert_eq!(advance(&rollup).await, Advance::Idle);
    rollup.node.recover();
    assert_eq!((rollup.verified().await, sent(&rollup).len()), (batch, 1));
    assert_eq!(rollup.submissions(batch).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_because_the_batch_is_there_by_now_is_none() {
    let (rollup, batch) = proven().await;
    advance(&rollup).await;
    // Somebody else's, as far as this database knows.
    sqlx::query("DELETE FROM submissions")
        .execute(&rollup.database().await)
        .await
        .expect("they are forgotten");
    mine_before(&rollup, "eth_estimateGas");
    assert_eq!(advance(&rollup).await, Advance::Idle);
    rollup.node.recover();
    assert_eq!((rollup.verified().await, sent(&rollup).len()), (batch, 1));
    assert_eq!(rollup.submissions(batch).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_transaction_is_sent_again() {
    let (rollup, batch) = proven().await;
    advance(&rollup).await;
    let [submission] = &rollup.submissions(batch).await[..] else { panic!("it was sent once") };
    drop_from_pool(&rollup, submission).await;
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, 0);
    advance(&rollup).await;
    assert_eq!(sent(&rollup), [submission.raw.clone(), submission.raw.clone()]);
    rollup.node.anvil.mine(1).await;
    assert!(is_mined(&rollup, submission).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_nobody_mines_is_outbid_with_the_same_nonce() {
    let (rollup, batch) = proven().await;
    let mut events = rollup.submitter.events.read();
    advance(&rollup).await;
    advance(&rollup).await;
    assert_eq!(rollup.submissions(batch).await.len(), 1);
    lose_patience(&rollup).await;
    advance(&rollup).await;
    let [first, second] = &rollup.submissions(batch).await[..] else { panic!("it was outbid") };
    assert_eq!(first.nonce, second.nonce);
    assert!(second.max_fee * 100 >= first.max_fee * SUBMISSION_BUMP_PERCENT);
    assert_eq!(rollup.batch(batch).await.l1_transaction, Some(second.hash));
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, batch);
    assert!(is_mined(&rollup, second).await);
    assert!(!is_mined(&rollup, first).await);
    // Subscribers hear of the batch, not of each try.
    let submitted = Event::batch(batch, BatchState::Submitted);
    let Read::Happened(told) = events.next().await else { panic!("nothing is missed") };
    assert_eq!(told.event, submitted);
    assert!(events.next().now_or_never().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_somebody_else_used_is_given_up() {
    let (rollup, batch) = proven().await;
    advance(&rollup).await;
    let [lost] = &rollup.submissions(batch).await[..] else { panic!("it was sent once") };
    drop_from_pool(&rollup, lost).await;
    // The operator's key is used elsewhere, too.
    rollup.call_at(address(2), 0, (Vec::new(), U256::from(1))).await;
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, 0);
    advance(&rollup).await;
    rollup.node.anvil.mine(1).await;
    let submissions = rollup.submissions(batch).await;
    assert_eq!(submissions.iter().map(|one| one.nonce - lost.nonce).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(rollup.verified().await, batch);
    assert!(is_mined(&rollup, &submissions[1]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_that_somebody_else_waits_with_is_outbid() {
    let (rollup, batch) = proven().await;
    let rival = TransactionRequest::default()
        .with_from(address(0))
        .with_to(address(2))
        .with_max_fee_per_gas(3 * u128::from(GWEI))
        .with_max_priority_fee_per_gas(1);
    let sent = rollup.node.anvil.provider().send_transaction(rival).await;
    let rival = *sent.expect("L1 takes it").tx_hash();
    let refused = rollup.submit_once().await.expect_err("another waits");
    assert!(matches!(refused, L1Error::Refused { .. }), "{refused}");
    assert_eq!(rollup.batch(batch).await.state, BatchState::Proven);
    // Anvil asks for a tenth more, and each try offers a quarter.
    let mut tries = 0;
    loop {
        // The first question about a submission begins the wait.
        let _ = rollup.submit_once().await;
        for _ in 0..SUBMISSION_PATIENCE_BLOCKS {
            // Blocks that are too dear for the rival.
            let dear = [U256::from(4 * GWEI)];
            let () = rollup.node.anvil.rpc("anvil_setNextBlockBaseFeePerGas", dear).await;
            rollup.node.anvil.mine(1).await;
        }
        match rollup.submit_once().await {
            Ok(_) => break,
            Err(L1Error::Refused { .. }) => tries += 1,
            Err(other) => panic!("{other}"),
        }
        assert!(tries < 10, "it is outbid at last");
    }
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, batch);
    assert!(rollup.node.anvil.receipt(rival).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_the_contract_refuses_is_reported_before_anything_is_paid() {
    let (rollup, batch) = proven().await;
    let database = rollup.database().await;
    let mut wrong: Vec<u8> =
        sqlx::query_scalar("SELECT proof FROM jobs WHERE batch = $1 AND final = 1")
            .bind(i64::try_from(batch).expect("small"))
            .fetch_one(&database)
            .await
            .expect("it is proven");
    wrong[31] ^= 1;
    let update = sqlx::query("UPDATE jobs SET proof = $1 WHERE final = 1").bind(wrong);
    update.execute(&database).await.expect("it is stored");
    let refused = rollup.submit_once().await.expect_err("the proof is wrong");
    let expected = format!("the contract refuses batch {batch}: InvalidProof(InvalidProof)");
    assert_eq!(refused.to_string(), expected);
    let rollup = rollup.run_stages(PATIENCE).await;
    let (node, code) = rollup.end().await;
    assert_eq!(
        (code.as_str(), node.asked("eth_sendRawTransaction").len()),
        ("l1_batch_refused", 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_ahead_of_l1s_time_is_sent_once_l1_has_caught_up() {
    const AHEAD_SECONDS: u64 = 2 * 3_600;
    const MARGIN_SECONDS: u64 = 60;
    let rollup = Rollup::start_on(Anvil::start_at(now_ms() / 1_000 - AHEAD_SECONDS)).await;
    let anvil = &rollup.node.anvil;
    let pass = async |seconds: u64| {
        let _: Value = anvil.rpc("evm_increaseTime", [seconds]).await;
        anvil.mine(1).await;
    };
    let batch = rollup.prove_batch().await;
    assert_eq!(advance(&rollup).await, Advance::Held);
    pass(AHEAD_SECONDS - BATCH_LEAD_MAX.as_secs() - MARGIN_SECONDS).await;
    assert_eq!(advance(&rollup).await, Advance::Held);
    assert_eq!(rollup.submissions(batch).await.len(), 0);
    pass(2 * MARGIN_SECONDS).await;
    rollup.submit(batch).await;
    assert_eq!(rollup.submissions(batch).await.len(), 1);
}

/// Writes a word of the contract's storage.
async fn set_storage(rollup: &Rollup, slot: U256, word: B256) {
    let place = (rollup.deployed.contract, slot, word);
    let done: bool = rollup.node.anvil.rpc("anvil_setStorageAt", place).await;
    assert!(done);
}

/// Where the contract keeps its state, and what is there.
async fn state_slot(rollup: &Rollup) -> (U256, B256) {
    let state = rollup.contract().state().call().await.expect("an answer");
    for slot in (0..8).map(U256::from) {
        let provider = rollup.node.anvil.provider();
        let word = provider.get_storage_at(rollup.deployed.contract, slot).await.expect("a word");
        if B256::from(word) == state {
            return (slot, state);
        }
    }
    panic!("the state is in none of the first slots");
}

/// Mines what waits on another state than that on which it was tried out.
async fn mine_on_another_state(rollup: &Rollup) {
    let (slot, state) = state_slot(rollup).await;
    set_storage(rollup, slot, B256::repeat_byte(1)).await;
    rollup.node.anvil.mine(1).await;
    set_storage(rollup, slot, state).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_fails_on_l1_too_often_ends_the_process() {
    let (rollup, batch) = proven().await;
    for attempt in 1..=SUBMISSION_FAILURES_MAX {
        advance(&rollup).await;
        assert_eq!(rollup.submissions(batch).await.len(), attempt);
        mine_on_another_state(&rollup).await;
    }
    let last = rollup.submissions(batch).await.pop().expect("several");
    let refused = rollup.submit_once().await.expect_err("it failed too often");
    let L1Error::BatchReverted { batch: failed, attempts, transaction } = refused else {
        panic!("{refused}");
    };
    assert_eq!((failed, attempts), (batch, SUBMISSION_FAILURES_MAX));
    assert_eq!(transaction, B256::from(last.hash));
    assert_eq!(sent(&rollup).len(), SUBMISSION_FAILURES_MAX);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_failed_once_is_tried_again() {
    let (rollup, batch) = proven().await;
    advance(&rollup).await;
    mine_on_another_state(&rollup).await;
    assert_eq!(rollup.verified().await, 0);
    advance(&rollup).await;
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, batch);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reorg_that_takes_a_batch_out_is_survived() {
    let (rollup, batch) = proven().await;
    advance(&rollup).await;
    let [submission] = &rollup.submissions(batch).await[..] else { panic!("it was sent once") };
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, batch);
    rollup.node.anvil.reorg(1).await;
    assert_eq!(rollup.verified().await, 0);
    advance(&rollup).await;
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, batch);
    assert!(is_mined(&rollup, submission).await);
    assert_eq!(rollup.submissions(batch).await.len(), 1);
    rollup.confirm().await;
    assert_eq!(rollup.batch(batch).await.state, BatchState::Finalised);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_ether_is_waited_for() {
    let (rollup, batch) = proven().await;
    let balance = |wei: u64| (address(0), U256::from(wei));
    let () = rollup.node.anvil.rpc("anvil_setBalance", balance(0)).await;
    let refused = rollup.submit_once().await.expect_err("nobody pays");
    assert!(matches!(refused, L1Error::Refused { .. }), "{refused}");
    let () = rollup.node.anvil.rpc("anvil_setBalance", balance(u64::MAX)).await;
    advance(&rollup).await;
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, batch);
}

/// A node behind a balancer runs the call on an older block, where the batch before is missing.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_that_another_block_explains_is_asked_again() {
    let (rollup, batch) = proven().await;
    let behind = Sheaf::WrongNumber { number: batch, expected: batch - 1 }.abi_encode();
    let left = AtomicUsize::new(3);
    rollup.node.obey(move |method, _| {
        let is_behind = method == "eth_estimateGas"
            && left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok();
        is_behind.then(|| Fault::Revert(behind.clone()))
    });
    let refused = rollup.submit_once().await.expect_err("the node is behind");
    assert_eq!(refused.code(), "l1_batch_not_taken");
    let rollup = rollup.run_stages(PATIENCE).await;
    rollup
        .wait_for("the batch is mined", async || {
            rollup.node.anvil.mine(1).await;
            rollup.verified().await == batch
        })
        .await;
    assert!(rollup.node.asked("eth_estimateGas").len() > 3);
}

/// A stray node answers a call without data. The stage asks again, and works on.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_read_is_asked_again() {
    let (rollup, batch) = proven().await;
    let rollup = rollup.run_stages(PATIENCE).await;
    rollup.wait_for("it is sent", async || !rollup.submissions(batch).await.is_empty()).await;
    let strays = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&strays);
    rollup.node.obey(move |method, _| {
        let is_stray = method == "eth_call" && counted.fetch_add(1, Relaxed) < 3;
        is_stray.then_some(Fault::NoData)
    });
    rollup.wait_for("it was asked", async || strays.load(Relaxed) > 3).await;
    // Only a stage that goes on sends again what the pool has lost.
    drop_from_pool(&rollup, &rollup.submissions(batch).await[0]).await;
    rollup
        .wait_for("the batch is mined", async || {
            rollup.node.anvil.mine(1).await;
            rollup.verified().await == batch
        })
        .await;
}
