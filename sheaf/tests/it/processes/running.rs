//! A `sheaf` that starts processes of its own, seen from outside. Its children are found by what
//! the system shows of them, and no process of it is left when a test ends.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

/// Held by a test that makes real proofs, so that such tests build their keys one after another.
static REAL_PROOFS: Mutex<()> = Mutex::new(());

/// Waits until no other test makes real proofs.
pub(super) fn real_proofs() -> MutexGuard<'static, ()> {
    REAL_PROOFS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often a test looks whether what it waits for has happened: some moments are short.
const PAUSE: Duration = Duration::from_millis(2);

/// A running `sheaf devnet` or `sheaf demo` with everything it keeps in a folder.
pub(super) struct Running {
    child: Child,
    /// Where its own outputs go: several runs may share the devnet's folder.
    outputs: TempDir,
}

/// A folder in which several runs may follow each other.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

impl Running {
    /// Starts `sheaf` on a folder.
    pub(super) fn start(arguments: &[&str], folder: &Path) -> Self {
        Self::start_program(Path::new(env!("CARGO_BIN_EXE_sheaf")), arguments, folder)
    }

    /// The same with a copy of the program.
    pub(super) fn start_program(program: &Path, arguments: &[&str], folder: &Path) -> Self {
        let outputs = tempfile::tempdir().expect("a temporary folder");
        let output = |name| File::create(outputs.path().join(name)).expect("it can be written");
        let child = Command::new(program)
            .args(arguments)
            .arg("--folder")
            .arg(folder)
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
            .stdin(Stdio::null())
            .stdout(output("output"))
            .stderr(output("errors"))
            .spawn()
            .expect("the program starts");
        Self { child, outputs }
    }

    /// What it has printed so far.
    pub(super) fn output(&self) -> String {
        fs::read_to_string(self.outputs.path().join("output")).expect("it is text")
    }

    /// What it has told a person beside that.
    pub(super) fn errors(&self) -> String {
        fs::read_to_string(self.outputs.path().join("errors")).expect("it is text")
    }

    /// Its child that runs `name`, if there is one now: anvil, sequencer or prover.
    pub(super) fn process(&self, name: &str) -> Option<Pid> {
        let parent = self.child.id();
        processes().into_iter().find_map(|process| {
            let is_it = process.parent == parent && process.name().is_some_and(|is| is == name);
            is_it.then_some(process.id)
        })
    }

    /// Signals one of its children, if it is there; says whether it was.
    pub(super) fn signal(&self, name: &str, signal: Signal) -> bool {
        self.process(name).is_some_and(|id| kill(id, signal).is_ok())
    }

    /// Signals the program itself.
    pub(super) fn signal_itself(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("process ids fit 31 bits");
        kill(Pid::from_raw(id), signal).expect("it runs");
    }

    /// How it ended, if it has.
    pub(super) fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("it is our child")
    }

    /// Waits for it to end.
    pub(super) fn end(&mut self, seconds_max: u64) -> ExitStatus {
        let status = eventually(seconds_max, || self.status());
        status.unwrap_or_else(|| panic!("it runs on after {seconds_max} s:\n{}", self.errors()))
    }

    /// Waits until it has printed a text.
    pub(super) fn wait_for_output(&mut self, text: &str, seconds_max: u64) {
        let found = eventually(seconds_max, || {
            let ended = self.status().is_some();
            let printed = self.output().contains(text);
            assert!(printed || !ended, "it ended before '{text}':\n{}", self.errors());
            printed.then_some(())
        });
        found.unwrap_or_else(|| panic!("no '{text}' after {seconds_max} s:\n{}", self.errors()));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Its children end with it, which a test of its own makes sure of.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A child that is killed when it is no longer needed.
pub(crate) struct Spawned(pub Child);

impl Drop for Spawned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks until there is an answer, or the time is over.
pub(crate) fn eventually<T>(
    seconds_max: u64,
    mut question: impl FnMut() -> Option<T>,
) -> Option<T> {
    let end = Instant::now() + Duration::from_secs(seconds_max);
    loop {
        if let Some(answer) = question() {
            return Some(answer);
        }
        if Instant::now() > end {
            return None;
        }
        sleep(PAUSE);
    }
}

/// What an address answers, if anybody does.
#[tokio::main]
pub(crate) async fn get(url: &str) -> Option<Value> {
    let response = reqwest::get(url).await.ok()?;
    if response.status().is_success() { response.json().await.ok() } else { None }
}

/// Whether any process writes its output into `folder`, as all of a devnet's do.
pub(super) fn is_in_use(folder: &Path) -> bool {
    processes().iter().any(|process| process.output.starts_with(folder))
}

/// A process of this machine that has not ended.
struct Listed {
    id: Pid,
    parent: u32,
    arguments: Vec<String>,
    output: PathBuf,
}

impl Listed {
    fn read(folder: &Path) -> Option<Self> {
        let id = folder.file_name()?.to_str()?.parse().ok().map(Pid::from_raw)?;
        let status = fs::read_to_string(folder.join("stat")).ok()?;
        // The second field is the program's name in brackets and may hold anything.
        let mut fields = status[status.rfind(')')? + 1..].split_whitespace();
        let (state, parent) = (fields.next()?, fields.next()?.parse().ok()?);
        let line = fs::read(folder.join("cmdline")).ok()?;
        let words = line.split(|byte| *byte == 0).filter(|word| !word.is_empty());
        let arguments = words.map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        let output = fs::read_link(folder.join("fd/1")).unwrap_or_default();
        (state != "Z").then_some(Self { id, parent, arguments, output })
    }

    /// What the devnet calls it: a `sheaf` by its command, every other by its file.
    fn name(&self) -> Option<&str> {
        let program = Path::new(self.arguments.first()?).file_name()?.to_str()?;
        if program == "sheaf" { self.arguments.get(1).map(String::as_str) } else { Some(program) }
    }
}

fn processes() -> Vec<Listed> {
    let entries = fs::read_dir("/proc").expect("Linux lists its processes");
    entries.filter_map(|entry| Listed::read(&entry.ok()?.path())).collect()
}
