//! The log's rows: the blocks, and an index of the place of each transaction.

use std::collections::HashMap;

use sheaf_crypto::hash::Digest;
use sqlx::{QueryBuilder, Sqlite, Transaction};

use super::batches::read_state;
use super::{BatchState, Store, StoreError, int, movements, narrow, uint};
use crate::block::{Block, CloseReason};
use crate::limits::ROWS_PER_INSERT_MAX;

/// A block's row: number, batch, timestamp, executed_ms, closes, body.
type BlockRow = (i64, i64, i64, i64, Option<String>, Vec<u8>);

/// The place of a transaction in the log, and the state of its batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionPlace {
    pub block: u64,
    /// The transaction's index among the block's transactions.
    pub position: u32,
    pub batch: u64,
    /// `None` until the batch is sealed.
    pub batch_state: Option<BatchState>,
    /// The hash of the newest L1 transaction with the batch; `None` before one was sent.
    pub l1_transaction: Option<[u8; 32]>,
}

impl Store {
    /// Makes blocks durable, all in one database transaction.
    ///
    /// # Errors
    /// SQLite's. It is not known then whether the blocks are durable, so no client may be told that
    /// they are.
    pub async fn append_blocks(&self, blocks: &[Block]) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        for block in blocks {
            insert_block(&mut write, block).await?;
            insert_transactions(&mut write, block).await?;
            movements::insert_movements(&mut write, block).await?;
        }
        write.commit().await?;
        Ok(())
    }

    /// The blocks after block `number`, in order. The index must list all their transactions,
    /// because a transaction that is missing there would look as if the log had never taken it.
    ///
    /// # Errors
    /// `TransactionsMissing` when the index lacks a transaction; `MalformedBlock` or
    /// `MalformedColumn` when a row cannot be read; SQLite's.
    pub async fn blocks_after(&self, number: u64) -> Result<Vec<Block>, StoreError> {
        let rows: Vec<BlockRow> = sqlx::query_as(
            "SELECT number, batch, timestamp, executed_ms, closes, body FROM blocks
             WHERE number > ? ORDER BY number",
        )
        .bind(int(number))
        .fetch_all(&self.readers)
        .await?;
        let blocks: Vec<Block> = rows.into_iter().map(read_block).collect::<Result<_, _>>()?;
        for block in &blocks {
            self.check_index(block).await?;
        }
        Ok(blocks)
    }

    async fn check_index(&self, block: &Block) -> Result<(), StoreError> {
        let ids = block.transactions.iter().map(|one| one.id().to_bytes().to_vec());
        let expected: HashMap<Vec<u8>, i64> = ids.zip(0..).collect();
        let mut found = HashMap::with_capacity(expected.len());
        let ids: Vec<_> = expected.keys().collect();
        for chunk in ids.chunks(ROWS_PER_INSERT_MAX) {
            let mut query =
                QueryBuilder::<Sqlite>::new("SELECT id, position FROM transactions WHERE block = ");
            query.push_bind(int(block.number)).push(" AND id IN (");
            let mut listed = query.separated(", ");
            for id in chunk {
                listed.push_bind(id.as_slice());
            }
            query.push(")");
            let rows: Vec<(Vec<u8>, i64)> = query.build_query_as().fetch_all(&self.readers).await?;
            found.extend(rows);
        }
        if found != expected {
            return Err(StoreError::TransactionsMissing { block: block.number });
        }
        Ok(())
    }

    /// The blocks of a batch, in order.
    pub async fn blocks_of(&self, batch: u64) -> Result<Vec<Block>, StoreError> {
        let rows: Vec<BlockRow> = sqlx::query_as(
            "SELECT number, batch, timestamp, executed_ms, closes, body FROM blocks
             WHERE batch = ? ORDER BY number",
        )
        .bind(int(batch))
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(read_block).collect()
    }

    /// Whether the log has the batch's last block.
    pub async fn batch_is_closed(&self, batch: u64) -> Result<bool, StoreError> {
        let closed: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM blocks WHERE batch = ? AND closes IS NOT NULL")
                .bind(int(batch))
                .fetch_optional(&self.readers)
                .await?;
        Ok(closed.is_some())
    }

    /// One block, if the log has it.
    pub async fn block(&self, number: u64) -> Result<Option<Block>, StoreError> {
        let row: Option<BlockRow> = sqlx::query_as(
            "SELECT number, batch, timestamp, executed_ms, closes, body FROM blocks
             WHERE number = ?",
        )
        .bind(int(number))
        .fetch_optional(&self.readers)
        .await?;
        row.map(read_block).transpose()
    }

    /// The place of a transaction, if the log has it.
    pub async fn transaction(&self, id: &Digest) -> Result<Option<TransactionPlace>, StoreError> {
        type Row = (i64, i64, i64, Option<String>, Option<Vec<u8>>);
        let row: Option<Row> = sqlx::query_as(
            "SELECT transactions.block, transactions.position, blocks.batch, batches.state,
                    batches.l1_transaction
             FROM transactions
             JOIN blocks ON blocks.number = transactions.block
             LEFT JOIN batches ON batches.number = blocks.batch
             WHERE transactions.id = ?",
        )
        .bind(id.to_bytes().to_vec())
        .fetch_optional(&self.readers)
        .await?;
        let Some((block, position, batch, state, l1_transaction)) = row else { return Ok(None) };
        Ok(Some(TransactionPlace {
            block: uint("transactions.block", block)?,
            position: narrow("transactions.position", position)?,
            batch: uint("blocks.batch", batch)?,
            batch_state: state.as_deref().map(read_state).transpose()?,
            l1_transaction: l1_transaction
                .map(|hash| super::bytes("batches.l1_transaction", &hash))
                .transpose()?,
        }))
    }
}

async fn insert_block(
    write: &mut Transaction<'static, Sqlite>,
    block: &Block,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO blocks (number, batch, timestamp, executed_ms, transactions, closes, body)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(int(block.number))
    .bind(int(block.batch))
    .bind(block.timestamp)
    .bind(int(block.executed_ms))
    .bind(int(block.transactions.len() as u64))
    .bind(block.closes.map(CloseReason::name))
    .bind(block.encode_body())
    .execute(&mut **write)
    .await?;
    Ok(())
}

async fn insert_transactions(
    write: &mut Transaction<'static, Sqlite>,
    block: &Block,
) -> Result<(), StoreError> {
    let rows: Vec<_> = (0_u32..).zip(&block.transactions).collect();
    for chunk in rows.chunks(ROWS_PER_INSERT_MAX) {
        let mut insert =
            QueryBuilder::<Sqlite>::new("INSERT INTO transactions (id, block, position) ");
        insert.push_values(chunk, |mut row, (position, transaction)| {
            row.push_bind(transaction.id().to_bytes().to_vec())
                .push_bind(int(block.number))
                .push_bind(*position);
        });
        insert.build().execute(&mut **write).await?;
    }
    Ok(())
}

fn read_block(row: BlockRow) -> Result<Block, StoreError> {
    let (number, batch, timestamp, executed_ms, closes, body) = row;
    let number = uint("blocks.number", number)?;
    let closes = closes
        .map(|text| text.parse::<CloseReason>())
        .transpose()
        .map_err(|()| StoreError::MalformedColumn { column: "blocks.closes" })?;
    let columns = Block {
        number,
        batch: uint("blocks.batch", batch)?,
        timestamp: narrow("blocks.timestamp", timestamp)?,
        executed_ms: uint("blocks.executed_ms", executed_ms)?,
        closes,
        first_request: 0,
        requests: 0,
        entries: Vec::new(),
        transactions: Vec::new(),
        changes: Vec::new(),
    };
    columns.decode_body(&body).map_err(|source| StoreError::MalformedBlock { number, source })
}
