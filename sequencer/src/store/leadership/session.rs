//! The turn to write to a PostgreSQL database: an advisory lock of a session.
//!
//! The server releases the lock with the session: when the process ends, when its machine answers
//! no more, and when the process says nothing for `LEADER_SILENCE_MAX`, as one that is stopped.
//!
//! The session has a thread and a runtime of its own, because a runtime under load looks at its
//! timers and sockets late: a process that has much to do would lose its turn.

use std::convert::Infallible;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use sqlx::{AnyConnection, Connection as _};
use tokio::runtime;
use tokio::sync::{Mutex, oneshot, watch};
use tokio::time::timeout;

use crate::limits::{LEADER_HEARTBEAT, LEADER_SILENCE_MAX};
use crate::store::StoreError;
use crate::store::database::{Server, configure};

/// What sequencers lock in their database: the name in ASCII.
const LOCK: i64 = i64::from_be_bytes(*b"sheaf\0\0\x01");
/// The name of the session's thread, which has at most 15 bytes on Linux.
const THREAD: &str = "leader session";

/// The lock, until `release` or the end of the process. A thread tells the server again and again
/// that the process is there, from the moment at which the lock was taken.
#[derive(Debug, Clone)]
pub(in crate::store) struct SessionLock {
    /// How the session ended.
    ended: Arc<Mutex<oneshot::Receiver<Result<(), StoreError>>>>,
    /// The thread ends when this becomes true, or when every copy of the lock is dropped.
    released: watch::Sender<bool>,
}

impl SessionLock {
    /// Takes the lock on a new session.
    ///
    /// # Errors
    /// `InUse` when another session has the lock; `Standby` when the server takes no writes;
    /// `Thread` when the system gives the session no thread.
    pub(super) async fn acquire(server: &Server) -> Result<Self, StoreError> {
        let (tell_taken, taken) = oneshot::channel();
        let (tell_ended, ended) = oneshot::channel();
        let (released, told) = watch::channel(false);
        let server = server.clone();
        let session = move || {
            let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                // Nobody listens when the start was given up, here and below.
                Err(source) => return drop(tell_taken.send(Err(StoreError::Thread { source }))),
            };
            runtime.block_on(async {
                match take(&server).await {
                    Err(error) => drop(tell_taken.send(Err(error))),
                    Ok(session) => {
                        let _ = tell_taken.send(Ok(()));
                        let _ = tell_ended.send(heartbeat(session, told).await);
                    }
                }
            });
        };
        let started = thread::Builder::new().name(THREAD.to_owned()).spawn(session);
        started.map_err(|source| StoreError::Thread { source })?;
        taken.await.expect("the session's thread does not panic")?;
        Ok(Self { ended: Arc::new(Mutex::new(ended)), released })
    }

    /// Returns when the turn is lost.
    ///
    /// # Errors
    /// `Unreachable` when the server does not answer within `LEADER_SILENCE_MAX`, or has ended the
    /// session; the database's other errors.
    pub(super) async fn keep(&self) -> Result<Infallible, StoreError> {
        let ended = (&mut *self.ended.lock().await).await;
        match ended.expect("the session's thread does not panic") {
            Err(error) => Err(error),
            // The lock was released, so the process is about to end.
            Ok(()) => std::future::pending().await,
        }
    }

    /// Lets another process lead.
    pub(super) async fn release(&self) {
        self.released.send_replace(true);
        let mut ended = self.ended.lock().await;
        if !ended.is_terminated() {
            // A turn that was lost needs no release.
            let _ = (&mut *ended).await;
        }
    }
}

/// Opens a session and takes the lock on it.
async fn take(server: &Server) -> Result<AnyConnection, StoreError> {
    let mut session = server.session().await?;
    let standby: bool =
        sqlx::query_scalar("SELECT pg_is_in_recovery()").fetch_one(&mut session).await?;
    if standby {
        return Err(StoreError::Standby { database: server.to_string() });
    }
    let taken: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
        .bind(LOCK)
        .fetch_one(&mut session)
        .await?;
    if !taken {
        return Err(StoreError::InUse { holder: holder(&mut session).await? });
    }
    limit_silence(&mut session).await?;
    Ok(session)
}

/// Speaks until the lock is released, and then ends the session.
async fn heartbeat(
    mut session: AnyConnection,
    mut released: watch::Receiver<bool>,
) -> Result<(), StoreError> {
    while timeout(LEADER_HEARTBEAT, released.wait_for(|released| *released)).await.is_err() {
        match timeout(LEADER_SILENCE_MAX, session.ping()).await {
            Ok(answered) => answered?,
            Err(_) => return Err(sqlx::Error::PoolTimedOut.into()),
        }
    }
    // The server notices the end of a session a moment later than an unlock.
    sqlx::query("SELECT pg_advisory_unlock($1)").bind(LOCK).execute(&mut session).await?;
    Ok(session.close().await?)
}

/// Has the server end a session that is silent: one whose process is stopped, or whose machine is
/// gone without a word.
async fn limit_silence(session: &mut AnyConnection) -> Result<(), StoreError> {
    let milliseconds = |time: Duration| time.as_millis().to_string();
    let seconds = |time: Duration| time.as_secs().to_string();
    let settings = [
        ("idle_session_timeout", milliseconds(LEADER_SILENCE_MAX)),
        ("tcp_user_timeout", milliseconds(LEADER_SILENCE_MAX)),
        ("tcp_keepalives_idle", seconds(LEADER_HEARTBEAT)),
        ("tcp_keepalives_interval", seconds(LEADER_HEARTBEAT)),
        ("tcp_keepalives_count", seconds(LEADER_SILENCE_MAX)),
        ("application_name", format!("sheaf sequencer, pid {}", std::process::id())),
    ];
    Ok(configure(session, settings).await?)
}

/// The process that has the lock, as far as this session may see it.
async fn holder(session: &mut AnyConnection) -> Result<String, StoreError> {
    let found: Option<(String, String)> = sqlx::query_as(
        "SELECT coalesce(application_name, ''), coalesce(host(client_addr), 'this machine')
         FROM pg_locks JOIN pg_stat_activity USING (pid)
         WHERE locktype = 'advisory' AND granted AND pg_locks.database =
                   (SELECT oid FROM pg_database WHERE datname = current_database())
           AND (classid::bigint << 32) | objid::bigint = $1",
    )
    .bind(LOCK)
    .fetch_optional(session)
    .await?;
    let named = found.filter(|(name, _)| !name.is_empty());
    let (name, host) = named.unwrap_or(("pid unknown".into(), "a machine unknown".into()));
    Ok(format!("{} at {host}", name.trim_start_matches("sheaf sequencer, ")))
}
