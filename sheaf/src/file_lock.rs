//! Locks that processes hold on files and folders, as long as the file is open. A process that ends
//! in any way gives its locks back.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How often it is tried whether a lock was given back.
const PAUSE: Duration = Duration::from_millis(20);

/// Locks an open file or folder, which an error calls `path`. Waits while another process has the
/// lock; `false` if the other process has it for longer than `patience`.
///
/// # Errors
/// When the file system has no locks.
pub(crate) fn lock(file: &File, path: &Path, patience: Duration) -> Result<bool> {
    let start = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if start.elapsed() >= patience => return Ok(false),
            Err(TryLockError::WouldBlock) => sleep(PAUSE),
            Err(TryLockError::Error(error)) => bail!("cannot lock {}: {error}", path.display()),
        }
    }
}
