//! The machine, the revision and the day of a measurement, without which its figures cannot be
//! compared; and the peak of memory.

use std::fmt;
use std::fs;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use nix::time::{ClockId, clock_gettime};

/// The machine, the revision of the sources and the day of a measurement.
#[derive(Debug, Clone)]
pub(super) struct Machine {
    /// The processor's name; the architecture if the system gives no name.
    pub machine: String,
    /// Threads that run at the same time.
    pub cores: usize,
    /// The git revision, with `-dirty` if the sources differ from it; `unknown` without git.
    pub revision: String,
    /// Day of the measurement, UTC, as in ISO 8601.
    pub date: String,
}

impl Machine {
    /// This machine, the sources in the working folder, and today.
    pub(super) fn here() -> Self {
        Self {
            machine: processor(),
            cores: available_parallelism().map_or(1, usize::from),
            revision: revision().unwrap_or_else(|| "unknown".to_owned()),
            date: today(),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { machine, cores, revision, date } = self;
        write!(formatter, "{machine}, {cores} cores, revision {revision}, {date}")
    }
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| std::env::consts::ARCH.to_owned(), |(_, name)| name.trim().to_owned())
}

fn revision() -> Option<String> {
    let output = Command::new("git")
        .args(["describe", "--always", "--dirty", "--exclude=*"])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| output.status.success() && !text.is_empty())
}

fn today() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = civil(now.as_secs() / SECONDS_PER_DAY);
    format!("{year:04}-{month:02}-{day:02}")
}

const SECONDS_PER_DAY: u64 = 86_400;

/// Year, month and day of a day since 1970-01-01, after Howard Hinnant's `civil_from_days`.
const fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + (month <= 2) as u64;
    (year, month, day)
}

/// CPU time of all threads of this process since its start.
///
/// # Errors
/// When the kernel does not tell.
pub(super) fn cpu_time() -> Result<Duration> {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID);
    Ok(time.context("the kernel does not tell the CPU time")?.into())
}

/// Resets the kernel's peak of this process's resident size, so that `peak_bytes` measures from
/// here on.
///
/// # Errors
/// When the kernel cannot reset the peak.
pub(super) fn forget_peak() -> Result<()> {
    fs::write("/proc/self/clear_refs", "5").context("the kernel does not reset the peak of memory")
}

/// The process's largest resident size since `forget_peak`, in bytes.
///
/// # Errors
/// When the kernel does not report the peak.
pub(super) fn peak_bytes() -> Result<u64> {
    let status =
        fs::read_to_string("/proc/self/status").context("cannot read the memory's size")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    Ok(kilobytes.context("the kernel does not tell the peak")?.parse::<u64>()? * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_their_dates() {
        let dates = [
            (0, (1970, 1, 1)),
            (59, (1970, 3, 1)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (19_722, (2023, 12, 31)),
        ];
        for (day, date) in dates {
            assert_eq!(civil(day), date, "{day}");
        }
    }
}
