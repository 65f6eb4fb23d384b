//! The contract's counts of requests and batches reveal a node that leaves out logs, and a database
//! that belongs to another state of L1.

use alloy::primitives::{B256, U256};
use serde_json::Value;
use sheaf_contracts::Sheaf;
use sheaf_ledger::DataMode;
use sheaf_sequencer::StartError;
use sheaf_sequencer::l1::{Advance, L1Error};
use sheaf_sequencer::limits::L1_BLOCKS_PER_QUERY_MAX;
use sheaf_sequencer::submission::Submitter;
use tempfile::TempDir;

use crate::l1::anvil::{address, signer};
use crate::l1::node::Fault;
use crate::l1::rollup::{CONFIRMATIONS, GWEI, LITTLE_PATIENCE, Rollup, terms};
use crate::l1::steps::answered;

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
    match rollup.watch_once().await.expect_err("logs are left out") {
        L1Error::LogsLeftOut { block: _, what, expected, found } => (what, expected, found),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_the_logs_leave_out_is_missed_before_anything_is_stored() {
    let rollup = Rollup::start().await;
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
    let rollup = rollup.run_stages(LITTLE_PATIENCE).await;
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
    rollup.node.anvil.mine(L1_BLOCKS_PER_QUERY_MAX + CONFIRMATIONS).await;
    let old = rollup.deployed.first_block + L1_BLOCKS_PER_QUERY_MAX - 1;
    // A node forgets the state after old blocks: without this log it cannot be caught there.
    let forgets = without_state_after(rollup.node.anvil.hash(old).await);
    let both = move |method: &str, parameters: &Value| {
        forgets(method, parameters).or_else(|| without_logs(method, parameters))
    };
    rollup.node.obey(both);
    assert_eq!(rollup.watch_once().await.expect("L1 is well"), Advance::Done);
    assert_eq!(left_out(&rollup).await, ("requests", 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_forgets_only_old_states_is_good_enough() {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 1).await;
    rollup.node.anvil.mine(L1_BLOCKS_PER_QUERY_MAX + CONFIRMATIONS).await;
    let old = rollup.deployed.first_block + L1_BLOCKS_PER_QUERY_MAX - 1;
    rollup.node.obey(without_state_after(rollup.node.anvil.hash(old).await));
    rollup.watch().await;
    assert_eq!(rollup.requests().await.len(), 1);
    // One that does not know the state after a block just confirmed cannot be relied on.
    rollup.deposit(1, 2).await;
    let newest = rollup.node.anvil.head().await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    rollup.node.obey(without_state_after(rollup.node.anvil.hash(newest).await));
    let refused = rollup.watch_once().await.expect_err("its word cannot be checked");
    assert!(matches!(refused, L1Error::Refused { .. }), "{refused}");
    assert_eq!(rollup.requests().await.len(), 1);
}

/// Why a start was refused.
fn refused(start: Result<Rollup, StartError>) -> L1Error {
    match start.err().expect("it must not start") {
        StartError::L1(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_of_the_database_is_refused_before_anything_is_served() {
    let rollup = Rollup::start().await;
    let empty = TempDir::new().expect("a temporary directory");
    let rollup = rollup.try_restart_on(empty).await.expect("L1 has no batch that it misses");
    let rollup = rollup.kill_and_restart().await;
    rollup.deposit(1, 5).await;
    rollup.confirm().await;
    let old = rollup.back_up().await;
    let batch = rollup.prove_batch().await;
    let with_batch = rollup.back_up().await;
    rollup.submit(batch).await;
    // What knows the batch may start, even where the watcher has not yet seen it on L1.
    let rollup = rollup.try_restart_on(with_batch).await.expect("it has the batch");
    let error = refused(rollup.try_restart_on(old).await);
    assert!(matches!(error, L1Error::UnknownBatch { batch: 1 }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_another_state_than_the_contract_is_refused() {
    let rollup = Rollup::start().await;
    let batch = rollup.prove_batch().await;
    let other = rollup.back_up().await;
    rollup.submit(batch).await;
    let ours = rollup.batch(batch).await.sealed.post_state.to_bytes();
    let rollup = rollup.try_restart().await.expect("they are the same");
    let database = Rollup::database_in(&other).await;
    let update = sqlx::query("UPDATE batches SET post_state = $1").bind(vec![1_u8; 32]);
    update.execute(&database).await.expect("it is stored");
    database.close().await;
    let error = refused(rollup.try_restart_on(other).await);
    let L1Error::Diverged { batch: 1, expected, found } = error else { panic!("{error}") };
    assert_eq!((expected.0, found.0), ([1; 32], ours));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_l1_is_older_than_is_refused() {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 1).await;
    rollup.confirm().await;
    rollup.node.anvil.reorg(CONFIRMATIONS).await;
    let rollup = rollup.try_restart().await.expect("a reorganisation so short is no harm");
    rollup.node.anvil.reorg(CONFIRMATIONS + 1).await;
    let error = refused(rollup.try_restart().await);
    assert!(matches!(error, L1Error::DeepReorg { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_misses_a_request_is_refused() {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 1).await;
    rollup.confirm().await;
    let empty = rollup.back_up().await;
    let database = Rollup::database_in(&empty).await;
    sqlx::query("DELETE FROM requests").execute(&database).await.expect("it is deleted");
    database.close().await;
    let rollup = rollup.try_restart().await.expect("it misses nothing");
    let error = refused(rollup.try_restart_on(empty).await);
    assert!(
        matches!(error, L1Error::LogsLeftOut { what: "requests", expected: 1, found: 0, block: _ }),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_does_without_the_state_after_an_old_block() {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 1).await;
    rollup.confirm().await;
    let read = rollup.store().l1_cursor().await.expect("readable").expect("something was read");
    rollup.node.anvil.mine(1).await;
    rollup.node.obey(without_state_after(read.hash));
    rollup.try_restart().await.expect("the newest state says enough");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_finalise_is_worked_for() {
    let rollup = Rollup::start().await;
    let l1 = &rollup.watcher.l1;
    let (operator, other) = (address(0), address(1));
    l1.check_submitter(operator, DataMode::Calldata).await.expect("he is the operator");
    let refused =
        l1.check_submitter(other, DataMode::Calldata).await.expect_err("it is somebody else");
    let L1Error::NotOperator { operator: named, account } = refused else { panic!("{refused}") };
    assert_eq!((named, account), (operator, other));
    // An operator who leaves a request waiting for too long may be stood in for.
    rollup.deposit(1, 1).await;
    let anvil = &rollup.node.anvil;
    let _: Value = anvil.rpc("evm_increaseTime", [terms().silence_delay - 60]).await;
    anvil.mine(1).await;
    l1.check_submitter(other, DataMode::Calldata)
        .await
        .expect_err("it has not waited for long enough");
    let _: Value = anvil.rpc("evm_increaseTime", [120]).await;
    anvil.mine(1).await;
    l1.check_submitter(other, DataMode::Calldata).await.expect("he is silent");
    l1.check_submitter(operator, DataMode::Calldata).await.expect("he may come back");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_whose_role_was_taken_over_is_told_how_to_get_it_back() {
    let rollup = Rollup::start().await;
    let (l1, anvil) = (&rollup.watcher.l1, &rollup.node.anvil);
    let batch = rollup.prove_batch().await;
    let _: Value = anvil.rpc("evm_increaseTime", [2 * terms().silence_delay + 60]).await;
    anvil.mine(1).await;
    let bond = U256::from(terms().takeover_bond) * U256::from(GWEI);
    rollup.call(1, Sheaf::takeOverCall {}, bond).await;
    let stand_in = Submitter { signer: signer(1), ..rollup.submitter.clone() };
    answered(async || stand_in.advance().await).await.expect("it has the role");
    rollup.wait_for("it is mined", async || rollup.verified().await == batch).await;
    let check = async |place: usize| l1.check_submitter(address(place), DataMode::Calldata).await;
    check(1).await.expect("it is the operator now");
    let end = rollup.contract().lease().call().await.expect("an answer").leaseEnd;
    let refused = check(0).await.expect_err("the lease has just begun");
    assert!(refused.to_string().contains("call the contract's `endLease` from"), "{refused}");
    let L1Error::RoleLent { account, leaseholder, lease_end } = refused else {
        panic!("{refused}")
    };
    assert_eq!((account, leaseholder, lease_end), (address(0), address(1), end));
    // Who never had the role has nothing to wait for.
    let refused = check(2).await.expect_err("it is somebody else");
    let L1Error::NotOperator { operator, .. } = refused else { panic!("{refused}") };
    assert_eq!(operator, address(1));
    let _: Value = anvil.rpc("evm_increaseTime", [terms().freeze_delay]).await;
    anvil.mine(1).await;
    check(0).await.expect_err("nobody has ended the lease");
    rollup.call(0, Sheaf::endLeaseCall {}, U256::ZERO).await;
    check(0).await.expect("it has the role again");
    let refused = check(1).await.expect_err("the lease is over");
    assert!(matches!(refused, L1Error::NotOperator { .. }), "{refused}");
}

/// The words of a batch must be in the transaction itself, which code could see to.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_code_is_not_worked_for() {
    let rollup = Rollup::start().await;
    let l1 = &rollup.watcher.l1;
    let operator = address(0);
    l1.check_submitter(operator, DataMode::Calldata)
        .await
        .expect("he is the operator, and has no code");
    let delegation = format!("0xef0100{}", "11".repeat(20));
    let anvil = &rollup.node.anvil;
    let _: Value = anvil.rpc("anvil_setCode", (operator, &delegation)).await;
    let refused = l1
        .check_submitter(operator, DataMode::Calldata)
        .await
        .expect_err("he has delegated to code");
    let L1Error::AccountHasCode { account } = refused else { panic!("{refused}") };
    assert_eq!(account, operator);
    l1.check_submitter(operator, DataMode::Blobs).await.expect("blobs are there for everybody");
    let _: Value = anvil.rpc("anvil_setCode", (address(1), delegation)).await;
    let refused = l1.check_submitter(address(1), DataMode::Blobs).await;
    let refused = refused.expect_err("it is somebody else, with code");
    assert!(matches!(refused, L1Error::NotOperator { .. }), "{refused}");
    let _: Value = anvil.rpc("anvil_setCode", (operator, "0x")).await;
    l1.check_submitter(operator, DataMode::Calldata).await.expect("he has taken it back");
}
