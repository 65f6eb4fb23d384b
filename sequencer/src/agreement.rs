//! Agreement: what the database holds is held against the contract itself.
//!
//! Requests and final batches are read from logs, and logs cannot show which of them a node leaves
//! out. The contract counts both, so that its own numbers can.

use alloy::eips::BlockId;
use alloy::primitives::B256;

use crate::l1::{L1, L1Error};
use crate::store::L1Cursor;

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
