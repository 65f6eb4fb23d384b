//! Bad days of the database: what cannot be made durable is not acknowledged, the process ends with
//! a sentence that says what to do, and a start with the trouble gone continues.

use std::time::Duration;

use reqwest::StatusCode;
use sheaf_ledger::transaction::SignedTransaction;
use sheaf_sequencer::store::StoreError;
use sheaf_sequencer::{Config, Sequencer, StartError};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection, Executor, SqliteConnection};

use crate::rollup::{Rollup, person, terms};

/// A connection to the rollup's database that waits for nobody.
pub async fn intruder(config: &Config) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(&config.database);
    SqliteConnection::connect_with(&options.busy_timeout(Duration::ZERO))
        .await
        .expect("a connection")
}

/// What the client that sends a transaction gets: a status, unless the connection ends first.
async fn answer_to(url: String, transaction: SignedTransaction) -> Option<StatusCode> {
    let request = reqwest::Client::new().post(url).json(&transaction);
    request.send().await.ok().map(|response| response.status())
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
    let ended = handle.run().await.expect_err("a stage has ended");
    assert_eq!(ended.code(), "database_locked");
    let sentence = chain(&ended);
    assert!(sentence.contains("held the database's lock"), "{sentence}");
    assert!(sentence.contains("end it, then start again"), "{sentence}");
    let answer = sent.await.expect("it does not panic");
    assert_ne!(answer, Some(StatusCode::OK), "it was acknowledged");

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
