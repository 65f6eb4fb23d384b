//! Folders that the server's user owns.

use std::fs;
use std::io::{ErrorKind, Result};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;

use nix::unistd::{Gid, Uid, User};

/// The user who runs the servers when root runs the tests: PostgreSQL refuses to run as root.
const ACCOUNT: &str = "nobody";

/// The user who runs the servers, if it is not the user who runs the tests.
#[derive(Clone, Copy)]
pub(super) struct Account {
    pub(super) uid: Uid,
    pub(super) gid: Gid,
}

impl Account {
    pub(super) fn of_servers() -> Option<Self> {
        if !Uid::effective().is_root() {
            return None;
        }
        let found = User::from_name(ACCOUNT).expect("the list of users can be read");
        let User { uid, gid, .. } = found.unwrap_or_else(|| {
            panic!(
                "PostgreSQL does not run as root: run the tests as another user, or add `nobody`"
            )
        });
        Some(Self { uid, gid })
    }
}

/// Whether every user may pass through every folder to the file.
pub(super) fn is_open(path: &Path) -> bool {
    let is_open =
        |path: &Path| path.metadata().is_ok_and(|data| data.permissions().mode() & 1 != 0);
    path.canonicalize().is_ok_and(|path| path.ancestors().all(is_open))
}

/// Gives one file or folder to the user of the servers.
pub(super) fn give(path: &Path, account: Option<Account>) -> Result<()> {
    let Some(Account { uid, gid }) = account else { return Ok(()) };
    chown(path, Some(uid.as_raw()), Some(gid.as_raw()))
}

/// Writes a file that the user of the servers owns.
pub(super) fn write(path: &Path, text: &str, account: Option<Account>) {
    fs::write(path, text).expect("the file can be written");
    give(path, account).expect("root may give files away");
}

/// Copies a folder and gives the copy to the user of the servers. `is_left_out` is asked about
/// every path below the folder. A running server may delete a file while its folder is copied.
pub(super) fn copy(
    from: &Path,
    to: &Path,
    account: Option<Account>,
    is_left_out: impl Fn(&Path) -> bool,
) {
    let mut folders = vec![Path::new("").to_owned()];
    while let Some(folder) = folders.pop() {
        let source = from.join(&folder);
        let target = to.join(&folder);
        fs::create_dir(&target).expect("it is a new folder");
        let permissions = source.metadata().expect("the folder stays").permissions();
        fs::set_permissions(&target, permissions).expect("it is our folder");
        give(&target, account).expect("root may give files away");
        for entry in fs::read_dir(&source).expect("the folder stays") {
            let entry = entry.expect("the folder can be read");
            let path = folder.join(entry.file_name());
            if is_left_out(&path) {
                continue;
            }
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else {
                copy_file(&from.join(&path), &to.join(&path), account);
            }
        }
    }
}

fn copy_file(from: &Path, to: &Path, account: Option<Account>) {
    let copied = if from.is_symlink() {
        fs::read_link(from).and_then(|target| symlink(target, to))
    } else {
        fs::copy(from, to).and_then(|_| give(to, account))
    };
    match copied {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        copied => copied.unwrap_or_else(|error| panic!("{}: {error}", from.display())),
    }
}
