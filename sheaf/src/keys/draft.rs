//! A folder of keys under way, beside the final one. One process at a time makes keys in a folder
//! of all keys: a second one waits, and finds what the first one has made.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use crate::file_lock::lock;
use crate::output;

/// How the name of a folder under way begins.
const PREFIX: &str = ".draft-";
/// How long another process that makes keys is waited for: production keys take minutes.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// A new folder, removed when dropped. While the draft lives, no other process makes keys here.
pub(super) struct Draft {
    folder: TempDir,
    /// The folder of all keys, locked until it is closed.
    all: File,
}

impl Draft {
    /// Waits for the turn, removes what interrupted processes have left, and makes a folder in
    /// `all`, the folder of all keys.
    ///
    /// # Errors
    /// When `all` cannot be made, locked or written; after an hour.
    pub(super) fn begin(all: &Path) -> Result<Self> {
        fs::create_dir_all(all).with_context(|| format!("cannot make {}", all.display()))?;
        let lock = turn(all)?;
        remove_left_overs(all)
            .with_context(|| format!("cannot remove what is left in {}", all.display()))?;
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(all);
        Ok(Self { folder: folder.context("cannot write beside the keys")?, all: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Gives `made`, the draft or a folder in it, its final place, once all files in it are on disk
    /// and `before` is done.
    ///
    /// # Errors
    /// When a file does not get to the disk, `before` fails, or the folder cannot be renamed.
    pub(super) fn take(
        self,
        made: &Path,
        place: &Path,
        before: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        sync(made).with_context(|| format!("cannot write {}", made.display()))?;
        before()?;
        fs::rename(made, place)
            .and_then(|()| self.all.sync_all())
            .with_context(|| format!("cannot put the keys into {}", place.display()))
    }
}

fn turn(all: &Path) -> Result<File> {
    let shown = all.display();
    let folder = File::open(all).with_context(|| format!("cannot open {shown}"))?;
    if !lock(&folder, all, Duration::ZERO)? {
        output::note(format_args!("another process makes keys in {shown}: waiting…"));
        ensure!(
            lock(&folder, all, PATIENCE)?,
            "another process has been making keys in {shown} for an hour; end it and try again"
        );
    }
    Ok(folder)
}

/// Waits until the disk has a folder and the files in it.
fn sync(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        File::open(entry?.path())?.sync_all()?;
    }
    File::open(folder)?.sync_all()
}

fn remove_left_overs(all: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(all)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PREFIX) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use anyhow::bail;

    use super::*;

    /// How long a thread that is locked out is watched.
    const PAUSE: Duration = Duration::from_millis(200);

    fn names(all: &Path) -> Vec<String> {
        let entries = fs::read_dir(all).expect("a folder");
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        entries.map(|entry| name(entry.expect("readable"))).collect()
    }

    #[test]
    fn an_interrupted_draft_is_removed_and_finished_keys_are_not() {
        let all = tempfile::tempdir().expect("a folder");
        fs::create_dir(all.path().join("small")).expect("it is ours");
        fs::create_dir(all.path().join(".draft-old")).expect("it is ours");
        fs::write(all.path().join(".draft-old/proving.key"), b"half").expect("it is ours");
        let draft = Draft::begin(all.path()).expect("it begins");
        let (made, place) = (draft.path().to_owned(), all.path().join("production"));
        draft.take(&made, &place, || Ok(())).expect("it is renamed");
        let mut names = names(all.path());
        names.sort();
        assert_eq!(names, ["production", "small"]);
    }

    /// What must come before the keys is not there without whole keys, and not after them.
    #[test]
    fn keys_appear_last_and_not_at_all_when_a_step_before_them_fails() {
        let all = tempfile::tempdir().expect("a folder");
        let place = all.path().join("production");
        let written = || {
            let draft = Draft::begin(all.path()).expect("it begins");
            fs::write(draft.path().join("proving.key"), b"key").expect("it is ours");
            let made = draft.path().to_owned();
            (draft, made)
        };
        let (draft, made) = written();
        draft.take(&made, &place, || bail!("the disk is full")).expect_err("the step fails");
        assert_eq!(names(all.path()), [""; 0]);
        let (draft, made) = written();
        let before = || {
            assert!(made.join("proving.key").exists() && !place.exists());
            Ok(())
        };
        draft.take(&made, &place, before).expect("it is renamed");
        assert_eq!(names(&place), ["proving.key"]);
        let (draft, _) = written();
        let mut is_done = false;
        let before = || {
            is_done = true;
            Ok(())
        };
        let gone = all.path().join("gone");
        draft.take(&gone, &place, before).expect_err("there is nothing to rename");
        assert!(!is_done, "the step before is done without keys");
    }

    #[test]
    fn a_second_draft_waits_until_the_first_has_ended() {
        let all = tempfile::tempdir().expect("a folder");
        let first = Draft::begin(all.path()).expect("it begins");
        let (say, said) = channel();
        let place = all.path().to_owned();
        let second = std::thread::spawn(move || {
            let begun = Draft::begin(&place).map(|_| ());
            say.send(begun.is_ok()).expect("the test listens");
        });
        assert!(said.recv_timeout(5 * PAUSE).is_err(), "both write at once");
        assert!(first.path().exists(), "it is no left-over");
        drop(first);
        assert_eq!(said.recv_timeout(100 * PAUSE), Ok(true));
        second.join().expect("it ends");
    }
}
