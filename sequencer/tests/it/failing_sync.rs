//! A disk that takes writes, and fails to synchronise them or takes its time: what would not
//! survive a loss of power is not acknowledged.
//!
//! The disk fails for one process alone, by a library that this process preloads.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::Command;
use std::time::Duration;

use reqwest::StatusCode;
use sheaf_ledger::transaction::SignedTransaction;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::own_process::{is_own_process_with, variable};
use crate::rollup::{Rollup, person, slot, terms};

/// Names the file whose presence makes the library fail.
const FAILS: &str = "SHEAF_SYNC_FAILS";
/// Names the file whose presence makes the library wait.
const WAITS: &str = "SHEAF_SYNC_WAITS";
/// How long the disk waits. A sequencer that does not wait for it answers within milliseconds.
const HELD: Duration = Duration::from_secs(1);

/// Compiles the library into a folder.
fn library(folder: &Path) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/failing_sync.c");
    let library = folder.join("failing_sync.so");
    let compiled = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&library, &source])
        .status()
        .expect("a C compiler, which linking Rust needs as well");
    assert!(compiled.success());
    library
}

/// The variables of a process that preloads the library, and whose disk does what `variable` says
/// while there is a file, which is not there yet.
fn preloading(folder: &TempDir, variable: &'static str) -> [(&'static str, OsString); 2] {
    let file = folder.path().join("file").into_os_string();
    [("LD_PRELOAD", library(folder.path()).into_os_string()), (variable, file)]
}

/// Executes a transaction and waits until its block is in the database. A sequencer that answers
/// too early may not have come that far: this transaction, and not the next, would meet the bad
/// disk.
async fn execute_durably(rollup: &Rollup, transaction: &SignedTransaction) {
    let block = rollup.execute(transaction).await["block"].as_u64().expect("a number");
    let store = rollup.handle().store();
    let is_there = async || store.block(block).await.expect("readable").is_some();
    rollup.wait_for("the block is durable", is_there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_before_the_disk_has_synchronised_it() {
    let folder = TempDir::new().expect("a temporary directory");
    let path = "failing_sync::nothing_is_acknowledged_before_the_disk_has_synchronised_it";
    if !is_own_process_with(path, || preloading(&folder, FAILS)) {
        return;
    }
    let fails = PathBuf::from(variable(FAILS));
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    execute_durably(&rollup, &alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    let config = rollup.config.clone();

    fs::write(&fails, []).expect("the folder can be written");
    let transaction = alice.pay(terms(0, 1), &[(&bob, 10)]);
    let (status, body) = rollup.send(&transaction).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
    assert_eq!(body["error"]["code"], "outcome_unknown");
    let (directory, handle) = rollup.into_handle();
    let ended = handle.run(std::future::pending::<()>()).await.expect_err("a stage has ended");
    assert_eq!(ended.code(), "disk_failed");

    // The file system may have kept what was not synchronised: sending it again settles it.
    fs::remove_file(&fails).expect("it is there");
    let rollup = Rollup::open(directory, config).await;
    rollup.execute(&transaction).await;
    assert_eq!(rollup.slots().await, vec![slot(&alice, 80, 2), slot(&bob, 20, 0)]);
}

/// The disk fails nothing here, so a sequencer that answers too early has no error to show.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_or_shown_while_the_disk_synchronises_it() {
    let folder = TempDir::new().expect("a temporary directory");
    let path = "failing_sync::nothing_is_acknowledged_or_shown_while_the_disk_synchronises_it";
    if !is_own_process_with(path, || preloading(&folder, WAITS)) {
        return;
    }
    let waits = PathBuf::from(variable(WAITS));
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    execute_durably(&rollup, &alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    let before = vec![slot(&alice, 90, 1), slot(&bob, 10, 0)];

    fs::write(&waits, []).expect("the folder can be written");
    let transaction = alice.pay(terms(0, 1), &[(&bob, 10)]);
    let mut answer = pin!(rollup.send(&transaction));
    let early = timeout(HELD, &mut answer).await;
    assert!(early.is_err(), "it is not durable: {early:?}");
    assert_eq!(rollup.slots().await, before, "nor is what it does");

    fs::remove_file(&waits).expect("it is there");
    let (status, body) = answer.await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(body["stage"], "executed", "{body}");
    assert_eq!(rollup.slots().await, vec![slot(&alice, 80, 2), slot(&bob, 20, 0)]);
}
