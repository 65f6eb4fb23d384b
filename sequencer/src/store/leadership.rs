//! Leadership: which process may write to a database, and how another is kept out.
//!
//! Two guards. A lock on a file beside the database, held for the process's life, tells a second
//! sequencer at its start who is there. An epoch in the database makes writes safe whatever became
//! of the lock: each start takes the next epoch, and every write transaction compares the
//! database's epoch with its own, under the lock that excludes other writers.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::{Sqlite, SqliteConnection, Transaction};
use tokio::time::{Instant, sleep};

use super::{Store, StoreError, int, uint};
use crate::limits::{LEADER_LOCK_INTERVAL, LEADER_LOCK_PATIENCE};

/// What a file's name gets for the name of its lock.
const LOCK_SUFFIX: &str = ".lock";

/// The lock of one database, until `release` or the end of the process.
#[derive(Debug, Clone)]
pub(super) struct LeaderLock(Arc<File>);

impl LeaderLock {
    /// Locks the file beside the database, and writes this process's id into it.
    ///
    /// # Errors
    /// `InUse` when another process keeps the lock for `LEADER_LOCK_PATIENCE`; `Lock` when the file
    /// cannot be opened or written.
    pub(super) async fn acquire(database: &Path) -> Result<Self, StoreError> {
        let path = lock_path(database);
        let failed = |source| StoreError::Lock { path: path.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        let end = Instant::now() + LEADER_LOCK_PATIENCE;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(source)) => return Err(failed(source)),
                Err(TryLockError::WouldBlock) if Instant::now() >= end => {
                    return Err(StoreError::InUse { holder: holder(&mut file) });
                }
                Err(TryLockError::WouldBlock) => sleep(LEADER_LOCK_INTERVAL).await,
            }
        }
        file.set_len(0).map_err(failed)?;
        write!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self(Arc::new(file)))
    }

    /// Lets another process have the database.
    pub(super) fn release(&self) {
        // A lock that cannot be released ends with the process.
        let _ = self.0.unlock();
    }
}

/// The lock's file: beside the database itself, wherever links lead to it from.
fn lock_path(database: &Path) -> PathBuf {
    let database = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    let mut name = OsString::from(database);
    name.push(LOCK_SUFFIX);
    name.into()
}

/// The process that has written its id into a lock's file, as far as the file can be read.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    match read {
        Ok(_) if text.parse::<u32>().is_ok() => format!("pid {text}"),
        _ => "pid unknown".to_owned(),
    }
}

/// Takes the next epoch.
pub(super) async fn take_epoch(write: &mut SqliteConnection) -> Result<u64, StoreError> {
    let epoch = sqlx::query_scalar("UPDATE leader SET epoch = epoch + 1 RETURNING epoch")
        .fetch_one(write)
        .await?;
    uint("leader.epoch", epoch)
}

impl Store {
    /// A write transaction of this process's epoch. It excludes other writers from its start, so
    /// that it cannot fail half way because another process wrote.
    ///
    /// # Errors
    /// `Superseded` when another process has taken the database over.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.begin_in(self.epoch).await
    }

    /// A write transaction of the process that took `epoch`.
    ///
    /// # Errors
    /// As `begin`.
    pub(super) async fn begin_in(
        &self,
        epoch: u64,
    ) -> Result<Transaction<'static, Sqlite>, StoreError> {
        let mut write = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let found: i64 =
            sqlx::query_scalar("SELECT epoch FROM leader").fetch_one(&mut *write).await?;
        if found != int(epoch) {
            let found = uint("leader.epoch", found)?;
            return Err(StoreError::Superseded { epoch, found });
        }
        Ok(write)
    }
}
