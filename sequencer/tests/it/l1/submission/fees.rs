//! What a submission offers L1 for its gas: no more than L1 asks for, and nothing more while L1
//! stands still.

use alloy::primitives::U256;
use alloy::providers::Provider;
use sheaf_sequencer::limits::{
    SUBMISSION_ABOVE_MARKET_MAX, SUBMISSION_FEE_MAX, SUBMISSION_PATIENCE_BLOCKS,
};

use super::{Advance, advance, lose_patience, proven};

/// While L1 mines nothing, a higher fee would only cost more once L1 goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_halted_l1_raises_no_fee() {
    let (rollup, batch) = proven().await;
    for _ in 0..2 * SUBMISSION_PATIENCE_BLOCKS {
        advance(&rollup).await;
    }
    assert_eq!(rollup.submissions(batch).await.len(), 1);
    // L1 goes on, without the transaction.
    lose_patience(&rollup).await;
    advance(&rollup).await;
    assert_eq!(rollup.submissions(batch).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fee_is_raised_to_a_multiple_of_the_markets_and_no_further() {
    let (rollup, batch) = proven().await;
    let market = rollup.node.anvil.provider().estimate_eip1559_fees().await.expect("an answer");
    advance(&rollup).await;
    for _ in 0..20 {
        lose_patience(&rollup).await;
        advance(&rollup).await;
    }
    let submissions = rollup.submissions(batch).await;
    let highest = submissions.iter().map(|one| one.max_fee).max().expect("it was sent");
    assert!(highest <= SUBMISSION_ABOVE_MARKET_MAX * market.max_fee_per_gas, "{highest}");
    assert!(2 * highest > SUBMISSION_ABOVE_MARKET_MAX * market.max_fee_per_gas, "{highest}");
    rollup.node.anvil.mine(1).await;
    assert_eq!(rollup.verified().await, batch);
}

#[tokio::test(flavor = "multi_thread")]
async fn fees_keep_under_their_cap() {
    let (rollup, batch) = proven().await;
    let anvil = &rollup.node.anvil;
    let base = |fee: u128| [U256::from(fee)];
    let () = anvil.rpc("anvil_setNextBlockBaseFeePerGas", base(SUBMISSION_FEE_MAX)).await;
    anvil.mine(1).await;
    assert_eq!(advance(&rollup).await, Advance::Held);
    assert_eq!(rollup.submissions(batch).await.len(), 0);
    let () = anvil.rpc("anvil_setNextBlockBaseFeePerGas", base(SUBMISSION_FEE_MAX / 4)).await;
    anvil.mine(1).await;
    assert_eq!(advance(&rollup).await, Advance::Idle);
    let first = rollup.submissions(batch).await;
    assert!(first[0].max_fee <= SUBMISSION_FEE_MAX, "{}", first[0].max_fee);
    // Dearer again: what was sent is not outbid beyond the cap, but kept until it can be mined.
    let () = anvil.rpc("anvil_setNextBlockBaseFeePerGas", base(SUBMISSION_FEE_MAX)).await;
    anvil.mine(1).await;
    assert_eq!(rollup.verified().await, 0);
    lose_patience(&rollup).await;
    assert_eq!(advance(&rollup).await, Advance::Held);
    assert_eq!(rollup.submissions(batch).await.len(), 1);
    let () = anvil.rpc("anvil_setNextBlockBaseFeePerGas", base(SUBMISSION_FEE_MAX / 4)).await;
    anvil.mine(1).await;
    assert_eq!(advance(&rollup).await, Advance::Idle);
    anvil.mine(1).await;
    assert_eq!(rollup.verified().await, batch);
    let fees = rollup.submissions(batch).await.into_iter().map(|one| one.max_fee);
    assert!(fees.clone().all(|fee| fee <= SUBMISSION_FEE_MAX), "{:?}", fees.collect::<Vec<_>>());
}
