//! A file that appears under its name only when it is whole.

use std::fs::File;
use std::io::{BufWriter, Write};
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
    /// Writes a file beside `place`, which must be free.
    ///
    /// # Errors
    /// When `place` is taken, its folder cannot be written, or `write` fails.
    pub(super) fn write(
        place: &Path,
        write: impl FnOnce(&mut BufWriter<&File>) -> Result<()>,
    ) -> Result<Self> {
        require_free(place)?;
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
        file.persist_noclobber(&place)
            .with_context(|| format!("cannot write {}", place.display()))?;
        Ok(())
    }
}
