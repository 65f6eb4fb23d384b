//! Snapshots of slots, and the witnesses that are made from them: a start and a prover far behind
//! get what they would have got from the whole log.

use std::path::Path;

use sheaf_ledger::tree::SlotTree;
use sheaf_sequencer::limits::{FINALISED_WITNESSES_KEPT, SNAPSHOT_ENTRIES_MIN, WITNESSES_KEPT};
use sheaf_sequencer::replay::Replay;
use sheaf_sequencer::snapshots::{self, Snapshot, Snapshots};
use sheaf_sequencer::store::Store;
use sheaf_sequencer::witnesses::Witnesses;
use sheaf_sequencer::{Config, Sequencer, StartError};

use crate::database;
use crate::rollup::{Rollup, person, terms};

/// A rollup in whose batches Alice pays Bob, one batch a payment.
pub(crate) async fn with_batches(count: u32) -> Rollup {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 1_000)]).await;
    for nonce in 0..count {
        rollup.execute(&alice.pay(terms(0, nonce), &[(&bob, 1)])).await;
        rollup.seal().await;
    }
    rollup
}

/// The slots after a batch, from the whole log.
pub(crate) async fn snapshot(store: &Store, config: &Config, batch: u64) -> Snapshot {
    let row = store.batch(batch).await.expect("readable").expect("it is sealed").sealed;
    let replay = Replay::new(config.domain(), None, Vec::new());
    let replay = replay.run_to(store, row.last_block).await.expect("the log can be run");
    Snapshot { batch, root: row.post_root, slots: replay.slots }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<_> = entries.map(|entry| name(entry.expect("readable"))).collect();
    names.retain(|name| name.starts_with("slots-"));
    names.sort();
    names
}

async fn code_of_start(config: &Config) -> Option<&'static str> {
    match Sequencer::start(config.clone()).await {
        Ok(handle) => {
            handle.stop().await.expect("it stops");
            None
        }
        Err(StartError::Recovery(error)) => Some(error.code()),
        Err(error) => panic!("{error}"),
    }
}

/// With the log before it damaged, a start shows whether it begins at a snapshot.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_begins_at_the_newest_snapshot_of_its_own_log() {
    let rollup = with_batches(3).await;
    let before = rollup.slots().await;
    let config = rollup.config.clone();
    let of_first = snapshot(rollup.handle().store(), &config, 1).await;
    let (directory, handle) = rollup.into_handle();
    handle.stop().await.expect("it stops");
    let pool = database::connect(&config).await;
    let change = async |sql: &'static str| {
        sqlx::query(sql).execute(&pool).await.expect("it is changed");
    };
    change("UPDATE blocks SET batch = 9 WHERE number = 1").await;
    assert_eq!(code_of_start(&config).await, Some("log_gap"));
    let snapshots = Snapshots::new(&config.derived());
    snapshots.write(&of_first).expect("the folder is there");
    assert_eq!(code_of_start(&config).await, None);
    let path = config.derived().join(&names(&config.derived())[0]);
    let bytes = std::fs::read(&path).expect("readable");
    // The balance of the first slot: a snapshot that lies leads to another root.
    let mut lying = bytes.clone();
    lying[48 + 24 + 2 + 7] ^= 1;
    std::fs::write(&path, lying).expect("it is changed");
    assert_eq!(code_of_start(&config).await, Some("slot_diverged"));
    // What is no snapshot, or one of another log, is passed over.
    let mut of_another = bytes.clone();
    of_another[16] ^= 1;
    for useless in [&bytes[..bytes.len() - 1], &of_another, b"", b"sheafsl2"] {
        std::fs::write(&path, useless).expect("it is changed");
        assert_eq!(code_of_start(&config).await, Some("log_gap"));
    }
    change("UPDATE blocks SET batch = 1 WHERE number = 1").await;
    let rollup = Rollup::open(directory, config).await;
    assert_eq!(rollup.slots().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_that_no_witness_needs_are_removed() {
    let rollup = with_batches(3).await;
    let (store, config) = (rollup.handle().store(), &rollup.config);
    let folder = config.derived();
    let snapshots = Snapshots::new(&folder);
    for batch in 1..=3 {
        snapshots.write(&snapshot(store, config, batch).await).expect("the folder is there");
    }
    let all = names(&folder);
    assert_eq!(all.len(), 3);
    snapshots.remove_before(0).expect("the folder can be written");
    assert_eq!(names(&folder), all, "the witness of batch 1 begins with the empty tree");
    snapshots.remove_before(2).expect("the folder can be written");
    assert_eq!(names(&folder), all[1..], "the witness of batch 3 begins with batch 2");
    snapshots.remove_before(FINALISED_WITNESSES_KEPT).expect("the folder can be written");
    assert_eq!(names(&folder), all[2..]);
}

#[test]
fn a_snapshot_is_due_when_it_costs_no_entry_more_than_its_share() {
    let least = SNAPSHOT_ENTRIES_MIN;
    assert!(!snapshots::is_due(least - 1, 0));
    assert!(snapshots::is_due(least, 0));
    assert!(!snapshots::is_due(least, least as usize + 1));
    assert!(snapshots::is_due(least + 1, least as usize + 1));
}

/// Provers far behind sealing: the witnesses that are at hand are the oldest, the others are made
/// again, from a snapshot or without one, in any order.
#[tokio::test(flavor = "multi_thread")]
async fn a_witness_made_again_is_the_witness_that_sealing_made() {
    let count = u32::try_from(WITNESSES_KEPT).expect("a few") + 4;
    let rollup = with_batches(count).await;
    let (store, config) = (rollup.handle().store().clone(), rollup.config.clone());
    let folder = config.derived();
    for batch in [u64::from(count) - 3, 2] {
        let snapshot = snapshot(&store, &config, batch).await;
        Snapshots::new(&folder).write(&snapshot).expect("the folder is there");
    }
    let again = Witnesses::new(store.clone(), Snapshots::new(&folder), config.domain());
    let mut order: Vec<u64> = (1..=u64::from(count)).collect();
    order.reverse();
    order.extend([3, 1, 2, 3, u64::from(count)]);
    for number in order {
        let sealed = again.batch(number).await.expect("the log has it");
        let row = store.batch(number).await.expect("readable").expect("it is sealed").sealed;
        assert_eq!((sealed.number, sealed.pre()), (number, row.pre_state));
        assert_eq!((sealed.post(), sealed.after.root), (row.post_state, row.post_root));
    }
    // Each proof is made from the witness that the sequencer serves, and verified against it.
    for number in 1..=u64::from(count) {
        let lease = rollup.lease().await.expect("a batch waits for its proof");
        assert_eq!(lease["batch"], number);
        let proof = rollup.prove(&lease).await;
        assert!(rollup.complete(&lease, proof).await.0.is_success());
    }
}

/// Enough is sealed for a snapshot: the next start reads it, and the slots are the same.
#[tokio::test(flavor = "multi_thread")]
async fn sealing_writes_a_snapshot_once_enough_is_sealed() {
    const PAYMENTS: u64 = 1_024;
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 1_000_000)]).await;
    let payments: Vec<_> = (0..PAYMENTS).map(|_| (&bob, 1)).collect();
    let transfers = u32::try_from(SNAPSHOT_ENTRIES_MIN / PAYMENTS).expect("hundreds");
    for nonce in 0..transfers {
        rollup.execute(&alice.pay(terms(0, nonce), &payments)).await;
    }
    rollup.seal().await;
    let (store, config) = (rollup.handle().store().clone(), rollup.config.clone());
    let snapshots = Snapshots::new(&rollup.config.derived());
    // A snapshot may be written a moment before its batch is stored.
    let mut newest = None;
    rollup
        .wait_for("a snapshot is written", async || {
            newest = snapshots.newest(&store, i64::MAX as u64).await.expect("readable");
            newest.is_some()
        })
        .await;
    let (row, slots) = newest.expect("it was waited for");
    assert_eq!(SlotTree::from_slots(slots).root(), row.sealed.post_root);
    assert_eq!(snapshots.newest(&store, row.sealed.number - 1).await.expect("readable"), None);
    let before = rollup.slots().await;
    let rollup = rollup.restart().await;
    assert_eq!(rollup.slots().await, before);
    assert_eq!(names(&config.derived()).len(), 1);
}
