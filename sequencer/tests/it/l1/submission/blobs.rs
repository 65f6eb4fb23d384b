//! Batches whose data words are in blobs: what is sent, mined, kept and served.

use alloy::consensus::{Transaction as _, TxEnvelope};
use alloy::eips::eip2718::Decodable2718;
use alloy::eips::eip7594::BlobTransactionSidecarVariant;
use sheaf_client::{ClientError, L1Data};
use sheaf_contracts::blobs;
use sheaf_ledger::L1Address;
use sheaf_sequencer::limits::{
    FINALISED_WITNESSES_KEPT, SUBMISSION_ABOVE_MARKET_MAX, SUBMISSION_BLOBS_BUMP_PERCENT,
};
use sheaf_sequencer::store::BatchState;

use super::{B256, L1Error, Rollup, Submission, advance, lose_patience};

async fn proven() -> (Rollup, u64) {
    let rollup = Rollup::start_with_blobs().await;
    let batch = rollup.prove_batch().await;
    rollup.node.anvil.mine_at_once(false).await;
    (rollup, batch)
}

fn read(submission: &Submission) -> TxEnvelope {
    TxEnvelope::decode_2718(&mut submission.raw.as_slice()).expect("a transaction")
}

/// The blobs of a transaction, which must have cell proofs.
fn blobs_of(transaction: &TxEnvelope) -> (Vec<B256>, Vec<blobs::Blob>) {
    let signed = transaction.as_eip4844().expect("it has blobs");
    let sidecar = signed.tx().sidecar().expect("they are sent along");
    let BlobTransactionSidecarVariant::Eip7594(sidecar) = sidecar else {
        panic!("Ethereum takes cell proofs only")
    };
    assert_eq!(sidecar.cell_proofs.len(), 128 * sidecar.blobs.len());
    (sidecar.versioned_hashes().collect(), sidecar.blobs.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_in_a_blob_is_mined_kept_and_served() {
    let (rollup, batch) = proven().await;
    advance(&rollup).await;
    let [submission] = &rollup.submissions(batch).await[..] else { panic!("it was sent once") };
    let transaction = read(submission);
    let (hashes, sent) = blobs_of(&transaction);
    assert_eq!(transaction.blob_versioned_hashes(), Some(&hashes[..]));
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, batch);
    rollup.confirm().await;
    let row = rollup.batch(batch).await;
    assert_eq!(row.state, BatchState::Finalised);
    let [hash] = hashes[..] else { panic!("a small batch has one blob") };
    assert_eq!(row.sealed.data_reference, Some(blobs::reference(&[hash])));
    let published = rollup.store().published(batch).await.expect("readable").expect("kept");
    let words = blobs::to_words(&sent[0]).expect("words");
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_bytes()).collect();
    let (own, padding) = bytes.split_at(published.data_words.len());
    assert_eq!(own, published.data_words);
    assert!(padding.iter().all(|byte| *byte == 0));
    // Anybody gets the same blob of the sequencer.
    let answer = reqwest::get(rollup.url(&format!("/v1/blobs/{hash}"))).await.expect("an answer");
    assert_eq!(answer.bytes().await.expect("a body").as_ref(), sent[0].as_slice());
}

/// When L1's nodes have forgotten the blob, the sequencer still has it.
#[tokio::test(flavor = "multi_thread")]
async fn the_state_is_rebuilt_with_the_blobs_of_the_sequencer() {
    let (rollup, batch) = proven().await;
    advance(&rollup).await;
    rollup.node.anvil.mine(1).await;
    let contract = L1Address(rollup.deployed.contract.0.0);
    let data = L1Data::new(rollup.node.anvil.provider().clone(), contract).await;
    let data = data.expect("it is a rollup");
    let unknown = data.clone().rebuild(|_| {}).await.expect_err("nobody has the blob");
    assert!(matches!(unknown, ClientError::NoBlob { asked: 0, .. }), "{unknown}");
    let archive = format!("archive:{}", rollup.url("/v1/blobs")).parse().expect("a source");
    let rebuilt = data.with_blobs(vec![archive]).rebuild(|_| {}).await.expect("it is whole");
    assert_eq!(rebuilt.batches(), batch);
    assert_eq!(rebuilt.state(), rollup.batch(batch).await.sealed.post_state);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_no_batch_published_is_not_found() {
    let (rollup, _) = proven().await;
    let unknown = rollup.get(&format!("/v1/blobs/{}", B256::repeat_byte(1))).await;
    assert_eq!(unknown["error"]["code"], "blob_not_found");
    for text in ["0x12", "twelve", &"12".repeat(32)] {
        let refused = rollup.get(&format!("/v1/blobs/{text}")).await;
        assert_eq!(refused["error"]["code"], "versioned_hash", "{text}");
    }
}

/// Ethereum's nodes ask for twice each fee before they replace a transaction with blobs.
#[tokio::test(flavor = "multi_thread")]
async fn all_fees_of_a_replacement_with_blobs_are_doubled() {
    let (rollup, batch) = proven().await;
    lose_patience(&rollup).await;
    advance(&rollup).await;
    let [first, second] = &rollup.submissions(batch).await[..] else { panic!("it was outbid") };
    let (first, second) = (read(first), read(second));
    let fees = |transaction: &TxEnvelope| {
        let blob = transaction.max_fee_per_blob_gas().expect("it has blobs");
        let priority = transaction.max_priority_fee_per_gas().expect("a new transaction");
        [transaction.max_fee_per_gas(), priority, blob]
    };
    for (before, after) in fees(&first).into_iter().zip(fees(&second)) {
        assert!(after * 100 >= before * SUBMISSION_BLOBS_BUMP_PERCENT, "{before} {after}");
        assert!(after <= before * SUBMISSION_ABOVE_MARKET_MAX, "{before} {after}");
    }
    assert_eq!(blobs_of(&first), blobs_of(&second));
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, batch);
}

/// The words of calldata are dropped then (`storage`).
#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_blobs_outlive_finality() {
    let rollup = Rollup::start_with_blobs().await;
    for _ in 0..=FINALISED_WITNESSES_KEPT {
        let batch = rollup.prove_batch().await;
        rollup.submit(batch).await;
    }
    rollup.confirm().await;
    let newest = rollup.batch(FINALISED_WITNESSES_KEPT + 1).await;
    assert_eq!(newest.state, BatchState::Finalised);
    assert!(rollup.store().published(1).await.expect("readable").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_of_other_words_is_refused_before_anything_is_paid() {
    let (rollup, batch) = proven().await;
    let database = rollup.database().await;
    let mut words: Vec<u8> = sqlx::query_scalar("SELECT data_words FROM published")
        .fetch_one(&database)
        .await
        .expect("they are there");
    words[31] ^= 1;
    let update = sqlx::query("UPDATE published SET data_words = $1").bind(words);
    update.execute(&database).await.expect("they are changed");
    let refused = rollup.submit_once().await.expect_err("they were not proven");
    let expected = format!("the contract refuses batch {batch}: InvalidProof(InvalidProof)");
    assert_eq!(refused.to_string(), expected);
    assert!(matches!(refused, L1Error::BatchRefused { .. }));
    assert_eq!(rollup.node.asked("eth_sendRawTransaction").len(), 0);
}
