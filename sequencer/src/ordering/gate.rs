//! The gate: decides whether ordering may open a batch. An open batch takes further blocks even
//! when the gate is closed.

use tokio::sync::watch;

use super::Moment;
use crate::l1_clock::Shown;
use crate::limits::CLOCK_LEAD_MAX;
use crate::pause::Pause;

/// The values that decide whether a batch may be opened.
#[derive(Debug)]
pub struct Gate {
    /// The newest final batch; 0 before the first.
    pub finalised: watch::Receiver<u64>,
    /// L1's time; `None` without an L1, where nothing refuses a timestamp.
    pub l1_time: Shown,
    /// Batches closed and not yet final at which no further batch is opened.
    pub not_final_batches: u64,
}

impl Gate {
    /// The reason why batch `next` may not be opened now; `None` if it may.
    pub fn pause(&self, next: u64, now: Moment) -> Option<Pause> {
        let batches = (next - 1).saturating_sub(*self.finalised.borrow());
        if batches >= self.not_final_batches {
            return Some(Pause::Backlog { batches });
        }
        let reading = *self.l1_time.as_ref()?.borrow();
        let Some(reading) = reading else { return Some(Pause::L1TimeUnknown) };
        // A clock behind L1's, or a node behind its chain, endangers no batch.
        let seconds = (now.unix_ms / 1_000).saturating_sub(reading.time_at(now.instant));
        (seconds > CLOCK_LEAD_MAX.as_secs()).then_some(Pause::ClockApart { seconds })
    }

    /// `now` with its Unix time limited to the time that L1's clock has reached. A clock far ahead
    /// of L1's opens no batch, and through this limit it lets no transaction expire either.
    pub fn settled(&self, now: Moment) -> Moment {
        let reading = self.l1_time.as_ref().and_then(|l1_time| *l1_time.borrow());
        let l1_ms = reading.map_or(u64::MAX, |reading| {
            reading.time_at(now.instant).saturating_mul(1_000).saturating_add(999)
        });
        Moment { unix_ms: now.unix_ms.min(l1_ms), ..now }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::l1_clock::Reading;

    const L1_TIME: u64 = 1_700_000_000;
    const NOT_FINAL_BATCHES: u64 = 3;

    fn gate(finalised: u64, reading: Option<Reading>) -> Gate {
        let (_, finalised) = watch::channel(finalised);
        let (_, l1_time) = watch::channel(reading);
        Gate { finalised, l1_time: Some(l1_time), not_final_batches: NOT_FINAL_BATCHES }
    }

    /// The pause before batch 1 when the clock shows `clock`, `later` after L1 showed `L1_TIME`.
    fn pause_at(clock: u64, later: Duration) -> Option<Pause> {
        let read = Instant::now();
        let now = Moment { instant: read + later, unix_ms: clock * 1_000 };
        gate(0, Some(Reading { time: L1_TIME, read })).pause(1, now)
    }

    #[test]
    fn a_clock_far_ahead_of_l1s_pauses_ordering_and_no_other_does() {
        let limit = CLOCK_LEAD_MAX.as_secs();
        for harmless in [L1_TIME, L1_TIME + limit, L1_TIME - limit, L1_TIME - 100 * limit] {
            assert_eq!(pause_at(harmless, Duration::ZERO), None);
        }
        let apart = |seconds| Some(Pause::ClockApart { seconds });
        assert_eq!(pause_at(L1_TIME + limit + 1, Duration::ZERO), apart(limit + 1));
        // While L1 is silent, its time goes on.
        let hour = Duration::from_secs(3_600);
        assert_eq!(pause_at(L1_TIME + 3_600, hour), None);
        assert_eq!(pause_at(L1_TIME, hour), None);
        assert_eq!(pause_at(L1_TIME + 7_200, hour), apart(3_600));
    }

    #[test]
    fn the_time_must_be_known_where_there_is_an_l1() {
        let now = Moment { instant: Instant::now(), unix_ms: L1_TIME * 1_000 };
        assert_eq!(gate(0, None).pause(1, now), Some(Pause::L1TimeUnknown));
        let without_l1 = Gate { l1_time: None, ..gate(0, None) };
        assert_eq!(without_l1.pause(1, now), None);
    }

    #[test]
    fn a_time_has_settled_when_both_clocks_have_reached_it() {
        let read = Instant::now();
        let settled = |unix_ms, reading| {
            let now = Moment { instant: read, unix_ms };
            gate(0, reading).settled(now).unix_ms
        };
        let shown = Some(Reading { time: L1_TIME, read });
        let ms = L1_TIME * 1_000;
        assert_eq!((settled(ms + 5, shown), settled(ms - 5, shown)), (ms + 5, ms - 5));
        assert_eq!(settled(ms + 3_600_000, shown), ms + 999);
        assert_eq!(settled(ms + 3_600_000, None), ms + 3_600_000);
    }

    #[test]
    fn batches_that_are_not_final_are_counted() {
        let now = Moment { instant: Instant::now(), unix_ms: L1_TIME * 1_000 };
        let gate = Gate { l1_time: None, ..gate(7, None) };
        let last = 7 + NOT_FINAL_BATCHES;
        assert_eq!(gate.pause(last, now), None);
        let batches = NOT_FINAL_BATCHES;
        assert_eq!(gate.pause(last + 1, now), Some(Pause::Backlog { batches }));
        // L1 may know more batches than have been opened since a restart.
        assert_eq!(gate.pause(1, now), None);
    }
}
