//! A child that is started again when it ends: the restart is the recovery.
//!
//! Everything that sequencer and worker have acknowledged is durable, so a killed one continues
//! where it stopped. One that keeps ending has an error that no restart repairs, and is given up.

use std::collections::VecDeque;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use anyhow::{Error, Result, bail};
use tokio::time::sleep;

use super::process::{Process, Program};

/// Restarts of one child within `RESTART_PERIOD` after which it is given up.
const RESTARTS_MAX: usize = 5;
/// Long enough to notice a child that ends whenever it has loaded its keys.
const RESTART_PERIOD: Duration = Duration::from_secs(600);
/// How long a child stays away, so that one that ends at once does not use up a core.
const RESTART_PAUSE: Duration = Duration::from_millis(500);

/// A child under supervision.
#[derive(Debug)]
pub(super) struct Supervised {
    process: Process,
    restarts: Restarts,
    /// Whether it has worked before: until then an error of its own would only come again.
    has_worked: bool,
}

/// When a child was started again lately.
#[derive(Debug)]
struct Restarts {
    /// Within one period.
    max: usize,
    times: VecDeque<Instant>,
}

impl Restarts {
    fn at_most(max: usize) -> Self {
        Self { max, times: VecDeque::new() }
    }

    /// Counts one more restart, unless there were too many. Returns how many there are then.
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
    /// Starts a child.
    pub(super) fn start(program: Program, folder: &Path) -> Result<Self> {
        let process = Process::start(program, folder)?;
        Ok(Self { process, restarts: Restarts::at_most(RESTARTS_MAX), has_worked: false })
    }

    /// Says that a restart would repair nothing: whenever the child ends, it is given up.
    pub(super) fn never_restarted(mut self) -> Self {
        self.restarts = Restarts::at_most(0);
        self
    }

    /// Notes that the child has worked: from now on it is started again after its own errors, too.
    pub(super) fn note_work(&mut self) {
        self.has_worked = true;
    }

    /// The process itself.
    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    /// Keeps the child alive. Returns when it is given up, with the reason.
    pub(super) async fn keep(&mut self) -> Error {
        loop {
            if let Err(error) = self.revive().await {
                return error;
            }
        }
    }

    /// Stops the child.
    pub(super) async fn stop(self) -> Result<()> {
        self.process.stop().await
    }

    /// Waits for the child's end and starts it again. Dropped at any moment, it has lost nothing:
    /// a child that has ended is still found to have ended.
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
        eprintln!(
            "sheaf: the {name} {ended}; starting it again (restart {count} of at most {max} in \
             {minutes} minutes)"
        );
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
