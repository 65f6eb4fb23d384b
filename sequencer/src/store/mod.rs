//! The store: the only SQL of the sequencer.
//!
//! One body of SQL serves SQLite and PostgreSQL; `database` has what differs between them. A commit
//! that returned survives power loss. Writes go through one connection, those of the log through
//! one of their own on PostgreSQL; a few other connections read. No caller repairs an error of the
//! store: a stage that receives one ends the process, and a restart reads what is durable.

mod again;
pub mod archive;
mod base;
mod batches;
mod blobs;
mod blocks;
mod database;
mod error;
mod exits;
mod jobs;
mod l1;
mod leadership;
mod not_final;
mod replacement;
mod submissions;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::l1_address::L1Address;
use sqlx::{AnyConnection, AnyPool};

use self::archive::Archive;
use self::leadership::Role;

pub use again::Acknowledged;
pub use base::Base;
pub use batches::{BatchRow, FinalisedBatch, Published, SealedRow, Sealing};
pub use blocks::{BatchOfBlock, BlockLog, RawBlock};
pub use database::{Database, Server};
pub use error::StoreError;
pub(crate) use exits::effects;
pub use jobs::{Completion, FinalProof, JobRow, LeasedJob, Verified};
pub use l1::{L1Cursor, StoredRequest};
pub use submissions::Submission;

// Types that are the same in rows and in the HTTP API.
pub use sheaf_wire::batches::BatchState;
pub use sheaf_wire::status::{FailedJob, JobCounts};

/// The rollup to which a database belongs: an L1 chain and a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollupId {
    /// 256 bits, big-endian.
    pub chain_id: [u8; 32],
    pub contract: L1Address,
}

impl RollupId {
    /// The rollup of `contract` on the chain with this id.
    pub fn new(chain_id: u64, contract: L1Address) -> Self {
        let mut wide = [0; 32];
        wide[24..].copy_from_slice(&chain_id.to_be_bytes());
        Self { chain_id: wide, contract }
    }
}

/// The database, shared between stages.
#[derive(Debug, Clone)]
pub struct Store {
    database: Database,
    /// Where the log appends: on SQLite the connection of every other writer.
    log: AnyPool,
    writer: AnyPool,
    readers: AnyPool,
    role: Role,
    rollup: RollupId,
    /// What the log begins on.
    base: Base,
    /// Where archived blocks are read; `None` if the operator gave no folder.
    archive: Option<Arc<Archive>>,
}

impl Store {
    /// Opens a database to lead: creates it if need be, brings its schema up to date, and takes it
    /// over from the process that wrote to it before.
    ///
    /// # Errors
    /// `InUse` while another process leads, `Standby` while the server takes no writes; `Lock` when
    /// the lock's file cannot be written; `NotDurable` when the server's settings may lose what is
    /// acknowledged; `Migration` when the schema is newer than this program or cannot be brought up
    /// to date; `OtherRollup` when the database belongs to another rollup; the database's errors.
    pub async fn open(database: &Database, rollup: RollupId) -> Result<Self, StoreError> {
        Self::open_for(database, Some(rollup)).await
    }

    /// Opens the database of whichever rollup, as `open` does.
    ///
    /// # Errors
    /// `NoRollup` when there is no such database, or it belongs to no rollup yet; as `open`.
    pub async fn open_existing(database: &Database) -> Result<Self, StoreError> {
        if !database.may_exist() {
            return Err(StoreError::NoRollup { database: database.to_string() });
        }
        Self::open_for(database, None).await
    }

    async fn open_for(database: &Database, rollup: Option<RollupId>) -> Result<Self, StoreError> {
        let turn = leadership::take(database).await?;
        let (writer, log) = database.writers().await?;
        database.migrate(&writer).await?;
        let readers = database.readers().await?;
        let mut write = writer.begin_with(database.begin()).await?;
        let rollup = claim(&mut write, rollup)
            .await?
            .ok_or_else(|| StoreError::NoRollup { database: database.to_string() })?;
        let epoch = leadership::take_epoch(&mut write).await?;
        let base = base::read(&mut write).await?;
        write.commit().await?;
        let (database, role) = (database.clone(), Role::Leads { epoch, turn });
        Ok(Self { database, log, writer, readers, role, rollup, base, archive: None })
    }

    /// Opens a database to read what another process writes.
    ///
    /// # Errors
    /// `NoRollup` when the database belongs to no rollup yet or has another schema than this
    /// version; `OtherRollup`; the database's errors.
    pub async fn follow(database: &Database, rollup: RollupId) -> Result<Self, StoreError> {
        let readers = database.readers().await?;
        let mut reader = readers.acquire().await?;
        let is_readable = database.has_this_schema(&mut reader).await?;
        let stored = if is_readable { stored_rollup(&mut reader).await? } else { None };
        let base = if is_readable { base::read(&mut reader).await? } else { Base::default() };
        drop(reader);
        match stored {
            None => Err(StoreError::NoRollup { database: database.to_string() }),
            Some(stored) if stored != rollup => Err(StoreError::OtherRollup),
            Some(_) => Ok(Self {
                database: database.clone(),
                log: readers.clone(),
                writer: readers.clone(),
                readers,
                role: Role::Follows,
                rollup,
                base,
                archive: None,
            }),
        }
    }

    /// The rollup to which the database belongs.
    pub const fn rollup(&self) -> &RollupId {
        &self.rollup
    }

    /// Closes the database after the operations under way.
    pub async fn close(&self) {
        self.readers.close().await;
        self.log.close().await;
        self.writer.close().await;
        self.role.release().await;
    }
}

/// Stores the rollup in a new database, or checks that the stored rollup is the same. Without a
/// rollup to compare with, returns the stored one, if there is one.
async fn claim(
    write: &mut AnyConnection,
    rollup: Option<RollupId>,
) -> Result<Option<RollupId>, StoreError> {
    if let Some(rollup) = rollup {
        sqlx::query(
            "INSERT INTO rollup (one, chain_id, contract) VALUES (1, $1, $2)
             ON CONFLICT (one) DO NOTHING",
        )
        .bind(rollup.chain_id.as_slice())
        .bind(rollup.contract.0.as_slice())
        .execute(&mut *write)
        .await?;
    }
    let stored = stored_rollup(write).await?;
    if rollup.is_some() && rollup != stored {
        return Err(StoreError::OtherRollup);
    }
    Ok(stored)
}

async fn stored_rollup(read: &mut AnyConnection) -> Result<Option<RollupId>, StoreError> {
    let row: Option<(Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT chain_id, contract FROM rollup").fetch_optional(read).await?;
    let Some((chain_id, contract)) = row else { return Ok(None) };
    Ok(Some(RollupId {
        chain_id: bytes("rollup.chain_id", &chain_id)?,
        contract: L1Address(bytes("rollup.contract", &contract)?),
    }))
}

/// The time of this machine's clock in Unix milliseconds. Leases are compared with no other clock.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).expect("milliseconds fit 64 bits for ages")
}

/// An integer for the database, whose integers are signed and have 64 bits.
fn int(value: impl Into<u64>) -> i64 {
    i64::try_from(value.into()).expect("no amount, count, number or time reaches 2^63")
}

/// Reads an integer that `int` wrote; `MalformedColumn` when it is negative.
fn uint(column: &'static str, value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::MalformedColumn { column })
}

fn narrow<T: TryFrom<i64>>(column: &'static str, value: i64) -> Result<T, StoreError> {
    T::try_from(value).map_err(|_| StoreError::MalformedColumn { column })
}

fn bytes<const N: usize>(column: &'static str, value: &[u8]) -> Result<[u8; N], StoreError> {
    value.try_into().map_err(|_| StoreError::MalformedColumn { column })
}

/// Reads the name of a data mode; `MalformedColumn` for an unknown name.
fn data_reference(stored: Option<Vec<u8>>) -> Result<Option<DataReference>, StoreError> {
    let read = |stored: Vec<u8>| bytes("batches.data_reference", &stored).map(DataReference);
    stored.map(read).transpose()
}

fn data_mode(text: &str) -> Result<DataMode, StoreError> {
    text.parse().map_err(|_| StoreError::MalformedColumn { column: "batches.data_mode" })
}
