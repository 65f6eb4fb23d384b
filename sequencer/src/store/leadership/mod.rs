//! Leadership: which process may write to a database, and how another is kept out.
//!
//! Two guards. A lock, held for the process's life, tells a second sequencer at its start who is
//! there: a file's lock beside a SQLite database, a session's on PostgreSQL. An epoch in the
//! database makes writes safe whatever became of the lock: each start takes the next epoch, and
//! every write transaction compares the database's epoch with its own, under a lock that excludes
//! the next start.

mod file;
mod session;

use std::convert::Infallible;
use std::future::pending;

use sqlx::{Any, AnyConnection, AnyPool, Transaction};
use tokio::time::timeout;

use self::file::FileLock;
use self::session::SessionLock;
use super::database::{Database, Server};
use super::{Store, StoreError, int, uint};
use crate::limits::LEADER_SILENCE_MAX;

/// What a process may do with a database.
#[derive(Debug, Clone)]
pub(super) enum Role {
    /// The process writes, in the epoch that it took.
    Leads { epoch: u64, turn: Turn },
    /// The process reads what another one writes.
    Follows,
}

/// The lock that other starts meet.
#[derive(Debug, Clone)]
pub(super) enum Turn {
    File(FileLock),
    Session(SessionLock),
}

impl Role {
    /// Lets another process lead, if this one does.
    pub(super) async fn release(&self) {
        match self {
            Self::Leads { turn: Turn::File(lock), .. } => lock.release(),
            Self::Leads { turn: Turn::Session(lock), .. } => lock.release().await,
            Self::Follows => {}
        }
    }
}

/// Takes the lock of a database.
///
/// # Errors
/// `InUse` when another process has the lock, on a SQLite file for `LEADER_LOCK_PATIENCE`; `Lock`
/// when the lock's file cannot be opened or written; `Standby`; the server's errors.
pub(super) async fn take(database: &Database) -> Result<Turn, StoreError> {
    match database {
        Database::Sqlite(path) => FileLock::acquire(path).await.map(Turn::File),
        Database::Postgres(server) => SessionLock::acquire(server).await.map(Turn::Session),
    }
}

/// Takes the next epoch.
pub(super) async fn take_epoch(write: &mut AnyConnection) -> Result<u64, StoreError> {
    let epoch = sqlx::query_scalar("UPDATE leader SET epoch = epoch + 1 RETURNING epoch")
        .fetch_one(write)
        .await?;
    uint("leader.epoch", epoch)
}

impl Store {
    /// Keeps this process's turn to write, for as long as there is no error.
    ///
    /// # Errors
    /// `Superseded` when the turn is lost and another process has led since; otherwise as the
    /// database's, when its server has ended the session or does not answer.
    pub async fn keep_turn(&self) -> Result<Infallible, StoreError> {
        match (&self.role, &self.database) {
            (Role::Leads { turn: Turn::Session(lock), .. }, Database::Postgres(server)) => {
                let Err(lost) = lock.keep().await;
                Err(self.superseded(server).await.unwrap_or(lost))
            }
            _ => pending().await,
        }
    }

    /// `Superseded` if another process has led since, as far as the server answers: the end of a
    /// session alone does not tell a server that fails from a successor.
    async fn superseded(&self, server: &Server) -> Option<StoreError> {
        // A new session: a pool would wait for a server that is gone.
        let asked =
            async { self.check_epoch(&mut server.session().await?, self.own_epoch()).await };
        match timeout(LEADER_SILENCE_MAX, asked).await {
            Ok(Err(superseded @ StoreError::Superseded { .. })) => Some(superseded),
            _ => None,
        }
    }

    /// A write transaction of this process's epoch.
    ///
    /// # Errors
    /// `Superseded` when another process has taken the database over; `Following` when this process
    /// never led.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Any>, StoreError> {
        self.begin_on(&self.writer, self.own_epoch()).await
    }

    /// A write transaction to the log, of the process that took `epoch`.
    ///
    /// # Errors
    /// As `begin`.
    pub(super) async fn begin_log(
        &self,
        epoch: u64,
    ) -> Result<Transaction<'static, Any>, StoreError> {
        self.begin_on(&self.log, epoch).await
    }

    /// Whether this process writes, rather than reading what another one writes.
    pub const fn leads(&self) -> bool {
        matches!(self.role, Role::Leads { .. })
    }

    /// The epoch in which this process writes; 0 if it follows.
    pub(super) const fn own_epoch(&self) -> u64 {
        match self.role {
            Role::Leads { epoch, .. } => epoch,
            Role::Follows => 0,
        }
    }

    /// Begins a transaction and compares the database's epoch, under a lock that excludes the next
    /// start until the transaction ends.
    async fn begin_on(
        &self,
        pool: &AnyPool,
        epoch: u64,
    ) -> Result<Transaction<'static, Any>, StoreError> {
        if !self.leads() {
            return Err(StoreError::Following);
        }
        let mut write = pool.begin_with(self.database.begin()).await?;
        self.check_epoch(&mut write, epoch).await?;
        Ok(write)
    }

    /// Compares the database's epoch with `epoch`, and waits for a start that takes the next one.
    async fn check_epoch(&self, read: &mut AnyConnection, epoch: u64) -> Result<(), StoreError> {
        let found: i64 = sqlx::query_scalar(self.database.epoch_query()).fetch_one(read).await?;
        if found == int(epoch) {
            return Ok(());
        }
        Err(StoreError::Superseded { epoch, found: uint("leader.epoch", found)? })
    }
}
