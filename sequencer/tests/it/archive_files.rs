//! Archive files: every damaged, foreign or missing file is refused by its name, and the bytes of
//! version 1 stay.

use std::path::PathBuf;

use sheaf_ledger::l1_address::L1Address;
use sheaf_sequencer::block::CloseReason;
use sheaf_sequencer::limits::{ARCHIVE_FILE_BLOCKS_MAX, ARCHIVE_FILE_BYTES_MAX};
use sheaf_sequencer::store::archive::{self, ArchiveError, ArchiveFile};
use sheaf_sequencer::store::{RawBlock, RollupId, Store, StoreError};
use sheaf_sequencer::{Sequencer, StartError};
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

use crate::archive::{Stopped, stop, stopped};
use crate::database;
use crate::rollup::{Rollup, config};

/// The code and the file of a refusal.
fn of(error: &ArchiveError) -> (&'static str, PathBuf) {
    let (name, path) = match error {
        ArchiveError::Io { path, .. } => ("io", path),
        ArchiveError::Empty { folder } => ("empty", folder),
        ArchiveError::NotArchive { path } => ("not archive", path),
        ArchiveError::Damaged { path } => ("damaged", path),
        ArchiveError::OtherRollup { path } => ("other rollup", path),
        ArchiveError::OtherFile { path } => ("other file", path),
        ArchiveError::Gap { path, .. } => ("gap", path),
        ArchiveError::Differs { path, .. } => ("differs", path),
        ArchiveError::TooNew { path } => ("too new", path),
    };
    assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
    (name, path.clone())
}

fn of_store(error: &StoreError) -> (&'static str, PathBuf) {
    let StoreError::Archive(error) = error else { panic!("{error}") };
    of(error)
}

fn verified(stopped: &Stopped) -> Option<&'static str> {
    archive::verify(&stopped.folder).err().map(|error| of(&error).0)
}

/// What a start with the archive refuses; nothing when it starts.
async fn started(stopped: &Stopped) -> Option<&'static str> {
    match Sequencer::start(stopped.with_archive()).await {
        Ok(handle) => {
            handle.stop().await.expect("it stops");
            None
        }
        Err(StartError::Store(error)) => Some(of_store(&error).0),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_damaged_file_is_refused_by_its_name() {
    let stopped = stopped().await;
    stopped.archive().await.expect("it archives").expect("there is something");
    let (path, whole) = (stopped.file(), std::fs::read(stopped.file()).expect("it is there"));
    let count = usize::try_from(stopped.last).expect("a few");
    let (header, entries, length) = (76, whole.len() - 32 - 16 * count, whole.len());
    // The place of the byte that changes, what the check says, and what a start says.
    let damages = [
        (0, "not archive", Some("not archive")),
        (10, "damaged", Some("other rollup")),
        (67, "damaged", Some("damaged")),
        (75, "damaged", Some("damaged")),
        (header + 29, "damaged", None),
        (entries - 1, "damaged", None),
        (entries + 7, "damaged", None),
        (entries + 15, "damaged", None),
        (length - 1, "damaged", Some("other file")),
    ];
    for (place, check, start) in damages {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        std::fs::write(&path, bytes).expect("it is damaged");
        assert_eq!(verified(&stopped), Some(check), "byte {place}");
        assert_eq!(started(&stopped).await, start, "byte {place}");
        if start.is_none() {
            // What the start did not look at is found by whoever reads it.
            let store = stopped.store().await.with_archive(&stopped.folder).await;
            let store = store.expect("its ends are whole");
            let error = store.blocks_after(0, 1_000).await.expect_err("it is damaged");
            assert_eq!(of_store(&error), ("damaged", path.clone()), "byte {place}");
            store.close().await;
        }
    }
    for (bytes, start) in [
        (&whole[..length - 1], "other file"),
        (&whole[..100], "damaged"),
        (&whole[..20], "damaged"),
        (&whole[..0], "damaged"),
    ] {
        std::fs::write(&path, bytes).expect("it is cut");
        assert_eq!(verified(&stopped), Some("damaged"), "{} bytes", bytes.len());
        assert_eq!(started(&stopped).await, Some(start), "{} bytes", bytes.len());
    }
    std::fs::write(&path, &whole).expect("it is mended");
    assert_eq!((verified(&stopped), started(&stopped).await), (None, None));
    let renamed = stopped.folder.join(format!("blocks-{:020}-{:020}", 1, stopped.last + 1));
    std::fs::rename(&path, &renamed).expect("it is renamed");
    assert_eq!((verified(&stopped), started(&stopped).await), (Some("damaged"), Some("io")));
    std::fs::remove_file(&renamed).expect("it is there");
    assert_eq!((verified(&stopped), started(&stopped).await), (Some("empty"), Some("io")));
}

/// Blocks from `first` to `last` with bodies that nobody decodes.
fn raw(first: u64, last: u64) -> Vec<RawBlock> {
    let reasons =
        [None, Some(CloseReason::Size), Some(CloseReason::Age), Some(CloseReason::Request)];
    let block = |number: u64| RawBlock {
        number,
        batch: number + 0x0100,
        timestamp: 0x0203_0405,
        executed_ms: 0x0607_0809_0a0b_0c0d,
        closes: reasons[usize::try_from(number % 4).expect("small")],
        body: vec![0xee; usize::try_from(number).expect("small")],
    };
    (first..=last).map(block).collect()
}

const ROLLUP: RollupId = RollupId { chain_id: [0xc1; 32], contract: L1Address([0xc2; 20]) };

/// A folder with these files.
fn written(files: &[(RollupId, u64, u64)]) -> (TempDir, Vec<PathBuf>) {
    let folder = TempDir::new().expect("a temporary directory");
    let write = |(rollup, first, last): &(RollupId, u64, u64)| {
        ArchiveFile::write(folder.path(), rollup, &raw(*first, *last)).expect("it is written")
    };
    let paths = files.iter().map(write).collect();
    (folder, paths)
}

#[test]
fn a_check_wants_every_block_once_and_one_rollup() {
    let other = RollupId { contract: L1Address([0xc3; 20]), ..ROLLUP };
    let (folder, _) = written(&[(ROLLUP, 1, 2), (ROLLUP, 3, 9), (ROLLUP, 10, 10)]);
    std::fs::write(folder.path().join("notes.txt"), b"mine").expect("it is written");
    assert_eq!(archive::verify(folder.path()).expect("they are whole"), (3, 10));
    for (files, fault) in [
        ([(ROLLUP, 2, 2), (ROLLUP, 3, 9)], (0, "gap")),
        ([(ROLLUP, 1, 2), (ROLLUP, 4, 9)], (1, "gap")),
        ([(ROLLUP, 1, 3), (ROLLUP, 3, 9)], (1, "gap")),
        ([(ROLLUP, 1, 2), (other, 3, 9)], (1, "other rollup")),
    ] {
        let (folder, paths) = written(&files);
        let error = archive::verify(folder.path()).expect_err("it has a fault");
        assert_eq!(of(&error), (fault.1, paths[fault.0].clone()));
    }
}

/// Files that were there before the first call are taken only if they are this database's.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_another_rollup_or_another_log_is_refused_and_no_row_is_deleted() {
    let stopped = stopped().await;
    let store = stopped.store().await;
    let blocks = store.blocks_for_file(1, stopped.last).await.expect("readable");
    let own = *store.rollup();
    store.close().await;
    std::fs::create_dir(&stopped.folder).expect("it is made");
    let mut changed = blocks.clone();
    changed[2].executed_ms ^= 1;
    for (rollup, blocks, fault) in [(ROLLUP, &blocks, "other rollup"), (own, &changed, "differs")] {
        let path = ArchiveFile::write(&stopped.folder, &rollup, blocks).expect("it is written");
        let error = stopped.archive().await.expect_err("it is refused");
        assert_eq!(of_store(&error), (fault, path.clone()));
        assert_eq!(stopped.rows().await, stopped.numbers(1));
        std::fs::remove_file(path).expect("it is there");
    }
    stopped.archive().await.expect("it archives").expect("there is something");
    // A start takes no file of another rollup or another log in place of its own, either.
    for (rollup, blocks, fault) in
        [(ROLLUP, &blocks, "other rollup"), (own, &changed, "other file")]
    {
        ArchiveFile::write(&stopped.folder, &rollup, blocks).expect("it is written");
        assert_eq!(started(&stopped).await, Some(fault));
    }
    ArchiveFile::write(&stopped.folder, &own, &blocks).expect("it is written");
    stop(Rollup::open(TempDir::new().expect("a folder").into(), stopped.with_archive()).await)
        .await;
}

/// The bytes of version 1. They are never changed: such files are in archives.
const VERSION_1: &str = include_str!("../fixtures/archive_file_version_1.hex");

#[test]
fn files_of_version_1_are_written_and_read_for_ever() {
    let bytes = hex::decode(VERSION_1.split_whitespace().collect::<String>()).expect("hex digits");
    let (folder, paths) = written(&[(ROLLUP, 3, 8)]);
    let name = "blocks-00000000000000000003-00000000000000000008";
    assert_eq!(paths, [folder.path().join(name)]);
    assert_eq!(hex::encode(std::fs::read(&paths[0]).expect("readable")), hex::encode(&bytes));
    std::fs::write(&paths[0], &bytes).expect("it is written");
    let file = ArchiveFile::open(&paths[0]).expect("it is whole");
    assert_eq!((file.rollup(), file.first_block(), file.last_block()), (&ROLLUP, 3, 8));
    assert_eq!(file.read_whole().expect("it is whole"), raw(3, 8));
}

#[tokio::test]
async fn a_file_has_bounds_of_bytes_and_blocks_and_one_block_at_least() {
    let directory = TempDir::new().expect("a temporary directory");
    let config = config(directory.path().join("rollup.sqlite"));
    let store = Store::open(&config.database, config.rollup()).await.expect("it opens");
    let file = SqliteConnectOptions::new().filename(database::file(&config));
    let pool = SqlitePool::connect_with(file).await.expect("a connection");
    let fill = async |first: i64, last: i64, bytes: i64| {
        sqlx::query(
            "WITH RECURSIVE n (i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < ?)
             INSERT INTO blocks SELECT i, 1, 1, 1, 0, NULL, zeroblob(?) FROM n",
        )
        .bind(first)
        .bind(last)
        .bind(bytes)
        .execute(&pool)
        .await
        .expect("they are written");
    };
    let count = async |first| {
        let blocks = store.blocks_for_file(first, i64::MAX as u64).await.expect("readable");
        assert_eq!(blocks.first().map(|block| block.number), Some(first));
        blocks.len()
    };
    let most = i64::try_from(ARCHIVE_FILE_BYTES_MAX).expect("it is small");
    fill(1, 1, most + 1).await;
    fill(2, 3, most / 2).await;
    fill(4, 4, 1).await;
    assert_eq!((count(1).await, count(2).await, count(3).await), (1, 2, 2));
    let blocks = ARCHIVE_FILE_BLOCKS_MAX as i64;
    fill(5, blocks + 5, 1).await;
    assert_eq!(count(5).await, ARCHIVE_FILE_BLOCKS_MAX);
    assert_eq!(count(6).await, ARCHIVE_FILE_BLOCKS_MAX);
    assert_eq!(count(7).await, ARCHIVE_FILE_BLOCKS_MAX - 1);
    let few = store.blocks_for_file(5, 6).await.expect("readable");
    assert_eq!(few.len(), 2);
}
