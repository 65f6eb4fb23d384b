//! The blobs that a reading of L1 has found: the new database keeps and serves them, when L1's
//! nodes have forgotten them.

use std::sync::Arc;

use alloy::consensus::Transaction as _;
use alloy::primitives::B256;
use alloy::providers::Provider;
use sheaf_client::{BlobSource, ClientError, Rebuilt, Result};
use sheaf_contracts::history::History;
use sheaf_sequencer::store::{Acknowledged, Store, StoreError};
use tempfile::TempDir;

use super::{contract, data_of, make_final, open};
use crate::l1::rollup::{CONFIRMATIONS, Rollup};

/// Two final batches, each with a blob of this versioned hash.
async fn two_batches() -> (Rollup, [B256; 2]) {
    let rollup = Rollup::start_with_blobs().await;
    let mut hashes = [B256::ZERO; 2];
    for (hash, amount) in hashes.iter_mut().zip([100, 20]) {
        rollup.deposit(1, amount).await;
        let batch = make_final(&rollup).await;
        let sent = rollup.batch(batch).await.l1_transaction.expect("it is final");
        let sent = rollup.node.anvil.provider().get_transaction_by_hash(sent.into()).await;
        let sent = sent.expect("an answer").expect("it is mined");
        let [one] = sent.blob_versioned_hashes().expect("it has blobs") else { panic!("one blob") };
        *hash = *one;
    }
    (rollup, hashes)
}

fn anvil(rollup: &Rollup) -> BlobSource {
    BlobSource::Anvil(rollup.node.anvil.url().parse().expect("a URL"))
}

/// What L1 shows of a rollup, with blobs of shelves and sources. The last shelf keeps them.
async fn read_onto(
    shelves: &[&Store],
    rollup: &Rollup,
    sources: Vec<BlobSource>,
) -> Result<(History, Rebuilt)> {
    let mut data = data_of(rollup, contract(rollup)).await?.with_blobs(sources);
    for shelf in shelves {
        data = data.with_shelf(Arc::new((*shelf).clone()));
    }
    let mut rebuilt = Rebuilt::new(data.domain());
    let history = data.history(&mut rebuilt, CONFIRMATIONS, |_| {}).await?;
    Ok((history, rebuilt))
}

async fn found(
    store: &Store,
    history: &History,
    rebuilt: &Rebuilt,
) -> std::result::Result<(), StoreError> {
    store.found(history, rebuilt.tree().slots(), &Acknowledged::default()).await
}

/// The bytes of a blob that the sequencer serves; `None` if it has no such blob.
async fn served(rollup: &Rollup, hash: B256) -> Option<Vec<u8>> {
    let answer = reqwest::get(rollup.url(&format!("/v1/blobs/{hash}"))).await.expect("an answer");
    let found = answer.status().is_success();
    let body = answer.bytes().await.expect("a body");
    found.then(|| body.into())
}

fn missing(refused: Result<(History, Rebuilt)>) -> B256 {
    match refused.expect_err("a blob is nowhere") {
        ClientError::NoBlob { versioned_hash, .. } => versioned_hash,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuilt_database_serves_the_blobs_of_earlier_batches() {
    let (rollup, [first, second]) = two_batches().await;
    let old = [served(&rollup, first).await, served(&rollup, second).await];
    assert!(old[0].is_some() && old[0] != old[1]);
    let directory = TempDir::new().expect("a temporary directory");
    let store = open(&directory, &rollup).await;
    let read = read_onto(&[&store], &rollup, vec![anvil(&rollup)]).await;
    let (history, rebuilt) = read.expect("L1 has everything");
    found(&store, &history, &rebuilt).await.expect("it is empty");
    store.close().await;
    let rollup = rollup.restart_on(directory).await;
    assert_eq!([served(&rollup, first).await, served(&rollup, second).await], old);
    assert_eq!(served(&rollup, B256::repeat_byte(1)).await, None, "nobody has published it");
    // The next reader needs nobody else.
    let archive = format!("archive:{}", rollup.url("/v1/blobs")).parse().expect("a source");
    let again = read_onto(&[], &rollup, vec![archive]).await.expect("it has every blob").1;
    assert_eq!(again.tree(), rebuilt.tree());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_goes_on_with_the_blobs_that_an_interrupted_one_kept() {
    let (rollup, [first, second]) = two_batches().await;
    let folders = [first, second].map(|_| TempDir::new().expect("a temporary directory"));
    for (folder, hash) in folders.iter().zip([first, second]) {
        let blob = served(&rollup, hash).await.expect("it is an own one");
        std::fs::write(folder.path().join(hash.to_string()), blob).expect("it is written");
    }
    let source = |place: usize| vec![BlobSource::Folder(folders[place].path().to_owned())];
    let directory = TempDir::new().expect("a temporary directory");
    let store = open(&directory, &rollup).await;
    assert_eq!(missing(read_onto(&[], &rollup, source(1)).await), first);
    assert_eq!(missing(read_onto(&[&store], &rollup, source(0)).await), second);
    let read = read_onto(&[&store], &rollup, source(1)).await;
    let (history, rebuilt) = read.expect("it has kept the first one");
    found(&store, &history, &rebuilt).await.expect("it has nothing but blobs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_blob_that_is_damaged_is_read_again() {
    let (rollup, [first, _]) = two_batches().await;
    let directory = TempDir::new().expect("a temporary directory");
    let store = open(&directory, &rollup).await;
    let sources = || vec![anvil(&rollup)];
    read_onto(&[&store], &rollup, sources()).await.expect("L1 has everything");
    let kept = store.blob(&first.0).await.expect("readable");
    read_onto(&[&store], &rollup, Vec::new()).await.expect("it has kept every blob");
    let damage = sqlx::query("UPDATE kept_blobs SET words = $1 WHERE versioned_hash = $2")
        .bind(vec![0; 32])
        .bind(first.to_vec());
    damage.execute(&Rollup::database_in(&directory).await).await.expect("it is damaged");
    assert_eq!(missing(read_onto(&[&store], &rollup, Vec::new()).await), first);
    read_onto(&[&store], &rollup, sources()).await.expect("L1 has everything");
    assert_eq!(store.blob(&first.0).await.expect("readable"), kept, "it is whole again");
}

/// A sequencer that adopts another account's batch reads its own batches, too.
#[tokio::test(flavor = "multi_thread")]
async fn the_blobs_of_an_old_database_go_over_to_the_new_one() {
    let (rollup, hashes) = two_batches().await;
    let directory = TempDir::new().expect("a temporary directory");
    let store = open(&directory, &rollup).await;
    assert_eq!(missing(read_onto(&[&store], &rollup, Vec::new()).await), hashes[0]);
    let shelves = [rollup.store(), &store];
    read_onto(&shelves, &rollup, Vec::new()).await.expect("the old one has every blob");
    for hash in hashes {
        let (old, new) = (rollup.store().blob(&hash.0).await, store.blob(&hash.0).await);
        assert_eq!(old.expect("readable"), new.expect("readable"));
    }
}
