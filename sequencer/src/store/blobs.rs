//! Blobs by their versioned hashes. The content of a blob follows from its words: those of an own
//! batch are what the batch publishes, those of another database's batches are kept apart.

use alloy::primitives::B256;
use sheaf_contracts::shelf::{Answer, BlobShelf};
use sheaf_ledger::limits::BLOB_WORDS;
use sheaf_ledger::word::Word;
use sqlx::{Any, Transaction};

use super::{Store, StoreError, int, narrow, uint};

impl Store {
    /// The words of the blob with this versioned hash, which an own batch publishes or which was
    /// kept; `None` if there is no such blob. Zeros at the end may be missing.
    ///
    /// # Errors
    /// `MalformedColumn` when the words cannot be read; the database's errors.
    pub async fn blob(&self, versioned_hash: &[u8; 32]) -> Result<Option<Vec<Word>>, StoreError> {
        let (column, words) = match self.published_blob(versioned_hash).await? {
            Some(words) => ("published.data_words", Some(words)),
            None => ("kept_blobs.words", self.kept_blob(versioned_hash).await?),
        };
        let malformed = StoreError::MalformedColumn { column };
        words.map(|words| Word::stream(&words).ok_or(malformed)).transpose()
    }

    /// The words of a blob of the newest own batch that has it.
    async fn published_blob(
        &self,
        versioned_hash: &[u8; 32],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(i64, i64)> = sqlx::query_as(
            "SELECT batch, position FROM blobs WHERE versioned_hash = $1
             ORDER BY batch DESC, position LIMIT 1",
        )
        .bind(versioned_hash.as_slice())
        .fetch_optional(&self.readers)
        .await?;
        let Some((batch, position)) = row else { return Ok(None) };
        let position: usize = narrow("blobs.position", position)?;
        let published = self.published(uint("blobs.batch", batch)?).await?;
        let blob_bytes = BLOB_WORDS as usize * Word::BYTES;
        // A batch without words has one blob of zeros.
        let own =
            |words: &[u8]| words.chunks(blob_bytes).nth(position).unwrap_or_default().to_vec();
        Ok(published.map(|published| own(&published.data_words)))
    }

    async fn kept_blob(&self, versioned_hash: &[u8; 32]) -> Result<Option<Vec<u8>>, StoreError> {
        let words = sqlx::query_scalar("SELECT words FROM kept_blobs WHERE versioned_hash = $1")
            .bind(versioned_hash.as_slice())
            .fetch_optional(&self.readers)
            .await?;
        Ok(words)
    }

    /// Keeps a blob, whose words must have been compared with the versioned hash. A blob that is
    /// there may be damaged, and is written anew.
    async fn keep_blob(&self, versioned_hash: B256, words: &[Word]) -> Result<(), StoreError> {
        let used = words.iter().rposition(|word| *word != Word::default());
        let used = used.map_or(&[][..], |last| &words[..=last]);
        let bytes: Vec<u8> = used.iter().flat_map(|word| word.to_bytes()).collect();
        let mut write = self.begin().await?;
        sqlx::query(
            "INSERT INTO kept_blobs (versioned_hash, words) VALUES ($1, $2)
             ON CONFLICT (versioned_hash) DO UPDATE SET words = excluded.words",
        )
        .bind(versioned_hash.as_slice())
        .bind(bytes)
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(())
    }
}

impl BlobShelf for Store {
    fn find(&self, versioned_hash: B256) -> Answer<'_, Option<Vec<Word>>> {
        Box::pin(async move { Ok(self.blob(&versioned_hash.0).await?) })
    }

    fn keep<'a>(&'a self, versioned_hash: B256, words: &'a [Word]) -> Answer<'a, ()> {
        Box::pin(async move { Ok(self.keep_blob(versioned_hash, words).await?) })
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
