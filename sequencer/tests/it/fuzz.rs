//! The API under a fuzzer, which makes requests of the served document, as the document allows them
//! and as it forbids them. No answer is a failure of the server, and none has a status that the
//! document does not name for its operation.

use std::fs;
use std::num::NonZeroU32;
use std::path::Path;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::openapi::{from_python, said};
use crate::rollup::{OPERATOR_TOKEN, Rollup, finalise, person, terms};

/// Requests for each operation, at most: an operation without parameters has few.
const CASES: u32 = 200;
/// The stream of events does not end. `events` tests it.
const LEFT_OUT: &str = "events";

/// A rollup with something of everything: slots, blocks, a batch in each state, a job that is free.
async fn filled() -> Rollup {
    let rollup = Rollup::start_with(|config| {
        config.service.requests_per_second = NonZeroU32::new(1_000_000).expect("not 0");
    })
    .await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 100)]).await;
    for nonce in 0..3 {
        rollup.execute(&alice.pay(terms(0, nonce), &[(&bob, 1)])).await;
        rollup.seal().await;
    }
    for _ in 0..2 {
        let lease = rollup.lease().await.expect("a batch waits for its proof");
        let proof = rollup.prove(&lease).await;
        assert!(rollup.complete(&lease, proof).await.0.is_success());
    }
    finalise(rollup.handle().store(), 1).await;
    rollup.execute(&alice.withdraw(terms(0, 3), 1)).await;
    rollup
}

/// Asks a rollup what a document describes, apart from the stream of events.
async fn fuzzed(rollup: &Rollup, document: &Value, only: &[&str]) -> Output {
    let folder = TempDir::new().expect("a temporary directory");
    let path = folder.path().join("openapi.json");
    fs::write(&path, document.to_string()).expect("it is written");
    let mut fuzzer = from_python("schemathesis");
    fuzzer.arg("run").arg(&path).args(["--url", &rollup.url("")]).args(only);
    fuzzer.args(["--exclude-operation-id", LEFT_OUT, "--seed", "1", "--no-shrink"]);
    fuzzer.args(["--checks", "not_a_server_error,status_code_conformance"]);
    // Threads that make syntax trees at once break each other in Python 3.11.
    fuzzer.args(["--workers", "1"]);
    fuzzer.args(["--max-examples", &CASES.to_string(), "--phases", "coverage,fuzzing"]);
    fuzzer.args(["--suppress-health-check", "all", "--continue-on-failure"]);
    fuzzer.args(["--header", &format!("Authorization: Bearer {OPERATOR_TOKEN}")]);
    // The fuzzer keeps what it has found where it runs.
    fuzzer.current_dir::<&Path>(folder.path());
    let output = spawn_blocking(move || (fuzzer.output(), folder)).await;
    output.expect("it waits").0.expect("it starts")
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_every_answer_is_one_that_the_document_names() {
    let rollup = filled().await;
    let (_, document) = rollup.get("/v1/openapi.json").await;
    let output = fuzzed(&rollup, &document, &[]).await;
    assert!(output.status.success(), "{}", said(&output));
    let items = document["paths"].as_object().expect("paths").values();
    let operations: usize = items.filter_map(|item| item.as_object().map(|item| item.len())).sum();
    let tested = format!("Tested: {}\n", operations - 1);
    assert!(said(&output).contains(&tested), "{tested}{}", said(&output));
    assert_eq!(rollup.get("/v1/status").await.0.as_u16(), 200);
}

/// The fuzzer finds a status that a document does not name.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_document_does_not_name_is_found() {
    let rollup = filled().await;
    let (_, mut document) = rollup.get("/v1/openapi.json").await;
    let answers = &mut document["paths"]["/v1/slots/{index}"]["get"]["responses"];
    answers.as_object_mut().expect("answers").remove("404").expect("it is named");
    let only = ["--include-operation-id", "slot"];
    let output = fuzzed(&rollup, &document, &only).await;
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("Undocumented status code"), "{}", said(&output));
    // The same without the fault finds nothing.
    let (_, document) = rollup.get("/v1/openapi.json").await;
    let output = fuzzed(&rollup, &document, &only).await;
    assert!(output.status.success(), "{}", said(&output));
}
