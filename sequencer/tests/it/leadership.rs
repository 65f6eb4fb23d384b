//! One process a database: a second sequencer is refused at its start, and a process that another
//! has superseded changes nothing, whatever it was about to write.

use std::time::Duration;

use sheaf_sequencer::lifecycle::{L1Request, RequestKind};
use sheaf_sequencer::store::{
    BatchRow, BlockLog as _, L1Cursor, Published, Sealing, Store, StoreError, StoredRequest,
    Submission, Verified, now_ms,
};
use sheaf_sequencer::{Sequencer, StartError};

use crate::database;
use crate::rollup::{Rollup, person, terms};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_second_sequencer_is_refused_and_told_who_is_there() {
    let rollup = Rollup::start().await;
    let refused = Sequencer::start(rollup.config.clone()).await.expect_err("the first one runs");
    let StartError::Store(error) = refused else { panic!("{refused}") };
    assert_eq!(error.code(), "database_in_use");
    let holder = format!("another sequencer, pid {}, uses this database", std::process::id());
    assert!(error.to_string().starts_with(&holder), "{error}");
    // The first one works on, and a successor starts once it has ended.
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    let rollup = rollup.restart().await;
    rollup.execute(&alice.pay(terms(0, 1), &[(&bob, 10)])).await;
}

/// Another process takes the database over although this one runs.
async fn take_over(rollup: &Rollup) -> Store {
    database::supersede(&rollup.config).await;
    let store = Store::open(&rollup.config.database, rollup.config.rollup()).await;
    store.expect("the lock is free")
}

/// Every way to write, as a process that slept tries it: block, batch, cursor, submissions.
async fn write_stages(store: &Store, batch: &BatchRow) -> Vec<Result<(), StoreError>> {
    let mut block = store.block(1).await.expect("readable").expect("it is there");
    block.number = 1_000;
    let row = &batch.sealed;
    let request = StoredRequest {
        request: L1Request {
            number: 2,
            kind: RequestKind::Deposit { owner: person(1).owner, token: 0, amount: 1 },
        },
        sender: None,
        l1_block: 9,
        l1_transaction: [9; 32],
    };
    let submission = Submission {
        hash: [1; 32],
        batch: row.number,
        nonce: 0,
        max_fee: 1,
        raw: vec![1],
        created_ms: 1,
        sent_ms: None,
    };
    let published = Published { chains: row.post_state, data_words: vec![], l1_words: vec![] };
    let sealing = Sealing { row, published: &published, blobs: &[], steps: &[] };
    vec![
        store.append(store.epoch(), block.number - 1, &[block]).await,
        store.seal(sealing).await,
        store.advance_l1(&[request], &[], L1Cursor { block: 9, hash: [9; 32] }).await,
        store.insert_submission(&submission).await,
        store.mark_sent(&submission).await.map(drop),
    ]
}

/// The same for jobs.
async fn write_jobs(store: &Store, job: u64, attempt: u32) -> Vec<Result<(), StoreError>> {
    let verified = Verified { job, attempt, proof: &[1], public_inputs: &[] };
    vec![
        store.lease("worker", MINUTE).await.map(drop),
        store.heartbeat(job, attempt, MINUTE).await.map(drop),
        store.complete(verified).await.map(drop),
        store.fail(job, attempt, "tired").await.map(drop),
        store.release(job, attempt).await.map(drop),
        store.expire_leases(now_ms()).await.map(drop),
        store.extend_leases(MINUTE).await,
        store.requeue(job).await.map(drop),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superseded_process_writes_nothing() {
    let rollup = Rollup::start().await;
    rollup.fund(&[(&person(0), 5)]).await;
    let number = rollup.seal().await;
    let lease = rollup.lease().await.expect("a batch waits for its proof");
    let deposit = RequestKind::Deposit { owner: person(0).owner, token: 0, amount: 5 };
    rollup.request(1, &[deposit]).await;
    rollup.seal().await;
    let job = lease["job"].as_u64().expect("a number");
    let store = rollup.handle().store();
    let batch = store.batch(number).await.expect("readable").expect("it is sealed");
    let successor = take_over(&rollup).await;
    let before = database::rows(&rollup.config).await;
    let mut outcomes = write_stages(store, &batch).await;
    outcomes.extend(write_jobs(store, job, 1).await);
    for (index, outcome) in outcomes.into_iter().enumerate() {
        let code = outcome.expect_err("it is superseded").code();
        assert_eq!(code, "superseded", "write {index}");
    }
    assert_eq!(database::rows(&rollup.config).await, before);
    // The successor may do each of these.
    assert!(successor.heartbeat(job, 1, MINUTE).await.expect("it leads"));
    assert_ne!(database::rows(&rollup.config).await, before);
}

/// The epoch of an append is an argument, so a store that leads does not lend its turn to a caller
/// that was superseded.
#[tokio::test(flavor = "multi_thread")]
async fn an_append_names_its_epoch_and_the_block_before_it() {
    let rollup = Rollup::start().await;
    rollup.fund(&[(&person(0), 5)]).await;
    let store = rollup.handle().store();
    let mut block = store.block(1).await.expect("readable").expect("it is there");
    block.number = 2;
    let epoch = store.epoch();
    let code = async |epoch, previous| {
        let appended = store.append(epoch, previous, std::slice::from_ref(&block)).await;
        appended.map_err(|error| error.code())
    };
    for other in [epoch - 1, epoch + 1] {
        assert_eq!(code(other, 1).await, Err("superseded"));
    }
    for other in [0, 2] {
        assert_eq!(code(epoch, other).await, Err("log_moved"));
    }
    assert_eq!(store.block(2).await.expect("readable"), None);
    assert_eq!(code(epoch, 1).await, Ok(()));
    assert_eq!(store.block(2).await.expect("readable"), Some(block.clone()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superseded_process_ends() {
    let soon = Duration::from_millis(400);
    let rollup = Rollup::start_with(|config| config.service.lease_lifetime = soon).await;
    let _successor = take_over(&rollup).await;
    let (_directory, handle) = rollup.into_handle();
    let running = handle.run(std::future::pending::<()>());
    let ended = tokio::time::timeout(MINUTE, running).await.expect("it finds out");
    let ended = ended.expect_err("another one leads");
    assert_eq!(ended.code(), "superseded");
}
