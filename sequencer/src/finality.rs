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
/// `UnknownBatch` or `Diverged`.
pub async fn check(store: &Store, finalised: &[FinalisedBatch]) -> Result<(), L1Error> {
    for batch in finalised {
        let FinalisedBatch { number, post_state, .. } = *batch;
        let Some(row) = store.batch(number).await? else {
            return Err(L1Error::UnknownBatch { batch: number });
        };
        let expected = row.sealed.post_state.to_bytes();
        if expected != post_state {
            return Err(L1Error::Diverged {
                batch: number,
                expected: B256::from(expected),
                found: B256::from(post_state),
            });
        }
    }
    Ok(())
}
