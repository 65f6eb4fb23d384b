//! What the kernel counts for another process: its CPU time, its writes and its memory.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::time::{clock_getcpuclockid, clock_gettime};
use nix::unistd::Pid;

/// What a process has used since its start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Usage {
    /// CPU time of all threads, in the program and in the kernel.
    pub cpu: Duration,
    /// Bytes that were sent to the disk.
    pub written: u64,
    /// Bytes of memory that the process has now.
    pub resident: u64,
}

impl Usage {
    /// The usage of a process of the same user.
    ///
    /// # Errors
    /// When there is no such process, or the kernel does not tell.
    pub(super) fn of(process: Pid) -> Result<Self> {
        let clock = clock_getcpuclockid(process).context("the process has no clock")?;
        let cpu = clock_gettime(clock).context("the kernel does not tell the CPU time")?.into();
        let written = number_in(process, "io", "write_bytes:")?;
        let resident = number_in(process, "status", "VmRSS:")? * 1_024;
        Ok(Self { cpu, written, resident })
    }
}

/// The number behind a name in a file of `/proc`.
fn number_in(process: Pid, file: &str, name: &str) -> Result<u64> {
    let path = format!("/proc/{process}/{file}");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name));
    let word = rest.and_then(|rest| rest.split_whitespace().next());
    let number = word.and_then(|word| word.parse().ok());
    number.with_context(|| format!("{path} has no {name}"))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_process_that_works_uses_more() {
        let before = Usage::of(Pid::this()).expect("the kernel tells");
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(20) {}
        let after = Usage::of(Pid::this()).expect("the kernel tells");
        assert!(after.cpu > before.cpu && after.written >= before.written);
        assert!(after.resident > 1_000_000);
        assert!(Usage::of(Pid::from_raw(i32::MAX)).is_err());
    }
}
