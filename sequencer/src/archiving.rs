//! Archiving: moves blocks of batches that are final for long from the database to archive files.
//!
//! A file is written, read again and compared with the rows, and only then the rows are deleted, a
//! bounded number in one transaction. So each block is at any time in the database, in a whole file
//! or in both, and the next call goes on where a call was interrupted. What is archived is needed
//! by no start and no witness: the newest batch that may be archived has a snapshot of the slots,
//! and the index of its blocks is written.

use std::path::Path;

use crate::index::Index;
use crate::limits::FINALISED_WITNESSES_KEPT;
use crate::snapshots::Snapshots;
use crate::store::archive::{self, ArchiveError, ArchiveFile};
use crate::store::{RawBlock, Store, StoreError};

/// The blocks that a call has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The last block of the newest batch that may be archived.
    pub last_block: u64,
    pub batch: u64,
    /// How many files were written, and how many blocks they have.
    pub files: usize,
    pub blocks: u64,
}

/// Moves the blocks of every batch that may be archived to files in `folder`. `derived` is the
/// database's folder of index and snapshots. The newest `keep` final batches stay, and
/// `FINALISED_WITNESSES_KEPT` at least. `None` when no batch may be archived.
///
/// # Errors
/// `Archive` when a file cannot be written or read, is damaged, or is not this database's;
/// `Derived` when index or snapshots cannot be read or written; the store's errors.
pub async fn run(
    store: &Store,
    derived: &Path,
    folder: &Path,
    keep: u64,
) -> Result<Option<Moved>, StoreError> {
    let newest = store.last_finalised().await?;
    let oldest_kept = newest.saturating_sub(keep.max(FINALISED_WITNESSES_KEPT));
    let snapshot = Snapshots::new(derived).newest(store, oldest_kept).await?;
    let Some((last, _)) = snapshot else { return Ok(None) };
    let (batch, last_block) = (last.sealed.number, last.sealed.last_block);
    archive::prepare(folder)?;
    // Every file of earlier calls must be there: a sequencer is given one folder.
    let store = store.clone().with_archive(folder).await?;
    let mut moved = Moved { last_block, batch, files: 0, blocks: 0 };
    let mut first = store.base().block + 1;
    if let Some(range) = store.archived().await?.last() {
        first = range.last_block + 1;
        if store.oldest_row().await?.is_some_and(|oldest| oldest < first) {
            delete_rows(&store, &ArchiveFile::open(&range.path_in(folder))?).await?;
        }
    }
    if first <= last_block {
        let index = Index::open(derived, store.base().block)?;
        index.catch_up(&store, u64::MAX).await?;
        index.write_beyond(last_block).await?;
    }
    while first <= last_block {
        let file = next_file(&store, folder, first, last_block).await?;
        delete_rows(&store, &file).await?;
        tracing::info!(file = %file.path().display(), "archived");
        moved.files += 1;
        moved.blocks += file.last_block() + 1 - file.first_block();
        first = file.last_block() + 1;
    }
    Ok(Some(moved))
}

/// The file with the blocks from `first` on: the one that an interrupted call has written, or a new
/// one.
async fn next_file(
    store: &Store,
    folder: &Path,
    first: u64,
    last: u64,
) -> Result<ArchiveFile, StoreError> {
    let path = match archive::path_from(folder, first)? {
        Some(path) => path,
        None => {
            let blocks = store.blocks_for_file(first, last).await?;
            ArchiveFile::write(folder, store.rollup(), &blocks)?
        }
    };
    let file = ArchiveFile::open(&path)?;
    if file.rollup() != store.rollup() {
        return Err(ArchiveError::OtherRollup { path }.into());
    }
    if file.last_block() > last {
        return Err(ArchiveError::TooNew { path }.into());
    }
    Ok(file)
}

/// Reads a whole file, and deletes the rows of its blocks.
async fn delete_rows(store: &Store, file: &ArchiveFile) -> Result<(), StoreError> {
    let blocks: Vec<RawBlock> = file.read_whole()?;
    store.delete_archived(file, &blocks).await
}
