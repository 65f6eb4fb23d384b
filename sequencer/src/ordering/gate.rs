//! The gate: decides whether ordering may open a batch, and with which time. An open batch takes
//! further blocks even when the gate is closed.

use tokio::sync::watch;

use super::Moment;
use crate::l1_clock::{Known, L1Time, Reading};
use crate::limits::CLOCK_LEAD_MAX;
use crate::pause::Pause;

/// The values that decide whether a batch may be opened.
#[derive(Debug)]
pub struct Gate {
    /// The newest final batch; 0 before the first.
    pub finalised: watch::Receiver<u64>,
    pub l1_time: L1Time,
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
        let reading = match self.l1_time.known() {
            Known::Nothing => return None,
            Known::Told(reading) => reading,
            Known::Reached(reached) => {
                return (reached.time == 0).then_some(Pause::L1TimeUnknown);
            }
        };
        // A clock behind L1's, or a node behind its chain, endangers no batch.
        let seconds = (now.unix_ms / 1_000).saturating_sub(reading.time_at(now.instant));
        (seconds > CLOCK_LEAD_MAX.as_secs()).then_some(Pause::ClockApart { seconds })
    }

    /// `now` with the time of a batch that is opened now. Until L1 has told its time, this
    /// machine's clock is not trusted: the batch gets a time that L1 takes whatever this clock
    /// shows.
    pub fn opening(&self, now: Moment) -> Moment {
        match self.l1_time.known() {
            Known::Nothing | Known::Told(_) => now,
            Known::Reached(reached) => limited(now, reached),
        }
    }

    /// The reason why a transaction that is valid until `valid_until` (Unix seconds) is not taken
    /// now: this machine's clock says that it has expired, and L1 has not yet told its time. The
    /// transaction is neither executed late nor refused for good.
    pub fn doubt(&self, valid_until: u32, now: Moment) -> Option<Pause> {
        let is_doubtful = matches!(self.l1_time.known(), Known::Reached(_))
            && u64::from(valid_until) < now.unix_ms / 1_000;
        is_doubtful.then_some(Pause::L1TimeUnknown)
    }

    /// `now` with its batch's time limited to the time that L1's clock has reached. A clock far
    /// ahead of L1's opens no batch, and through this limit it lets no transaction expire either.
    pub fn settled(&self, now: Moment) -> Moment {
        Moment { batch_ms: self.l1_time.settled_ms(now.instant, now.batch_ms), ..now }
    }
}

/// `now` with its batch's time limited to L1's time by `reading`.
fn limited(now: Moment, reading: Reading) -> Moment {
    Moment { batch_ms: reading.limit_ms(now.instant, now.batch_ms), ..now }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    const L1_TIME: u64 = 1_700_000_000;
    const NOT_FINAL_BATCHES: u64 = 3;

    /// A gate after a start at `start`, with a newest batch an hour before `L1_TIME`.
    fn gate_since(start: Instant, finalised: u64, reading: Option<Reading>) -> Gate {
        let (_, finalised) = watch::channel(finalised);
        let (_, l1_time) = watch::channel(reading);
        let newest_batch = Reading { time: L1_TIME - 3_600, read: start };
        let not_final_batches = NOT_FINAL_BATCHES;
        let l1_time = L1Time { shown: Some(l1_time), newest_batch };
        Gate { finalised, l1_time, not_final_batches }
    }

    fn gate(finalised: u64, reading: Option<Reading>) -> Gate {
        gate_since(Instant::now(), finalised, reading)
    }

    fn moment(instant: Instant, unix_ms: u64) -> Moment {
        Moment { instant, unix_ms, batch_ms: unix_ms }
    }

    /// The pause before batch 1 when the clock shows `clock`, `later` after L1 showed `L1_TIME`.
    fn pause_at(clock: u64, later: Duration) -> Option<Pause> {
        let read = Instant::now();
        let now = moment(read + later, clock * 1_000);
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
    fn without_l1s_time_a_first_batch_waits_and_a_later_one_does_not() {
        let now = moment(Instant::now(), L1_TIME * 1_000);
        let mut first = gate(0, None);
        first.l1_time.newest_batch = Reading { time: 0, read: now.instant };
        assert_eq!(first.pause(1, now), Some(Pause::L1TimeUnknown));
        assert_eq!(gate(0, None).pause(1, now), None);
        first.l1_time.shown = None;
        assert_eq!(first.pause(1, now), None);
        assert_eq!(first.opening(now).batch_ms, L1_TIME * 1_000);
    }

    /// The clock may be years ahead, and no batch is made that L1 would refuse for years.
    #[test]
    fn until_l1_tells_its_time_a_batch_follows_the_newest_one() {
        let start = Instant::now();
        let later = start + Duration::from_secs(60);
        let opened = |clock: u64, reading| {
            let opened = gate_since(start, 0, reading).opening(moment(later, clock * 1_000));
            assert_eq!(opened.unix_ms, clock * 1_000, "blocks keep this machine's time");
            opened.batch_ms / 1_000
        };
        for ahead in [L1_TIME, L1_TIME + 100_000_000] {
            assert_eq!(opened(ahead, None), L1_TIME - 3_600 + 60);
        }
        assert_eq!(opened(L1_TIME - 3_600, None), L1_TIME - 3_600);
        let told = Some(Reading { time: L1_TIME, read: start });
        assert_eq!(opened(L1_TIME + 61, told), L1_TIME + 61);
    }

    #[test]
    fn what_may_have_expired_is_asked_to_come_back_until_l1_tells_its_time() {
        let now = moment(Instant::now(), L1_TIME * 1_000);
        let until = |seconds: u64| u32::try_from(seconds).expect("it fits until 2106");
        let doubt = |reading, valid_until| gate(0, reading).doubt(until(valid_until), now);
        assert_eq!(doubt(None, L1_TIME - 1), Some(Pause::L1TimeUnknown));
        assert_eq!(doubt(None, L1_TIME), None);
        let told = Some(Reading { time: L1_TIME, read: now.instant });
        assert_eq!(doubt(told, L1_TIME - 1), None);
    }

    #[test]
    fn a_time_has_settled_when_both_clocks_have_reached_it() {
        let read = Instant::now();
        let settled =
            |unix_ms, reading| gate_since(read, 0, reading).settled(moment(read, unix_ms)).batch_ms;
        let shown = Some(Reading { time: L1_TIME, read });
        let ms = L1_TIME * 1_000;
        assert_eq!((settled(ms + 5, shown), settled(ms - 5, shown)), (ms + 5, ms - 5));
        assert_eq!(settled(ms + 3_600_000, shown), ms + 999);
        assert_eq!(settled(ms, None), ms - 3_600_000 + 999);
    }

    #[test]
    fn batches_that_are_not_final_are_counted() {
        let now = moment(Instant::now(), L1_TIME * 1_000);
        let mut gate = gate(7, None);
        gate.l1_time.shown = None;
        let last = 7 + NOT_FINAL_BATCHES;
        assert_eq!(gate.pause(last, now), None);
        let batches = NOT_FINAL_BATCHES;
        assert_eq!(gate.pause(last + 1, now), Some(Pause::Backlog { batches }));
        // L1 may know more batches than have been opened since a restart.
        assert_eq!(gate.pause(1, now), None);
    }
}
