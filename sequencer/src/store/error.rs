//! Why an operation of the store or of its archive failed.

use std::path::PathBuf;

use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;
use thiserror::Error;

use crate::block::MalformedBlock;
use crate::limits::BUSY_TIMEOUT;

/// Why an operation of the store failed. The message names the remedy where a person can help.
#[derive(Debug, Error)]
pub enum StoreError {
    #[error("another sequencer, {holder}, uses this database: end that process, then start again")]
    InUse { holder: String },
    #[error("the lock {} cannot be taken", path.display())]
    Lock { path: PathBuf, source: std::io::Error },
    #[error(
        "the system gives no thread for the database's lock: raise the process's limits, then \
         start again"
    )]
    Thread { source: std::io::Error },
    #[error(
        "another sequencer has taken this database over (epoch {found}, this process has {epoch}): \
         everything that was acknowledged is there, and nothing more is written from here"
    )]
    Superseded { epoch: u64, found: u64 },
    #[error("this process follows: another sequencer leads, and only it writes")]
    Following,
    #[error(
        "the database server of {database} is a standby, which takes no writes: promote it, or \
         name the server that leads"
    )]
    Standby { database: String },
    #[error(
        "the database server's setting {setting} is off, so a crash of the server could lose what \
         was acknowledged: turn it on, then start again"
    )]
    NotDurable { setting: &'static str },
    #[error(
        "the database server does not answer: look at the server and at the network, then start \
         again; everything that was acknowledged is there"
    )]
    Unreachable(#[source] sqlx::Error),
    #[error("this is no address of a PostgreSQL server: postgres://USER@HOST:PORT/NAME")]
    MalformedAddress(#[source] sqlx::Error),
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
    #[error("{database} is no database of a rollup")]
    NoRollup { database: String },
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
        "another process uses the folder {}: give each sequencer its own with --derived",
        folder.display()
    )]
    DerivedInUse { folder: PathBuf },
    #[error(
        "block {block} is needed, and the blocks up to {last} are archived: start with --archive \
         and the folder of the archive files, which were written to {}",
        folder.display()
    )]
    Archived { block: u64, last: u64, folder: PathBuf },
    #[error(
        "block {block} is not in the log, which begins after block {before}: the database was \
         rebuilt from L1, which has no blocks"
    )]
    BeforeLog { block: u64, before: u64 },
    #[error(
        "{database} is not empty: give the path of a new file, or an empty database, with \
         --database"
    )]
    NotEmpty { database: String },
    #[error(
        "another sequencer has adopted a batch of L1 that this database lacked, and the database \
         begins anew: start again"
    )]
    Replaced,
    #[error(
        "the user of {database} may not make a schema there, in which an adoption sets aside what \
         the database has: have the user own the database and its tables, then start with \
         --takeover; nothing has changed"
    )]
    NoSchema { database: String, source: sqlx::Error },
    #[error("what L1 says of the rollup does not fit together at batch {batch}")]
    MalformedHistory { batch: u64 },
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    #[error("block {block} cannot be archived, because its batch is not final")]
    NotFinal { block: u64 },
    #[error("column {column} has what this version never writes")]
    MalformedColumn { column: &'static str },
    #[error("request {found} of L1 does not follow {expected}")]
    RequestOutOfOrder { expected: u64, found: u64 },
}

/// Why the archive cannot be read or written. The message names the file.
#[derive(Debug, Error)]
pub enum ArchiveError {
    #[error("{} cannot be read or written", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("the folder {} has no archive file", folder.display())]
    Empty { folder: PathBuf },
    #[error("{} is no archive file that this version reads", path.display())]
    NotArchive { path: PathBuf },
    #[error("{} is damaged: take the file from a back-up", path.display())]
    Damaged { path: PathBuf },
    #[error("{} belongs to another rollup", path.display())]
    OtherRollup { path: PathBuf },
    #[error(
        "{} is not the file to which this database's blocks were moved, although the file has the \
         same name",
        path.display()
    )]
    OtherFile { path: PathBuf },
    #[error("{} does not begin with block {expected}, which must follow", path.display())]
    Gap { path: PathBuf, expected: u64 },
    #[error(
        "block {block} is not the same in {} and in the database: the file is another log's. Move \
         the file elsewhere, then try again",
        path.display()
    )]
    Differs { path: PathBuf, block: u64 },
    #[error(
        "{} has blocks that may not be archived from this database yet: try again when more \
         batches are final, or move the file elsewhere",
        path.display()
    )]
    TooNew { path: PathBuf },
}

impl StoreError {
    /// The error's name for logs and status pages: never changed.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "database_in_use",
            Self::Lock { .. } => "database_lock",
            Self::Thread { .. } => "no_thread",
            Self::Superseded { .. } => "superseded",
            Self::Following => "following",
            Self::Standby { .. } => "database_standby",
            Self::NotDurable { .. } => "database_not_durable",
            Self::Unreachable(_) => "database_unreachable",
            Self::MalformedAddress(_) => "malformed_database",
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
            Self::DerivedInUse { .. } => "derived_in_use",
            Self::Archived { .. } => "archived",
            Self::BeforeLog { .. } => "before_log",
            Self::NotEmpty { .. } => "database_not_empty",
            Self::Replaced => "database_replaced",
            Self::NoSchema { .. } => "database_no_schema",
            Self::MalformedHistory { .. } => "malformed_history",
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
        let kind = match &error {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => Self::Unreachable,
            sqlx::Error::Database(source) => match source.try_downcast_ref::<PgDatabaseError>() {
                Some(postgres) => of_postgres(postgres.code()),
                None => of_sqlite(source.code().and_then(|code| code.parse().ok())),
            },
            _ => Self::Database,
        };
        kind(error)
    }
}

fn of_sqlite(code: Option<u32>) -> fn(sqlx::Error) -> StoreError {
    match code.map(|code| code & 0xff) {
        Some(SQLITE_BUSY | SQLITE_LOCKED) => StoreError::Locked,
        Some(SQLITE_FULL) => StoreError::DiskFull,
        Some(SQLITE_IOERR) => StoreError::DiskFailed,
        _ => StoreError::Database,
    }
}

/// The kinds of PostgreSQL's errors (PostgreSQL manual, appendix A).
fn of_postgres(code: &str) -> fn(sqlx::Error) -> StoreError {
    match code {
        // lock_not_available
        "55P03" => StoreError::Locked,
        // disk_full
        "53100" => StoreError::DiskFull,
        // io_error
        "58030" => StoreError::DiskFailed,
        // Class 08 is about connections; 57P01 to 57P05 end a connection that the server ends.
        _ if code.starts_with("08") || code.starts_with("57P0") => StoreError::Unreachable,
        _ => StoreError::Database,
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
