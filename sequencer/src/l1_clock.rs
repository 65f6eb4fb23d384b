//! L1's time, for ordering. The contract refuses a batch whose timestamp is too far ahead of L1's
//! time until L1 has caught up, so a clock that jumps ahead by years would halt the rollup for
//! years.
//!
//! This stage only reads L1's time. `ordering::Gate` decides how far the two clocks may differ.
//! Admission and ordering ask `L1Time` which transactions have expired.

use std::convert::Infallible;
use std::time::Instant;

use tokio::sync::watch;

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

    /// The time `unix_ms` (Unix milliseconds), but no later than L1's time at `instant`.
    pub fn limit_ms(&self, instant: Instant, unix_ms: u64) -> u64 {
        unix_ms.min(self.time_at(instant).saturating_mul(1_000).saturating_add(999))
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

/// L1's time as the stages see it that depend on it.
#[derive(Debug, Clone)]
pub struct L1Time {
    /// What L1 has told; `None` without an L1, whose time binds nobody.
    pub shown: Option<watch::Receiver<Option<Reading>>>,
    /// The newest batch's time at the start, and the start; 0 before the first batch. L1 takes a
    /// batch of that time, so it takes one that is later by as much as the start is ago.
    pub newest_batch: Reading,
}

/// What is known of L1's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// There is no L1.
    Nothing,
    /// L1 has told its time since the start.
    Told(Reading),
    /// L1 has told no time since the start, but has reached this time.
    Reached(Reading),
}

impl L1Time {
    /// What is known now.
    pub fn known(&self) -> Known {
        let Some(shown) = &self.shown else { return Known::Nothing };
        shown.borrow().map_or(Known::Reached(self.newest_batch), Known::Told)
    }

    /// The time, in Unix milliseconds, that a transaction must not have outlived: `unix_ms`, which
    /// this machine's clock shows at `instant`, but no later than L1's clock. A clock that is far
    /// ahead opens no batch, so it must not judge a transaction for good either.
    pub fn settled_ms(&self, instant: Instant, unix_ms: u64) -> u64 {
        match self.known() {
            Known::Nothing => unix_ms,
            Known::Told(reading) | Known::Reached(reading) => reading.limit_ms(instant, unix_ms),
        }
    }
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
/// As `L1::watch`.
pub async fn run(l1: L1, shown: watch::Sender<Option<Reading>>) -> Result<Infallible, L1Error> {
    let show = |reading: Option<Reading>| {
        if let Some(reading) = reading {
            let earlier = *shown.borrow();
            shown.send_replace(Some(reading.later(earlier)));
        }
    };
    l1.watch(("L1's time", L1_CLOCK_INTERVAL), || read(&l1), show).await
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
        let start = Instant::now();
        let newest_batch = Reading { time: 500, read: start };
        let settled = |shown, now_s: u64| {
            let time = L1Time { shown, newest_batch };
            time.settled_ms(start, now_s * 1_000) / 1_000
        };
        let told = |reading| Some(watch::channel(reading).1);
        let reading = Some(Reading { time: 1_000, read: start });
        assert_eq!((settled(told(reading), 900), settled(told(reading), 9_000)), (900, 1_000));
        // Until L1 tells its time, it has reached that of the newest batch.
        assert_eq!((settled(told(None), 400), settled(told(None), 900)), (400, 500));
        assert_eq!(settled(None, 900), 900);
    }
}
