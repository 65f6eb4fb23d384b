//! A database that is locked, slow or full: nothing is acknowledged that cannot be made durable,
//! the process ends with a sentence that says what to do, and a start after the trouble continues.

use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_ledger::transaction::SignedTransaction;
use sheaf_sequencer::limits::{BUSY_TIMEOUT, LOG_QUEUE};
use sheaf_sequencer::store::StoreError;
use sheaf_sequencer::{Config, Sequencer, StartError};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection, Executor, SqliteConnection};
use tokio::sync::oneshot;

use crate::database;
use crate::rollup::{Rollup, person, slot, terms};

/// A connection to the rollup's database that waits for nobody.
pub(crate) async fn intruder(config: &Config) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(database::file(config));
    SqliteConnection::connect_with(&options.busy_timeout(Duration::ZERO))
        .await
        .expect("a connection")
}

/// What the client that sends a transaction is answered.
async fn answer_to(url: String, transaction: SignedTransaction) -> (StatusCode, Value) {
    let request = reqwest::Client::new().post(url).json(&transaction);
    let response = request.send().await.expect("an answer, whatever happens behind");
    (response.status(), response.json().await.expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_acknowledges_nothing_and_ends_the_process() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    let config = rollup.config.clone();
    let mut lock = intruder(&config).await;
    lock.execute("BEGIN IMMEDIATE").await.expect("nobody writes");

    let transaction = alice.pay(terms(0, 1), &[(&bob, 10)]);
    let url = rollup.url("/v1/transactions");
    let sent = tokio::spawn(answer_to(url, transaction.clone()));
    let (directory, handle) = rollup.into_handle();
    let ended = handle.run(std::future::pending::<()>()).await.expect_err("a stage has ended");
    assert_eq!(ended.code(), "database_locked");
    let sentence = chain(&ended);
    assert!(sentence.contains("held the database's lock"), "{sentence}");
    assert!(sentence.contains("end it, then start again"), "{sentence}");
    let answer = sent.await.expect("it does not panic");
    assert_eq!(answer.0, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.1);
    assert_eq!(answer.1["error"]["code"], "outcome_unknown");

    let refused = Sequencer::start(config.clone()).await.expect_err("it is locked still");
    assert!(matches!(refused, StartError::Store(StoreError::Locked(_))), "{refused:?}");
    lock.execute("ROLLBACK").await.expect("the lock is given back");
    let rollup = Rollup::open(directory, config).await;
    let checked = transaction.clone().check(&rollup.config.domain()).expect("it is well-formed");
    let path = format!("/v1/transactions/{}", checked.id());
    assert_eq!(rollup.get(&path).await.0, StatusCode::NOT_FOUND, "nobody was promised it");
    rollup.execute(&transaction).await;
    assert_eq!(rollup.get(&path).await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_are_answered_while_ordering_waits_for_the_disk() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let mut lock = intruder(&rollup.config).await;
    lock.execute("BEGIN IMMEDIATE").await.expect("nobody writes");
    // More blocks than one in the commit, those that wait for it, and the one that waits for them.
    let nonces = LOG_QUEUE as u32 + 3;
    let mut sent = Vec::new();
    for nonce in 0..nonces {
        let transaction = alice.pay(terms(0, nonce), &[(&bob, 1)]);
        sent.push(tokio::spawn(answer_to(rollup.url("/v1/transactions"), transaction)));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let start = Instant::now();
    let nonce = format!("/v1/accounts/{}/nonce?token=0", alice.owner);
    for path in ["/v1/slots/0", "/v1/status", &nonce, "/healthz"] {
        let (status, body) = rollup.get(path).await;
        assert_eq!(status, StatusCode::OK, "{path} {body}");
    }
    assert!(start.elapsed() < BUSY_TIMEOUT / 4, "{:?}", start.elapsed());
    assert!(sent.iter().all(|one| !one.is_finished()), "nothing is durable");
    lock.execute("ROLLBACK").await.expect("the lock is given back");
    for one in sent {
        assert_eq!(one.await.expect("it does not panic").0, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_answers_whoever_waits_before_it_ends() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let config = rollup.config.clone();
    let mut lock = intruder(&config).await;
    lock.execute("BEGIN IMMEDIATE").await.expect("nobody writes");

    let url = rollup.url("/v1/transactions");
    let sent = tokio::spawn(answer_to(url.clone(), alice.pay(terms(0, 0), &[(&bob, 10)])));
    rollup
        .wait_for("it is executed", async || {
            let (_, account) =
                rollup.get(&format!("/v1/accounts/{}/nonce?token=0", alice.owner)).await;
            account["nonce"] == 1
        })
        .await;
    let (directory, handle) = rollup.into_handle();
    let (stop, told) = oneshot::channel();
    let running = tokio::spawn(handle.run(told));
    stop.send("stop").expect("it runs");
    // It takes nothing more, and waits for what it has taken.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let late = reqwest::Client::new().get(&url).send().await;
    assert!(late.is_err_and(|error| error.is_connect()));
    assert!(!running.is_finished());
    lock.execute("ROLLBACK").await.expect("the lock is given back");
    let (status, body) = sent.await.expect("it does not panic");
    assert_eq!((status, &body["stage"]), (StatusCode::OK, &json!("executed")), "{body}");
    assert_eq!(running.await.expect("it does not panic").expect("in order"), Ok("stop"));
    let rollup = Rollup::open(directory, config).await;
    assert_eq!(rollup.slots().await, vec![slot(&alice, 90, 1), slot(&bob, 10, 0)]);
}

/// SQLite's own word for a full disk, which no test may fill: a database that may not grow.
#[tokio::test]
async fn a_full_disk_is_called_so() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let options = SqliteConnectOptions::new()
        .filename(directory.path().join("small.sqlite"))
        .create_if_missing(true)
        .pragma("max_page_count", "2");
    let pool = SqlitePoolOptions::new().connect_with(options).await.expect("a database");
    pool.execute("CREATE TABLE body (bytes BLOB)").await.expect("two pages are enough for it");
    pool.execute("INSERT INTO body VALUES (zeroblob(10))").await.expect("it fits");
    let full = pool.execute("INSERT INTO body VALUES (zeroblob(100000))").await;
    let error = StoreError::from(full.expect_err("it does not fit"));
    assert_eq!(error.code(), "disk_full");
    assert!(error.to_string().contains("make room, then start again"), "{error}");
    let wrong = pool.execute("INSERT INTO nothing VALUES (1)").await;
    let error = StoreError::from(wrong.expect_err("there is no such table"));
    assert_eq!(error.code(), "database", "every other error keeps its name");
}

/// An error with its causes, as the program prints it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
