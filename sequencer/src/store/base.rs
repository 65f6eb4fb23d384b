//! The base: on what the log of a database begins that was rebuilt from L1.
//!
//! L1 has words, not blocks, so such a database has no log up to the newest batch that L1 had. The
//! base names that batch and has the slots after it. It is written once, with everything else that
//! L1 says, in one transaction. `docs/decisions/0013-rebuild.md` gives reasons.

use sheaf_contracts::history::{Asked, Contents, FinalBatch, History, QueuedRequest};
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::slot::Slot;
use sqlx::{Any, AnyConnection, Transaction};

use super::{
    Acknowledged, L1Cursor, SealedRow, Store, StoreError, StoredRequest, again, batches, int, l1,
    uint,
};
use crate::lifecycle::{L1Request, RequestKind};
use crate::limits::BASE_SLOTS_PER_ROW;
use crate::slot_bytes;

/// Where the log begins; both numbers are 0 for a database with its whole log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Base {
    /// The batch after which the log begins.
    pub batch: u64,
    /// The block before the log's first block.
    pub block: u64,
}

pub(super) async fn read(read: &mut AnyConnection) -> Result<Base, StoreError> {
    let row: Option<(i64, i64)> =
        sqlx::query_as("SELECT batch, block FROM base").fetch_optional(read).await?;
    let Some((batch, block)) = row else { return Ok(Base::default()) };
    Ok(Base { batch: uint("base.batch", batch)?, block: uint("base.block", block)? })
}

impl Store {
    /// On what the log begins.
    pub const fn base(&self) -> Base {
        self.base
    }

    /// The slots on which the log begins; none for a database with its whole log.
    ///
    /// # Errors
    /// `MalformedColumn` when the slots cannot be read; the database's errors.
    pub async fn base_slots(&self) -> Result<Vec<Slot>, StoreError> {
        let mut slots = Vec::new();
        let malformed = StoreError::MalformedColumn { column: "base_slots.slots" };
        for part in 0_u64.. {
            let row: Option<Vec<u8>> =
                sqlx::query_scalar("SELECT slots FROM base_slots WHERE part = $1")
                    .bind(int(part))
                    .fetch_optional(&self.readers)
                    .await?;
            let Some(row) = row else { break };
            let Some(part) = slot_bytes::decode(&row) else { return Err(malformed) };
            slots.extend(part);
        }
        Ok(slots)
    }

    /// Checks that the database has no content yet.
    ///
    /// # Errors
    /// `NotEmpty`; the database's errors.
    pub async fn check_empty(&self) -> Result<(), StoreError> {
        let mut reader = self.readers.acquire().await?;
        check_empty(&mut reader, self).await
    }

    /// Makes an empty database that of a rollup as L1 shows it: `history`, and `slots` after its
    /// newest batch. What another database had `acknowledged` waits to be executed again. All is
    /// stored, or nothing. This value is of no use afterwards, because it does not know the base:
    /// open the database again.
    ///
    /// # Errors
    /// `NotEmpty`; `MalformedHistory` when slots and newest batch do not fit together;
    /// `Superseded`; the database's errors.
    pub async fn found(
        &self,
        history: &History,
        slots: &[Slot],
        acknowledged: &Acknowledged,
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        check_empty(&mut write, self).await?;
        fill(&mut write, (history, slots), acknowledged).await?;
        write.commit().await?;
        Ok(())
    }
}

/// Fills empty tables.
///
/// # Errors
/// `MalformedHistory` when slots and newest batch do not fit together; the database's errors.
pub(super) async fn fill(
    write: &mut Transaction<'static, Any>,
    (history, slots): (&History, &[Slot]),
    acknowledged: &Acknowledged,
) -> Result<(), StoreError> {
    let newest = history.batches.last();
    let (batch, next_slot) = newest.map_or((0, 0), |batch| (batch.number, batch.next_slot));
    if next_slot != slots.len() as u64 {
        return Err(StoreError::MalformedHistory { batch });
    }
    for batch in &history.batches {
        insert_final(write, batch).await?;
    }
    for request in &history.requests {
        l1::insert_request(write, &stored(request)).await?;
    }
    let cursor = L1Cursor { block: history.block, hash: history.block_hash.0 };
    l1::move_cursor(write, cursor).await?;
    sqlx::query("INSERT INTO base (one, batch, block) VALUES (1, $1, $2)")
        .bind(int(batch))
        .bind(int(block_of(batch)))
        .execute(&mut **write)
        .await?;
    for (part, slots) in (0_u64..).zip(slots.chunks(BASE_SLOTS_PER_ROW)) {
        let bytes: Vec<u8> = slots.iter().flat_map(slot_bytes::encode).collect();
        sqlx::query("INSERT INTO base_slots (part, slots) VALUES ($1, $2)")
            .bind(int(part))
            .bind(bytes)
            .execute(&mut **write)
            .await?;
    }
    again::insert(write, acknowledged).await
}

async fn check_empty(read: &mut AnyConnection, store: &Store) -> Result<(), StoreError> {
    let rows: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM base) + (SELECT count(*) FROM l1_cursor)
              + (SELECT count(*) FROM requests) + (SELECT count(*) FROM batches)
              + (SELECT count(*) FROM blocks)",
    )
    .fetch_one(read)
    .await?;
    if rows == 0 {
        Ok(())
    } else {
        Err(StoreError::NotEmpty { database: store.database.to_string() })
    }
}

/// The one number in place of the numbers of a rebuilt batch's blocks.
const fn block_of(batch: u64) -> u64 {
    batch
}

/// Stores a batch as final. The times of this machine's clock are not known; where the schema wants
/// one, the batch's own time stands.
async fn insert_final(
    write: &mut Transaction<'static, Any>,
    batch: &FinalBatch,
) -> Result<(), StoreError> {
    let Contents { transactions, entries, data_words, l1_words } = batch.contents;
    let row = SealedRow {
        number: batch.number,
        timestamp: batch.timestamp,
        first_block: block_of(batch.number),
        last_block: block_of(batch.number),
        first_request: batch.first_request,
        requests: batch.requests,
        transactions,
        entries,
        data_words,
        l1_words,
        pre_state: batch.pre_state,
        post_state: batch.post_state,
        post_root: batch.post_root,
        next_slot: batch.next_slot,
        data_mode: batch.data_mode,
        data_reference: Some(batch.data_reference),
    };
    batches::insert_batch(write, &row).await?;
    sqlx::query(
        "UPDATE batches SET state = 'finalised', sealed_ms = $1, l1_transaction = $2, l1_block = $3
         WHERE number = $4",
    )
    .bind(int(u64::from(batch.timestamp) * 1_000))
    .bind(batch.l1_transaction.as_slice())
    .bind(int(batch.l1_block))
    .bind(int(batch.number))
    .execute(&mut **write)
    .await?;
    Ok(())
}

fn stored(request: &QueuedRequest) -> StoredRequest {
    let QueuedRequest { number, owner, sender, asked, l1_block, l1_transaction } = *request;
    let kind = match asked {
        Asked::Deposit { token, amount } => RequestKind::Deposit { owner, token, amount },
        Asked::Exit { slot } => RequestKind::Exit { owner, slot },
    };
    let request = L1Request { number, kind };
    let (sender, l1_transaction) = (Some(L1Address(sender.0.0)), l1_transaction.0);
    StoredRequest { request, sender, l1_block, l1_transaction }
}
