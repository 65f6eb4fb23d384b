//! Finality: a batch is final when L1 says so behind enough confirmations.
//!
//! The watcher brings the contract's word; here it is held against our own state before anything is
//! marked. A batch that L1 verified with another state means that this database is not this
//! rollup's, and going on would lie to everybody who asks for a balance.

use alloy::primitives::B256;

use crate::l1::L1Error;
use crate::store::{FinalisedBatch, Store};

/// Checks that every batch that L1 finalised is one of ours, with our state.
///
/// # Errors
/// As `check_state`.
pub async fn check(store: &Store, finalised: &[FinalisedBatch]) -> Result<(), L1Error> {
    for batch in finalised {
        check_state(store, batch.number, B256::from(batch.post_state)).await?;
    }
    Ok(())
}

/// Checks that a batch that L1 has is one of ours, and that both end in the same state.
///
/// # Errors
/// `UnknownBatch` or `Diverged`.
pub async fn check_state(store: &Store, batch: u64, found: B256) -> Result<(), L1Error> {
    let Some(row) = store.batch(batch).await? else {
        return Err(L1Error::UnknownBatch { batch });
    };
    let expected = B256::from(row.sealed.post_state.to_bytes());
    if expected == found { Ok(()) } else { Err(L1Error::Diverged { batch, expected, found }) }
}
