//! L1's time, for ordering. The contract refuses a batch whose timestamp is too far ahead of L1's
//! time until L1 has caught up, so a clock that jumps ahead by years would halt the rollup for
//! years.
//!
//! This stage only reads L1's time. `ordering::Gate` decides how far the two clocks may differ.

use std::convert::Infallible;
use std::time::Instant;

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
    /// When the time was read.
    pub read: Instant,
}

impl Reading {
    /// L1's time at `instant`, in Unix seconds: the time that was read, and the seconds since the
    /// reading. The monotonic clock counts them, so a jump of the system's clock has no effect.
    pub fn time_at(&self, instant: Instant) -> u64 {
        self.time + instant.saturating_duration_since(self.read).as_secs()
    }

    /// The later of two readings, each with the time that has passed since. A node that has fallen
    /// behind, or shows the same block again and again, does not turn L1's clock back.
    fn later(self, earlier: Option<Self>) -> Self {
        match earlier {
            Some(earlier) if earlier.time_at(self.read) > self.time => earlier,
            _ => self,
        }
    }
}

/// L1's time, as the stages that ask for it see it: `None` without an L1, whose time binds nobody.
pub type Shown = Option<watch::Receiver<Option<Reading>>>;

/// The time, in Unix seconds, that a transaction must not have outlived: that of this machine's
/// clock, but no later than L1's. A clock that is far ahead opens no batch, so it must not judge a
/// transaction for good either. While L1's time is not known, nothing has expired.
pub fn settled_s(shown: &Shown, now_s: u64) -> u64 {
    let Some(shown) = shown else { return now_s };
    let l1_s = shown.borrow().map_or(0, |reading| reading.time_at(Instant::now()));
    now_s.min(l1_s)
}

/// The time of L1's newest block; nothing from a node without blocks.
///
/// # Errors
/// `Refused` when the node returns an error; `Silent`; `NodeBehind`.
pub async fn read(l1: &L1) -> Result<Option<Reading>, L1Error> {
    let newest = l1.newest_block().await?;
    let read = Instant::now();
    Ok(newest.map(|block| Reading { time: block.header.timestamp, read }))
}

/// Sends L1's time to `shown` every `L1_CLOCK_INTERVAL`.
///
/// # Errors
/// An error that no node causes. A request without an answer is repeated without a limit: the
/// stages that need L1 limit silence and refusals.
pub async fn run(l1: L1, shown: watch::Sender<Option<Reading>>) -> Result<Infallible, L1Error> {
    loop {
        match l1.attempt(|| read(&l1)).await {
            Ok(Some(reading)) => {
                let earlier = *shown.borrow();
                shown.send_replace(Some(reading.later(earlier)));
            }
            Ok(None) => {}
            Err(error) if error.is_of_a_node() => warn!(%error, "L1's time is not known"),
            Err(error) => return Err(error),
        }
        sleep(L1_CLOCK_INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_node_that_falls_behind_does_not_turn_the_clock_back() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let first = Reading { time: 1_000, read: start };
        // The same block ten minutes later, and an older one.
        for time in [1_000, 900] {
            let stale = Reading { time, read: after(600) };
            assert_eq!(stale.later(Some(first)), first);
            assert_eq!(stale.later(Some(first)).time_at(after(600)), 1_600);
        }
        // A block that is as late as it must be, and an L1 whose clock jumps.
        for time in [1_600, 9_000] {
            let fresh = Reading { time, read: after(600) };
            assert_eq!(fresh.later(Some(first)), fresh);
        }
        assert_eq!(first.later(None), first);
    }

    #[test]
    fn neither_clock_alone_lets_a_transaction_expire() {
        let settled = |reading, now_s| settled_s(&Some(watch::channel(reading).1), now_s);
        let reading = Some(Reading { time: 1_000, read: Instant::now() + Duration::from_secs(60) });
        assert_eq!((settled(reading, 900), settled(reading, 9_000)), (900, 1_000));
        assert_eq!((settled(None, 900), settled_s(&None, 900)), (0, 900));
    }
}
