//! Taking a rollup over: a database from L1 where there is none, or where L1 has a batch that the
//! database lacks. What such a database had acknowledged waits in the new one to be executed again.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use sheaf_client::{ClientError, L1Data};
use sheaf_contracts::history::History;
use sheaf_sequencer::adoption::acknowledged_after;
use sheaf_sequencer::derived;
use sheaf_sequencer::snapshots::Snapshots;
use sheaf_sequencer::store::{Acknowledged, Database, RollupId, Store, StoreError};
use tokio::time::sleep;

use crate::rebuild::{FromL1, Source, found, read};
use crate::whole_file::{self, beside};

/// How long the blocks on top of a batch are waited for: 64 blocks of Ethereum take 13 minutes.
const CONFIRMATIONS_PATIENCE: Duration = Duration::from_secs(1_800);
/// How often it is looked whether they are there.
const CONFIRMATIONS_PAUSE: Duration = Duration::from_secs(2);
/// What a SQLite database's files have at the ends of their names. What was not checkpointed yet
/// moves first.
const FILE_ENDS: [&str; 3] = ["-wal", "-shm", ""];
/// What the name of the list of refused transactions has at its end.
const REFUSED: &str = ".refused";

/// What was made from L1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// A database with every batch that L1 has.
    Database,
    /// Nothing: the database has every batch, or another process leads it.
    Nothing,
}

/// A database, and the folder that the user has chosen for what is derived from it.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub database: &'a Database,
    pub derived: Option<&'a Path>,
}

impl Place<'_> {
    fn derived(&self) -> PathBuf {
        derived::folder(self.database, self.derived)
    }

    /// The file that lists what was refused: beside the database, or beside the derived folder of
    /// one on a server.
    pub(crate) fn refused(&self) -> PathBuf {
        match self.database {
            Database::Sqlite(path) => beside(path, REFUSED),
            Database::Postgres(_) => beside(&self.derived(), REFUSED),
        }
    }
}

/// Makes the database from L1 if it is empty, or if L1 has a batch that it lacks. In the second
/// case the old database is set aside, and what it had acknowledged waits in the new one for
/// `again::execute`. A database that another process leads is left as it is. `led` is the database
/// if this process leads it already. While the newest batch of L1 has too few blocks on top, waits
/// for those blocks.
///
/// # Errors
/// When L1 cannot be read or shows what the contract does not confirm; when a database or a file
/// cannot be read or written; `Unconfirmed` when the blocks do not come in
/// `CONFIRMATIONS_PATIENCE`.
pub(crate) async fn prepare(
    source: &Source<'_>,
    place: Place<'_>,
    led: Option<Store>,
) -> Result<Made> {
    let data = source.data().await?;
    let rollup = RollupId::new(data.chain_id(), source.contract);
    let store = match led {
        Some(store) => store,
        None => match Store::open(place.database, rollup).await {
            Err(StoreError::InUse { .. } | StoreError::Standby { .. }) => return Ok(Made::Nothing),
            opened => opened?,
        },
    };
    let old = Old { data: &data, store: &store, place };
    let prepared = confirmed(async || old.prepare(source).await).await;
    store.close().await;
    match prepared? {
        Prepared::Unchanged => return Ok(Made::Nothing),
        Prepared::Filled => {}
        Prepared::Beside(adopted) => adopted.replace(place)?,
    }
    Ok(Made::Database)
}

/// Tries again while the newest batch of L1 has too few blocks on top.
async fn confirmed<T>(attempt: impl AsyncFn() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    let mut is_told = false;
    loop {
        let error = match attempt().await {
            Err(error) if start.elapsed() < CONFIRMATIONS_PATIENCE => error,
            done => return done,
        };
        let Some(ClientError::Unconfirmed { batch, confirmations }) = error.downcast_ref() else {
            return Err(error);
        };
        if !is_told {
            tracing::info!(batch, confirmations, "waiting for L1 blocks on top of the batch");
            is_told = true;
        }
        sleep(CONFIRMATIONS_PAUSE).await;
    }
}

fn told(FromL1 { history, rebuilt }: &FromL1) {
    let (batch, slots) = (rebuilt.batches(), rebuilt.tree().len());
    tracing::info!(batch, slots, l1_block = history.block, "the database is made from L1");
}

/// What became of a database.
enum Prepared {
    /// The database has every batch of L1.
    Unchanged,
    /// The database was empty, or what it had is set aside within it.
    Filled,
    Beside(Adopted),
}

/// A new database beside the old one.
struct Adopted {
    /// The file of the old one.
    path: PathBuf,
    /// The newest batch that the old database and L1 both have.
    common: u64,
}

/// The database as it is, and the rollup on L1.
struct Old<'a> {
    data: &'a L1Data,
    store: &'a Store,
    place: Place<'a>,
}

impl Old<'_> {
    async fn prepare(&self, source: &Source<'_>) -> Result<Prepared> {
        match self.store.check_empty().await {
            Err(StoreError::NotEmpty { .. }) => self.adopt(source).await,
            Err(error) => Err(error.into()),
            Ok(()) => {
                told(&found(source, self.data.clone(), self.store).await?);
                Ok(Prepared::Filled)
            }
        }
    }

    /// Makes a database from L1 in the old one's place, if L1 has a batch that the old one lacks.
    async fn adopt(&self, source: &Source<'_>) -> Result<Prepared> {
        let newest = self.data.newest().await?;
        if newest.batch == 0 || self.has(newest.batch, newest.state).await? {
            return Ok(Prepared::Unchanged);
        }
        tracing::warn!(batch = newest.batch, "L1 has a batch that the database lacks: adopting it");
        match self.place.database {
            Database::Sqlite(path) => self.adopt_beside(source, path).await.map(Prepared::Beside),
            Database::Postgres(_) => self.adopt_within(source).await.map(|()| Prepared::Filled),
        }
    }

    /// Makes a new database beside a file.
    async fn adopt_beside(&self, source: &Source<'_>, path: &Path) -> Result<Adopted> {
        let from_l1 = beside(path, ".from-l1");
        for end in FILE_ENDS {
            remove_if_there(&beside(&from_l1, end))?;
        }
        let made = Store::open(&from_l1.into(), *self.store.rollup()).await?;
        let filled = self.fill(source, &made).await;
        made.close().await;
        Ok(Adopted { path: path.to_owned(), common: filled? })
    }

    /// Fills a new database, and returns the newest batch that both have.
    async fn fill(&self, source: &Source<'_>, made: &Store) -> Result<u64> {
        // L1's nodes may have forgotten blobs that the old database has.
        let data = self.data.clone().with_shelf(Arc::new(self.store.clone()));
        let read = read(source, data, made).await?;
        let (common, left) = self.left(&read.history).await?;
        made.found(&read.history, read.rebuilt.tree().slots(), &left).await?;
        told(&read);
        Ok(common)
    }

    /// Begins anew within a database on a server.
    async fn adopt_within(&self, source: &Source<'_>) -> Result<()> {
        let read = read(source, self.data.clone(), self.store).await?;
        let (common, left) = self.left(&read.history).await?;
        let slots = read.rebuilt.tree().slots();
        let schema = self.store.replace(&read.history, slots, &left, common).await?;
        told(&read);
        tracing::warn!(schema, "what the database had is set aside");
        Ok(())
    }

    /// The newest batch that the database and L1 both have, and what was acknowledged after it.
    async fn left(&self, history: &History) -> Result<(u64, Acknowledged)> {
        let mut common = 0;
        for batch in history.batches.iter().rev() {
            if self.has(batch.number, batch.post_state.to_bytes()).await? {
                common = batch.number;
                break;
            }
        }
        let snapshots = Snapshots::new(&self.place.derived());
        let log = (self.store, &snapshots);
        let left = acknowledged_after(log, self.data.domain(), common).await?;
        let count = left.transactions.len();
        tracing::warn!(common, count, "transactions were acknowledged after the last common batch");
        Ok((common, left))
    }

    async fn has(&self, batch: u64, state: [u8; 32]) -> Result<bool> {
        let row = self.store.batch(batch).await?;
        Ok(row.is_some_and(|row| row.sealed.post_state.to_bytes() == state))
    }
}

impl Adopted {
    /// Sets the old database aside, with what was derived from it, and puts the new one in its
    /// place.
    fn replace(&self, place: Place<'_>) -> Result<()> {
        let path = self.path.as_path();
        let aside = |path: &Path| beside(path, &format!(".until-{}", self.common));
        let derived = place.derived();
        move_if_there(&derived, &aside(&derived))?;
        for end in FILE_ENDS {
            move_if_there(&beside(path, end), &beside(&aside(path), end))?;
        }
        for end in FILE_ENDS {
            move_if_there(&beside(&beside(path, ".from-l1"), end), &beside(path, end))?;
        }
        remove_if_there(&beside(path, ".from-l1.lock"))?;
        tracing::warn!(kept = %aside(path).display(), "the old database is set aside");
        Ok(())
    }
}

/// Moves a file or a folder to a place where nothing is left of an earlier attempt.
fn move_if_there(from: &Path, to: &Path) -> Result<()> {
    if !from.exists() {
        return Ok(());
    }
    remove_if_there(to)?;
    fs::rename(from, to).with_context(|| format!("{} cannot be moved", from.display()))
}

fn remove_if_there(path: &Path) -> Result<()> {
    let is_folder = path.is_dir();
    let removed = if is_folder { fs::remove_dir_all(path) } else { whole_file::remove(path) };
    removed.with_context(|| format!("{} cannot be removed", path.display()))
}
