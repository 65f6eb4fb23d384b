//! Everyone leaves a rollup whose sequencer and prover have stopped: with an L1 node, a wallet and
//! the contract's address.

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::processes::devnet::{
    READY, START_SECONDS_MAX, on_page, outcome, ports, run, start_with,
};
use crate::processes::running::{eventually, folder, get, real_proofs};

/// One ether in L2 units.
const ETHER: u64 = 1_000_000_000;
/// What the devnet's contract asks for an exit request, in L2 units: price and bond.
const PRICE_AND_BOND: u64 = 100_000 + 10_000_000;
/// The freeze delay and the seconds that a test may take besides.
const WEEK_AND_MORE: u64 = 7 * 86_400 + 3_600;
/// How long a batch may take to become final.
const FINAL_SECONDS_MAX: u64 = 60;
/// How long a batch with a real proof may take, or the keys if there are none.
const REAL_SECONDS_MAX: u64 = 1_800;

/// Lets L1's time go on by `seconds`, and mines a block.
#[tokio::main]
async fn wait_on_l1(l1: &str, seconds: u64) {
    for (method, parameters) in
        [("evm_increaseTime", json!([seconds])), ("evm_mine", Value::Array(Vec::new()))]
    {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters });
        let client = reqwest::Client::new();
        let answer = client.post(l1).body(call.to_string());
        let answer = answer.header("Content-Type", "application/json").send().await;
        assert!(answer.expect("L1 answers").status().is_success());
    }
}

/// The page with bob's wallet beside alice's, which is in the same folder.
fn with_bob(page: &str) -> String {
    let line = page.lines().find(|line| line.trim().starts_with("alias alice="));
    let bob = line.expect("the page names the wallet").replace("alice", "bob");
    format!("{page}\n{bob}\n")
}

fn refusal(page: &str, command: &str) -> String {
    let output = outcome(page, command);
    assert!(!output.status.success(), "{command} succeeds");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn units(value: &Value) -> u64 {
    value.as_str().and_then(|text| text.parse().ok()).expect("a number as text")
}

#[test]
fn everyone_leaves_when_sequencer_and_prover_have_stopped() {
    everyone_leaves(&["--development"], FINAL_SECONDS_MAX);
}

/// The batches are in blobs, as in the test above.
#[test]
#[ignore = "real proofs take minutes: make test-end-to-end"]
fn everyone_leaves_a_rollup_with_real_proofs() {
    let _alone = real_proofs();
    everyone_leaves(&["--circuits", "small"], REAL_SECONDS_MAX);
}

/// Starts a devnet with the proofs that these arguments choose, and lets everyone leave. A batch
/// must be final after so many seconds.
fn everyone_leaves(proofs: &[&str], final_seconds_max: u64) {
    let (folder, ports) = (folder(), ports());
    let mut devnet = start_with(folder.path(), &ports, proofs);
    devnet.wait_for_output(READY, START_SECONDS_MAX.max(final_seconds_max));
    let page = with_bob(&devnet.output());
    let does = |command: &str| -> Value {
        serde_json::from_str(&run(&page, command)).expect("it prints JSON")
    };
    run(&page, "alice withdraw 1 --wait finalised");
    let [alice, bob] = ["alice", "bob"].map(|name| {
        let balance = does(&format!("{name} balance --json"));
        units(&balance["l2"])
    });
    let newest = format!("{}/v1/batches?limit=1", on_page(&page, "API  "));
    let is_final = |page: &Value| page["batches"][0]["state"] == "finalised";
    let all = eventually(final_seconds_max, || get(&newest).filter(is_final));
    assert!(all.is_some(), "{}", devnet.errors());
    for child in ["sequencer", "prover"] {
        assert!(devnet.signal(child, Signal::SIGSTOP), "{child} runs");
    }
    let contract = format!("--contract {}", on_page(&page, "contract"));
    let l1 = format!("http://127.0.0.1:{}", ports[1]);

    let exits = does(&format!("alice exit --json {contract}"));
    assert_eq!(exits["exits"].as_array().map(Vec::len), Some(1), "{exits}");
    let early = refusal(&page, &format!("alice escape {contract}"));
    assert!(early.contains("TooEarlyToFreeze"), "{early}");
    let early = refusal(&page, &format!("alice refund {contract}"));
    assert!(early.contains("is not frozen"), "{early}");
    wait_on_l1(&l1, WEEK_AND_MORE);

    for (name, balance) in [("alice", alice), ("bob", bob)] {
        let escapes = does(&format!("{name} escape --json {contract}"));
        assert_eq!(units(&escapes["escapes"][0]["amount"]), balance, "{escapes}");
        let twice = refusal(&page, &format!("{name} escape {contract}"));
        assert!(twice.contains("no balance that has not escaped"), "{twice}");
    }
    let refunds = does(&format!("alice refund --json {contract}"));
    assert_eq!(refunds["refunds"].as_array().map(Vec::len), Some(1), "{refunds}");
    let twice = refusal(&page, &format!("alice refund {contract}"));
    assert!(twice.contains("no request of"), "{twice}");
    let late = refusal(&page, &format!("alice exit --slot 0 {contract}"));
    assert!(late.contains("RollupFrozen"), "{late}");
    // The withdrawal that was final before is claimed with the rest.
    let expected = [("alice", alice + ETHER + PRICE_AND_BOND), ("bob", bob)];
    for (name, amount) in expected {
        let claimed = does(&format!("{name} claim --json {contract}"));
        assert_eq!(units(&claimed["amount"]), amount, "{name}: {claimed}");
    }
}
