//! A file that appears under its name only when it is whole.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;

use crate::whole_file;

/// Bytes that are written at once.
const BUFFER_BYTES: usize = 1 << 20;

/// A file under another name, beside its final place.
pub(super) struct Draft {
    file: NamedTempFile,
    place: PathBuf,
}

/// Refuses a place where there is something.
///
/// # Errors
/// When there is something in this place.
pub(super) fn require_free(place: &Path) -> Result<()> {
    ensure!(
        !place.exists(),
        "{} exists; nothing was overwritten, give another name",
        place.display()
    );
    Ok(())
}

impl Draft {
    /// Writes a file beside `place`.
    ///
    /// # Errors
    /// When the folder cannot be written, or `write` fails.
    pub(super) fn write(
        place: &Path,
        write: impl FnOnce(&mut BufWriter<&File>) -> Result<()>,
    ) -> Result<Self> {
        // Everybody may read the files of a ceremony: they are there to be published.
        let file = whole_file::begin(place, whole_file::PUBLIC)
            .with_context(|| format!("cannot write beside {}", place.display()))?;
        let mut writer = BufWriter::with_capacity(BUFFER_BYTES, file.as_file());
        write(&mut writer)?;
        writer
            .flush()
            .and_then(|()| file.as_file().sync_all())
            .with_context(|| format!("cannot write {}", place.display()))?;
        drop(writer);
        Ok(Self { file, place: place.to_owned() })
    }

    /// Where the file is as long as it is a draft.
    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When the place has been taken meanwhile or the folder cannot be written.
    pub(super) fn put(self) -> Result<()> {
        let Self { file, place } = self;
        whole_file::put_new(file, &place)
            .with_context(|| format!("cannot write {}", place.display()))
    }

    /// Gives the file its name, unless an interrupted run has left the same file there.
    ///
    /// # Errors
    /// When there is another file in this place, or the folder cannot be written.
    pub(super) fn put_again(self) -> Result<()> {
        self.require_same()?;
        if self.place.exists() { Ok(()) } else { self.put() }
    }

    /// Refuses a place where there is something else than this file.
    ///
    /// # Errors
    /// When there is another file in this place, or one of the two cannot be read.
    pub(super) fn require_same(&self) -> Result<()> {
        let place = &self.place;
        let is_same = is_free_or_same(place, self.path())
            .with_context(|| format!("cannot read {}", place.display()))?;
        ensure!(
            is_same,
            "{} exists and is another file; nothing was overwritten, give another name",
            place.display()
        );
        Ok(())
    }
}

/// Whether there is no file in a place, or one with the same bytes as `other`.
fn is_free_or_same(place: &Path, other: &Path) -> io::Result<bool> {
    let there = match File::open(place) {
        Ok(there) => there,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    let other = File::open(other)?;
    if there.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let [there, other] = [there, other].map(|file| BufReader::with_capacity(BUFFER_BYTES, file));
    for (one, two) in there.bytes().zip(other.bytes()) {
        if one? != two? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_that_an_interrupted_run_has_left_is_taken_and_another_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("wrap.r1cs");
        let draft = || Draft::write(&place, |file| Ok(file.write_all(b"constraints")?));
        draft().expect("it is written").put_again().expect("the place is free");
        draft().expect("it is written").put_again().expect("it is the same");
        for other in [&b"constraint"[..], b"constraintz"] {
            fs::write(&place, other).expect("it is ours");
            let refused = draft().expect("it is written").put_again().expect_err("another file");
            assert!(refused.to_string().contains("give another name"), "{refused}");
            assert_eq!(fs::read(&place).expect("it is there"), other);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
