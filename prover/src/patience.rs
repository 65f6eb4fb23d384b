//! How often and for how long a request without an answer is repeated.

use std::time::Duration;

use crate::limits::{OUTAGE_MAX, RETRY_PAUSE_MAX, RETRY_PAUSE_MIN};

/// The pauses between the attempts of one request.
#[derive(Debug)]
pub(crate) struct Patience {
    pause: Duration,
}

impl Patience {
    pub(crate) const fn new() -> Self {
        Self { pause: RETRY_PAUSE_MIN }
    }

    /// How long to wait before the next attempt, `elapsed` after the first. `None` once `elapsed`
    /// exceeds `OUTAGE_MAX`: there is no next attempt.
    pub(crate) fn pause(&mut self, elapsed: Duration) -> Option<Duration> {
        let pause = self.pause;
        self.pause = (pause * 2).min(RETRY_PAUSE_MAX);
        (elapsed <= OUTAGE_MAX).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_end_with_the_patience() {
        let mut patience = Patience::new();
        let (mut elapsed, mut pauses) = (Duration::ZERO, Vec::new());
        while let Some(pause) = patience.pause(elapsed) {
            elapsed += pause;
            pauses.push(pause);
        }
        assert_eq!(pauses[..2], [RETRY_PAUSE_MIN, RETRY_PAUSE_MIN * 2]);
        assert_eq!(pauses.last(), Some(&RETRY_PAUSE_MAX));
        assert!(pauses.is_sorted());
        assert!((OUTAGE_MAX..OUTAGE_MAX + RETRY_PAUSE_MAX * 2).contains(&elapsed), "{elapsed:?}");
    }

    #[test]
    fn the_last_moment_counts_and_the_next_does_not() {
        assert!(Patience::new().pause(OUTAGE_MAX).is_some());
        assert!(Patience::new().pause(OUTAGE_MAX + Duration::from_millis(1)).is_none());
    }
}
