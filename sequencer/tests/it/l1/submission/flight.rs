//! Several batches on their way to L1: in order, without waiting for each other.

use sheaf_ledger::data_mode::DataMode;
use sheaf_sequencer::limits::{SUBMISSION_PATIENCE_BLOCKS, SUBMISSIONS_IN_FLIGHT_MAX};
use sheaf_sequencer::store::BatchState;

use super::{B256, Rollup, advance, lose_patience, mine_on_another_state, sent};

/// A rollup with so many proven batches, on an L1 that mines when it is told to.
async fn proven(batches: u64) -> Rollup {
    let rollup = Rollup::start().await;
    prove(&rollup, batches).await;
    rollup.node.anvil.mine_at_once(false).await;
    rollup
}

async fn prove(rollup: &Rollup, batches: u64) {
    for _ in 0..batches {
        rollup.prove_batch().await;
    }
}

/// The nonces of the submissions of each batch.
async fn nonces(rollup: &Rollup, batches: u64) -> Vec<Vec<u64>> {
    let mut nonces = Vec::new();
    for batch in 1..=batches {
        let submissions = rollup.submissions(batch).await;
        nonces.push(submissions.iter().map(|one| one.nonce).collect());
    }
    nonces
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_follow_each_other_and_are_mined_in_one_block() {
    let rollup = proven(3).await;
    advance(&rollup).await;
    let sent_at = nonces(&rollup, 3).await;
    let first = sent_at[0][0];
    assert_eq!(sent_at, [[first], [first + 1], [first + 2]]);
    assert_eq!(rollup.verified().await, 0);
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, 3);
    rollup.confirm().await;
    for batch in 1..=3 {
        assert_eq!(rollup.batch(batch).await.state, BatchState::Finalised);
    }
    assert_eq!(rollup.batch(1).await.l1_block, rollup.batch(3).await.l1_block);
    assert_eq!(sent(&rollup).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_batches_are_on_their_way_than_the_limit() {
    let rollup = proven(SUBMISSIONS_IN_FLIGHT_MAX + 1).await;
    advance(&rollup).await;
    advance(&rollup).await;
    assert_eq!(sent(&rollup).len() as u64, SUBMISSIONS_IN_FLIGHT_MAX);
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, SUBMISSIONS_IN_FLIGHT_MAX);
    advance(&rollup).await;
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, SUBMISSIONS_IN_FLIGHT_MAX + 1);
}

/// A gap in the middle: nothing after the missing proof is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_waits_for_the_proof_of_the_one_before() {
    let rollup = proven(3).await;
    let unprove = "UPDATE batches SET state = 'sealed' WHERE number = 2";
    sqlx::query(unprove).execute(&rollup.database().await).await.expect("it is as before");
    advance(&rollup).await;
    assert_eq!(nonces(&rollup, 3).await.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 0]);
}

/// The others wait for the first, whose fee alone decides.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_first_is_outbid() {
    let rollup = proven(3).await;
    lose_patience(&rollup).await;
    advance(&rollup).await;
    assert_eq!(nonces(&rollup, 3).await.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1]);
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, 3);
}

/// The patience with a batch begins when the batches before are mined.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_becomes_the_first_is_not_outbid_at_once() {
    let rollup = proven(2).await;
    lose_patience(&rollup).await;
    advance(&rollup).await;
    let [_, second] = &rollup.submissions(1).await[..] else { panic!("it was outbid") };
    let hash = B256::from(rollup.submissions(2).await[0].hash);
    let _: Option<B256> = rollup.node.anvil.rpc("anvil_dropTransaction", [hash]).await;
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, 1, "{}", B256::from(second.hash));
    for _ in 0..SUBMISSION_PATIENCE_BLOCKS - 1 {
        advance(&rollup).await;
        let _: Option<B256> = rollup.node.anvil.rpc("anvil_dropTransaction", [hash]).await;
        rollup.node.anvil.mine(1).await;
    }
    assert_eq!(nonces(&rollup, 2).await[1].len(), 1);
}

/// All that follow a batch that fails fail with it, and each failure costs its fee.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_failed_goes_alone() {
    let rollup = proven(3).await;
    advance(&rollup).await;
    mine_on_another_state(&rollup).await;
    assert_eq!(rollup.verified().await, 0);
    advance(&rollup).await;
    assert_eq!(nonces(&rollup, 3).await.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1]);
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, 1);
    // The next one has failed, too, by no fault of its own.
    advance(&rollup).await;
    rollup.node.anvil.mine(1).await;
    advance(&rollup).await;
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, 3);
}

/// Nodes take transactions with blobs and others of one account only one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_data_mode_waits_until_the_batches_before_are_mined() {
    let mut rollup = Rollup::start().await;
    prove(&rollup, 1).await;
    rollup.data_mode = DataMode::Blobs;
    let rollup = rollup.kill_and_restart().await;
    prove(&rollup, 1).await;
    rollup.node.anvil.mine_at_once(false).await;
    advance(&rollup).await;
    assert_eq!(nonces(&rollup, 2).await.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0]);
    rollup.node.anvil.mine(1).await;
    advance(&rollup).await;
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, 2);
}
