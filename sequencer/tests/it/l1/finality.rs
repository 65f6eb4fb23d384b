//! Finality: what the database, the API and subscribers show while a batch goes from proven to
//! finalised, and which payouts can be claimed then. Batches of L1 that the database does not have
//! end the process.

use alloy::primitives::{B256, U256};
use alloy::providers::Provider;
use sheaf_contracts::Sheaf;
use sheaf_sequencer::StartError;
use sheaf_sequencer::l1::L1Error;
use sheaf_sequencer::store::{BatchState, Store};
use tokio::time::timeout;

use crate::database;
use crate::l1::anvil::address;
use crate::l1::rollup::{CONFIRMATIONS, GWEI, PATIENCE, Rollup};

/// A batch with a deposit and a withdrawal of a part of it, and the withdrawal's id.
async fn proven_withdrawal(rollup: &Rollup, amount: u64) -> (u64, String) {
    rollup.deposit(1, 10).await;
    rollup.confirm().await;
    rollup.consume().await;
    let id = rollup.withdraw(1, 0, amount).await;
    (rollup.close_and_prove().await, id)
}

async fn claimable(rollup: &Rollup) -> u64 {
    rollup.contract().pending(address(1), 0).call().await.expect("an answer").amount
}

async fn stages(rollup: &Rollup, batch: u64, id: &str) -> (String, String) {
    let batch = rollup.get(&format!("/v1/batches/{batch}")).await;
    let transaction = rollup.get(&format!("/v1/transactions/{id}")).await;
    let text = |value: &serde_json::Value| value.as_str().expect("a word").to_owned();
    (text(&batch["state"]), text(&transaction["stage"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_goes_from_proven_to_finalised_and_its_payouts_can_be_claimed() {
    let rollup = Rollup::start().await;
    let (batch, id) = proven_withdrawal(&rollup, 4).await;
    let both = |stage: &str| (stage.to_owned(), stage.to_owned());
    assert_eq!(stages(&rollup, batch, &id).await, both("proven"));
    assert_eq!(claimable(&rollup).await, 0);
    rollup.submit(batch).await;
    // It is mined, but not yet deep enough to be believed.
    rollup.watch().await;
    assert_eq!(stages(&rollup, batch, &id).await, both("submitted"));
    rollup.node.anvil.mine(CONFIRMATIONS - 1).await;
    rollup.watch().await;
    assert_eq!(stages(&rollup, batch, &id).await, both("submitted"));
    rollup.node.anvil.mine(1).await;
    rollup.watch().await;
    assert_eq!(stages(&rollup, batch, &id).await, both("finalised"));
    let row = rollup.batch(batch).await;
    let [submission] = &rollup.submissions(batch).await[..] else { panic!("it was sent once") };
    assert_eq!(row.l1_transaction, Some(submission.hash));
    let receipt = rollup.node.anvil.receipt(B256::from(submission.hash)).await.expect("mined");
    assert_eq!(row.l1_block, receipt.block_number);
    assert_eq!(row.gas_used, Some(receipt.gas_used));
    let shown = rollup.get(&format!("/v1/batches/{batch}")).await;
    assert_eq!(shown["gas_used"], receipt.gas_used);
    assert_eq!(shown["l1_transaction"], receipt.transaction_hash.to_string());
    let hash = receipt.transaction_hash.to_string();
    for text in [hash.clone(), format!("0x{}", hash[2..].to_uppercase())] {
        assert_eq!(rollup.get(&format!("/v1/l1-transactions/{text}/batch")).await, shown);
    }
    let other = rollup.get(&format!("/v1/l1-transactions/{}/batch", B256::ZERO)).await;
    assert_eq!(other["error"]["code"], "batch_not_found");
    assert_eq!(claimable(&rollup).await, 4);
    let recipient = alloy::primitives::Address::repeat_byte(0x99);
    rollup.call(1, Sheaf::claimCall { number: 0, recipient }, U256::ZERO).await;
    let paid = rollup.node.anvil.provider().get_balance(recipient).await.expect("an answer");
    assert_eq!((paid, claimable(&rollup).await), (U256::from(4 * GWEI), 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_hear_of_every_stage_once() {
    let rollup = Rollup::start().await.run_stages(PATIENCE).await;
    let url = rollup.url("/v1/events");
    let mut stream = reqwest::get(url).await.expect("a stream");
    rollup.deposit(1, 10).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    rollup.wait_for("the deposit is read", async || !rollup.requests().await.is_empty()).await;
    rollup.consume().await;
    let batch = rollup.close_and_prove().await;
    rollup.wait_for("the batch is mined", async || rollup.verified().await == batch).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    let mut told = String::new();
    while !told.contains("finalised") {
        let chunk = timeout(PATIENCE, stream.chunk()).await.expect("more is told");
        let chunk = chunk.expect("it goes on").expect("it does not end");
        told.push_str(&String::from_utf8_lossy(&chunk));
    }
    let states: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("data:") && line.contains("\"batch\",\"number\""))
        .filter_map(|line| line.split("\"state\":\"").nth(1)?.split('"').next())
        .collect();
    assert_eq!(states, ["sealed", "proven", "submitted", "finalised"], "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_l1_finalised_with_another_state_ends_the_process() {
    let rollup = Rollup::start().await;
    let batch = rollup.prove_batch().await;
    rollup.submit(batch).await;
    let ours = rollup.batch(batch).await.sealed.post_state.to_bytes();
    let database = rollup.database().await;
    let with_state = async |state: [u8; 32]| {
        let update = sqlx::query("UPDATE batches SET post_state = $1").bind(state.to_vec());
        update.execute(&database).await.expect("it is stored");
    };
    with_state([1; 32]).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    let cursor = rollup.store().l1_cursor().await.expect("readable");
    let refused = rollup.watch_once().await.expect_err("they differ");
    let L1Error::Diverged { batch: diverged, expected, found } = refused else {
        panic!("{refused}");
    };
    assert_eq!((diverged, expected.0, found.0), (batch, [1; 32], ours));
    assert_eq!(rollup.store().l1_cursor().await.expect("readable"), cursor);
    assert_eq!(rollup.batch(batch).await.state, BatchState::Submitted);
    with_state(ours).await;
    rollup.watch().await;
    assert_eq!(rollup.batch(batch).await.state, BatchState::Finalised);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_know_what_l1_finalised_ends_the_process() {
    let rollup = Rollup::start().await;
    let batch = rollup.prove_batch().await;
    rollup.submit(batch).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    let rollup = rollup.forget_everything().await;
    let refused = rollup.watch_once().await.expect_err("it is not here");
    assert!(matches!(refused, L1Error::UnknownBatch { batch: found } if found == batch));
    let refused = rollup.try_restart().await.err().expect("it must not start");
    assert!(matches!(refused, StartError::L1(L1Error::UnknownBatch { .. })), "{refused}");
}

/// On a server, a follower would lead otherwise, and find the batch at its start.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_met_anothers_batch_keeps_its_turn_for_whoever_keeps_its_store() {
    let rollup = Rollup::start().await.run_stages(PATIENCE).await;
    rollup.deposit(1, 10).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    rollup.wait_for("the deposit is read", async || !rollup.requests().await.is_empty()).await;
    rollup.consume().await;
    let batch = rollup.close_and_prove().await;
    rollup.wait_for("the batch is mined", async || rollup.verified().await == batch).await;
    let update = sqlx::query("UPDATE batches SET post_state = $1").bind(vec![1; 32]);
    update.execute(&rollup.database().await).await.expect("it is another batch now");
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    let (store, id) = (rollup.store().clone(), *rollup.store().rollup());
    let (_node, directory, handle) = rollup.into_parts();
    let ended = handle.run(std::future::pending::<()>()).await.expect_err("it met it");
    assert_eq!(ended.code(), "l1_diverged");
    let place = database::of(directory.path()).await;
    let refused = Store::open(&place, id).await.expect_err("the turn is not given back");
    assert_eq!(refused.code(), "database_in_use");
    assert!(store.batch(batch).await.expect("readable").is_some());
    store.close().await;
    Store::open(&place, id).await.expect("the turn is given back");
}
