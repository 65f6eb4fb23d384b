//! Agreement: compares the database with L1, as a whole before the L1 side begins and then with
//! each range of L1 blocks that the watcher reads.
//!
//! The watcher reads requests and final batches from a node's logs, and logs do not show whether
//! the node leaves some out. The contract counts requests and batches, and its counts show it.

use std::convert::Infallible;
use std::time::Instant;

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256};
use sheaf_contracts::deployment::VerifierKey;
use sheaf_ledger::DataMode;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::finality;
use crate::l1::{L1, L1Error};
use crate::limits::L1_START_PATIENCE;
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
    match l1.block_hash(block).await? {
        Some(found) if found == read => Ok(()),
        Some(_) => Err(L1Error::DeepReorg { block, read }),
        None => Err(L1Error::Behind { block }),
    }
}

/// The comparison of a database, its keys and its operator's account with L1, which must succeed
/// before requests are taken and batches are submitted.
#[derive(Debug, Clone)]
pub struct Comparison {
    pub l1: L1,
    pub store: Store,
    /// The account that submits batches.
    pub account: Address,
    /// How the data words of the next batches reach L1.
    pub data_mode: DataMode,
    /// The key with which the contract must verify proofs.
    pub key: VerifierKey,
}

impl Comparison {
    /// Compares before anything of the database is served, and returns whether that was possible.
    /// Without an answer of L1, a database that an earlier start has compared is served, and
    /// compared later. A database that was never compared waits: it has nothing to serve, and what
    /// it took might be for another contract.
    ///
    /// # Errors
    /// As `compare` and `check_nodes`; `Unreachable` or `Refused` when L1 does not answer for as
    /// long as the patience lasts, and the database was never compared.
    pub async fn at_start(&self) -> Result<bool, L1Error> {
        let start = Instant::now();
        self.l1.check_nodes().await?;
        if self.store.l1_cursor().await?.is_none() {
            return self.l1.insist(|| self.compare()).await.map(|()| true);
        }
        let left = L1_START_PATIENCE.saturating_sub(start.elapsed());
        let is_away = left.is_zero() && self.l1.answering().is_none();
        if !is_away {
            match self.l1.insist_for(left, || self.compare()).await {
                Err(error) if error.is_absence() => {}
                compared => return compared.map(|()| true),
            }
        }
        warn!("L1 does not answer: payments go on, requests and batches wait");
        Ok(false)
    }

    /// Compares, if the start did not, then says so in `compared`, and from then on watches how the
    /// L1 nodes are.
    ///
    /// # Errors
    /// As `compare`, when the patience is over.
    pub async fn run(self, compared: watch::Sender<bool>) -> Result<Infallible, L1Error> {
        if !*compared.borrow() {
            self.l1.insist(|| self.compare()).await?;
            info!("the database agrees with L1");
            compared.send_replace(true);
        }
        Ok(self.l1.watch_nodes().await)
    }

    /// Checks the operator's account, the keys and the database, with one node. L1 must have the
    /// last block that was read, and count the requests and batches that were read up to it. The
    /// database must have the newest batch that L1 has verified, with the same state. A start with
    /// an old copy of the database, or with another L1, fails here.
    ///
    /// # Errors
    /// As `check_submitter`, `check_key`, `check_history` and `check_counts`, except that a refused
    /// count is no error; `UnknownBatch` or `Diverged` when the newest verified batch is missing or
    /// has another state; the errors of L1 and of the store.
    async fn compare(&self) -> Result<(), L1Error> {
        let Self { l1, store, account, data_mode, key } = self;
        l1.check_submitter(*account, *data_mode).await?;
        l1.check_key(key).await?;
        let cursor = store.l1_cursor().await?;
        check_history(l1, cursor).await?;
        if let Some(read_to) = cursor {
            let told = Counts {
                requests: store.request_count().await?,
                batches: store.last_finalised().await?,
            };
            match check_counts(l1, read_to, told).await {
                // Nodes forget the state after old blocks. The watcher then compares at a later
                // block.
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
}
