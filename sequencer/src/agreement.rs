//! Agreement: compares the database with L1, as a whole at the start and then with each range of L1
//! blocks that the watcher reads.
//!
//! The watcher reads requests and final batches from a node's logs, and logs do not show whether
//! the node leaves some out. The contract counts requests and batches, and its counts show it.

use alloy::eips::BlockId;
use alloy::primitives::B256;
use alloy::rpc::types::BlockNumberOrTag;

use crate::finality;
use crate::l1::{L1, L1Error};
use crate::store::{L1Cursor, Store};

/// The numbers of requests and of final batches, counted from the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub requests: u64,
    pub batches: u64,
}

/// Checks that the logs up to the block `read_to` contained as many requests and batches, `told`,
/// as the contract counts after that block.
///
/// # Errors
/// `LogsLeftOut` when a count differs; `Refused` by a node that has no such block or has forgotten
/// the state after it; `Unreachable` when L1 stays silent.
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

/// Checks that L1 still has the last block that was read, if a block was read.
///
/// # Errors
/// `DeepReorg` when L1 has another block of that number; `Behind` when L1 has none; `Refused` or
/// `Unreachable` when the node does not give the block.
pub async fn check_history(l1: &L1, cursor: Option<L1Cursor>) -> Result<(), L1Error> {
    let Some(L1Cursor { block, hash }) = cursor else { return Ok(()) };
    let read = B256::from(hash);
    match l1.block_hash(BlockNumberOrTag::Number(block)).await? {
        Some(found) if found == read => Ok(()),
        Some(_) => Err(L1Error::DeepReorg { block, read }),
        None => Err(L1Error::Behind { block }),
    }
}

/// Checks a database before anything of it is served. L1 must have the last block that was read,
/// and count the requests and batches that were read up to it. The database must have the newest
/// batch that L1 has verified, with the same state. A start with an old copy of the database, or
/// with another L1, fails here.
///
/// # Errors
/// As `check_history` and `check_counts`, except that a refused count is no error; `UnknownBatch`
/// or `Diverged` when the newest verified batch is missing or has another state; the errors
/// of L1 and of the store.
pub async fn check_database(store: &Store, l1: &L1) -> Result<(), L1Error> {
    let cursor = store.l1_cursor().await?;
    check_history(l1, cursor).await?;
    if let Some(read_to) = cursor {
        let told = Counts {
            requests: store.request_count().await?,
            batches: store.last_finalised().await?,
        };
        match check_counts(l1, read_to, told).await {
            // Nodes forget the state after old blocks. The watcher then compares at a later block.
            Err(L1Error::Refused { .. } | L1Error::Unreadable { .. }) => {}
            agreement => agreement?,
        }
    }
    let newest = l1.rollup_state(l1.newest().await?).await?;
    if newest.batches == 0 {
        return Ok(());
    }
    finality::check_state(store, newest.batches, newest.state).await
}
