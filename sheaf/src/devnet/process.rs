//! A child process of a rollup on this machine: started with its output in a file, watched, and
//! stopped.
//!
//! Children are tethered (`tether.rs`), so that even a killed parent leaves none behind. The kernel
//! ties a child to the thread that started it. So `Process::start` must run on the program's main
//! thread, which lives as long as the program.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::tether::this_program;

/// Seconds that a child may take to end by itself before it is killed.
const STOP_SECONDS_MAX: u64 = 20;
/// How many of the last lines of a child's log an error message shows.
const LAST_LINES: usize = 12;

/// A program with its arguments. It can be started more than once.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    /// The name in messages and of the log file.
    pub name: &'static str,
    /// The file of the program; `None` for this program itself.
    pub path: Option<PathBuf>,
    pub arguments: Vec<OsString>,
}

/// A child process: running, or ended and not started again yet.
#[derive(Debug)]
pub(crate) struct Process {
    program: Program,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `program`, and appends its standard output and standard error to `NAME.log` in
    /// `folder`.
    ///
    /// # Errors
    /// When the log file cannot be opened or the program cannot be started.
    pub(crate) fn start(program: Program, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{}.log", program.name));
        let child = spawn(&program, &log)?;
        Ok(Self { program, child, log })
    }

    /// Starts the same program again, after it has ended.
    ///
    /// # Errors
    /// As `start`.
    pub(super) fn start_again(&mut self) -> Result<()> {
        self.child = spawn(&self.program, &self.log)?;
        Ok(())
    }

    /// The name of the program, for messages.
    pub(super) fn name(&self) -> &'static str {
        self.program.name
    }

    /// The child's process id; nothing once the child has ended and was waited for.
    pub(crate) fn id(&self) -> Option<Pid> {
        self.child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw)
    }

    /// Waits until the child ends. Dropping the future loses nothing: the next call finds the end.
    pub(crate) async fn ended(&mut self) -> Result<ExitStatus> {
        let waited = self.child.wait().await;
        waited.with_context(|| format!("cannot wait for the {}", self.program.name))
    }

    /// The last `LAST_LINES` lines of the log, for an error message.
    pub(crate) fn last_lines(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(LAST_LINES);
        format!("{}, from {}:\n{}", self.name(), self.log.display(), lines[from..].join("\n"))
    }

    /// Sends SIGTERM to the child, waits `STOP_SECONDS_MAX` for its end, and then kills it.
    ///
    /// # Errors
    /// When the child cannot be signalled or killed.
    pub(crate) async fn stop(mut self) -> Result<()> {
        self.terminate()?;
        let limit = Duration::from_secs(STOP_SECONDS_MAX);
        if timeout(limit, self.child.wait()).await.is_err() {
            self.child.kill().await.with_context(|| format!("cannot stop {}", self.name()))?;
        }
        Ok(())
    }

    fn terminate(&self) -> Result<()> {
        let Some(id) = self.id() else { return Ok(()) };
        kill(id, Signal::SIGTERM).with_context(|| format!("cannot signal {}", self.name()))
    }
}

fn spawn(program: &Program, log: &Path) -> Result<Child> {
    let file = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write {}", log.display()))?;
    let mut tether = this_program();
    tether.args(["tether", "--parent", &std::process::id().to_string()]);
    if let Some(path) = &program.path {
        tether.arg("--program").arg(path);
    }
    tether.arg("--").args(&program.arguments);
    Command::from(tether)
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        // Ctrl-C reaches the devnet alone, which then stops its children in order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start the {}", program.name))
}
