//! Derived files: what a sequencer keeps beside the database and can make again from the log.
//!
//! A file is written under another name, synchronised and renamed, so that a file under its own
//! name is whole. Deleting any of them costs the next start some time and loses nothing.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::atomic_file;
use crate::store::{Database, StoreError};

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

/// The folder of what is derived from the log of a database: the one that the operator has chosen,
/// or one beside a SQLite file, or one in the working directory.
pub fn folder(database: &Database, chosen: Option<&Path>) -> PathBuf {
    match (chosen, database) {
        (Some(chosen), _) => chosen.to_owned(),
        (None, Database::Sqlite(path)) => {
            let mut name = path.clone().into_os_string();
            name.push(".derived");
            name.into()
        }
        (None, Database::Postgres(_)) => "sheaf.derived".into(),
    }
}

/// A folder of derived files that no other process uses, until this value is dropped.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

/// Keeps other processes out of a folder, which is made if need be.
///
/// # Errors
/// `DerivedInUse` when another process uses the folder; `Derived` when the folder cannot be
/// written.
pub fn hold(folder: &Path) -> Result<Held, StoreError> {
    let failed = |source| StoreError::Derived { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    let file = File::create(folder.join("lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Held(file)),
        Err(TryLockError::WouldBlock) => Err(StoreError::DerivedInUse { folder: folder.into() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
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
