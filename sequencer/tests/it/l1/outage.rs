//! An L1 node that is silent, or answers with errors: the sequencer waits for a while, and ends
//! after its patience.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use sheaf_contracts::deployment::{VerifierKey, deploy};
use sheaf_ledger::l1_address::L1Address;
use sheaf_sequencer::l1::{L1, L1Error};
use sheaf_sequencer::store::BatchState;

use crate::l1::anvil::signer;
use crate::l1::node::Fault;
use crate::l1::rollup::{LITTLE_PATIENCE, PATIENCE, Rollup, terms};
use crate::rollup::CHAIN;

/// How long an outage lasts at least that ends a process of little patience. The patience with a
/// step that is under way when the outage begins is counted from the step's own beginning, which no
/// process can have before its stages run.
const OUTAGE_MIN: Duration = Duration::from_secs(4);

async fn becomes_final(rollup: &Rollup, batch: u64) {
    rollup.becomes_final(batch).await;
    assert_eq!(rollup.submissions(batch).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_l1_that_does_not_answer_for_a_while_is_waited_for() {
    let rollup = Rollup::start().await;
    rollup.deposit(1, 5).await;
    rollup.confirm().await;
    rollup.consume().await;
    let rollup = rollup.run_stages(PATIENCE).await;
    rollup.node.anvil.signal("STOP");
    let batch = rollup.close_and_prove().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(rollup.batch(batch).await.state, BatchState::Proven);
    rollup.node.anvil.signal("CONT");
    becomes_final(&rollup, batch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_l1_that_answers_with_errors_for_a_while_is_waited_for() {
    let rollup = Rollup::start().await;
    let batch = rollup.prove_batch().await;
    let rollup = rollup.run_stages(PATIENCE).await;
    for fault in [
        Fault::Status(StatusCode::TOO_MANY_REQUESTS),
        Fault::Status(StatusCode::INTERNAL_SERVER_ERROR),
        Fault::Refusal("header not found"),
        Fault::Null,
    ] {
        rollup.node.fail(fault);
        tokio::time::sleep(Duration::from_millis(800)).await;
        rollup.node.recover();
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    becomes_final(&rollup, batch).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_l1_that_is_silent_for_too_long_ends_the_process() {
    let rollup = Rollup::start().await;
    let before = Instant::now();
    let rollup = rollup.run_stages(LITTLE_PATIENCE).await;
    rollup.node.anvil.signal("STOP");
    let start = Instant::now();
    let (node, code) = rollup.end().await;
    assert_eq!(code, "l1_unreachable");
    assert!(start.elapsed() >= OUTAGE_MIN && before.elapsed() >= LITTLE_PATIENCE);
    node.anvil.signal("CONT");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_l1_that_refuses_for_too_long_ends_the_process() {
    let rollup = Rollup::start().await;
    let before = Instant::now();
    let rollup = rollup.run_stages(LITTLE_PATIENCE).await;
    rollup.node.fail(Fault::Refusal("out of order"));
    let start = Instant::now();
    let (_node, code) = rollup.end().await;
    assert_eq!(code, "l1_refused");
    assert!(start.elapsed() >= OUTAGE_MIN && before.elapsed() >= LITTLE_PATIENCE);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_at_the_address_is_said_after_the_patience() {
    let patience = Duration::from_millis(300);
    let contract = L1Address([1; 20]);
    let refused = L1::connect(["http://127.0.0.1:1"], CHAIN, contract, patience).await;
    let refused = refused.expect_err("nobody is there");
    assert!(matches!(refused, L1Error::Unreachable { .. }), "{refused}");
    let refused = L1::connect(["no address"], CHAIN, contract, patience).await;
    assert!(matches!(refused, Err(L1Error::Url { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_the_nodes_url_is_never_repeated() {
    let secrets = ["some-user", "some-password", "0123456789abcdef", "fedcba9876543210"];
    let [user, password, project, key] = secrets;
    let url = |host| format!("http://{user}:{password}@{host}/v3/{project}?apikey={key}");
    let check = |said: String| {
        let told = secrets.iter().find(|secret| said.contains(*secret));
        assert_eq!(told, None, "{said}");
        said
    };
    let patience = Duration::from_millis(300);
    let contract = L1Address([1; 20]);
    let refused = L1::connect([url("127.0.0.1:1")], CHAIN, contract, patience).await;
    let refused = refused.expect_err("nobody is there");
    assert!(matches!(refused, L1Error::Unreachable { .. }), "{refused}");
    let said = check(format!("{refused} {refused:?}"));
    assert!(said.contains("127.0.0.1:1"), "the rest of the URL helps: {said}");
    let refused = L1::connect([url("127.0.0.1:port")], CHAIN, contract, patience).await;
    let refused = refused.expect_err("it has no port");
    assert!(matches!(refused, L1Error::Url { .. }), "{refused}");
    check(format!("{refused} {refused:?}"));
    let unreachable = url("127.0.0.1:1").parse().expect("a URL");
    let refused = deploy(unreachable, signer(0), VerifierKey::Development, terms()).await;
    let refused = refused.expect_err("nobody is there");
    check(format!("{refused} {refused:?}"));
    // A connection that works shows no more.
    let rollup = Rollup::start().await;
    let host = rollup.node.url().strip_prefix("http://").expect("it speaks HTTP").to_owned();
    let contract = L1Address(rollup.deployed.contract.0.0);
    let url = format!("http://{user}:{password}@{host}");
    let l1 = L1::connect([&url], CHAIN, contract, PATIENCE).await.expect("it is there");
    check(format!("{l1:?}"));
}

/// A limit of requests, or an error that passes, while everything is compared with L1.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_refuses_at_the_start_is_asked_again() {
    let rollup = Rollup::start().await;
    let refused = Mutex::new(HashSet::new());
    rollup.node.obey(move |method, _| {
        let is_first = refused.lock().expect("nobody panics here").insert(method.to_owned());
        is_first.then_some(Fault::Refusal("too many requests"))
    });
    let rollup = rollup.try_restart().await.expect("each request is answered the second time");
    for method in ["eth_chainId", "eth_getCode", "eth_call", "eth_getBlockByNumber"] {
        assert!(rollup.node.asked(method).len() > 1, "{method}");
    }
}
