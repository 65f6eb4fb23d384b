//! The store and the start of the sequencer: which databases are refused, and what survives a
//! restart.

use std::sync::Arc;
use std::time::Duration;

use sheaf_ledger::l1_address::L1Address;
use sheaf_sequencer::block::Block;
use sheaf_sequencer::error::StageError;
use sheaf_sequencer::lifecycle::{L1Request, RequestKind};
use sheaf_sequencer::store::{L1Cursor, RollupId, Store, StoreError, StoredRequest, Submission};
use sheaf_sequencer::{Config, Sequencer, StartError};
use sqlx::AnyPool;
use tempfile::TempDir;

use crate::database;
use crate::rollup::{CHAIN, CONTRACT, Rollup, close_batch, person, terms};

/// When the last lease of all ends, Unix milliseconds; nothing while no job is leased.
async fn lease_end(pool: &AnyPool) -> Option<i64> {
    let end = sqlx::query_scalar("SELECT max(lease_until_ms) FROM jobs").fetch_one(pool);
    end.await.expect("readable")
}

/// A stopped rollup with one sealed batch and an open one, and a connection to its database.
async fn stopped() -> (Arc<TempDir>, Config, AnyPool) {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 100)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    rollup.seal().await;
    rollup.execute(&alice.pay(terms(0, 1), &[(&bob, 10)])).await;
    rollup.execute(&bob.pay(terms(1, 0), &[(&alice, 1)])).await;
    let config = rollup.config.clone();
    let (directory, handle) = rollup.into_handle();
    handle.stop().await.expect("it stops");
    let pool = database::connect(&config).await;
    (directory, config, pool)
}

async fn code_of_start(config: Config) -> Option<&'static str> {
    match Sequencer::start(config).await {
        Ok(_) => None,
        Err(StartError::Store(error)) => Some(error.code()),
        Err(StartError::L1(error)) => Some(error.code()),
        Err(StartError::Recovery(error)) => Some(error.code()),
        Err(StartError::Listen { .. }) => Some("listen"),
        Err(StartError::Threads(_)) => Some("threads"),
        Err(StartError::CircuitsTooSmall { .. }) => Some("circuits_too_small"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untouched_database_starts_and_each_damage_is_found() {
    let (_directory, config, pool) = stopped().await;
    assert_eq!(code_of_start(config.clone()).await, None);
    let keep = "CREATE TABLE kept AS SELECT post_root FROM batches WHERE number = 1";
    sqlx::query(keep).execute(&pool).await.expect("it is kept");
    let damages = [
        ("UPDATE batches SET post_root = pre_state WHERE number = 1", "root_diverged"),
        ("UPDATE batches SET post_root = (SELECT post_root FROM kept)", ""),
        ("UPDATE batches SET data_mode = 'pigeon'", "malformed_column"),
        ("UPDATE batches SET data_mode = 'calldata'", ""),
        (
            "UPDATE blocks SET body = substr(body, 1, length(body) - 1) WHERE number = 4",
            "malformed_block",
        ),
        ("DELETE FROM blocks WHERE number = 4", "log_gap"),
    ];
    for (damage, code) in damages {
        sqlx::query(damage).execute(&pool).await.expect("the damage is done");
        let expected = (!code.is_empty()).then_some(code);
        assert_eq!(code_of_start(config.clone()).await, expected, "{damage}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_from_before_versions_and_data_modes_is_read_once_it_is_migrated() {
    let (_directory, config, pool) = stopped().await;
    let change = async |sql: &'static str| {
        sqlx::query(sql).execute(&pool).await.expect("it is changed");
    };
    change("UPDATE blocks SET body = substr(body, 2)").await;
    assert_eq!(code_of_start(config.clone()).await, Some("malformed_block"));
    // A database of that time had none of the later migrations.
    change("DROP TABLE blobs").await;
    change("ALTER TABLE batches DROP COLUMN data_reference").await;
    change("ALTER TABLE batches DROP COLUMN data_mode").await;
    change("ALTER TABLE jobs DROP COLUMN extended").await;
    change("DROP TABLE leader").await;
    change("DROP TABLE published").await;
    change("DROP TABLE archived").await;
    change("DROP TABLE base").await;
    change("DROP TABLE base_slots").await;
    change("DROP TABLE exits").await;
    change("DROP TABLE kept_blobs").await;
    change("DROP TABLE again").await;
    change("ALTER TABLE requests DROP COLUMN sender").await;
    change("DROP INDEX batches_by_last_block").await;
    change("DROP INDEX batches_by_l1_transaction").await;
    change("DROP INDEX requests_by_l1_transaction").await;
    change("DROP INDEX batches_by_first_request").await;
    change("CREATE INDEX blocks_by_batch ON blocks (batch, number)").await;
    change("CREATE TABLE transactions (id BLOB)").await;
    change("CREATE TABLE movements (slot INTEGER)").await;
    change("CREATE TABLE slots (slot INTEGER)").await;
    change("CREATE TABLE witnesses (batch INTEGER REFERENCES batches (number))").await;
    change("DELETE FROM _sqlx_migrations WHERE version >= 5").await;
    assert_eq!(code_of_start(config.clone()).await, None);
    let versions: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT hex(substr(body, 1, 1)) FROM blocks")
            .fetch_all(&pool)
            .await
            .expect("readable");
    assert_eq!(versions, ["01"]);
    let modes: Vec<String> = sqlx::query_scalar("SELECT data_mode FROM batches")
        .fetch_all(&pool)
        .await
        .expect("readable");
    assert_eq!(modes, ["calldata"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_an_unknown_version_is_refused_with_a_sentence() {
    let (_directory, config, pool) = stopped().await;
    let body = sqlx::query_scalar("SELECT body FROM blocks WHERE number = 4").fetch_one(&pool);
    let mut body: Vec<u8> = body.await.expect("it is there");
    body[0] = 2;
    sqlx::query("UPDATE blocks SET body = $1 WHERE number = 4")
        .bind(body)
        .execute(&pool)
        .await
        .expect("it is changed");
    let refused = Sequencer::start(config).await.expect_err("it must not start");
    let StartError::Recovery(StageError::Store(error)) = refused else { panic!("{refused}") };
    let StoreError::MalformedBlock { number: 4, source } = error else { panic!("{error}") };
    let sentence = "the body of the block has format 2, and this program reads format 1: start the \
                    program that wrote it, or a newer one";
    assert_eq!(source.to_string(), sentence);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_that_disagrees_with_the_ledger_stops_the_start() {
    let (_directory, config, pool) = stopped().await;
    let rollup = RollupId { chain_id: config.rollup().chain_id, contract: CONTRACT };
    let store = Store::open(&config.database, rollup).await.expect("it opens");
    let mut block: Block = store.block(4).await.expect("readable").expect("it is there");
    block.changes[0].account.balance += 1;
    sqlx::query("UPDATE blocks SET body = $1 WHERE number = 4")
        .bind(block.encode_body())
        .execute(&pool)
        .await
        .expect("the damage is done");
    store.close().await;
    assert_eq!(code_of_start(config).await, Some("slot_diverged"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_serves_one_rollup() {
    let (_directory, config, _pool) = stopped().await;
    let other = Config { chain_id: CHAIN + 1, ..config.clone() };
    assert_eq!(code_of_start(other).await, Some("other_rollup"));
    assert_eq!(code_of_start(config).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_come_in_order_and_move_the_cursor_with_them() {
    let rollup = Rollup::start().await;
    let store = rollup.handle().store();
    assert_eq!(store.l1_cursor().await.expect("readable"), None);
    let request = |number| StoredRequest {
        request: L1Request {
            number,
            kind: RequestKind::Deposit { owner: person(1).owner, token: 3, amount: number + 1 },
        },
        sender: number.checked_sub(1).map(|known| L1Address([known as u8; 20])),
        l1_block: 10 + number,
        l1_transaction: [number as u8; 32],
    };
    let exit = StoredRequest {
        request: L1Request {
            number: 2,
            kind: RequestKind::Exit { owner: person(1).owner, slot: 0 },
        },
        ..request(2)
    };
    let cursor = |block| L1Cursor { block, hash: [block as u8; 32] };
    let all = [request(0), request(1), exit];
    store.advance_l1(&all[..2], &[], cursor(11)).await.expect("in order");
    let gap = store.advance_l1(&[request(3)], &[], cursor(13)).await;
    assert_eq!(gap.expect_err("one is missing").code(), "request_out_of_order");
    let again = store.advance_l1(&all, &[], cursor(13)).await;
    assert_eq!(again.expect_err("two are there").code(), "request_out_of_order");
    assert_eq!(store.l1_cursor().await.expect("readable"), Some(cursor(11)));
    store.advance_l1(&all[2..], &[], cursor(12)).await.expect("in order");
    assert_eq!(store.requests_from(0, 9).await.expect("readable"), all);
    assert_eq!(store.requests_from(1, 1).await.expect("readable"), [request(1)]);
    assert_eq!(store.l1_cursor().await.expect("readable"), Some(cursor(12)));
}

#[tokio::test(flavor = "multi_thread")]
async fn submissions_are_stored_before_they_are_sent() {
    let rollup = Rollup::start().await;
    rollup.fund(&[(&person(0), 5)]).await;
    let batch = rollup.seal().await;
    let store = rollup.handle().store();
    let submission = |tag: u8, max_fee| Submission {
        hash: [tag; 32],
        batch,
        nonce: 4,
        max_fee,
        raw: vec![tag; 9],
        created_ms: 3,
        sent_ms: None,
    };
    let (first, bumped) = (submission(1, 5), submission(2, 1 << 100));
    for one in [&bumped, &first] {
        store.insert_submission(one).await.expect("stored");
    }
    assert!(store.insert_submission(&first).await.is_err());
    let stored = store.submissions_of(batch).await.expect("readable");
    assert_eq!(stored, [first.clone(), bumped.clone()]);
    // A batch that has no proof cannot have been sent.
    assert!(!store.mark_sent(&first).await.expect("stored"));
    let stored = store.submissions_of(batch).await.expect("readable");
    assert!(stored[0].sent_ms.is_some());
    assert_eq!(stored[1], bumped);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executor_that_disagrees_with_the_ledger_stops_the_sealing() {
    let rollup = Rollup::start().await;
    rollup.fund(&[(&person(0), 5)]).await;
    let pool = database::connect(&rollup.config).await;
    let store = rollup.handle().store();
    let mut block = store.block(1).await.expect("readable").expect("it is there");
    block.changes[0].account.balance += 1;
    sqlx::query("UPDATE blocks SET body = $1 WHERE number = 1")
        .bind(block.encode_body())
        .execute(&pool)
        .await
        .expect("the damage is done");
    assert_eq!(close_batch(rollup.handle().address()).await, 1);
    let (_directory, handle) = rollup.into_handle();
    let store = handle.store().clone();
    let ended = handle.run(std::future::pending::<()>()).await.expect_err("sealing has ended");
    assert_eq!(ended.code(), "slot_diverged");
    assert!(store.batch(1).await.is_err(), "the store was closed with the stages");
    let batches: i64 = sqlx::query_scalar("SELECT count(*) FROM batches")
        .fetch_one(&pool)
        .await
        .expect("readable");
    assert_eq!(batches, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_outlives_the_sequencers_absence() {
    let rollup = Rollup::start().await;
    rollup.fund(&[(&person(0), 5)]).await;
    rollup.seal().await;
    let lease = rollup.lease().await.expect("a batch waits for its proof");
    let proof = rollup.prove(&lease).await;
    let config = rollup.config.clone();
    let (directory, handle) = rollup.into_handle();
    drop(handle);
    let pool = database::connect(&config).await;
    let away = "UPDATE jobs SET lease_until_ms = 1 WHERE state = 'leased'";
    sqlx::query(away).execute(&pool).await.expect("the lease has ended meanwhile");
    let rollup = Rollup::open(directory, config).await;
    let now = sheaf_sequencer::store::now_ms();
    rollup
        .wait_for("the lease is extended", async || {
            lease_end(&pool).await.is_some_and(|end| u64::try_from(end).is_ok_and(|end| end > now))
        })
        .await;
    let (status, body) = rollup.complete(&lease, proof).await;
    assert!(status.is_success(), "the work was lost: {status} {body}");
}

/// Starts in quick succession must not keep the job of a dead worker for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_extended_once_until_its_worker_is_heard_again() {
    let rollup = Rollup::start().await;
    rollup.fund(&[(&person(0), 5)]).await;
    rollup.seal().await;
    let lease = rollup.lease().await.expect("a batch waits for its proof");
    let pool = database::connect(&rollup.config).await;
    let end = async || lease_end(&pool).await.expect("a job is leased");
    let store = rollup.handle().store();
    let minutes = |count: u64| Duration::from_secs(60 * count);
    let granted = end().await;
    store.extend_leases(minutes(10)).await.expect("the store works");
    let extended = end().await;
    assert!(extended > granted);
    store.extend_leases(minutes(20)).await.expect("the store works");
    assert_eq!(end().await, extended, "nobody was heard since");
    let job = lease["job"].as_u64().expect("a number");
    assert!(store.heartbeat(job, 1, minutes(1)).await.expect("the store works"));
    store.extend_leases(minutes(20)).await.expect("the store works");
    assert!(end().await > extended, "the worker lives");
}
