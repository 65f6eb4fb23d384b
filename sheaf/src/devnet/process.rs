//! A child process of the devnet: started with its output in a file, watched, and stopped for
//! certain.
//!
//! Children are tethered, so that even a killed devnet leaves none behind. The kernel ties them to
//! the thread that started them: `start` belongs on the program's main thread, which lives as long
//! as the program.

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

/// How long a child may take to end by itself before it is killed.
const STOP_SECONDS_MAX: u64 = 20;
/// How many of its last lines are shown when a child ended by itself.
const LAST_LINES: usize = 12;

/// What a child runs. It can be started from it more than once.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// What people call it, and its log file.
    pub name: &'static str,
    pub path: PathBuf,
    pub arguments: Vec<OsString>,
}

/// A child: running, or ended and not started again yet.
#[derive(Debug)]
pub(super) struct Process {
    program: Program,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts `program` with both outputs appended to a log file in `folder`.
    pub(super) fn start(program: Program, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{}.log", program.name));
        let child = spawn(&program, &log)?;
        Ok(Self { program, child, log })
    }

    /// Starts the same program again, after it has ended.
    pub(super) fn start_again(&mut self) -> Result<()> {
        self.child = spawn(&self.program, &self.log)?;
        Ok(())
    }

    /// What people call it.
    pub(super) fn name(&self) -> &'static str {
        self.program.name
    }

    /// Waits until the child ends.
    pub(super) async fn ended(&mut self) -> Result<ExitStatus> {
        let waited = self.child.wait().await;
        waited.with_context(|| format!("cannot wait for the {}", self.program.name))
    }

    /// The last lines of its log, for an error message.
    pub(super) fn last_lines(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let from = lines.len().saturating_sub(LAST_LINES);
        format!("{}, from {}:\n{}", self.name(), self.log.display(), lines[from..].join("\n"))
    }

    /// Asks the child to end, waits, and kills it if it does not.
    pub(super) async fn stop(mut self) -> Result<()> {
        self.terminate()?;
        let limit = Duration::from_secs(STOP_SECONDS_MAX);
        if timeout(limit, self.child.wait()).await.is_err() {
            self.child.kill().await.with_context(|| format!("cannot stop {}", self.name()))?;
        }
        Ok(())
    }

    fn terminate(&self) -> Result<()> {
        // A child that has been waited for has no id any more.
        let Some(id) = self.child.id() else { return Ok(()) };
        let id = Pid::from_raw(i32::try_from(id).context("process ids fit 31 bits")?);
        kill(id, Signal::SIGTERM).with_context(|| format!("cannot signal {}", self.name()))
    }
}

fn spawn(program: &Program, log: &Path) -> Result<Child> {
    let file = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write {}", log.display()))?;
    Command::new(std::env::current_exe().context("cannot find this program's file")?)
        .args(["tether", "--parent", &std::process::id().to_string(), "--"])
        .arg(&program.path)
        .args(&program.arguments)
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        // Ctrl-C reaches the devnet alone, which then stops its children in order.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("cannot start the {}", program.name))
}
