//! A child process of the devnet: started with its output in a file, watched, and stopped for
//! certain.
//!
//! Children of ours end when their standard input closes (`--exit-with-parent`), so that even a
//! killed devnet leaves none behind; the rest are asked by signal and, after a while, killed.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

/// How long a child may take to end by itself before it is killed.
const STOP_SECONDS_MAX: u64 = 20;
/// How many of its last lines are shown when a child ended by itself.
const LAST_LINES: usize = 12;

/// A running child.
pub struct Process {
    name: &'static str,
    child: Child,
    /// Held apart from the child, whose `wait` would close it and so end the child.
    input: Option<ChildStdin>,
    log: PathBuf,
}

impl Process {
    /// Starts `command` with both outputs appended to `folder/name.log`.
    pub fn start(name: &'static str, mut command: Command, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let log = folder.join(format!("{name}.log"));
        let file = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("cannot write {}", log.display()))?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(file.try_clone()?)
            .stderr(file)
            // Ctrl-C reaches the devnet alone, which then stops its children in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let input = child.stdin.take();
        Ok(Self { name, child, input, log })
    }

    /// The child's name, as in its log file.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Waits until the child ends by itself.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait().await?)
    }

    /// The last lines of its log, for an error message.
    pub fn last_lines(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(LAST_LINES);
        format!("{} (from {})", lines[from..].join("\n"), self.log.display())
    }

    /// Asks the child to end, waits, and kills it if it does not.
    pub async fn stop(mut self) -> Result<()> {
        drop(self.input.take());
        self.signal(Signal::SIGINT)?;
        let limit = Duration::from_secs(STOP_SECONDS_MAX);
        if timeout(limit, self.child.wait()).await.is_err() {
            self.child.kill().await.with_context(|| format!("cannot stop {}", self.name))?;
        }
        Ok(())
    }

    /// Sends one signal, if the child still runs.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let Some(id) = self.child.id() else { return Ok(()) };
        let id = Pid::from_raw(i32::try_from(id).context("process ids fit 31 bits")?);
        kill(id, signal).with_context(|| format!("cannot signal {}", self.name))
    }
}
