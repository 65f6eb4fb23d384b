//! Movements: what took from a slot or gave to it, in the order of the log, and the pages in which
//! an account reads them.

use sheaf_ledger::hash::Digest;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, Transaction};

use super::{BatchState, Store, StoreError, bytes, int, narrow, uint};
use crate::block::Block;
use crate::limits::ROWS_PER_INSERT_MAX;
use crate::movement::{Cause, LogPosition, Movement, MovementKind, movements_of};

/// A movement with how far its batch is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementRow {
    pub movement: Movement,
    /// Unix milliseconds of this machine.
    pub executed_ms: u64,
    pub batch: u64,
    pub batch_state: Option<BatchState>,
    /// The L1 transaction that finalises the batch.
    pub l1_transaction: Option<[u8; 32]>,
    /// The L1 transaction that made the request, where one caused the movement.
    pub request_transaction: Option<[u8; 32]>,
}

/// What a page of a slot's movements is to hold.
#[derive(Debug, Clone, Copy)]
pub struct MovementPage {
    pub slot: u32,
    /// The slot's owner: an exit that somebody else asked for moved nothing.
    pub owner: Owner,
    /// Only what stands before this place; everything when there is none.
    pub before: Option<LogPosition>,
    pub limit: u32,
}

impl Store {
    /// The movements of one slot, the newest first.
    pub async fn movements(&self, page: MovementPage) -> Result<Vec<MovementRow>, StoreError> {
        let (block, entry) =
            page.before.map_or((i64::MAX, 0), |before| (int(before.block), before.entry));
        let rows = sqlx::query(
            "SELECT movements.*, blocks.batch, blocks.executed_ms, batches.state,
                    batches.l1_transaction, requests.l1_transaction AS request_transaction
             FROM movements
             JOIN blocks ON blocks.number = movements.block
             LEFT JOIN batches ON batches.number = blocks.batch
             LEFT JOIN requests ON requests.number = movements.request
             WHERE movements.slot = ? AND (movements.block, movements.entry) < (?, ?)
               AND (movements.kind != 'exited' OR requests.owner = ?)
             ORDER BY movements.block DESC, movements.entry DESC LIMIT ?",
        )
        .bind(page.slot)
        .bind(block)
        .bind(entry)
        .bind(page.owner.to_bytes().to_vec())
        .bind(page.limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read_movement).collect()
    }
}

pub(super) async fn insert_movements(
    write: &mut Transaction<'static, Sqlite>,
    block: &Block,
) -> Result<(), StoreError> {
    for chunk in movements_of(block).chunks(ROWS_PER_INSERT_MAX) {
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO movements (slot, block, entry, kind, amount, fee, payments, other_slot,
                 recipient, id, request) ",
        );
        insert.push_values(chunk, |mut row, movement| {
            let (transaction, request) = match movement.cause {
                Cause::Transaction(id) => (Some(id.to_bytes().to_vec()), None),
                Cause::Request(number) => (None, Some(int(number))),
            };
            row.push_bind(movement.slot)
                .push_bind(int(movement.position.block))
                .push_bind(movement.position.entry)
                .push_bind(movement.kind.name())
                .push_bind(movement.amount.map(int))
                .push_bind(movement.fee.map(int))
                .push_bind(movement.payments)
                .push_bind(movement.other_slot)
                .push_bind(movement.recipient.map(|address| address.0.to_vec()))
                .push_bind(transaction)
                .push_bind(request);
        });
        insert.build().execute(&mut **write).await?;
    }
    Ok(())
}

fn read_movement(row: &SqliteRow) -> Result<MovementRow, StoreError> {
    let number = |column: &'static str| -> Result<Option<u64>, StoreError> {
        let value: Option<i64> = row.try_get(column)?;
        value.map(|value| uint(column, value)).transpose()
    };
    let index = |column: &'static str| -> Result<Option<u32>, StoreError> {
        let value: Option<i64> = row.try_get(column)?;
        value.map(|value| narrow(column, value)).transpose()
    };
    let hash = |column: &'static str| -> Result<Option<[u8; 32]>, StoreError> {
        let value: Option<Vec<u8>> = row.try_get(column)?;
        value.map(|value| bytes(column, &value)).transpose()
    };
    let malformed = |column: &'static str| StoreError::MalformedColumn { column };
    let recipient: Option<Vec<u8>> = row.try_get("recipient")?;
    let cause = match (hash("id")?, number("request")?) {
        (Some(id), None) => {
            Cause::Transaction(Digest::from_bytes(id).ok_or(malformed("movements.id"))?)
        }
        (None, Some(request)) => Cause::Request(request),
        (Some(_), Some(_)) | (None, None) => return Err(malformed("movements.request")),
    };
    let kind: String = row.try_get("kind")?;
    let state: Option<String> = row.try_get("state")?;
    Ok(MovementRow {
        movement: Movement {
            slot: index("slot")?.ok_or(malformed("movements.slot"))?,
            position: LogPosition {
                block: number("block")?.ok_or(malformed("movements.block"))?,
                entry: index("entry")?.ok_or(malformed("movements.entry"))?,
            },
            kind: MovementKind::read(&kind).ok_or(malformed("movements.kind"))?,
            amount: number("amount")?,
            fee: number("fee")?,
            payments: index("payments")?,
            other_slot: index("other_slot")?,
            recipient: recipient
                .map(|address| bytes("movements.recipient", &address).map(L1Address))
                .transpose()?,
            cause,
        },
        executed_ms: number("executed_ms")?.ok_or(malformed("blocks.executed_ms"))?,
        batch: number("batch")?.ok_or(malformed("blocks.batch"))?,
        batch_state: state.as_deref().map(BatchState::read).transpose()?,
        l1_transaction: hash("l1_transaction")?,
        request_transaction: hash("request_transaction")?,
    })
}
