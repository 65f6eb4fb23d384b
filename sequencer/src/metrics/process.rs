//! What the system counts for this process, read from `/proc/self` when Prometheus asks.
//!
//! A value that cannot be read is left out: a machine without `/proc` serves every other metric.

use std::fs;

use ::metrics::{counter, gauge};

use super::names::{
    PROCESS_CPU, PROCESS_FILES, PROCESS_FILES_MAX, PROCESS_MEMORY, PROCESS_THREADS,
};

/// Ticks in a second in `/proc/self/stat`: what Linux shows to programs on every machine that Rust
/// supports.
const TICKS_PER_SECOND: u64 = 100;

/// Sets the metrics of the process.
pub(super) fn sampled() {
    if let Some(seconds) = read("stat").and_then(|text| cpu_seconds(&text)) {
        counter!(PROCESS_CPU).absolute(seconds);
    }
    if let Some(status) = read("status") {
        if let Some(kilobytes) = field(&status, "VmRSS:") {
            gauge!(PROCESS_MEMORY).set(kilobytes * 1_024.0);
        }
        if let Some(threads) = field(&status, "Threads:") {
            gauge!(PROCESS_THREADS).set(threads);
        }
    }
    if let Some(most) = read("limits").and_then(|text| field(&text, "Max open files")) {
        gauge!(PROCESS_FILES_MAX).set(most);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        gauge!(PROCESS_FILES).set(open.count() as f64);
    }
}

fn read(file: &str) -> Option<String> {
    fs::read_to_string(format!("/proc/self/{file}")).ok()
}

/// The first number of the line that begins with `name`.
fn field(text: &str, name: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// The CPU time of all threads. The fields follow the program's name, which is in brackets and may
/// contain anything; user and system time are the 12th and 13th field after it.
fn cpu_seconds(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some((user + system) / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_are_found_behind_any_name() {
        let stat = "7 (a b) c) S 1 7 7 0 -1 4194560 900 0 0 0 250 150 11 12 20 0 9 0 100 1 2";
        assert_eq!(cpu_seconds(stat), Some(4));
        assert_eq!(cpu_seconds("7 (a) S 1 7"), None);
    }

    #[test]
    fn a_field_is_the_first_number_of_its_line() {
        let text = "VmHWM:\t  9 kB\nVmRSS:\t  2048 kB\nMax open files   1024   4096   files\n";
        assert_eq!(field(text, "VmRSS:"), Some(2_048.0));
        assert_eq!(field(text, "Max open files"), Some(1_024.0));
        assert_eq!(field(text, "Threads:"), None);
    }
}
