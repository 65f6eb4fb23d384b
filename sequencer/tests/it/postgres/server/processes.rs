//! The processes of a server: the postmaster and its children, each of which is in a group of its
//! own, so that no signal to a group reaches all of them.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long a process may take to stop or to end after a signal.
const SIGNAL_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a process is looked at while it stops or ends.
const PAUSE: Duration = Duration::from_millis(1);

/// What the system says of a process.
#[derive(Clone, Copy)]
struct Status {
    /// `T` for a stopped process, `Z` for an ended process that its parent has not asked about.
    state: char,
    parent: Pid,
}

fn status(process: Pid) -> Option<Status> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before the last bracket may contain anything.
    let (_, fields) = line.rsplit_once(')')?;
    let mut fields = fields.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some(Status { state, parent: Pid::from_raw(fields.next()?.parse().ok()?) })
}

pub(super) fn is_running(process: Pid) -> bool {
    status(process).is_some_and(|Status { state, .. }| !matches!(state, 'Z' | 'X'))
}

fn is_stopped(process: Pid) -> bool {
    status(process).is_none_or(|Status { state, .. }| matches!(state, 'T' | 'Z' | 'X'))
}

/// The postmaster and its children.
fn all_of(postmaster: Pid) -> Vec<Pid> {
    let listed = fs::read_dir("/proc").expect("the system shows its processes");
    let ids = listed.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let is_child = |id: &Pid| status(*id).is_some_and(|status| status.parent == postmaster);
    let mut found: Vec<Pid> = ids.map(Pid::from_raw).filter(is_child).collect();
    found.push(postmaster);
    found
}

/// Sends a signal to every process that is left, and waits for its effect.
fn signal(processes: &[Pid], signal: Signal, has_effect: impl Fn(Pid) -> bool) {
    for process in processes {
        // The process may have ended since it was listed.
        let _ = kill(*process, signal);
    }
    let end = Instant::now() + SIGNAL_TIMEOUT;
    while !processes.iter().all(|process| has_effect(*process)) {
        assert!(Instant::now() < end, "{signal} had no effect on all of {processes:?}");
        sleep(PAUSE);
    }
}

/// Stops the postmaster, so that it starts no more children, and then its children.
pub(super) fn pause(postmaster: Pid) {
    signal(&[postmaster], Signal::SIGSTOP, is_stopped);
    signal(&all_of(postmaster), Signal::SIGSTOP, is_stopped);
}

/// Lets a paused server run on.
pub(super) fn resume(postmaster: Pid) {
    signal(&all_of(postmaster), Signal::SIGCONT, |_| true);
}

/// Kills the whole server at one moment: none of its processes sees another one die.
pub(super) fn kill_all(postmaster: Pid) {
    pause(postmaster);
    signal(&all_of(postmaster), Signal::SIGKILL, |process| !is_running(process));
}
