//! The store: the only SQL of the sequencer.
//!
//! SQLite runs in WAL mode with `synchronous=FULL`, so a commit that returned survives power loss.
//! One connection writes, and each write transaction takes the database's lock at its start; a few
//! other connections read. No caller repairs an error of the store: a stage that receives one ends
//! the process, and a restart reads what is durable.

pub mod archive;
mod batches;
mod blocks;
mod jobs;
mod l1;
mod leadership;
mod submissions;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::l1_address::L1Address;
use sqlx::SqliteConnection;
use sqlx::migrate::MigrateError;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use thiserror::Error;

use self::archive::{Archive, ArchiveError};
use self::leadership::LeaderLock;
use crate::block::MalformedBlock;
use crate::limits::{BUSY_TIMEOUT, READ_CONNECTIONS_MAX};

pub use batches::{BatchRow, FinalisedBatch, Published, SealedRow, Sealing};
pub use blocks::{BatchOfBlock, BlockLog, RawBlock};
pub use jobs::{Completion, FinalProof, JobRow, LeasedJob, Verified};
pub use l1::{L1Cursor, StoredRequest};
pub use submissions::Submission;

// Types that are the same in rows and in the HTTP API.
pub use sheaf_wire::batches::BatchState;
pub use sheaf_wire::status::{FailedJob, JobCounts};

/// Why an operation of the store failed. The message names the remedy where a person can help.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("another sequencer, {holder}, uses this database: end that process, then start again")]
    InUse { holder: String },
    #[error("the lock {} cannot be taken", path.display())]
    Lock { path: PathBuf, source: std::io::Error },
    #[error(
        "another sequencer has taken this database over (epoch {found}, this process has {epoch}): \
         everything that was acknowledged is there, and nothing more is written from here"
    )]
    Superseded { epoch: u64, found: u64 },
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
    #[error(
        "another process has held the database's lock for {} s: end it, then start again",
        BUSY_TIMEOUT.as_secs()
    )]
    Locked(#[source] sqlx::Error),
    #[error(
        "the disk is full: make room, then start again; everything that was acknowledged is there"
    )]
    DiskFull(#[source] sqlx::Error),
    #[error(
        "the disk refused to write or read the database: look at its health, the file's rights and \
         the process's limits, then start again; everything that was acknowledged is there"
    )]
    DiskFailed(#[source] sqlx::Error),
    #[error("the database's schema could not be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    #[error("the database belongs to another rollup")]
    OtherRollup,
    #[error("{} is no database of a rollup", path.display())]
    NoRollup { path: PathBuf },
    #[error("block {number} cannot be read")]
    MalformedBlock { number: u64, source: MalformedBlock },
    #[error(
        "the newest block of the log is {found} and not {expected}: another process has written, \
         and nothing more is written from here"
    )]
    LogMoved { expected: u64, found: u64 },
    #[error(
        "the file or folder {} cannot be read or written: look at the disk and the file's rights, \
         then start again; the file may be deleted, because a start makes it again from the log",
        path.display()
    )]
    Derived { path: PathBuf, source: std::io::Error },
    #[error(
        "block {block} is needed, and the blocks up to {last} are archived: start with --archive \
         and the folder of the archive files, which were written to {}",
        folder.display()
    )]
    Archived { block: u64, last: u64, folder: PathBuf },
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("block {block} cannot be archived, because its batch is not final")]
    NotFinal { block: u64 },
    #[error("column {column} has what this version never writes")]
    MalformedColumn { column: &'static str },
    #[error("request {found} of L1 does not follow {expected}")]
    RequestOutOfOrder { expected: u64, found: u64 },
}

impl StoreError {
    /// The error's name for logs and status pages: never changed.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "database_in_use",
            Self::Lock { .. } => "database_lock",
            Self::Superseded { .. } => "superseded",
            Self::Database(_) => "database",
            Self::Locked(_) => "database_locked",
            Self::DiskFull(_) => "disk_full",
            Self::DiskFailed(_) => "disk_failed",
            Self::Migration(_) => "migration",
            Self::OtherRollup => "other_rollup",
            Self::NoRollup { .. } => "no_rollup",
            Self::MalformedBlock { .. } => "malformed_block",
            Self::LogMoved { .. } => "log_moved",
            Self::Derived { .. } => "derived_file",
            Self::Archived { .. } => "archived",
            Self::Archive(_) => "archive_file",
            Self::NotFinal { .. } => "not_final",
            Self::MalformedColumn { .. } => "malformed_column",
            Self::RequestOutOfOrder { .. } => "request_out_of_order",
        }
    }
}

/// SQLite's primary result codes: the lower byte of an extended code (sqlite.org/rescode.html).
const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_IOERR: u32 = 10;
const SQLITE_FULL: u32 = 13;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|database| database.code());
        match code.and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
            Some(SQLITE_BUSY | SQLITE_LOCKED) => Self::Locked(error),
            Some(SQLITE_FULL) => Self::DiskFull(error),
            Some(SQLITE_IOERR) => Self::DiskFailed(error),
            _ => Self::Database(error),
        }
    }
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => Self::Migration(other),
        }
    }
}

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
    writer: SqlitePool,
    readers: SqlitePool,
    lock: LeaderLock,
    rollup: RollupId,
    /// This process's turn to write: see `leadership`.
    epoch: u64,
    /// Where archived blocks are read; `None` if the operator gave no folder.
    archive: Option<Arc<Archive>>,
}

impl Store {
    /// Opens the database at `path`, or creates it, brings its schema up to date, and takes it over
    /// from the process that wrote to it before.
    ///
    /// # Errors
    /// `InUse` while another process has the database open; `Lock` when the lock's file cannot be
    /// written; `Migration` when the schema is newer than this program or cannot be brought up to
    /// date; `OtherRollup` when the database belongs to another rollup; `Locked`, `DiskFull`,
    /// `DiskFailed` or `Database` when SQLite fails.
    pub async fn open(path: &Path, rollup: RollupId) -> Result<Self, StoreError> {
        Self::open_for(path, Some(rollup)).await
    }

    /// Opens the database of whichever rollup, as `open` does.
    ///
    /// # Errors
    /// `NoRollup` when there is no such file, or the database belongs to no rollup yet; as `open`.
    pub async fn open_existing(path: &Path) -> Result<Self, StoreError> {
        if !path.is_file() {
            return Err(StoreError::NoRollup { path: path.to_owned() });
        }
        Self::open_for(path, None).await
    }

    async fn open_for(path: &Path, rollup: Option<RollupId>) -> Result<Self, StoreError> {
        let lock = LeaderLock::acquire(path).await?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!("../migrations/sqlite").run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READ_CONNECTIONS_MAX)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await?;
        let mut write = writer.begin_with("BEGIN IMMEDIATE").await?;
        let rollup = claim(&mut write, rollup)
            .await?
            .ok_or_else(|| StoreError::NoRollup { path: path.to_owned() })?;
        let epoch = leadership::take_epoch(&mut write).await?;
        write.commit().await?;
        Ok(Self { writer, readers, lock, rollup, epoch, archive: None })
    }

    /// The rollup to which the database belongs.
    pub const fn rollup(&self) -> &RollupId {
        &self.rollup
    }

    /// Closes the database after the operations under way.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
        self.lock.release();
    }
}

/// Stores the rollup in a new database, or checks that the stored rollup is the same. Without a
/// rollup to compare with, returns the stored one, if there is one.
async fn claim(
    write: &mut SqliteConnection,
    rollup: Option<RollupId>,
) -> Result<Option<RollupId>, StoreError> {
    if let Some(rollup) = rollup {
        sqlx::query("INSERT OR IGNORE INTO rollup (one, chain_id, contract) VALUES (1, ?, ?)")
            .bind(rollup.chain_id.as_slice())
            .bind(rollup.contract.0.as_slice())
            .execute(&mut *write)
            .await?;
    }
    let row: Option<(Vec<u8>, Vec<u8>)> =
        sqlx::query_as("SELECT chain_id, contract FROM rollup").fetch_optional(write).await?;
    let Some((chain_id, contract)) = row else { return Ok(None) };
    let stored = RollupId {
        chain_id: bytes("rollup.chain_id", &chain_id)?,
        contract: L1Address(bytes("rollup.contract", &contract)?),
    };
    if rollup.is_some_and(|rollup| rollup != stored) {
        return Err(StoreError::OtherRollup);
    }
    Ok(Some(stored))
}

/// The time of this machine's clock in Unix milliseconds. Leases are compared with no other clock.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).expect("milliseconds fit 64 bits for ages")
}

/// An integer for SQLite, whose integers are signed and have 64 bits.
fn int(value: u64) -> i64 {
    i64::try_from(value).expect("no amount, count, number or time reaches 2^63")
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
fn data_mode(text: &str) -> Result<DataMode, StoreError> {
    text.parse().map_err(|_| StoreError::MalformedColumn { column: "batches.data_mode" })
}
