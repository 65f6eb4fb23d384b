//! The turn to write to a SQLite file: a lock on a file beside the database.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::time::{Instant, sleep};

use crate::limits::{LEADER_LOCK_INTERVAL, LEADER_LOCK_PATIENCE};
use crate::store::StoreError;

/// What a file's name gets for the name of its lock.
const LOCK_SUFFIX: &str = ".lock";

/// The lock of one SQLite file, until `release` or the end of the process.
#[derive(Debug, Clone)]
pub(in crate::store) struct FileLock(Arc<File>);

impl FileLock {
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
