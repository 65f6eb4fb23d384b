//! Agreement: what the database holds is held against L1, at the start as a whole and then with
//! everything that is read.
//!
//! Requests and final batches are read from logs, and logs cannot show which of them a node leaves
//! out. The contract counts both, so that its own numbers can.

use alloy::eips::BlockId;
use alloy::primitives::B256;
use alloy::rpc::types::BlockNumberOrTag;

use crate::finality;
use crate::l1::{L1, L1Error};
use crate::store::{L1Cursor, Store};

/// How many requests and final batches there are, from the first on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub requests: u64,
    pub batches: u64,
}

/// Checks that logs up to a block told of as much as the contract counts after it.
///
/// # Errors
/// `LogsLeftOut`; `Refused` by a node that has forgotten the state after that block.
pub async fn check_counts(l1: &L1, read_to: L1Cursor, told: Counts) -> Result<(), L1Error> {
    let L1Cursor { block, hash } = read_to;
    let contract = l1.rollup_state(BlockId::hash(B256::from(hash))).await?;
    let both = [
        ("requests", contract.requests, told.requests),
        ("batches", contract.batches, told.batches),
    ];
    match both.into_iter().find(|(_, expected, found)| expected != found) {
        None => Ok(()),
        Some((what, expected, found)) => Err(L1Error::LogsLeftOut { block, what, expected, found }),
    }
}

/// Checks that L1 still has the last block that was read, if any was.
///
/// # Errors
/// `DeepReorg` or `Behind`.
pub async fn check_history(l1: &L1, cursor: Option<L1Cursor>) -> Result<(), L1Error> {
    let Some(L1Cursor { block, hash }) = cursor else { return Ok(()) };
    let read = B256::from(hash);
    match l1.block_hash(BlockNumberOrTag::Number(block)).await? {
        Some(found) if found == read => Ok(()),
        Some(_) => Err(L1Error::DeepReorg { block, read }),
        None => Err(L1Error::Behind { block }),
    }
}

/// Checks a database before anything of it is served: L1 has what was read from it, and the newest
/// batch that L1 has is here, with the same state. An old copy and another L1 end here.
///
/// # Errors
/// `DeepReorg`, `Behind`, `LogsLeftOut`, `UnknownBatch`, `Diverged`, or when L1 or the store fails.
pub async fn check_database(store: &Store, l1: &L1) -> Result<(), L1Error> {
    let cursor = store.l1_cursor().await?;
    check_history(l1, cursor).await?;
    if let Some(read_to) = cursor {
        let told = Counts {
            requests: store.request_count().await?,
            batches: store.last_finalised().await?,
        };
        match check_counts(l1, read_to, told).await {
            // Nodes forget the state after old blocks: then the watcher compares, further on.
            Err(L1Error::Refused { .. }) => {}
            agreement => agreement?,
        }
    }
    let newest = l1.rollup_state(l1.newest().await?).await?;
    if newest.batches == 0 {
        return Ok(());
    }
    finality::check_state(store, newest.batches, newest.state).await
}
