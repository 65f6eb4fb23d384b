//! The contract's own counts against a node that leaves out logs, and against a database that does
//! not fit.

use std::time::Duration;

use alloy::primitives::B256;
use serde_json::Value;
use sheaf_sequencer::l1::{Advance, L1Error};
use sheaf_sequencer::limits::L1_BLOCKS_PER_QUERY_MAX;

use crate::node::Fault;
use crate::rollup::{CONFIRMATIONS, Rollup};

/// A node that knows no logs.
fn without_logs(method: &str, _: &Value) -> Option<Fault> {
    (method == "eth_getLogs").then_some(Fault::NoLogs)
}

/// A node that knows no logs, nor the state after a block.
fn without_state_after(block: [u8; 32]) -> impl Fn(&str, &Value) -> Option<Fault> {
    let block = B256::from(block).to_string();
    move |method, parameters| {
        let is_of_block = method == "eth_call" && parameters[1].to_string().contains(&block);
        is_of_block.then_some(Fault::Refusal("missing trie node"))
    }
}

/// What the next step of the watcher finds left out: how many of what, and how many it was told of.
async fn left_out(rollup: &Rollup) -> (&'static str, u64, u64) {
    match rollup.watcher.advance().await.expect_err("logs are left out") {
        L1Error::LogsLeftOut { block: _, what, expected, found } => (what, expected, found),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_the_logs_leave_out_is_missed_before_anything_is_stored() {
    let mut rollup = Rollup::start().await;
    rollup.deposit(1, 1).await;
    rollup.confirm().await;
    let before = (rollup.requests().await, rollup.store().l1_cursor().await.expect("readable"));
    assert_eq!(before.0.len(), 1);
    rollup.deposit(1, 2).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    rollup.node.obey(without_logs);
    assert_eq!(left_out(&rollup).await, ("requests", 2, 1));
    let after = (rollup.requests().await, rollup.store().l1_cursor().await.expect("readable"));
    assert_eq!(after, before);
    // A node whose logs come later is waited for, and then read.
    rollup.node.recover();
    rollup.watch().await;
    assert_eq!(rollup.requests().await.len(), 2);
    // One that has none for too long ends the process.
    rollup.deposit(1, 3).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    rollup.node.obey(without_logs);
    rollup.with_patience(Duration::from_secs(1)).await;
    rollup.run_stages();
    let (_node, code) = rollup.end().await;
    assert_eq!(code, "l1_logs_left_out");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_final_batch_that_the_logs_leave_out_is_missed() {
    let rollup = Rollup::start().await;
    let batch = rollup.prove_batch().await;
    rollup.submit(batch).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    rollup.node.obey(without_logs);
    assert_eq!(left_out(&rollup).await, ("batches", 1, 0));
    rollup.node.recover();
    rollup.watch().await;
    assert_eq!(rollup.store().last_finalised().await.expect("readable"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_out_of_old_blocks_is_missed_at_the_newest_confirmed_one() {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 1).await;
    rollup.node.anvil.mine(L1_BLOCKS_PER_QUERY_MAX).await;
    let old = rollup.deployed.first_block + L1_BLOCKS_PER_QUERY_MAX - 1;
    // A node forgets the state after old blocks: without this log it cannot be caught there.
    let forgets = without_state_after(rollup.node.anvil.hash(old).await);
    let both = move |method: &str, parameters: &Value| {
        forgets(method, parameters).or_else(|| without_logs(method, parameters))
    };
    rollup.node.obey(both);
    assert_eq!(rollup.watcher.advance().await.expect("L1 is well"), Advance::Done);
    assert_eq!(left_out(&rollup).await, ("requests", 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_forgets_only_old_states_is_good_enough() {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 1).await;
    rollup.node.anvil.mine(L1_BLOCKS_PER_QUERY_MAX).await;
    let old = rollup.deployed.first_block + L1_BLOCKS_PER_QUERY_MAX - 1;
    rollup.node.obey(without_state_after(rollup.node.anvil.hash(old).await));
    rollup.watch().await;
    assert_eq!(rollup.requests().await.len(), 1);
    // One that does not know the state after a block just confirmed cannot be relied on.
    rollup.deposit(1, 2).await;
    let newest = rollup.node.anvil.head().await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    rollup.node.obey(without_state_after(rollup.node.anvil.hash(newest).await));
    let refused = rollup.watcher.advance().await.expect_err("its word cannot be checked");
    assert!(matches!(refused, L1Error::Refused { .. }), "{refused}");
    assert_eq!(rollup.requests().await.len(), 1);
}
