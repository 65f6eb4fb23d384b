//! Which blobs publish which batch's data words. The content of a blob follows from the words.

use sqlx::{Any, Transaction};

use super::{Store, StoreError, int, narrow, uint};

/// The place of a blob among those of all batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobPlace {
    pub batch: u64,
    /// Counted from 0 among the blobs of the batch.
    pub position: u32,
}

impl Store {
    /// The newest batch with a blob of this versioned hash, and where in the batch the blob is.
    pub async fn blob(&self, versioned_hash: &[u8; 32]) -> Result<Option<BlobPlace>, StoreError> {
        let row: Option<(i64, i64)> = sqlx::query_as(
            "SELECT batch, position FROM blobs WHERE versioned_hash = $1
             ORDER BY batch DESC, position LIMIT 1",
        )
        .bind(versioned_hash.as_slice())
        .fetch_optional(&self.readers)
        .await?;
        let Some((batch, position)) = row else { return Ok(None) };
        Ok(Some(BlobPlace {
            batch: uint("blobs.batch", batch)?,
            position: narrow("blobs.position", position)?,
        }))
    }
}

/// Notes the versioned hashes of a batch's blobs, in order.
pub(super) async fn insert(
    write: &mut Transaction<'static, Any>,
    batch: u64,
    versioned_hashes: &[[u8; 32]],
) -> Result<(), StoreError> {
    for (position, hash) in versioned_hashes.iter().enumerate() {
        sqlx::query("INSERT INTO blobs (batch, position, versioned_hash) VALUES ($1, $2, $3)")
            .bind(int(batch))
            .bind(int(position as u64))
            .bind(hash.as_slice())
            .execute(&mut **write)
            .await?;
    }
    Ok(())
}
