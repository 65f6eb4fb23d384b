//! Derived files: what a sequencer keeps beside the database and can make again from the log.
//!
//! A file is written under another name, synchronised and renamed, so that a file under its own
//! name is whole. Deleting any of them costs the next start some time and loses nothing.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::atomic_file;
use crate::store::StoreError;

/// What a derived file contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A run of the index. Its number is its last block.
    Index,
    /// The slots after a batch. Its number is the batch.
    Slots,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Slots => "slots",
        }
    }
}

/// The folder of what is derived from the log of a database, beside the database.
pub fn folder(database: &Path) -> PathBuf {
    let mut name = database.to_owned().into_os_string();
    name.push(".derived");
    name.into()
}

/// The files of one kind in `folder`, by their numbers. Removes files that were not finished. Makes
/// the folder if need be.
///
/// # Errors
/// `Derived` when the folder cannot be read or written.
pub fn files(folder: &Path, kind: Kind) -> Result<Vec<(u64, PathBuf)>, StoreError> {
    let failed = |source| StoreError::Derived { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(number) = name.strip_prefix(kind.name()).and_then(|rest| rest.strip_prefix('-'))
        else {
            continue;
        };
        if atomic_file::is_unfinished(&path) {
            remove(&path)?;
        } else if let Ok(number) = number.parse() {
            found.push((number, path));
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Writes a file so that it is whole under its name after any crash. Returns its path.
///
/// # Errors
/// `Derived` when the file cannot be written.
pub fn write(
    folder: &Path,
    kind: Kind,
    number: u64,
    content: impl FnOnce(&File) -> io::Result<()>,
) -> Result<PathBuf, StoreError> {
    let path = folder.join(format!("{}-{number:020}", kind.name()));
    match atomic_file::write(&path, content) {
        Ok(()) => Ok(path),
        Err(source) => Err(StoreError::Derived { path, source }),
    }
}

/// Deletes a derived file.
///
/// # Errors
/// `Derived` when the file cannot be deleted.
pub fn remove(path: &Path) -> Result<(), StoreError> {
    fs::remove_file(path).map_err(|source| StoreError::Derived { path: path.to_owned(), source })
}
