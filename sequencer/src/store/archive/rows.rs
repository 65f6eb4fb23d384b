//! What the database knows of the archive, and the rows of blocks that move there.

use std::path::{Path, PathBuf};

use sqlx::{Any, Transaction};
use tokio::task::spawn_blocking;

use super::{ArchiveError, ArchiveFile, file};
use crate::limits::{
    ARCHIVE_FILE_BLOCKS_MAX, ARCHIVE_FILE_BYTES_MAX, ARCHIVED_PER_TRANSACTION_MAX,
};
use crate::store::blocks::{BlockRow, RawBlock};
use crate::store::{Store, StoreError, bytes, int, uint};

/// The blocks of one archive file, as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedRange {
    pub first_block: u64,
    pub last_block: u64,
    /// The last bytes of the file.
    pub checksum: [u8; 32],
}

impl ArchivedRange {
    /// The path of the file in a folder.
    pub fn path_in(&self, folder: &Path) -> PathBuf {
        folder.join(file::name(self.first_block, self.last_block))
    }
}

impl Store {
    /// The archive files of this database, oldest first.
    pub async fn archived(&self) -> Result<Vec<ArchivedRange>, StoreError> {
        type Row = (i64, i64, Vec<u8>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT first_block, last_block, checksum FROM archived ORDER BY first_block",
        )
        .fetch_all(&self.readers)
        .await?;
        let read = |(first, last, checksum): Row| {
            Ok(ArchivedRange {
                first_block: uint("archived.first_block", first)?,
                last_block: uint("archived.last_block", last)?,
                checksum: bytes("archived.checksum", &checksum)?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// The blocks from `first` on that are archived, at most `limit`; none when block `first` is
    /// not archived.
    ///
    /// # Errors
    /// `Archived` when the store was given no archive; `Archive` when a file cannot be read.
    pub(in crate::store) async fn archived_blocks(
        &self,
        first: u64,
        limit: u32,
    ) -> Result<Vec<RawBlock>, StoreError> {
        let newest: Option<(i64, String)> = sqlx::query_as(
            "SELECT last_block, folder FROM archived ORDER BY first_block DESC LIMIT 1",
        )
        .fetch_optional(&self.readers)
        .await?;
        let Some((last, folder)) = newest else { return Ok(Vec::new()) };
        let last = uint("archived.last_block", last)?;
        if first > last || first == 0 || limit == 0 {
            return Ok(Vec::new());
        }
        let Some(archive) = self.archive.clone() else {
            return Err(StoreError::Archived { block: first, last, folder: folder.into() });
        };
        let last = last.min(first.saturating_add(u64::from(limit) - 1));
        let read = spawn_blocking(move || archive.blocks(first, last)).await;
        Ok(read.expect("reading an archive file does not panic")?)
    }

    /// The oldest block that has a row.
    pub async fn oldest_row(&self) -> Result<Option<u64>, StoreError> {
        let oldest: Option<i64> =
            sqlx::query_scalar("SELECT min(number) FROM blocks").fetch_one(&self.readers).await?;
        oldest.map(|number| uint("blocks.number", number)).transpose()
    }

    /// The blocks for the next archive file: from `first` to `last`, as far as one file has room.
    pub async fn blocks_for_file(
        &self,
        first: u64,
        last: u64,
    ) -> Result<Vec<RawBlock>, StoreError> {
        let lengths: Vec<i64> = sqlx::query_scalar(
            "SELECT length(body) FROM blocks
             WHERE number BETWEEN $1 AND $2 ORDER BY number LIMIT $3",
        )
        .bind(int(first))
        .bind(int(last))
        .bind(int(ARCHIVE_FILE_BLOCKS_MAX as u64))
        .fetch_all(&self.readers)
        .await?;
        let (mut sum, mut count) = (0, 0);
        for length in lengths {
            sum += uint("blocks.body", length)?;
            // A file has one block at least.
            if sum > ARCHIVE_FILE_BYTES_MAX && count > 0 {
                break;
            }
            count += 1;
        }
        self.rows_after(first - 1, count).await
    }

    /// Deletes the rows of the blocks that a file has. With the first of them, the database notes
    /// the file. Each transaction compares the rows that it deletes with `blocks`, which were read
    /// from the file; rows that an interrupted call has deleted are passed over.
    ///
    /// # Errors
    /// `NotFinal` when a block's batch is not final; `Archive` when a row differs, or the file does
    /// not continue the files before; `Superseded`; the database's errors.
    pub async fn delete_archived(
        &self,
        file: &ArchiveFile,
        blocks: &[RawBlock],
    ) -> Result<(), StoreError> {
        for some in blocks.chunks(ARCHIVED_PER_TRANSACTION_MAX) {
            let [first, last] = [some.first(), some.last()].map(|one| one.map(|one| one.number));
            let (Some(first), Some(last)) = (first, last) else { continue };
            let mut write = self.begin().await?;
            note(&mut write, file, self.base().block).await?;
            let rows: Vec<BlockRow> = sqlx::query_as(
                "SELECT number, batch, timestamp, executed_ms, closes, body FROM blocks
                 WHERE number BETWEEN $1 AND $2 ORDER BY number",
            )
            .bind(int(first))
            .bind(int(last))
            .fetch_all(&mut *write)
            .await?;
            let rows = rows.into_iter().map(RawBlock::of).collect::<Result<Vec<_>, _>>()?;
            if !some.ends_with(&rows) {
                let differs =
                    some.iter().rev().zip(rows.iter().rev()).find(|(one, row)| one != row);
                let block = differs.map_or(first, |(one, _)| one.number);
                return Err(ArchiveError::Differs { path: file.path().to_owned(), block }.into());
            }
            sqlx::query("DELETE FROM blocks WHERE number BETWEEN $1 AND $2")
                .bind(int(first))
                .bind(int(last))
                .execute(&mut *write)
                .await?;
            write.commit().await?;
        }
        Ok(())
    }
}

/// Notes a file in the database, unless an earlier transaction has. `before` is the block before
/// the log's first.
async fn note(
    write: &mut Transaction<'static, Any>,
    file: &ArchiveFile,
    before: u64,
) -> Result<(), StoreError> {
    let batch: Option<(i64, String)> = sqlx::query_as(
        "SELECT number, state FROM batches WHERE last_block >= $1 ORDER BY last_block LIMIT 1",
    )
    .bind(int(file.last_block()))
    .fetch_optional(&mut **write)
    .await?;
    if batch.is_none_or(|(_, state)| state != "finalised") {
        return Err(StoreError::NotFinal { block: file.last_block() });
    }
    let archived: Option<i64> =
        sqlx::query_scalar("SELECT max(last_block) FROM archived WHERE first_block < $1")
            .bind(int(file.first_block()))
            .fetch_one(&mut **write)
            .await?;
    let expected = archived.map_or(Ok(before), |last| uint("archived.last_block", last))? + 1;
    let path = file.path();
    if file.first_block() != expected {
        return Err(ArchiveError::Gap { path: path.to_owned(), expected }.into());
    }
    let folder = path.parent().and_then(|folder| folder.canonicalize().ok()).unwrap_or_default();
    sqlx::query(
        "INSERT INTO archived (first_block, last_block, checksum, folder) VALUES ($1, $2, $3, $4)
         ON CONFLICT (first_block) DO NOTHING",
    )
    .bind(int(file.first_block()))
    .bind(int(file.last_block()))
    .bind(file.checksum().as_slice())
    .bind(folder.to_string_lossy().into_owned())
    .execute(&mut **write)
    .await?;
    Ok(())
}
