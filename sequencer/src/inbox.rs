//! The inbox: requests of L1 on their way from the watcher's rows to ordering, in their order.
//!
//! It reads and forwards. What a request means is the engine's; which blocks of L1 to believe is
//! the watcher's.

use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use crate::error::StageError;
use crate::lifecycle::L1Request;
use crate::limits::{INBOX_INTERVAL, REQUESTS_PER_BLOCK_MAX};
use crate::store::Store;

/// Runs for ever, from the first request that no block of the log has consumed.
///
/// # Errors
/// When the store fails or ordering has ended.
pub async fn run(
    store: Store,
    mut next: u64,
    requests: mpsc::Sender<Vec<L1Request>>,
) -> Result<(), StageError> {
    let mut clock = tokio::time::interval(INBOX_INTERVAL);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        let stored = store.requests_from(next, REQUESTS_PER_BLOCK_MAX).await?;
        if stored.is_empty() {
            continue;
        }
        next += stored.len() as u64;
        let run = stored.into_iter().map(|stored| stored.request).collect();
        requests.send(run).await.map_err(|_| StageError::Gone { stage: "ordering" })?;
    }
}
