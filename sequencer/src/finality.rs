//! Finality: a batch is final when the contract has verified it, under enough confirmations.
//!
//! The watcher reads which batches the contract has verified. Before a batch is marked as final,
//! this module compares the state on L1 with the state in the database. If the states differ, the
//! database is not this rollup's, and the process must end: the balances that it shows would be
//! wrong.

use alloy::primitives::B256;

use crate::l1::L1Error;
use crate::store::{FinalisedBatch, Store};

/// Checks that the database has every batch that L1 finalised, with the same state after the batch.
///
/// # Errors
/// As `check_state`, for the first batch that fails.
pub async fn check(store: &Store, finalised: &[FinalisedBatch]) -> Result<(), L1Error> {
    for batch in finalised {
        check_state(store, batch.number, B256::from(batch.post_state)).await?;
    }
    Ok(())
}

/// Checks that the database has a batch that L1 has verified, and that the state after it is
/// `found`, the State digest on L1.
///
/// # Errors
/// `UnknownBatch` when the database has no such batch; `Diverged` when the states differ; `Store`
/// when the store fails.
pub async fn check_state(store: &Store, batch: u64, found: B256) -> Result<(), L1Error> {
    let Some(row) = store.batch(batch).await? else {
        return Err(L1Error::UnknownBatch { batch });
    };
    let expected = B256::from(row.sealed.post_state.to_bytes());
    if expected == found { Ok(()) } else { Err(L1Error::Diverged { batch, expected, found }) }
}
