//! The account that submits batches: what it has is shown, and that it is empty is said.

use alloy::primitives::U256;
use alloy::providers::Provider;
use serde_json::{Value, json};
use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_ledger::DataMode;
use sheaf_sequencer::operator_account::AccountWatch;
use tokio::sync::watch;

use crate::l1::anvil::address;
use crate::l1::rollup::{PATIENCE, Rollup};

async fn set_balance(rollup: &Rollup, wei: U256) {
    let () = rollup.node.anvil.rpc("anvil_setBalance", json!([address(0), wei])).await;
}

/// What a new watch of the account reads first, if the next batches go in this mode.
async fn batches(rollup: &Rollup, data_mode: DataMode) -> u64 {
    let (shown, mut account) = watch::channel(None);
    let (l1, store) = (rollup.submitter.l1.clone(), rollup.store().clone());
    let (address, chain) = (address(0), ChainLimits::OSAKA);
    let watch = AccountWatch { l1, store, address, chain, data_mode, shown };
    let running = tokio::spawn(watch.run());
    let read = account.wait_for(Option::is_some).await.expect("it runs");
    let batches = read.expect("it was waited for").batches;
    drop(read);
    running.abort();
    batches
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_pays_for_batches_like_the_last_final_one() {
    let rollup = Rollup::start().await;
    let ether = U256::from(10).pow(U256::from(18));
    set_balance(&rollup, ether).await;
    let before = batches(&rollup, DataMode::Calldata).await;
    let with_blobs = batches(&rollup, DataMode::Blobs).await;
    assert!(0 < with_blobs && with_blobs < before, "blobs cost, too: {with_blobs} {before}");
    let batch = rollup.prove_batch().await;
    rollup.submit(batch).await;
    rollup.confirm().await;
    assert!(rollup.batch(batch).await.gas_used.is_some(), "it is final");
    set_balance(&rollup, ether).await;
    let after = batches(&rollup, DataMode::Calldata).await;
    // Nothing is known of a batch's gas before the first, so the most is counted.
    assert!(0 < before && before < after, "{before} {after}");
    set_balance(&rollup, U256::ZERO).await;
    assert_eq!(batches(&rollup, DataMode::Calldata).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_account_is_unhealthy_and_a_full_one_is_shown() {
    let rollup = Rollup::start().await.run_stages(PATIENCE).await;
    let shown = async || rollup.get("/v1/status").await["operator"].clone();
    rollup.wait_for("the account is read", async || shown().await != Value::Null).await;
    let operator = shown().await;
    assert_eq!(operator["address"], json!(address(0)), "{operator}");
    let wei: U256 = operator["wei"].as_str().and_then(|wei| wei.parse().ok()).expect("a number");
    let balance = rollup.node.anvil.provider().get_balance(address(0)).await;
    assert_eq!(balance.ok(), Some(wei));
    let health = rollup.get("/healthz").await;
    assert_eq!(health, json!({ "healthy": true, "operator_batches": operator["batches"] }));
    set_balance(&rollup, U256::ZERO).await;
    // A start reads the account at once.
    let rollup = rollup.run_stages(PATIENCE).await;
    rollup
        .wait_for("the account is read", async || {
            rollup.get("/healthz").await["error"]["code"] == "operator_account_empty"
        })
        .await;
}
