//! A full disk: nothing is acknowledged that cannot be made durable, and the process ends with a
//! sentence that says what to do. After there is room again, everything acknowledged is there.
//!
//! The disk is full for one process alone, by a limit on the size of that process's files.

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use reqwest::StatusCode;
use tokio::signal::unix::{SignalKind, signal};

use crate::database;
use crate::own_process::is_own_process;
use crate::rollup::{Rollup, person, slot, terms};

/// Has no file of this process grow beyond `bytes`; returns what the limit was.
fn limit_files(bytes: u64) -> u64 {
    let (soft, hard) = getrlimit(Resource::RLIMIT_FSIZE).expect("there is a limit");
    setrlimit(Resource::RLIMIT_FSIZE, bytes, hard).expect("it may be lowered and raised again");
    soft
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_acknowledges_nothing_and_ends_the_process() {
    if !is_own_process("full_disk::a_full_disk_acknowledges_nothing_and_ends_the_process") {
        return;
    }
    // A write beyond the limit then fails, as on a full disk, instead of killing the process.
    let _errors = signal(SignalKind::from_raw(nix::libc::SIGXFSZ)).expect("a handler");
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    let acknowledged = vec![slot(&alice, 90, 1), slot(&bob, 10, 0)];
    assert_eq!(rollup.slots().await, acknowledged);
    let config = rollup.config.clone();
    let log = database::file(&config).with_extension("sqlite-wal");
    let room = limit_files(log.metadata().expect("the log is there").len());

    let transaction = alice.pay(terms(0, 1), &[(&bob, 10)]);
    let (status, body) = rollup.send(&transaction).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
    let (directory, handle) = rollup.into_handle();
    let ended = handle.run(std::future::pending::<()>()).await.expect_err("a stage has ended");
    assert_eq!(ended.code(), "disk_failed");
    let cause = std::error::Error::source(&ended).expect("the store's error").to_string();
    assert!(cause.contains("start again"), "{cause}");

    limit_files(room);
    let rollup = Rollup::open(directory, config).await;
    assert_eq!(rollup.slots().await, acknowledged, "what was promised, and no more");
    rollup.execute(&transaction).await;
    assert_eq!(rollup.slots().await, vec![slot(&alice, 80, 2), slot(&bob, 20, 0)]);
}
