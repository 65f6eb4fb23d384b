//! A disk that takes writes and fails to synchronise them: what would not survive a loss of power
//! is not acknowledged.
//!
//! The disk fails for one process alone, by a library that this process preloads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::StatusCode;
use tempfile::TempDir;

use crate::own_process::{is_own_process_with, variable};
use crate::rollup::{Rollup, person, slot, terms};

/// Names the file whose presence makes the library fail.
const FAILS: &str = "SHEAF_SYNC_FAILS";

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

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_before_the_disk_has_synchronised_it() {
    let folder = TempDir::new().expect("a temporary directory");
    let variables = || {
        let fails = folder.path().join("fails").into_os_string();
        [("LD_PRELOAD", library(folder.path()).into_os_string()), (FAILS, fails)]
    };
    let path = "failing_sync::nothing_is_acknowledged_before_the_disk_has_synchronised_it";
    if !is_own_process_with(path, variables) {
        return;
    }
    let fails = PathBuf::from(variable(FAILS));
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
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
