//! The inbox: reads the rows that the watcher stores, and forwards them to ordering: requests of L1
//! in their order, and the number of the newest final batch.
//!
//! The inbox decides nothing. The engine decides what a request does, and the watcher decides which
//! L1 blocks have enough confirmations.

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch};
use tokio::time::MissedTickBehavior;

use crate::error::StageError;
use crate::lifecycle::L1Request;
use crate::limits::{INBOX_INTERVAL, REQUESTS_PER_BLOCK_MAX};
use crate::store::Store;

/// The stage and its neighbours.
#[derive(Debug)]
pub struct Inbox {
    pub store: Store,
    /// The first request that no block of the log has consumed.
    pub next: u64,
    pub requests: mpsc::Sender<Vec<L1Request>>,
    /// The newest final batch.
    pub finalised: watch::Sender<u64>,
    /// Whether the database agrees with L1. Requests wait until it was compared.
    pub compared: watch::Receiver<bool>,
}

impl Inbox {
    /// Forwards for ever.
    ///
    /// # Errors
    /// `StageError::Store` when the store fails; `StageError::Gone` when ordering has ended.
    pub async fn run(mut self) -> Result<(), StageError> {
        let mut clock = tokio::time::interval(INBOX_INTERVAL);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            clock.tick().await;
            self.finalised.send_replace(self.store.last_finalised().await?);
            if !*self.compared.borrow() {
                continue;
            }
            match self.requests.try_reserve() {
                Ok(room) => {
                    let stored =
                        self.store.requests_from(self.next, REQUESTS_PER_BLOCK_MAX).await?;
                    if !stored.is_empty() {
                        self.next += stored.len() as u64;
                        room.send(stored.into_iter().map(|stored| stored.request).collect());
                    }
                }
                // Ordering lets the queue fill up while it may open no batch. The number sent above
                // can end that pause.
                Err(TrySendError::Full(())) => {}
                Err(TrySendError::Closed(())) => {
                    return Err(StageError::Gone { stage: "ordering" });
                }
            }
        }
    }
}
