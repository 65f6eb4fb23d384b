//! The log's rows: the blocks.

use sqlx::{Any, Transaction};

use super::batches::read_state;
use super::{BatchState, Store, StoreError, int, narrow, uint};
use crate::block::{Block, BlockBody, CloseReason, HEAD_BYTES, Head};
use crate::limits::BLOCKS_PER_READ_MAX;

/// A block's row: number, batch, timestamp, executed_ms, closes, body.
pub(super) type BlockRow = (i64, i64, i64, i64, Option<String>, Vec<u8>);

/// A block whose body was not decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawBlock {
    pub number: u64,
    pub batch: u64,
    pub timestamp: u32,
    pub executed_ms: u64,
    pub closes: Option<CloseReason>,
    pub body: Vec<u8>,
}

/// Everything that durability asks of a store.
pub trait BlockLog: Send + Sync {
    /// The epoch in which this process writes: see `leadership`.
    fn epoch(&self) -> u64;

    /// Appends blocks, all or none, and returns when they survive a loss of power. `previous` is
    /// the number of the newest block before them; 0 before the first.
    ///
    /// # Errors
    /// `Superseded` when another process has taken a later epoch than `epoch`; `LogMoved` when
    /// `previous` is not the newest block; the store's errors, after which it is not known whether
    /// the blocks are durable, so no client may be told that they are.
    fn append(
        &self,
        epoch: u64,
        previous: u64,
        blocks: &[Block],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// The batch of a block, as far as it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchOfBlock {
    pub batch: u64,
    /// `None` until the batch is sealed.
    pub batch_state: Option<BatchState>,
    /// The hash of the newest L1 transaction with the batch; `None` before one was sent.
    pub l1_transaction: Option<[u8; 32]>,
}

impl BlockLog for Store {
    fn epoch(&self) -> u64 {
        self.own_epoch()
    }

    async fn append(&self, epoch: u64, previous: u64, blocks: &[Block]) -> Result<(), StoreError> {
        let mut write = self.begin_log(epoch).await?;
        let newest: Option<i64> =
            sqlx::query_scalar("SELECT max(number) FROM blocks").fetch_one(&mut *write).await?;
        let found = newest.map_or(Ok(self.base().block), |number| uint("blocks.number", number))?;
        if found != previous {
            return Err(StoreError::LogMoved { expected: previous, found });
        }
        for block in blocks {
            insert_block(&mut write, block).await?;
        }
        write.commit().await?;
        Ok(())
    }
}

impl Store {
    /// At most `limit` blocks after block `number`, in order. Blocks without a row are read from
    /// the archive.
    ///
    /// # Errors
    /// `MalformedBlock` or `MalformedColumn` when a row cannot be read; `Archived` when a block is
    /// archived and the store was given no archive; `Archive`; `BeforeLog` when the log begins
    /// later; SQLite's.
    pub async fn blocks_after(&self, number: u64, limit: u32) -> Result<Vec<Block>, StoreError> {
        if number < self.base().block {
            return Err(StoreError::BeforeLog { block: number + 1, before: self.base().block });
        }
        let mut rows = self.rows_after(number, limit).await?;
        if rows.first().is_none_or(|row| row.number != number + 1) {
            let mut blocks = self.archived_blocks(number + 1, limit).await?;
            let last = blocks.last().map_or(number, |block| block.number);
            blocks.extend(rows.into_iter().filter(|row| row.number > last));
            blocks.truncate(limit as usize);
            rows = blocks;
        }
        rows.into_iter().map(RawBlock::decode).collect()
    }

    /// The blocks after block `number` up to block `last`, in order, as many as are read at once;
    /// none where `number` is `last` or later.
    ///
    /// # Errors
    /// As [`Store::blocks_after`].
    pub async fn blocks_between(&self, number: u64, last: u64) -> Result<Vec<Block>, StoreError> {
        if number >= last {
            return Ok(Vec::new());
        }
        let mut blocks = self.blocks_after(number, BLOCKS_PER_READ_MAX).await?;
        blocks.retain(|block| block.number <= last);
        Ok(blocks)
    }

    /// At most `limit` blocks after block `number` that have a row, in order.
    pub(super) async fn rows_after(
        &self,
        number: u64,
        limit: u32,
    ) -> Result<Vec<RawBlock>, StoreError> {
        let rows: Vec<BlockRow> = sqlx::query_as(
            "SELECT number, batch, timestamp, executed_ms, closes, body FROM blocks
             WHERE number > $1 ORDER BY number LIMIT $2",
        )
        .bind(int(number))
        .bind(int(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(RawBlock::of).collect()
    }

    /// The blocks of a closed batch, in order; none if the batch is not closed.
    pub async fn blocks_of(&self, batch: u64) -> Result<Vec<Block>, StoreError> {
        let sealed: Option<(i64, i64)> =
            sqlx::query_as("SELECT first_block, last_block FROM batches WHERE number = $1")
                .bind(int(batch))
                .fetch_optional(&self.readers)
                .await?;
        if let Some((first, last)) = sealed {
            let before = uint("batches.first_block", first - 1)?;
            return self
                .blocks_after(before, narrow("batches.last_block", last + 1 - first)?)
                .await;
        }
        let rows: Vec<BlockRow> = sqlx::query_as(
            "SELECT number, batch, timestamp, executed_ms, closes, body FROM blocks
             WHERE number <= (SELECT number FROM blocks WHERE batch = $1 AND closes IS NOT NULL)
               AND number > coalesce(
                   (SELECT last_block FROM batches WHERE number = $1 - 1),
                   (SELECT number FROM blocks WHERE batch = $1 - 1 AND closes IS NOT NULL), 0)
             ORDER BY number",
        )
        .bind(int(batch))
        .fetch_all(&self.readers)
        .await?;
        rows.into_iter().map(|row| RawBlock::of(row)?.decode()).collect()
    }

    /// When a block was executed, Unix milliseconds; `None` if the log does not have the block.
    ///
    /// # Errors
    /// As `blocks_after`.
    pub async fn executed_ms(&self, number: u64) -> Result<Option<u64>, StoreError> {
        Ok(self.block(number).await?.map(|block| block.executed_ms))
    }

    /// One block, if the log has it.
    ///
    /// # Errors
    /// As `blocks_after`.
    pub async fn block(&self, number: u64) -> Result<Option<Block>, StoreError> {
        let before = number.checked_sub(1).filter(|before| *before >= self.base().block);
        let Some(before) = before else { return Ok(None) };
        let block = self.blocks_after(before, 1).await?.pop();
        Ok(block.filter(|block| block.number == number))
    }

    /// What lists of blocks show of at most `limit` blocks with a number below `before`, the newest
    /// first. Only blocks with a row are listed: an archived block has none.
    ///
    /// # Errors
    /// `MalformedBlock` or `MalformedColumn` when a row cannot be read; the database's.
    pub async fn blocks_before(
        &self,
        before: u64,
        limit: u32,
    ) -> Result<Vec<BlockBody>, StoreError> {
        type Row = (i64, i64, i64, i64, Option<String>, Vec<u8>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT number, batch, transactions, executed_ms, closes, substr(body, 1, $1)
             FROM blocks WHERE number < $2 ORDER BY number DESC LIMIT $3",
        )
        .bind(i32::try_from(HEAD_BYTES).expect("a head is short"))
        .bind(int(before))
        .bind(int(limit))
        .fetch_all(&self.readers)
        .await?;
        let read = |(number, batch, transactions, executed_ms, closes, head): Row| {
            let number = uint("blocks.number", number)?;
            let malformed = |source| StoreError::MalformedBlock { number, source };
            Ok(BlockBody {
                number,
                batch: uint("blocks.batch", batch)?,
                transactions: uint("blocks.transactions", transactions)?,
                requests: Head::read(&head).map_err(malformed)?.requests,
                executed_ms: uint("blocks.executed_ms", executed_ms)?,
                closes: read_reason(closes)?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// How many entries the blocks have from block `first` on and before block `end`.
    ///
    /// # Errors
    /// As `blocks_after`.
    pub async fn entries_between(&self, first: u64, end: u64) -> Result<u64, StoreError> {
        let count = u32::try_from(end.saturating_sub(first)).expect("a batch has few blocks");
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT number, substr(body, 1, $1) FROM blocks WHERE number >= $2 AND number < $3",
        )
        .bind(i32::try_from(HEAD_BYTES).expect("a head is short"))
        .bind(int(first))
        .bind(int(end))
        .fetch_all(&self.readers)
        .await?;
        if rows.len() != count as usize {
            // Archived blocks have no rows.
            let blocks = self.blocks_after(first - 1, count).await?;
            return Ok(blocks.iter().map(|block| block.entries.len() as u64).sum());
        }
        let mut entries = 0;
        for (number, head) in rows {
            let number = uint("blocks.number", number)?;
            let head = Head::read(&head);
            let head = head.map_err(|source| StoreError::MalformedBlock { number, source })?;
            entries += u64::from(head.entries);
        }
        Ok(entries)
    }

    /// The batch of a block, if the log has the block. An archived block has no row, but its batch
    /// has.
    pub async fn batch_of_block(&self, block: u64) -> Result<Option<BatchOfBlock>, StoreError> {
        type Row = (i64, Option<String>, Option<Vec<u8>>);
        let row: Option<Row> = sqlx::query_as(
            "SELECT blocks.batch, batches.state, batches.l1_transaction
             FROM blocks LEFT JOIN batches ON batches.number = blocks.batch
             WHERE blocks.number = $1
             UNION ALL
             SELECT number, state, l1_transaction FROM
                 (SELECT * FROM batches WHERE last_block >= $1 ORDER BY last_block LIMIT 1)
                 AS ending
             WHERE first_block <= $1
             LIMIT 1",
        )
        .bind(int(block))
        .fetch_optional(&self.readers)
        .await?;
        let Some((batch, state, l1_transaction)) = row else { return Ok(None) };
        Ok(Some(BatchOfBlock {
            batch: uint("blocks.batch", batch)?,
            batch_state: state.as_deref().map(read_state).transpose()?,
            l1_transaction: l1_transaction
                .map(|hash| super::bytes("batches.l1_transaction", &hash))
                .transpose()?,
        }))
    }
}

async fn insert_block(
    write: &mut Transaction<'static, Any>,
    block: &Block,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO blocks (number, batch, timestamp, executed_ms, transactions, closes, body)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(int(block.number))
    .bind(int(block.batch))
    .bind(int(block.timestamp))
    .bind(int(block.executed_ms))
    .bind(int(block.transactions.len() as u64))
    .bind(block.closes.map(CloseReason::name))
    .bind(block.encode_body())
    .execute(&mut **write)
    .await?;
    Ok(())
}

/// Reads the reason that `insert_block` wrote.
fn read_reason(closes: Option<String>) -> Result<Option<CloseReason>, StoreError> {
    let read = closes.map(|text| text.parse::<CloseReason>()).transpose();
    read.map_err(|()| StoreError::MalformedColumn { column: "blocks.closes" })
}

impl RawBlock {
    /// Reads the columns of a row.
    pub(super) fn of(row: BlockRow) -> Result<Self, StoreError> {
        let (number, batch, timestamp, executed_ms, closes, body) = row;
        let closes = read_reason(closes)?;
        Ok(Self {
            number: uint("blocks.number", number)?,
            batch: uint("blocks.batch", batch)?,
            timestamp: narrow("blocks.timestamp", timestamp)?,
            executed_ms: uint("blocks.executed_ms", executed_ms)?,
            closes,
            body,
        })
    }

    fn decode(self) -> Result<Block, StoreError> {
        let Self { number, batch, timestamp, executed_ms, closes, body } = self;
        let columns = Block {
            number,
            batch,
            timestamp,
            executed_ms,
            closes,
            first_request: 0,
            requests: 0,
            entries: Vec::new(),
            transactions: Vec::new(),
            changes: Vec::new(),
        };
        columns.decode_body(&body).map_err(|source| StoreError::MalformedBlock { number, source })
    }
}
