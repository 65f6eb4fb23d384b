//! The archive of old blocks: what a rollup answers and where it starts, with its blocks in the
//! database, in files, or half way between, and which batches may go there.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::Value;
use sheaf_sequencer::archiving::{self, Moved};
use sheaf_sequencer::block::Block;
use sheaf_sequencer::error::StageError;
use sheaf_sequencer::limits::FINALISED_WITNESSES_KEPT;
use sheaf_sequencer::snapshots::Snapshots;
use sheaf_sequencer::store::archive::{self, ArchiveFile};
use sheaf_sequencer::store::{RawBlock, Store, StoreError};
use sheaf_sequencer::{Config, Sequencer, StartError};
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

use crate::database;
use crate::rollup::{Rollup, finalise, person};
use crate::snapshots::{snapshot, with_batches};

/// The batches of these rollups, how many of them are final, and which have a snapshot.
const BATCHES: u64 = 22;
const FINAL: u64 = 20;
const SNAPSHOTS: [u64; 3] = [1, 3, 5];
/// The newest batch that may be archived: the newest with a snapshot, `FINALISED_WITNESSES_KEPT`
/// before the newest final one.
const ARCHIVED: u64 = 3;

/// A rollup that does not run, some of whose blocks may be archived.
pub(crate) struct Stopped {
    directory: Arc<TempDir>,
    pub config: Config,
    /// Where the archive goes.
    pub folder: PathBuf,
    /// The whole log, and the last block that may be archived.
    pub blocks: Vec<Block>,
    pub last: u64,
    /// Every answer of the rollup.
    answers: Vec<Value>,
}

pub(crate) async fn stopped() -> Stopped {
    let rollup = with_batches(u32::try_from(BATCHES).expect("a few")).await;
    let (store, config) = (rollup.handle().store().clone(), rollup.config.clone());
    finalise_all(&store, 1..=FINAL).await;
    let snapshots = Snapshots::new(&config.derived());
    for batch in SNAPSHOTS {
        let snapshot = snapshot(&store, &config, batch).await;
        snapshots.write(&snapshot).expect("the folder is there");
    }
    let blocks = store.blocks_after(0, u32::MAX).await.expect("readable");
    let last = store.batch(ARCHIVED).await.expect("readable").expect("it is sealed");
    let answers = answers(&rollup, &blocks).await;
    let (directory, handle) = rollup.into_handle();
    handle.stop().await.expect("it stops");
    let (folder, last) = (directory.path().join("archive"), last.sealed.last_block);
    Stopped { directory, config, folder, blocks, last, answers }
}

async fn finalise_all(store: &Store, batches: impl IntoIterator<Item = u64>) {
    for number in batches {
        finalise(store, number).await;
    }
}

/// Every answer about the log: pages of history, transactions, batches, slots.
async fn answers(rollup: &Rollup, blocks: &[Block]) -> Vec<Value> {
    let mut answers = Vec::new();
    for person in [0, 1].map(person) {
        let mut query = "limit=7".to_owned();
        loop {
            let path = format!("/v1/accounts/{}/transactions?{query}", person.owner);
            let page = answer(rollup, &path).await;
            let next = page["next"].as_str().map(|next| format!("limit=7&before={next}"));
            answers.push(page);
            let Some(next) = next else { break };
            query = next;
        }
    }
    for transaction in blocks.iter().flat_map(|block| &block.transactions) {
        let path = format!("/v1/transactions/{}", transaction.id());
        answers.push(answer(rollup, &path).await);
        answers.push(answer(rollup, &format!("{path}/body")).await);
    }
    for block in blocks {
        let path = format!("/v1/blocks/{}", block.number);
        answers.push(answer(rollup, &path).await);
        answers.push(answer(rollup, &format!("{path}/transactions")).await);
        let before = block.number + 1;
        answers.push(answer(rollup, &format!("/v1/blocks?limit=1&before={before}")).await);
    }
    for number in 1..=BATCHES {
        answers.push(answer(rollup, &format!("/v1/batches/{number}")).await);
        answers.push(answer(rollup, &format!("/v1/batches/{number}/transactions?limit=2")).await);
    }
    for slot in 0..2 {
        answers.push(answer(rollup, &format!("/v1/slots/{slot}")).await);
    }
    answers
}

async fn answer(rollup: &Rollup, path: &str) -> Value {
    let (status, body) = rollup.get(path).await;
    assert_eq!(status, StatusCode::OK, "{path} {body}");
    body
}

impl Stopped {
    pub(crate) async fn store(&self) -> Store {
        Store::open_existing(&self.config.database).await.expect("it opens")
    }

    /// Archives what may be archived.
    pub(crate) async fn archive(&self) -> Result<Option<Moved>, StoreError> {
        let store = self.store().await;
        let keep = FINALISED_WITNESSES_KEPT;
        let moved = archiving::run(&store, &self.config.derived(), &self.folder, keep).await;
        store.close().await;
        moved
    }

    /// The file to which the blocks go.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join(format!("blocks-{:020}-{:020}", 1, self.last))
    }

    pub(crate) fn with_archive(&self) -> Config {
        let mut config = self.config.clone();
        config.service.archive = Some(self.folder.clone());
        config
    }

    async fn start(&self, config: Config) -> Rollup {
        Rollup::open(Arc::clone(&self.directory), config).await
    }

    pub(crate) async fn sql(&self, statement: &'static str) {
        let pool = database::connect(&self.config).await;
        sqlx::query(statement).execute(&pool).await.expect("it is changed");
        pool.close().await;
    }

    /// The blocks that have rows.
    pub(crate) async fn rows(&self) -> Vec<u64> {
        let pool = database::connect(&self.config).await;
        let rows: Vec<i64> = sqlx::query_scalar("SELECT number FROM blocks ORDER BY number")
            .fetch_all(&pool)
            .await
            .expect("readable");
        pool.close().await;
        rows.into_iter().map(|number| number.try_into().expect("positive")).collect()
    }

    pub(crate) fn numbers(&self, first: u64) -> Vec<u64> {
        (first..=self.blocks.len() as u64).collect()
    }
}

pub(crate) async fn stop(rollup: Rollup) {
    rollup.into_handle().1.stop().await.expect("it stops");
}

/// The blocks of a store that begins with these batches, asked for in every way.
async fn check_store(store: &Store, blocks: &[Block]) {
    assert_eq!(store.blocks_after(0, u32::MAX).await.expect("readable"), blocks);
    for (after, limit) in [(0, 1), (0, 2), (1, 5), (4, 64), (blocks.len() - 1, 1)] {
        let expected: Vec<_> = blocks.iter().skip(after).take(limit).cloned().collect();
        let limit = u32::try_from(limit).expect("small");
        assert_eq!(store.blocks_after(after as u64, limit).await.expect("readable"), expected);
    }
    for block in blocks {
        let number = block.number;
        assert_eq!(store.block(number).await.expect("readable").as_ref(), Some(block));
        let executed_ms = store.executed_ms(number).await.expect("readable");
        assert_eq!(executed_ms, Some(block.executed_ms));
        let batch = store.batch_of_block(number).await.expect("readable").expect("it has one");
        assert_eq!(batch.batch, block.batch);
    }
    let beyond = blocks.len() as u64 + 1;
    assert_eq!(store.block(beyond).await.expect("readable"), None);
    assert_eq!(store.block(0).await.expect("readable"), None);
    assert_eq!(store.executed_ms(beyond).await.expect("readable"), None);
    assert_eq!(store.batch_of_block(beyond).await.expect("readable"), None);
    for batch in 1..=BATCHES {
        let of = |block: &&Block| block.batch == batch;
        let expected: Vec<_> = blocks.iter().filter(of).cloned().collect();
        assert_eq!(store.blocks_of(batch).await.expect("readable"), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_rollup_answers_as_before() {
    let stopped = stopped().await;
    let moved = stopped.archive().await.expect("it archives").expect("there is something");
    let expected =
        Moved { last_block: stopped.last, batch: ARCHIVED, files: 1, blocks: stopped.last };
    assert_eq!(moved, expected);
    assert_eq!(stopped.rows().await, stopped.numbers(stopped.last + 1));
    assert_eq!(archive::verify(&stopped.folder).expect("it is whole"), (1, stopped.last));
    let rollup = stopped.start(stopped.with_archive()).await;
    check_store(rollup.handle().store(), &stopped.blocks).await;
    assert_eq!(answers(&rollup, &stopped.blocks).await, stopped.answers);
    stop(rollup).await;
    // Without index and snapshots, a start reads every block.
    std::fs::remove_dir_all(stopped.config.derived()).expect("it is there");
    let rollup = stopped.start(stopped.with_archive()).await;
    assert_eq!(answers(&rollup, &stopped.blocks).await, stopped.answers);
    stop(rollup).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sequencer_without_its_archive_starts_and_refuses_archived_blocks_alone() {
    let stopped = stopped().await;
    stopped.archive().await.expect("it archives").expect("there is something");
    let rollup = stopped.start(stopped.config.clone()).await;
    let bob = person(1).owner;
    let path = format!("/v1/accounts/{bob}/transactions");
    let page = answer(&rollup, &path).await;
    let shown = page["transactions"].as_array().expect("a list");
    assert_eq!(shown.len() as u64, BATCHES - ARCHIVED, "the page ends before the archive");
    assert!(shown.iter().all(|one| one["block"].as_u64() > Some(stopped.last)));
    let next = page["next"].as_str().expect("there is more");
    let (status, body) = rollup.get(&format!("{path}?before={next}")).await;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::GONE, &"archived".into()), "{body}");
    // Lists of blocks end before the archive, too.
    let listed = answer(&rollup, "/v1/blocks").await;
    let oldest = listed["blocks"].as_array().and_then(|blocks| blocks.last()).cloned();
    assert_eq!(oldest.expect("there are blocks")["number"], stopped.last + 1);
    let mut archived = stopped.blocks.iter().flat_map(|block| &block.transactions);
    let first = archived.next().expect("somebody has paid").id();
    for path in [
        format!("/v1/blocks?before={}", stopped.last + 1),
        format!("/v1/blocks/{}", stopped.last),
        format!("/v1/blocks/{}/transactions", stopped.last),
        "/v1/batches/1/transactions".to_owned(),
        format!("/v1/transactions/{first}/body"),
    ] {
        let (status, body) = rollup.get(&path).await;
        let refusal = (status, &body["error"]["code"]);
        assert_eq!(refusal, (StatusCode::GONE, &"archived".into()), "{path}");
    }
    // Where a transaction is, index and batch say.
    for transaction in stopped.blocks.iter().flat_map(|block| &block.transactions) {
        let status = answer(&rollup, &format!("/v1/transactions/{}", transaction.id())).await;
        assert!(stopped.answers.contains(&status), "{status}");
    }
    let store = rollup.handle().store();
    let refused = store.block(stopped.last).await.expect_err("it is archived");
    assert_eq!(refused.code(), "archived");
    assert!(store.block(stopped.last + 1).await.expect("it has a row").is_some());
    stop(rollup).await;
    // A start that needs archived blocks says where they are.
    std::fs::remove_dir_all(stopped.config.derived()).expect("it is there");
    let refused = Sequencer::start(stopped.config.clone()).await.expect_err("blocks are missing");
    let StartError::Recovery(StageError::Store(error)) = refused else { panic!("{refused}") };
    assert_eq!(error.code(), "archived");
    let folder = stopped.folder.canonicalize().expect("it is there");
    assert!(error.to_string().contains(&*folder.to_string_lossy()), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn archiving_goes_on_where_it_was_interrupted() {
    let stopped = stopped().await;
    let copy = database::file(&stopped.config).with_extension("copy");
    let database = database::file(&stopped.config);
    std::fs::copy(database, &copy).expect("nobody writes");
    stopped.archive().await.expect("it archives").expect("there is something");
    let bytes = std::fs::read(stopped.file()).expect("it is there");
    // The file is written, and no row is deleted.
    std::fs::copy(&copy, database).expect("nobody writes");
    let left = stopped.folder.join("blocks-00000000000000000001-00000000000000000009.unfinished");
    std::fs::write(&left, b"a crash").expect("it is left there");
    assert_eq!(stopped.rows().await, stopped.numbers(1));
    let moved = stopped.archive().await.expect("it goes on").expect("there is something");
    assert_eq!((moved.files, moved.blocks), (1, stopped.last));
    assert_eq!(stopped.rows().await, stopped.numbers(stopped.last + 1));
    assert_eq!(std::fs::read(stopped.file()).expect("it is there"), bytes);
    assert!(!left.exists());
    // Some rows are deleted, and others are not.
    let other = "INSERT INTO blocks SELECT 4, batch, timestamp, 0, transactions, NULL, body
                 FROM blocks ORDER BY number LIMIT 1";
    stopped.sql(other).await;
    let differs = stopped.archive().await.expect_err("this row is another one");
    assert_eq!(differs.code(), "archive_file");
    assert_eq!(stopped.rows().await[0], 4, "it is kept");
    stopped.sql("DELETE FROM blocks WHERE number = 4").await;
    restore_rows(&stopped, &copy).await;
    assert_eq!(stopped.rows().await, stopped.numbers(3));
    let moved = stopped.archive().await.expect("it goes on").expect("there is something");
    assert_eq!((moved.files, moved.blocks), (0, 0));
    assert_eq!(stopped.rows().await, stopped.numbers(stopped.last + 1));
    // More batches become final, and the next file continues the first.
    let store = stopped.store().await;
    finalise_all(&store, [FINAL + 1]).await;
    store.close().await;
    let moved = stopped.archive().await.expect("it goes on").expect("there is something");
    assert_eq!((moved.batch, moved.files), (SNAPSHOTS[2], 1));
    let whole = archive::verify(&stopped.folder).expect("they are whole");
    assert_eq!(whole, (2, moved.last_block));
    assert!(moved.last_block > stopped.last);
    let rollup = stopped.start(stopped.with_archive()).await;
    check_store(rollup.handle().store(), &stopped.blocks).await;
    stop(rollup).await;
}

/// Puts the archived rows from block 3 on back into the database.
async fn restore_rows(stopped: &Stopped, copy: &Path) {
    let file = SqliteConnectOptions::new().filename(database::file(&stopped.config));
    let pool = SqlitePool::connect_with(file).await.expect("a connection");
    let mut one = pool.acquire().await.expect("a connection");
    let attach = sqlx::query("ATTACH ? AS copy").bind(copy.to_string_lossy().into_owned());
    attach.execute(&mut *one).await.expect("it is attached");
    let restore = "INSERT INTO blocks SELECT * FROM copy.blocks WHERE number >= 3
                   AND number < (SELECT min(number) FROM blocks)";
    sqlx::query(restore).execute(&mut *one).await.expect("they are restored");
    drop(one);
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_batches_that_are_final_for_long_are_archived() {
    let rollup = with_batches(18).await;
    let (store, config) = (rollup.handle().store().clone(), rollup.config.clone());
    let (derived, folder) = (config.derived(), config.derived().with_extension("archive"));
    let keep = FINALISED_WITNESSES_KEPT;
    let archive = async |keep| {
        let moved = archiving::run(&store, &derived, &folder, keep).await.expect("readable");
        moved.map(|moved| moved.batch)
    };
    for batch in [1, 2] {
        let snapshot = snapshot(&store, &config, batch).await;
        Snapshots::new(&derived).write(&snapshot).expect("the folder is there");
    }
    assert_eq!(archive(keep).await, None, "no batch is final");
    finalise_all(&store, 1..=keep).await;
    assert_eq!(archive(0).await, None, "the witness of batch 1 can be asked for");
    assert!(!folder.exists());
    // Not even a file that has the right blocks deletes rows of batches that are not final.
    std::fs::create_dir(&folder).expect("it is made");
    let blocks: Vec<RawBlock> = store.blocks_for_file(1, u64::MAX >> 1).await.expect("readable");
    let path = ArchiveFile::write(&folder, store.rollup(), &blocks).expect("it is written");
    let file = ArchiveFile::open(&path).expect("it is whole");
    let refused = store.delete_archived(&file, &blocks).await.expect_err("it is not final");
    assert_eq!(refused.code(), "not_final");
    finalise_all(&store, [keep + 1]).await;
    let derived = &derived;
    let refused = archiving::run(&store, derived, &folder, keep).await.expect_err("it is too new");
    assert!(refused.to_string().contains(&*path.to_string_lossy()), "{refused}");
    assert_eq!(store.oldest_row().await.expect("readable"), Some(1));
    std::fs::remove_file(path).expect("it is there");
    assert_eq!(archive(keep + 1).await, None, "the operator keeps one more");
    assert_eq!(archive(keep).await, Some(1));
    let kept = store.batch(2).await.expect("readable").expect("it is sealed").sealed.first_block;
    assert_eq!(store.oldest_row().await.expect("readable"), Some(kept));
}

#[tokio::test(flavor = "multi_thread")]
async fn archiving_waits_for_the_sequencer_and_a_superseded_call_deletes_nothing() {
    let stopped = stopped().await;
    let rollup = stopped.start(stopped.config.clone()).await;
    let refused = Store::open_existing(&stopped.config.database).await.expect_err("it runs");
    assert_eq!(refused.code(), "database_in_use");
    assert!(refused.to_string().contains(&format!("pid {}", std::process::id())), "{refused}");
    stop(rollup).await;
    let slow = stopped.store().await;
    database::lose_turn(&stopped.config).await;
    let successor = stopped.store().await;
    let (derived, folder, keep) = (stopped.config.derived(), &stopped.folder, 0);
    let refused = archiving::run(&slow, &derived, folder, keep).await.expect_err("it is late");
    assert_eq!(refused.code(), "superseded");
    assert_eq!(stopped.rows().await, stopped.numbers(1));
    assert!(archiving::run(&successor, &derived, folder, keep).await.is_ok());
    let nothing = stopped.folder.join("nothing.sqlite");
    let refused = Store::open_existing(&nothing.clone().into()).await.expect_err("there is none");
    assert_eq!(refused.code(), "no_rollup");
    assert!(!nothing.exists());
}
