//! The rows of batches, and the words that they publish on L1.

use sheaf_crypto::hash::Digest;
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::word::Word;
use sheaf_wire::TreeStep;
use sheaf_wire::batches::BatchState;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::{
    Store, StoreError, blobs, bytes, data_mode, data_reference, exits, int, jobs, narrow, now_ms,
    uint,
};
use crate::limits::FINALISED_WITNESSES_KEPT;

/// The facts about a batch that sealing determines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    /// From 1, without gaps.
    pub number: u64,
    /// Unix seconds.
    pub timestamp: u32,
    pub first_block: u64,
    pub last_block: u64,
    /// The first request of L1 that no earlier batch consumed.
    pub first_request: u64,
    /// How many requests the batch consumed, and how many transactions, entries and words it has.
    pub requests: u64,
    pub transactions: u64,
    pub entries: u64,
    pub data_words: u64,
    pub l1_words: u64,
    /// The State (docs/glossary.md) before the batch, and after it.
    pub pre_state: Digest,
    pub post_state: Digest,
    /// The slot tree's root after the batch.
    pub post_root: Digest,
    /// How many slots are open after the batch.
    pub next_slot: u64,
    /// How the batch's data words travel to L1.
    pub data_mode: DataMode,
    /// What names the data words on L1; `None` if an older version has sealed the batch, whose
    /// words are then in calldata.
    pub data_reference: Option<DataReference>,
}

/// A sealed batch as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    pub sealed: SealedRow,
    pub state: BatchState,
    /// When the batch reached this state and the next three (`None` before), Unix milliseconds of
    /// this machine's clock. Of a batch that was read from L1 at a rebuild, `sealed_ms` is its
    /// timestamp, and neither the next three nor `gas_used` are known.
    pub sealed_ms: u64,
    pub proven_ms: Option<u64>,
    pub submitted_ms: Option<u64>,
    pub finalised_ms: Option<u64>,
    /// The hash of the newest L1 transaction with the batch; `None` before one was sent.
    pub l1_transaction: Option<[u8; 32]>,
    /// The number of the L1 block with the transaction; `None` until the batch is final.
    pub l1_block: Option<u64>,
    /// The gas that the transaction used; `None` until the batch is final.
    pub gas_used: Option<u64>,
}

/// A batch that L1 has verified, with its place on L1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinalisedBatch {
    pub number: u64,
    /// The State that the contract stores after the batch.
    pub post_state: [u8; 32],
    pub l1_transaction: [u8; 32],
    pub l1_block: u64,
    /// The gas that the whole transaction used.
    pub gas_used: u64,
}

/// What a batch publishes on L1 beside the values in its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The Chains digest after the batch.
    pub chains: Digest,
    /// The words as bytes, 32 a word, in order.
    pub data_words: Vec<u8>,
    pub l1_words: Vec<u8>,
}

impl Published {
    /// What a sealed batch publishes.
    pub fn of(sealed: &SealedBatch) -> Self {
        let bytes = |words: &[Word]| words.iter().flat_map(|word| word.to_bytes()).collect();
        Self {
            chains: sealed.after.chains(),
            data_words: bytes(&sealed.data_words),
            l1_words: bytes(&sealed.l1_words),
        }
    }
}

/// Everything that sealing makes durable in one database transaction.
#[derive(Debug)]
pub struct Sealing<'a> {
    pub row: &'a SealedRow,
    pub published: &'a Published,
    /// The versioned hashes of the blobs that publish the data words; none for calldata.
    pub blobs: &'a [[u8; 32]],
    /// The steps that prove the batch, each after the steps that it needs.
    pub steps: &'a [TreeStep],
}

impl Store {
    /// Makes a sealed batch, its words and the jobs that prove it durable in one transaction.
    pub async fn seal(&self, sealing: Sealing<'_>) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        insert_batch(&mut write, sealing.row).await?;
        let Published { chains, data_words, l1_words } = sealing.published;
        sqlx::query(
            "INSERT INTO published (batch, chains, data_words, l1_words) VALUES ($1, $2, $3, $4)",
        )
        .bind(int(sealing.row.number))
        .bind(chains.to_bytes().to_vec())
        .bind(data_words.as_slice())
        .bind(l1_words.as_slice())
        .execute(&mut *write)
        .await?;
        blobs::insert(&mut write, sealing.row.number, sealing.blobs).await?;
        exits::insert(&mut write, sealing.row.first_request, l1_words).await?;
        jobs::insert_steps(&mut write, sealing.row.number, sealing.steps).await?;
        write.commit().await?;
        Ok(())
    }

    /// The newest sealed batch; `None` before the first.
    pub async fn last_batch(&self) -> Result<Option<BatchRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM batches ORDER BY number DESC LIMIT 1")
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read_batch).transpose()
    }

    /// One batch; `None` before it is sealed.
    pub async fn batch(&self, number: u64) -> Result<Option<BatchRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM batches WHERE number = $1")
            .bind(int(number))
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read_batch).transpose()
    }

    /// The batch with which an L1 transaction was sent: the newest such transaction, or the one
    /// that made the batch final. The first one, if a transaction brought several batches.
    pub async fn batch_of_l1_transaction(
        &self,
        hash: [u8; 32],
    ) -> Result<Option<BatchRow>, StoreError> {
        let row =
            sqlx::query("SELECT * FROM batches WHERE l1_transaction = $1 ORDER BY number LIMIT 1")
                .bind(hash.as_slice())
                .fetch_optional(&self.readers)
                .await?;
        row.as_ref().map(read_batch).transpose()
    }

    /// The sealed batch that consumed a request of L1; `None` before one has.
    pub async fn batch_of_request(&self, request: u64) -> Result<Option<BatchRow>, StoreError> {
        let row = sqlx::query(
            "SELECT * FROM batches WHERE first_request <= $1
             ORDER BY first_request DESC, number DESC LIMIT 1",
        )
        .bind(int(request))
        .fetch_optional(&self.readers)
        .await?;
        let row = row.as_ref().map(read_batch).transpose()?;
        Ok(row.filter(|BatchRow { sealed, .. }| request - sealed.first_request < sealed.requests))
    }

    /// At most `limit` batches with a number below `before`, the newest first; without `before`,
    /// the newest batches.
    pub async fn batches_before(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<BatchRow>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM batches WHERE number < $1 ORDER BY number DESC LIMIT $2")
                .bind(before.map_or(i64::MAX, int))
                .bind(int(limit))
                .fetch_all(&self.readers)
                .await?;
        rows.iter().map(read_batch).collect()
    }

    /// The number of the newest final batch; 0 before the first. The search begins at the newest
    /// batch, because few batches are newer than the newest final one.
    pub async fn last_finalised(&self) -> Result<u64, StoreError> {
        let number: Option<i64> = sqlx::query_scalar(
            "SELECT number FROM batches WHERE state = 'finalised' ORDER BY number DESC LIMIT 1",
        )
        .fetch_optional(&self.readers)
        .await?;
        number.map_or(Ok(0), |number| uint("batches.number", number))
    }

    /// The oldest batch in `state`, which the next stage works on; `None` if no batch is in it.
    pub async fn oldest_batch_in(&self, state: BatchState) -> Result<Option<BatchRow>, StoreError> {
        let row = sqlx::query("SELECT * FROM batches WHERE state = $1 ORDER BY number LIMIT 1")
            .bind(state.name())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read_batch).transpose()
    }

    /// How many batches are in `state`.
    pub async fn count_batches_in(&self, state: BatchState) -> Result<u64, StoreError> {
        let count = sqlx::query_scalar("SELECT count(*) FROM batches WHERE state = $1")
            .bind(state.name())
            .fetch_one(&self.readers)
            .await?;
        uint("batches", count)
    }

    /// What a sealed batch publishes on L1; `None` once the batch `FINALISED_WITNESSES_KEPT`
    /// numbers after it is final, and for a batch that an older version has sealed. Never `None`
    /// for a batch whose data words are in blobs.
    pub async fn published(&self, batch: u64) -> Result<Option<Published>, StoreError> {
        type PublishedRow = (Vec<u8>, Vec<u8>, Vec<u8>);
        let row: Option<PublishedRow> =
            sqlx::query_as("SELECT chains, data_words, l1_words FROM published WHERE batch = $1")
                .bind(int(batch))
                .fetch_optional(&self.readers)
                .await?;
        let Some((chains, data_words, l1_words)) = row else { return Ok(None) };
        let chains = Digest::from_bytes(bytes("published.chains", &chains)?)
            .ok_or(StoreError::MalformedColumn { column: "published.chains" })?;
        Ok(Some(Published { chains, data_words, l1_words }))
    }
}

/// Notes that L1 verified a batch. Of the batch `FINALISED_WITNESSES_KEPT` numbers before, drops
/// what nobody needs after finality: its words unless they are in blobs, its proofs except the
/// final one, and the bytes of its L1 transactions. The blocks, the row and the final proof of that
/// batch remain.
pub(super) async fn mark_finalised(
    write: &mut Transaction<'static, Any>,
    finalised: &FinalisedBatch,
) -> Result<(), StoreError> {
    let FinalisedBatch { number: batch, l1_transaction, l1_block, gas_used, .. } = *finalised;
    sqlx::query(
        "UPDATE batches
         SET state = 'finalised', finalised_ms = $1, l1_transaction = $2, l1_block = $3,
             gas_used = $4
         WHERE number = $5 AND state != 'finalised'",
    )
    .bind(int(now_ms()))
    .bind(l1_transaction.as_slice())
    .bind(int(l1_block))
    .bind(int(gas_used))
    .bind(int(batch))
    .execute(&mut **write)
    .await?;
    match batch.checked_sub(FINALISED_WITNESSES_KEPT) {
        Some(old) if old > 0 => prune(write, old).await,
        _ => Ok(()),
    }
}

async fn prune(write: &mut Transaction<'static, Any>, batch: u64) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM published WHERE batch = $1 AND batch NOT IN (SELECT batch FROM blobs)",
    )
    .bind(int(batch))
    .execute(&mut **write)
    .await?;
    sqlx::query("UPDATE submissions SET raw = $1 WHERE batch = $2")
        .bind(Vec::new())
        .bind(int(batch))
        .execute(&mut **write)
        .await?;
    jobs::prune(write, batch).await
}

pub(super) async fn insert_batch(
    write: &mut Transaction<'static, Any>,
    row: &SealedRow,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO batches (number, state, timestamp, first_block, last_block, first_request,
             requests, transactions, entries, data_words, l1_words, pre_state, post_state,
             post_root, next_slot, data_mode, data_reference, sealed_ms)
         VALUES ($1, 'sealed', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,
             $17)",
    )
    .bind(int(row.number))
    .bind(int(row.timestamp))
    .bind(int(row.first_block))
    .bind(int(row.last_block))
    .bind(int(row.first_request))
    .bind(int(row.requests))
    .bind(int(row.transactions))
    .bind(int(row.entries))
    .bind(int(row.data_words))
    .bind(int(row.l1_words))
    .bind(row.pre_state.to_bytes().to_vec())
    .bind(row.post_state.to_bytes().to_vec())
    .bind(row.post_root.to_bytes().to_vec())
    .bind(int(row.next_slot))
    .bind(row.data_mode.name())
    .bind(row.data_reference.map(|reference| reference.0.to_vec()))
    .bind(int(now_ms()))
    .execute(&mut **write)
    .await?;
    Ok(())
}

fn read_batch(row: &AnyRow) -> Result<BatchRow, StoreError> {
    let number = |column: &'static str| uint(column, row.try_get(column)?);
    let optional = |column: &'static str| {
        let value: Option<i64> = row.try_get(column)?;
        value.map(|value| uint(column, value)).transpose()
    };
    let digest = |column: &'static str| {
        let value: Vec<u8> = row.try_get(column)?;
        Digest::from_bytes(bytes(column, &value)?).ok_or(StoreError::MalformedColumn { column })
    };
    let l1_transaction: Option<Vec<u8>> = row.try_get("l1_transaction")?;
    Ok(BatchRow {
        sealed: SealedRow {
            number: number("number")?,
            timestamp: narrow("timestamp", row.try_get("timestamp")?)?,
            first_block: number("first_block")?,
            last_block: number("last_block")?,
            first_request: number("first_request")?,
            requests: number("requests")?,
            transactions: number("transactions")?,
            entries: number("entries")?,
            data_words: number("data_words")?,
            l1_words: number("l1_words")?,
            pre_state: digest("pre_state")?,
            post_state: digest("post_state")?,
            post_root: digest("post_root")?,
            next_slot: number("next_slot")?,
            data_mode: data_mode(row.try_get("data_mode")?)?,
            data_reference: data_reference(row.try_get("data_reference")?)?,
        },
        state: read_state(row.try_get("state")?)?,
        sealed_ms: number("sealed_ms")?,
        proven_ms: optional("proven_ms")?,
        submitted_ms: optional("submitted_ms")?,
        finalised_ms: optional("finalised_ms")?,
        l1_transaction: l1_transaction.map(|hash| bytes("l1_transaction", &hash)).transpose()?,
        l1_block: optional("l1_block")?,
        gas_used: optional("gas_used")?,
    })
}

/// Reads a state that `BatchState::name` wrote; `MalformedColumn` for an unknown name.
pub(super) fn read_state(text: &str) -> Result<BatchState, StoreError> {
    text.parse().map_err(|()| StoreError::MalformedColumn { column: "batches.state" })
}
