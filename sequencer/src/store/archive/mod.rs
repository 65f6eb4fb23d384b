//! The archive: blocks of batches that are final for long, in files instead of rows.
//!
//! The database says which blocks are archived, in the table `archived`, and by which checksum each
//! file is recognised. A store that was given the folder reads a block from there when the block
//! has no row. `archiving` decides which blocks are moved, [`ArchiveFile`] defines the bytes.

mod file;
mod rows;

use std::fs;
use std::path::{Path, PathBuf};

use super::blocks::RawBlock;
use super::{RollupId, Store, StoreError};
use crate::atomic_file;

pub use super::error::ArchiveError;
pub use file::ArchiveFile;
pub use rows::ArchivedRange;

/// The archive files of one database, oldest first, about consecutive blocks from the first on.
#[derive(Debug)]
pub(super) struct Archive(Vec<ArchiveFile>);

impl Archive {
    /// Opens the files to which blocks of a database were moved. Their records are checked when
    /// they are read.
    fn open(
        folder: &Path,
        rollup: &RollupId,
        ranges: &[ArchivedRange],
    ) -> Result<Self, ArchiveError> {
        let open = |range: &ArchivedRange| {
            let path = range.path_in(folder);
            let file = ArchiveFile::open(&path)?;
            if file.rollup() != rollup {
                return Err(ArchiveError::OtherRollup { path });
            }
            if *file.checksum() != range.checksum {
                return Err(ArchiveError::OtherFile { path });
            }
            Ok(file)
        };
        ranges.iter().map(open).collect::<Result<_, _>>().map(Self)
    }

    /// The blocks from `first` to `last`, as far as the files have them.
    fn blocks(&self, first: u64, last: u64) -> Result<Vec<RawBlock>, ArchiveError> {
        let start = self.0.partition_point(|file| file.last_block() < first);
        let mut blocks = Vec::new();
        for file in self.0[start..].iter().take_while(|file| file.first_block() <= last) {
            blocks.extend(file.read(first.max(file.first_block()), last.min(file.last_block()))?);
        }
        Ok(blocks)
    }
}

impl Store {
    /// The store, with the folder of its archive files.
    ///
    /// # Errors
    /// `Archive` when a file to which blocks were moved is missing, is no archive file, belongs to
    /// another rollup or is not the file that was written; the database's errors.
    pub async fn with_archive(self, folder: &Path) -> Result<Self, StoreError> {
        let ranges = self.archived().await?;
        let archive = Archive::open(folder, &self.rollup, &ranges)?;
        Ok(Self { archive: Some(archive.into()), ..self })
    }
}

/// Makes a folder for archive files if need be, and removes what a crash left of a file.
///
/// # Errors
/// `Io` when the folder cannot be read or written.
pub fn prepare(folder: &Path) -> Result<(), ArchiveError> {
    let failed = |source| ArchiveError::Io { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(failed)?;
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if file::numbers_in(&path.with_extension("")).is_some() && atomic_file::is_unfinished(&path)
        {
            fs::remove_file(&path).map_err(failed)?;
        }
    }
    Ok(())
}

/// The paths of the archive files in a folder, oldest first.
fn paths(folder: &Path) -> Result<Vec<PathBuf>, ArchiveError> {
    let failed = |source| ArchiveError::Io { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if let Some(numbers) = file::numbers_in(&path) {
            found.push((numbers, path));
        }
    }
    found.sort_unstable();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// The file in a folder that begins with block `first`.
///
/// # Errors
/// `Io` when the folder cannot be read.
pub fn path_from(folder: &Path, first: u64) -> Result<Option<PathBuf>, ArchiveError> {
    let begins = |path: &PathBuf| file::numbers_in(path).is_some_and(|(begin, _)| begin == first);
    Ok(paths(folder)?.into_iter().find(begins))
}

/// Checks every archive file in a folder: its checksum and records, that all belong to one rollup,
/// and that each continues the one before, from the first block on. Returns how many files there
/// are, and the last block.
///
/// # Errors
/// `Empty` when there is no file; otherwise the fault of the first file that has one.
pub fn verify(folder: &Path) -> Result<(usize, u64), ArchiveError> {
    let paths = paths(folder)?;
    let (mut last, mut rollup) = (0, None);
    for path in &paths {
        let file = ArchiveFile::open(path)?;
        file.read_whole()?;
        if *rollup.get_or_insert(*file.rollup()) != *file.rollup() {
            return Err(ArchiveError::OtherRollup { path: path.clone() });
        }
        if file.first_block() != last + 1 {
            return Err(ArchiveError::Gap { path: path.clone(), expected: last + 1 });
        }
        last = file.last_block();
    }
    match paths.len() {
        0 => Err(ArchiveError::Empty { folder: folder.to_owned() }),
        count => Ok((count, last)),
    }
}
