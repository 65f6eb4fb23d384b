//! The index of transactions and movements: the same places whether they are in memory, on their
//! way to a file or in a file, and made again from the log whatever became of the files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::entry::Entry;
use sheaf_sequencer::block::Block;
use sheaf_sequencer::index::{Index, TransactionPosition};
use sheaf_sequencer::limits::{INDEX_RECENT_RECORDS_MAX, INDEX_RUN_RECORDS};
use sheaf_sequencer::movement::LogPosition;
use sheaf_sequencer::store::{BlockLog as _, Store};
use tempfile::TempDir;

use crate::rollup::{CHAIN, config};

/// Transactions and deposits of one block: six blocks fill more than a run.
const TRANSACTIONS: u64 = 8_000;
const DEPOSITS: u32 = 30_000;
/// Slots into which the deposits go, in turn.
const SLOTS: u32 = 7_000;
/// Blocks of the log.
const BLOCKS: u64 = 14;

fn id(block: u64, position: u64) -> Digest {
    let scattered = (block * TRANSACTIONS + position).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 1;
    Digest([scattered, block, position, 1].map(Fe::from_u64))
}

/// A block with ids that nobody signed: the index does not look at signatures.
fn block(number: u64) -> Block {
    let columns = Block {
        number,
        batch: 1,
        timestamp: 1,
        executed_ms: 1_000 + number,
        closes: None,
        first_request: 0,
        requests: DEPOSITS,
        entries: Vec::new(),
        transactions: Vec::new(),
        changes: Vec::new(),
    };
    let mut body = Block {
        entries: (0..DEPOSITS)
            .map(|index| match index % 10 {
                // Idle entries are no movements, and take places all the same.
                0 => Entry::Idle { slot: 0 },
                _ => Entry::Deposit { slot: index % SLOTS, amount: 1 },
            })
            .collect(),
        ..columns.clone()
    }
    .encode_body();
    // The two counts at the end are of transactions and of changes: put the transactions in.
    body.truncate(body.len() - 8);
    body.extend_from_slice(&(TRANSACTIONS as u32).to_le_bytes());
    for position in 0..TRANSACTIONS {
        body.extend_from_slice(&[0; 4 + 40 + 20]);
        body.extend_from_slice(&id(number, position).to_bytes());
        body.extend_from_slice(&[0; 80]);
    }
    body.extend_from_slice(&0_u32.to_le_bytes());
    columns.decode_body(&body).expect("the bytes are a body")
}

/// The movements of each slot in these blocks, in the log's order.
fn movements(blocks: &[Block]) -> HashMap<u32, Vec<LogPosition>> {
    let mut all: HashMap<u32, Vec<LogPosition>> = HashMap::new();
    for block in blocks {
        for (entry, content) in (0..).zip(&block.entries) {
            if matches!(content, Entry::Deposit { .. }) {
                let position = LogPosition { block: block.number, entry };
                all.entry(content.slot()).or_default().push(position);
            }
        }
    }
    all
}

/// Compares the index with the blocks: some ids of each block, an id that no block has, and the
/// movements of some slots, a page at a time.
async fn compare(index: &Index, blocks: &[Block]) {
    for block in blocks {
        for position in [0, 1, TRANSACTIONS / 2, TRANSACTIONS - 1] {
            let found = index.transaction(&id(block.number, position)).await.expect("readable");
            let position = u32::try_from(position).expect("small");
            assert_eq!(found, Some(TransactionPosition { block: block.number, position }));
        }
    }
    let stranger = id(BLOCKS + 9, 0);
    assert_eq!(index.transaction(&stranger).await.expect("readable"), None);
    let expected = movements(blocks);
    for slot in [0, 1, 2, 4_999, SLOTS - 1, SLOTS] {
        let mut newest_first = expected.get(&slot).cloned().unwrap_or_default();
        newest_first.reverse();
        for limit in [1, 7, 1_000] {
            let (mut found, mut before) = (Vec::new(), None);
            loop {
                let page = index.movements(slot, before, limit).await.expect("readable");
                assert!(page.len() <= limit);
                let Some(last) = page.last() else { break };
                before = Some(*last);
                found.extend(page);
            }
            assert_eq!(found, newest_first, "slot {slot}, {limit} a page");
        }
    }
}

/// A store with these blocks in its log, and the folder of its index.
async fn store_with(blocks: &[Block]) -> (TempDir, Store, PathBuf) {
    let directory = TempDir::new().expect("a temporary directory");
    let config = config(directory.path().join("rollup.sqlite"));
    assert_eq!(config.chain_id, CHAIN);
    let store = Store::open(&config.database, config.rollup()).await.expect("it opens");
    store.append(store.epoch(), 0, blocks).await.expect("they can be written");
    (directory, store, config.derived())
}

fn runs(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut runs: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    runs.sort();
    runs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_found_wherever_the_index_keeps_it() {
    let directory = TempDir::new().expect("a temporary directory");
    let index = Arc::new(Index::open(directory.path(), 0).expect("an empty folder"));
    let writing = tokio::spawn(Arc::clone(&index).run());
    let blocks: Vec<_> = (1..=BLOCKS).map(block).collect();
    for count in 1..=blocks.len() {
        index.insert(&blocks[count - 1..count]);
        compare(&index, &blocks[..count]).await;
    }
    assert!(!runs(directory.path()).is_empty(), "the blocks fill more than one run");
    writing.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_used_again_and_a_file_that_does_not_fit_the_log_is_made_again() {
    let blocks: Vec<_> = (1..=BLOCKS).map(block).collect();
    let (_directory, store, folder) = store_with(&blocks).await;
    let reopened = async || {
        let index = Index::open(&folder, 0).expect("the folder can be read");
        let kept = runs(&folder);
        index.catch_up(&store, u64::MAX).await.expect("the log can be read");
        compare(&index, &blocks).await;
        kept
    };
    reopened().await;
    let whole = runs(&folder);
    assert!(whole.len() >= 2, "{whole:?}");
    assert_eq!(reopened().await, whole, "nothing had to be made again");
    let bytes = std::fs::read(&whole[0]).expect("readable");
    let cut = &bytes[..bytes.len() - 1];
    let other_magic = [b"other", &bytes[5..]].concat();
    let other_first_block = [&bytes[..15], &[9], &bytes[16..]].concat();
    for damaged in [cut, &other_magic, &other_first_block, b""] {
        std::fs::write(&whole[0], damaged).expect("it is damaged");
        assert_eq!(reopened().await, [] as [PathBuf; 0], "no run continues a damaged one");
        assert_eq!(runs(&folder), whole);
        assert_eq!(std::fs::read(&whole[0]).expect("readable"), bytes);
    }
    std::fs::write(folder.join("index-5.unfinished"), b"a crash").expect("it is left there");
    assert_eq!(reopened().await, whole, "what a crash left is removed");
    // The newest run is about another log, as after the database came from a back-up.
    let newest = whole.last().expect("two at least");
    let mut other = std::fs::read(newest).expect("readable");
    other[31] ^= 1;
    std::fs::write(newest, &other).expect("it is changed");
    reopened().await;
    assert_ne!(std::fs::read(newest).expect("readable"), other, "it was made again");
}

/// A start runs blocks again from a snapshot on, which may be older or newer than the newest run.
#[tokio::test(flavor = "multi_thread")]
async fn blocks_that_a_start_reads_are_indexed_once() {
    let blocks: Vec<_> = (1..=BLOCKS).map(block).collect();
    let (_directory, store, folder) = store_with(&blocks).await;
    let index = Index::open(&folder, 0).expect("the folder can be read");
    index.catch_up(&store, 3).await.expect("the log can be read");
    compare(&index, &blocks[..3]).await;
    for from in [1, 3] {
        index.follow(&blocks[from..10]).await.expect("runs can be written");
        compare(&index, &blocks[..10]).await;
    }
    index.catch_up(&store, 3).await.expect("the log can be read");
    index.follow(&blocks[10..]).await.expect("runs can be written");
    compare(&index, &blocks).await;
    assert!(!runs(&folder).is_empty(), "the blocks fill more than one run");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_waits_for_an_index_that_falls_behind_and_for_no_other() {
    let directory = TempDir::new().expect("a temporary directory");
    let index = Arc::new(Index::open(directory.path(), 0).expect("an empty folder"));
    let records = TRANSACTIONS as usize + DEPOSITS as usize * 9 / 10;
    let (blocks, soon) = (INDEX_RECENT_RECORDS_MAX / records, Duration::from_millis(200));
    assert!(blocks * records >= INDEX_RUN_RECORDS);
    for number in 1..=blocks as u64 {
        index.insert(&[block(number)]);
        assert!(tokio::time::timeout(soon, index.room()).await.is_ok(), "block {number}");
    }
    index.insert(&[block(blocks as u64 + 1)]);
    assert!(tokio::time::timeout(soon, index.room()).await.is_err(), "there is no room");
    let writing = tokio::spawn(Arc::clone(&index).run());
    let minute = Duration::from_secs(60);
    assert!(tokio::time::timeout(minute, index.room()).await.is_ok(), "a run was written");
    writing.abort();
}
