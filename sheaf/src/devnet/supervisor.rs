//! A child that is started again when it ends: the restart is the recovery.
//!
//! Everything that the sequencer has acknowledged is durable, and a worker keeps nothing, so either
//! continues after a kill. A child that keeps ending has an error that no restart repairs, and is
//! given up.

use std::collections::VecDeque;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::{Error, Result, bail};
use tokio::time::sleep;

use super::process::{Process, Program};
use crate::output;

/// Restarts of one child within `RESTART_PERIOD`; a child that ends once more is given up.
const RESTARTS_MAX: usize = 5;
/// The time within which restarts are counted. It is long enough to notice a child that ends each
/// time it has loaded its keys.
const RESTART_PERIOD: Duration = Duration::from_secs(600);
/// The pause before a restart, so that a child that ends at once does not use up a core.
const RESTART_PAUSE: Duration = Duration::from_millis(500);

/// A child under supervision.
#[derive(Debug)]
pub(super) struct Supervised {
    process: Process,
    restarts: Restarts,
    /// Whether the child has worked. Before that, an exit by itself ends the supervision, because a
    /// restart would meet the same error again.
    has_worked: bool,
}

/// The recent restarts of a child.
#[derive(Debug)]
struct Restarts {
    /// The most restarts within one period.
    max: usize,
    /// The times of the restarts within the last period, oldest first.
    times: VecDeque<Instant>,
}

impl Restarts {
    fn at_most(max: usize) -> Self {
        Self { max, times: VecDeque::new() }
    }

    /// Counts one more restart and returns the number within the period; `None` if it is too many.
    fn admit(&mut self, now: Instant) -> Option<usize> {
        while self.times.front().is_some_and(|time| now.duration_since(*time) > RESTART_PERIOD) {
            self.times.pop_front();
        }
        if self.times.len() >= self.max {
            return None;
        }
        self.times.push_back(now);
        Some(self.times.len())
    }
}

impl Supervised {
    /// Starts a child, with its log file in `folder`.
    ///
    /// # Errors
    /// As `Process::start`.
    pub(super) fn start(program: Program, folder: &Path) -> Result<Self> {
        let process = Process::start(program, folder)?;
        Ok(Self { process, restarts: Restarts::at_most(RESTARTS_MAX), has_worked: false })
    }

    /// The same child without restarts: it is given up as soon as it ends.
    pub(super) fn never_restarted(mut self) -> Self {
        self.restarts = Restarts::at_most(0);
        self
    }

    /// Notes that the child has worked. From then on it is started again after its own errors, too.
    pub(super) fn note_work(&mut self) {
        self.has_worked = true;
    }

    /// The supervised process.
    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    /// Restarts the child whenever it ends. Returns when the child is given up, with the reason.
    pub(super) async fn keep(&mut self) -> Error {
        loop {
            if let Err(error) = self.revive().await {
                return error;
            }
        }
    }

    /// Stops the child.
    ///
    /// # Errors
    /// As `Process::stop`.
    pub(super) async fn stop(self) -> Result<()> {
        self.process.stop().await
    }

    /// Waits for the child's end and starts the child again. The future may be dropped at any
    /// moment: the next call still finds that the child has ended.
    ///
    /// # Errors
    /// When the child is given up, or cannot be started again.
    async fn revive(&mut self) -> Result<()> {
        let status = self.process.ended().await?;
        let (name, ended) = (self.process.name(), describe(status));
        if self.restarts.max == 0 || (status.signal().is_none() && !self.has_worked) {
            bail!("the {name} {ended}");
        }
        sleep(RESTART_PAUSE).await;
        let (max, minutes) = (self.restarts.max, RESTART_PERIOD.as_secs() / 60);
        let Some(count) = self.restarts.admit(Instant::now()) else {
            bail!("the {name} {ended}, and was restarted {max} times within {minutes} minutes");
        };
        output::note(format_args!(
            "sheaf: the {name} {ended}; starting it again (restart {count} of at most {max} in \
             {minutes} minutes)"
        ));
        self.process.start_again()
    }
}

/// How a child ended, as the rest of a sentence.
fn describe(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("was killed by signal {signal}"),
        (None, Some(code)) => format!("ended with exit code {code}"),
        (None, None) => "ended".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_are_limited_within_a_period() {
        let (mut restarts, start) = (Restarts::at_most(RESTARTS_MAX), Instant::now());
        for count in 1..=RESTARTS_MAX {
            assert_eq!(restarts.admit(start), Some(count));
        }
        assert_eq!(restarts.admit(start + RESTART_PERIOD), None);
    }

    #[test]
    fn old_restarts_are_forgotten() {
        let (mut restarts, start) = (Restarts::at_most(RESTARTS_MAX), Instant::now());
        for _ in 0..RESTARTS_MAX {
            restarts.admit(start);
        }
        let later = start + RESTART_PERIOD + Duration::from_millis(1);
        assert_eq!(restarts.admit(later), Some(1));
    }
}
