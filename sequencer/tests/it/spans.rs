//! The spans of the stages, in the log as JSON.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::own_process::is_own_process;
use crate::rollup::{Rollup, person, terms};

/// A log in memory.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panics").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    /// The spans of this name that have ended, with their fields, the first one first.
    fn ended(&self, name: &str) -> Vec<Value> {
        let bytes = self.0.lock().expect("no writer panics").clone();
        let lines = String::from_utf8(bytes).expect("JSON is UTF-8");
        let lines = lines.lines().map(|line| serde_json::from_str(line).expect("a line is JSON"));
        lines
            .filter(|line: &Value| line["fields"]["message"] == "close")
            .map(|line| line["span"].clone())
            .filter(|span| span["name"] == name)
            .collect()
    }
}

fn log(directives: &str) -> Written {
    let log = Written::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .json()
        .with_span_events(FmtSpan::CLOSE)
        .with_env_filter(EnvFilter::new(directives))
        .with_writer(move || writer.clone())
        .init();
    log
}

/// A transfer that is sealed, and proven after a restart, which has forgotten its witness.
async fn life_of_a_transfer() -> Rollup {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    rollup.seal().await;
    let rollup = rollup.restart().await;
    let lease = rollup.lease().await.expect("a job is ready");
    let proof = rollup.prove(&lease).await;
    rollup.complete(&lease, proof).await;
    rollup
}

#[tokio::test(flavor = "multi_thread")]
async fn each_stage_shows_its_work_and_what_it_was_about() {
    if !is_own_process("spans::each_stage_shows_its_work_and_what_it_was_about") {
        return;
    }
    let log = log("info,sheaf_sequencer=debug");
    let rollup = life_of_a_transfer().await;
    // The thread that has verified the proof may leave the span after the client was answered.
    rollup.wait_for("the proof's span ends", async || !log.ended("proof").is_empty()).await;
    let paid = json!({
        "name": "request", "method": "POST", "route": "/v1/transactions", "status": 200
    });
    assert_eq!(log.ended("request").iter().filter(|span| **span == paid).count(), 1);
    assert_eq!(
        log.ended("admission"),
        [json!({ "name": "admission", "transactions": 1, "accepted": 1 })]
    );
    let paying = log.ended("block").into_iter().find(|span| span["transactions"] == 1);
    let paying = paying.expect("a block has the transfer");
    assert_eq!(paying["batch"], 1);
    let commits = log.ended("commit");
    let block = paying["block"].as_u64().expect("a number");
    let has = |commit: &&Value| {
        let number = |field: &str| commit[field].as_u64().expect("a number");
        (number("first_block")..=number("last_block")).contains(&block)
    };
    assert_eq!(commits.iter().find(has).expect("the block is durable")["transactions"], 1);
    let sealing = log.ended("sealing");
    assert_eq!(sealing.len(), 1);
    assert_eq!((&sealing[0]["batch"], &sealing[0]["transactions"]), (&json!(1), &json!(1)));
    assert_eq!(log.ended("witness"), [json!({ "name": "witness", "batch": 1 })]);
    let proofs = log.ended("proof");
    assert_eq!(proofs.len(), 1);
    assert_eq!((&proofs[0]["batch"], &proofs[0]["attempt"]), (&json!(1), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_blocks_are_not_logged_unless_asked_for() {
    if !is_own_process("spans::requests_and_blocks_are_not_logged_unless_asked_for") {
        return;
    }
    let log = log("info");
    let _rollup = life_of_a_transfer().await;
    for quiet in ["request", "admission", "block", "commit"] {
        assert_eq!(log.ended(quiet), [json!(null); 0], "{quiet}");
    }
    assert_eq!(log.ended("sealing").len(), 1);
}
