//! L1's time, for ordering: a batch with a timestamp ahead of L1's is refused there until L1 has
//! caught up, and a clock that jumped by years would halt the rollup for as long.
//!
//! It reads; what is too far away is ordering's to judge.

use std::convert::Infallible;
use std::time::Instant;

use alloy::providers::Provider;
use alloy::rpc::types::BlockNumberOrTag;
use tokio::sync::watch;
use tokio::time::sleep;
use tracing::warn;

use crate::l1::{L1, L1Error};
use crate::limits::L1_CLOCK_INTERVAL;

/// The time of L1's newest block, and when it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Unix seconds.
    pub time: u64,
    pub read: Instant,
}

impl Reading {
    /// L1's time at another moment, by the clock that no jump moves: while L1 is silent, its time
    /// goes on. Unix seconds.
    pub fn time_at(&self, instant: Instant) -> u64 {
        self.time + instant.saturating_duration_since(self.read).as_secs()
    }
}

/// The time of L1's newest block; nothing from a node that has none.
///
/// # Errors
/// When L1 refuses to say, or is unreachable.
pub async fn read(l1: &L1) -> Result<Option<Reading>, L1Error> {
    let newest = l1
        .ask("the newest block", || async {
            l1.provider().get_block_by_number(BlockNumberOrTag::Latest).await
        })
        .await?;
    let read = Instant::now();
    Ok(newest.map(|block| Reading { time: block.header.timestamp, read }))
}

/// Shows L1's time until L1 stays silent for too long.
///
/// # Errors
/// When L1 is unreachable. What it refuses is asked again: the stages that need L1 count refusals.
pub async fn run(l1: L1, shown: watch::Sender<Option<Reading>>) -> Result<Infallible, L1Error> {
    loop {
        match read(&l1).await {
            Ok(Some(reading)) => {
                shown.send_replace(Some(reading));
            }
            Ok(None) => {}
            Err(error @ L1Error::Refused { .. }) => warn!(%error, "L1's time is not known"),
            Err(error) => return Err(error),
        }
        sleep(L1_CLOCK_INTERVAL).await;
    }
}
