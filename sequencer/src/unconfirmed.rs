//! Requests in L1 blocks that do not have their confirmations yet, for people who wait for a
//! deposit. Nothing is decided by them: the watcher reads each request again once it is confirmed,
//! and a reorganisation may take one back.

use std::convert::Infallible;
use std::sync::Arc;

use tokio::sync::watch;

use crate::l1::{L1, L1Error};
use crate::limits::{L1_BLOCKS_PER_QUERY_MAX, UNCONFIRMED_INTERVAL};
use crate::store::{Store, StoredRequest};
use crate::watcher;

/// L1's newest block, and the requests in the blocks that the watcher has not read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unconfirmed {
    pub head: u64,
    pub requests: Vec<StoredRequest>,
}

/// The stage, with its end of the channel to those who show the requests.
#[derive(Debug)]
pub struct UnconfirmedWatch {
    pub l1: L1,
    pub store: Store,
    /// The L1 block with which reading begins.
    pub first_block: u64,
    pub shown: watch::Sender<Option<Arc<Unconfirmed>>>,
}

impl UnconfirmedWatch {
    /// Reads the newest blocks every `UNCONFIRMED_INTERVAL`.
    ///
    /// # Errors
    /// `Store` when the database fails; as `L1::watch`.
    pub async fn run(self) -> Result<Infallible, L1Error> {
        let what = ("what is not confirmed", UNCONFIRMED_INTERVAL);
        let show = |read: Unconfirmed| drop(self.shown.send_replace(Some(Arc::new(read))));
        self.l1.watch(what, || self.read(), show).await
    }

    async fn read(&self) -> Result<Unconfirmed, L1Error> {
        let head = self.l1.head().await?;
        let cursor = self.store.l1_cursor().await?;
        let from = cursor.map_or(self.first_block, |cursor| cursor.block + 1);
        let to = head.min(from.saturating_add(L1_BLOCKS_PER_QUERY_MAX - 1));
        if from > to {
            return Ok(Unconfirmed { head, requests: Vec::new() });
        }
        let logs = self.l1.events(from, to).await?;
        Ok(Unconfirmed { head, requests: watcher::requests_in(&logs) })
    }
}
