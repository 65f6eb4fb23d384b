//! Several L1 nodes: the first that is well is asked, every node gets the transactions, and what
//! one node says for good must be confirmed by the others.

use alloy::sol_types::SolError;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_contracts::Sheaf;
use sheaf_ledger::l1_address::L1Address;
use sheaf_sequencer::StartError;
use sheaf_sequencer::l1::{Advance, L1, L1Error};
use sheaf_sequencer::limits::L1_BEHIND_MAX;

use crate::l1::anvil::Anvil;
use crate::l1::node::{Fault, Front};
use crate::l1::rollup::{CONFIRMATIONS, LITTLE_PATIENCE, PATIENCE, Rollup};
use crate::rollup::CHAIN;

/// A rollup with a proven batch, whose next start has a second node.
async fn with_second_node() -> (Rollup, u64) {
    let mut rollup = Rollup::start().await;
    let batch = rollup.prove_batch().await;
    let second = Front::before(&rollup.node.anvil).await;
    rollup.others.push(second);
    (rollup, batch)
}

/// The node that answers by status.
async fn answering(rollup: &Rollup) -> Value {
    rollup.get("/v1/status").await["l1"]["node"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_is_asked_while_the_first_fails() {
    for (fault, answers) in [
        (Fault::Status(StatusCode::TOO_MANY_REQUESTS), false),
        (Fault::Status(StatusCode::BAD_GATEWAY), false),
        (Fault::Refusal("limit exceeded"), true),
    ] {
        let (rollup, batch) = with_second_node().await;
        rollup.node.fail(fault);
        let rollup = rollup.run_stages(PATIENCE).await;
        rollup.becomes_final(batch).await;
        assert_eq!(answering(&rollup).await, rollup.others[0].name());
        let status = rollup.get("/v1/status").await;
        assert_eq!(status["l1"]["nodes"][0]["node"], rollup.node.name());
        assert_eq!(status["l1"]["nodes"][0]["answers"], answers, "{status}");
        assert_eq!(status["l1"]["nodes"][1]["answers"], true, "{status}");
        assert_eq!(rollup.get("/healthz").await["healthy"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_well_is_preferred_in_the_operators_order() {
    let (rollup, batch) = with_second_node().await;
    let rollup = rollup.run_stages(PATIENCE).await;
    rollup.becomes_final(batch).await;
    assert_eq!(answering(&rollup).await, rollup.node.name());
    // The second is asked how far it is, and no more.
    assert_eq!(rollup.others[0].asked("eth_getLogs").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_all_fail_for_too_long_end_the_process() {
    let (rollup, _) = with_second_node().await;
    let rollup = rollup.run_stages(LITTLE_PATIENCE).await;
    rollup.node.fail(Fault::Refusal("limit exceeded"));
    rollup.others[0].fail(Fault::Refusal("limit exceeded"));
    let (_node, code) = rollup.end().await;
    assert_eq!(code, "l1_refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_far_behind_another_is_not_believed() {
    let (rollup, _) = with_second_node().await;
    let block: Value = rollup.node.anvil.rpc("eth_getBlockByNumber", ("latest", false)).await;
    let number = block["number"].clone();
    rollup.node.obey(move |method, parameters| match method {
        "eth_blockNumber" => Some(Fault::Answer(number.clone())),
        "eth_getBlockByNumber" if parameters[0] == "latest" => Some(Fault::Answer(block.clone())),
        _ => None,
    });
    rollup.deposit(1, 7).await;
    rollup.node.anvil.mine(L1_BEHIND_MAX + 1).await;
    let requests = rollup.requests().await.len();
    let rollup = rollup.run_stages(PATIENCE).await;
    rollup.wait_for("the deposit is read", async || rollup.requests().await.len() > requests).await;
    assert_eq!(answering(&rollup).await, rollup.others[0].name());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_leaves_out_logs_is_replaced() {
    let (rollup, _) = with_second_node().await;
    rollup.node.obey(|method, _| (method == "eth_getLogs").then_some(Fault::NoLogs));
    rollup.deposit(1, 7).await;
    rollup.node.anvil.mine(CONFIRMATIONS).await;
    let requests = rollup.requests().await.len();
    let rollup = rollup.run_stages(PATIENCE).await;
    rollup.wait_for("the deposit is read", async || rollup.requests().await.len() > requests).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_node_gets_the_same_transaction() {
    let (rollup, batch) = with_second_node().await;
    let rollup = rollup.run_stages(PATIENCE).await;
    rollup.becomes_final(batch).await;
    let sent = [rollup.node.asked("eth_sendRawTransaction"), {
        let second = &rollup.others[0];
        second.asked("eth_sendRawTransaction")
    }];
    assert_eq!((sent[0].len(), &sent[0]), (1, &sent[1]));
    assert_eq!(rollup.submissions(batch).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_another_node_has_taken_is_sent() {
    let (mut rollup, batch) = with_second_node().await;
    let contract = L1Address(rollup.deployed.contract.0.0);
    let urls = [rollup.node.url(), rollup.others[0].url()];
    let l1 = L1::connect(urls, CHAIN, contract, PATIENCE).await;
    rollup.submitter.l1 = l1.expect("both nodes answer");
    let refuses = |method: &str, _: &Value| {
        (method == "eth_sendRawTransaction").then_some(Fault::Refusal("limit exceeded"))
    };
    rollup.node.obey(refuses);
    rollup.others[0].obey(refuses);
    let refused = rollup.submit_once().await.expect_err("no node takes it");
    assert_eq!(refused.code(), "l1_refused");
    let sent = async || rollup.submissions(batch).await.last().expect("it is stored").sent_ms;
    assert_eq!(sent().await, None);
    rollup.others[0].recover();
    let advance = rollup.submit_once().await.expect("the second node takes it");
    assert_eq!(advance, Advance::Idle);
    assert!(sent().await.is_some());
}

/// What anvil says when the contract refuses a proof, on every block.
fn refuses_the_proof(method: &str, _: &Value) -> Option<Fault> {
    let refusal = Sheaf::InvalidProof {}.abi_encode();
    (method == "eth_estimateGas").then_some(Fault::Revert(refusal))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_says_for_good_ends_nothing_while_another_says_otherwise() {
    let (rollup, batch) = with_second_node().await;
    rollup.node.obey(refuses_the_proof);
    let rollup = rollup.run_stages(PATIENCE).await;
    rollup.becomes_final(batch).await;
    assert!(!rollup.node.asked("eth_estimateGas").is_empty(), "the first node was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_all_nodes_say_for_good_ends_the_process() {
    let (rollup, _) = with_second_node().await;
    rollup.node.obey(refuses_the_proof);
    rollup.others[0].obey(refuses_the_proof);
    let rollup = rollup.run_stages(PATIENCE).await;
    let (_node, code) = rollup.end().await;
    assert_eq!(code, "l1_batch_refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_of_another_chain_is_named_at_the_start() {
    let rollup = Rollup::start().await;
    let contract = L1Address(rollup.deployed.contract.0.0);
    let (here, other) = (rollup.node.url(), Anvil::start_on(77));
    let connect = async |urls: [&str; 2]| L1::connect(urls, CHAIN, contract, PATIENCE).await;
    let refused = connect([here, other.url()]).await.expect_err("the second is elsewhere");
    let L1Error::OtherChain { node, expected: CHAIN, found: 77 } = &refused else {
        panic!("{refused}")
    };
    assert_eq!(format!("http://{node}"), other.url());
    // An existing database is no reason to overlook the node.
    let mut known = Rollup::start().await;
    known.deposit(1, 5).await;
    known.confirm().await;
    known.others.push(Front::before(&other).await);
    match known.try_restart().await.err() {
        Some(StartError::L1(L1Error::OtherChain { found: 77, .. })) => {}
        other => panic!("{other:?}"),
    }
    // A node that does not answer now may answer later.
    connect([here, "http://127.0.0.1:1"]).await.expect("one answers");
    connect(["http://127.0.0.1:1", here]).await.expect("one answers");
    let none = L1::connect([""; 0], CHAIN, contract, PATIENCE).await;
    assert!(matches!(none, Err(L1Error::NoNode)));
}

#[tokio::test(flavor = "multi_thread")]
async fn status_names_nodes_without_their_keys() {
    let rollup = Rollup::start().await.run_stages(PATIENCE).await;
    let node = json!(rollup.node.name());
    rollup.wait_for("a node answers", async || answering(&rollup).await == node).await;
    let contract = L1Address(rollup.deployed.contract.0.0);
    let url = format!("http://user:password@{}/v3/0123456789", rollup.node.name());
    let l1 = L1::new([url], CHAIN, contract, PATIENCE).expect("it is a URL");
    let said = format!("{l1:?}");
    assert!(said.contains(rollup.node.name()), "{said}");
    for secret in ["user", "password", "0123456789"] {
        assert!(!said.contains(secret), "{said}");
    }
}
