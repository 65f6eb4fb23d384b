//! The requests that were read from the contract's queue, and the cursor: how far L1 was read.

use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sqlx::any::AnyRow;
use sqlx::{Any, Row as _, Transaction};

use super::{FinalisedBatch, Store, StoreError, batches, bytes, int, narrow, uint};
use crate::lifecycle::{L1Request, RequestKind};

/// Requests are stored without a gap, from number 0.
const REQUEST_COUNT: &str = "SELECT coalesce(max(number) + 1, 0) FROM requests";

/// A request of L1 and its place on L1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredRequest {
    pub request: L1Request,
    /// The account that made the request; `None` if an earlier version read it.
    pub sender: Option<L1Address>,
    pub l1_block: u64,
    pub l1_transaction: [u8; 32],
}

/// The newest L1 block whose requests are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct L1Cursor {
    pub block: u64,
    pub hash: [u8; 32],
}

impl Store {
    /// Stores requests, marks batches as final and moves the cursor, all in one database
    /// transaction, so that no event of L1 is lost or read twice.
    ///
    /// # Errors
    /// `RequestOutOfOrder` when a request is missing or is stored already; SQLite's.
    pub async fn advance_l1(
        &self,
        requests: &[StoredRequest],
        finalised: &[FinalisedBatch],
        cursor: L1Cursor,
    ) -> Result<(), StoreError> {
        let mut write = self.begin().await?;
        for batch in finalised {
            batches::mark_finalised(&mut write, batch).await?;
        }
        let stored: i64 = sqlx::query_scalar(REQUEST_COUNT).fetch_one(&mut *write).await?;
        for (expected, stored) in (uint("requests.number", stored)?..).zip(requests) {
            let found = stored.request.number;
            if found != expected {
                return Err(StoreError::RequestOutOfOrder { expected, found });
            }
            insert_request(&mut write, stored).await?;
        }
        move_cursor(&mut write, cursor).await?;
        write.commit().await?;
        Ok(())
    }

    /// The newest L1 block that was read; `None` before the first.
    pub async fn l1_cursor(&self) -> Result<Option<L1Cursor>, StoreError> {
        let row: Option<(i64, Vec<u8>)> = sqlx::query_as("SELECT block, hash FROM l1_cursor")
            .fetch_optional(&self.readers)
            .await?;
        let Some((block, hash)) = row else { return Ok(None) };
        let (block, hash) = (uint("l1_cursor.block", block)?, bytes("l1_cursor.hash", &hash)?);
        Ok(Some(L1Cursor { block, hash }))
    }

    /// How many requests are stored.
    pub async fn request_count(&self) -> Result<u64, StoreError> {
        let count = sqlx::query_scalar(REQUEST_COUNT).fetch_one(&self.readers).await?;
        uint("requests.number", count)
    }

    /// At most `limit` requests from number `first` on, in the queue's order.
    pub async fn requests_from(
        &self,
        first: u64,
        limit: usize,
    ) -> Result<Vec<StoredRequest>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM requests WHERE number >= $1 ORDER BY number LIMIT $2")
                .bind(int(first))
                .bind(int(limit as u64))
                .fetch_all(&self.readers)
                .await?;
        rows.iter().map(read_request).collect()
    }

    /// The requests that an L1 transaction made, in the queue's order.
    pub async fn requests_of(
        &self,
        l1_transaction: [u8; 32],
    ) -> Result<Vec<StoredRequest>, StoreError> {
        let rows = sqlx::query("SELECT * FROM requests WHERE l1_transaction = $1 ORDER BY number")
            .bind(l1_transaction.as_slice())
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read_request).collect()
    }

    /// The numbers of the exits that an L1 account has asked for, from number `first` on.
    pub(super) async fn exits_asked_by(
        &self,
        sender: L1Address,
        first: u64,
    ) -> Result<Vec<u64>, StoreError> {
        let numbers: Vec<i64> = sqlx::query_scalar(
            "SELECT number FROM requests WHERE number >= $1 AND kind = 'exit' AND sender = $2",
        )
        .bind(int(first))
        .bind(sender.0.to_vec())
        .fetch_all(&self.readers)
        .await?;
        numbers.into_iter().map(|number| uint("requests.number", number)).collect()
    }
}

fn read_request(row: &AnyRow) -> Result<StoredRequest, StoreError> {
    let owner = bytes("requests.owner", &row.try_get::<Vec<u8>, _>("owner")?)?;
    let owner =
        Owner::from_bytes(owner).ok_or(StoreError::MalformedColumn { column: "requests.owner" })?;
    let kind: String = row.try_get("kind")?;
    let number = |column: &str| row.try_get::<Option<i64>, _>(column);
    let kind = match (kind.as_str(), number("token")?, number("amount")?, number("slot")?) {
        ("deposit", Some(token), Some(amount), None) => RequestKind::Deposit {
            owner,
            token: narrow("requests.token", token)?,
            amount: uint("requests.amount", amount)?,
        },
        ("exit", None, None, Some(slot)) => {
            RequestKind::Exit { owner, slot: narrow("requests.slot", slot)? }
        }
        _ => return Err(StoreError::MalformedColumn { column: "requests.kind" }),
    };
    let sender: Option<Vec<u8>> = row.try_get("sender")?;
    let sender = sender.map(|sender| bytes("requests.sender", &sender).map(L1Address));
    let l1_transaction: Vec<u8> = row.try_get("l1_transaction")?;
    Ok(StoredRequest {
        request: L1Request { number: uint("requests.number", row.try_get("number")?)?, kind },
        sender: sender.transpose()?,
        l1_block: uint("requests.l1_block", row.try_get("l1_block")?)?,
        l1_transaction: bytes("requests.l1_transaction", &l1_transaction)?,
    })
}

pub(super) async fn insert_request(
    write: &mut Transaction<'static, Any>,
    stored: &StoredRequest,
) -> Result<(), StoreError> {
    let (kind, owner, token, amount, slot) = match stored.request.kind {
        RequestKind::Deposit { owner, token, amount } => {
            ("deposit", owner, Some(int(token)), Some(int(amount)), None)
        }
        RequestKind::Exit { owner, slot } => ("exit", owner, None, None, Some(int(slot))),
    };
    sqlx::query(
        "INSERT INTO requests
             (number, kind, owner, token, amount, slot, l1_block, l1_transaction, sender)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(int(stored.request.number))
    .bind(kind)
    .bind(owner.to_bytes().to_vec())
    .bind(token)
    .bind(amount)
    .bind(slot)
    .bind(int(stored.l1_block))
    .bind(stored.l1_transaction.as_slice())
    .bind(stored.sender.map(|sender| sender.0.to_vec()))
    .execute(&mut **write)
    .await?;
    Ok(())
}

pub(super) async fn move_cursor(
    write: &mut Transaction<'static, Any>,
    cursor: L1Cursor,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO l1_cursor (one, block, hash) VALUES (1, $1, $2)
         ON CONFLICT (one) DO UPDATE SET block = excluded.block, hash = excluded.hash",
    )
    .bind(int(cursor.block))
    .bind(cursor.hash.as_slice())
    .execute(&mut **write)
    .await?;
    Ok(())
}
