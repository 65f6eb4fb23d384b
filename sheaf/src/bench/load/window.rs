//! A load that was offered for a while, and whether the sequencer has kept up with it.

use std::time::Duration;

use super::generator::Run;

/// The first load of the search, as a share of what the probe acknowledged, and each next load as a
/// share of the load before.
pub(super) const STEP: f64 = 0.9;
/// Closed batches that may be unsealed when a sustained load ends.
const UNSEALED_MAX: u64 = 3;
/// How long after its time the last request of a sustained load may be answered.
const LATE_MAX: Duration = Duration::from_secs(1);

/// A load that was offered for a while, and what became of it.
#[derive(Debug)]
pub(super) struct Window {
    /// Transfers a second.
    pub offered: f64,
    pub run: Run,
    /// Closed batches that were unsealed when the last transfer was acknowledged.
    pub unsealed: u64,
    /// Until every transfer was in a sealed batch, which has a root.
    pub rooted: Duration,
    /// How long the load was offered.
    pub scheduled: Duration,
    /// CPU time and written bytes of the sequencer until then.
    pub cpu: Duration,
    pub written: u64,
}

impl Window {
    /// Whether the sequencer has kept up with the load.
    pub(super) fn is_sustained(&self) -> bool {
        self.run.refusals == 0
            && self.unsealed <= UNSEALED_MAX
            && self.run.time <= self.scheduled + LATE_MAX
    }

    /// The load to try after this one, which was too much: no more than was sealed.
    pub(super) fn next_load(&self) -> f64 {
        let rooted = self.run.acknowledged as f64 / self.rooted.as_secs_f64().max(f64::EPSILON);
        rooted.min(self.offered * STEP)
    }

    /// A figure of the whole load for each transfer.
    pub(super) fn per_transfer(&self, figure: f64) -> f64 {
        figure / self.run.acknowledged.max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(refusals: u64, unsealed: u64, seconds: u64) -> Window {
        let time = Duration::from_secs(seconds);
        let run = Run { acknowledged: 1_000, refusals, time, ..Run::default() };
        let (scheduled, rooted) = (Duration::from_secs(10), Duration::from_secs(20));
        let (cpu, written) = (Duration::ZERO, 0);
        Window { offered: 100.0, run, unsealed, rooted, scheduled, cpu, written }
    }

    #[test]
    fn a_load_is_sustained_when_nothing_is_refused_unsealed_or_late() {
        assert!(window(0, UNSEALED_MAX, 11).is_sustained());
        assert!(!window(1, 0, 10).is_sustained());
        assert!(!window(0, UNSEALED_MAX + 1, 10).is_sustained());
        assert!(!window(0, 0, 12).is_sustained());
    }

    #[test]
    fn the_next_load_is_lower_and_no_more_than_was_sealed() {
        let close = |left: f64, right: f64| (left - right).abs() < 1e-9;
        assert!(close(window(0, 9, 10).next_load(), 50.0));
        let quick = Window { rooted: Duration::from_secs(10), ..window(0, 9, 10) };
        assert!(close(quick.next_load(), 90.0));
    }
}
