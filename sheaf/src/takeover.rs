//! Taking a rollup over: a database from L1 where there is none, or where L1 has a batch that the
//! database lacks. What such a database had acknowledged is executed again, and what can no longer
//! be executed is listed.

use std::collections::HashSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use sheaf_client::{Api, ClientError, L1Data, Stage};
use sheaf_contracts::history::History;
use sheaf_ledger::SignedTransaction;
use sheaf_sequencer::adoption::{Acknowledged, acknowledged_after};
use sheaf_sequencer::derived;
use sheaf_sequencer::snapshots::Snapshots;
use sheaf_sequencer::store::{Database, RollupId, Store, StoreError};
use sheaf_wire::ErrorDetail;
use tokio::time::sleep;

use crate::rebuild::{Founded, Source, found};
use crate::whole_file::{self, beside};

/// How long the blocks on top of a batch are waited for: 64 blocks of Ethereum take 13 minutes.
const CONFIRMATIONS_PATIENCE: Duration = Duration::from_secs(1_800);
/// How often it is looked whether they are there.
const CONFIRMATIONS_PAUSE: Duration = Duration::from_secs(2);
/// Transactions in one request to the own API.
const SENT_AT_ONCE: usize = 1_024;
/// How long one request to the own API is repeated.
const API_PATIENCE: Duration = Duration::from_secs(120);
/// How long the requests that the old log had consumed are waited for: payments may spend them.
const REQUESTS_PATIENCE: Duration = Duration::from_secs(300);
/// How often it is looked whether they are consumed.
const REQUESTS_PAUSE: Duration = Duration::from_millis(250);

/// What a SQLite database's files have at the ends of their names. What was not checkpointed yet
/// moves first.
const FILE_ENDS: [&str; 3] = ["-wal", "-shm", ""];

/// What waits to be executed again, in a file beside the database.
#[derive(Clone, Serialize, Deserialize)]
struct Again {
    /// How many requests the old log had consumed.
    requests: u64,
    transactions: Vec<SignedTransaction>,
}

impl Again {
    /// Both lists, each transaction once.
    fn before(mut self, later: &Self) -> Self {
        let known: HashSet<SignedTransaction> = self.transactions.iter().cloned().collect();
        let new = later.transactions.iter().filter(|transaction| !known.contains(transaction));
        self.transactions.extend(new.cloned());
        Self { requests: self.requests.max(later.requests), ..self }
    }
}

/// A transaction that was acknowledged and cannot be executed any more.
#[derive(Serialize)]
struct Refused<'a> {
    transaction: &'a SignedTransaction,
    error: Option<ErrorDetail>,
}

/// What was made from L1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// A database with every batch that L1 has.
    Database,
    /// Nothing: the database has every batch, or another process leads it.
    Nothing,
}

/// As `prepare`. While the newest batch of L1 has too few blocks on top, waits for those blocks.
///
/// # Errors
/// As `prepare`; `Unconfirmed` when the blocks do not come in `CONFIRMATIONS_PATIENCE`.
pub(crate) async fn prepare_confirmed(
    source: &Source<'_>,
    database: &Database,
    chosen: Option<&Path>,
) -> Result<Made> {
    let start = Instant::now();
    let mut is_told = false;
    loop {
        let error = match prepare(source, database, chosen).await {
            Err(error) if start.elapsed() < CONFIRMATIONS_PATIENCE => error,
            made => return made,
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

/// Makes the database from L1 if it is empty, or if L1 has a batch that it lacks. In the second
/// case the old database is set aside, and what it had acknowledged is written to a file for
/// `execute_again`. A database that another process leads is left as it is.
///
/// # Errors
/// When L1 cannot be read or shows what the contract does not confirm; when a database or a file
/// cannot be read or written; when a database on a server lacks a batch of L1.
async fn prepare(source: &Source<'_>, database: &Database, chosen: Option<&Path>) -> Result<Made> {
    let data = source.data().await?;
    let rollup = RollupId::new(data.chain_id(), source.contract);
    let store = match Store::open(database, rollup).await {
        Err(StoreError::InUse { .. } | StoreError::Standby { .. }) => return Ok(Made::Nothing),
        opened => opened?,
    };
    let prepared = match store.check_empty().await {
        Err(StoreError::NotEmpty { .. }) => {
            adopt(source, (&data, &store), (database, chosen)).await
        }
        Err(error) => Err(error.into()),
        Ok(()) => found(source, data.clone(), &store).await.map(|founded| {
            told(&founded);
            Prepared::Filled
        }),
    };
    store.close().await;
    match prepared? {
        Prepared::Unchanged => return Ok(Made::Nothing),
        Prepared::Filled => {}
        Prepared::Beside(adopted) => adopted.replace(chosen)?,
    }
    Ok(Made::Database)
}

fn told(Founded { history, rebuilt }: &Founded) {
    let (batch, slots) = (rebuilt.batches(), rebuilt.tree().len());
    tracing::info!(batch, slots, l1_block = history.block, "the database is made from L1");
}

/// What became of a database.
enum Prepared {
    /// The database has every batch of L1.
    Unchanged,
    /// The database was empty.
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

/// Makes a database from L1 beside the old one, if L1 has a batch that the old one lacks.
async fn adopt(
    source: &Source<'_>,
    (data, store): (&L1Data, &Store),
    (database, chosen): (&Database, Option<&Path>),
) -> Result<Prepared> {
    let newest = data.newest().await?;
    if newest.batch == 0 || has(store, newest.batch, newest.state).await? {
        return Ok(Prepared::Unchanged);
    }
    let Database::Sqlite(path) = database else {
        bail!(
            "L1 has batch {}, which the database lacks: make an empty database, and start with \
             --takeover and its address",
            newest.batch
        );
    };
    tracing::warn!(batch = newest.batch, "L1 has a batch that the database lacks: adopting it");
    let from_l1 = beside(path, ".from-l1");
    for end in FILE_ENDS {
        remove_if_there(&beside(&from_l1, end))?;
    }
    let made = Store::open(&from_l1.clone().into(), *store.rollup()).await?;
    // L1's nodes may have forgotten blobs that the old database has.
    let data_and_old = data.clone().with_shelf(Arc::new(store.clone()));
    let founded = found(source, data_and_old, &made).await;
    made.close().await;
    let founded = founded?;
    told(&founded);
    let common = common(store, &founded.history).await?;
    let snapshots = Snapshots::new(&derived::folder(database, chosen));
    let Acknowledged { transactions, requests } =
        acknowledged_after((store, &snapshots), data.domain(), common).await?;
    let count = transactions.len();
    tracing::warn!(common, count, "transactions were acknowledged after the last common batch");
    let file = beside(path, ".again");
    let again = Again { requests, transactions };
    write(&file, &read(&file)?.map_or_else(|| again.clone(), |earlier| earlier.before(&again)))?;
    Ok(Prepared::Beside(Adopted { path: path.clone(), common }))
}

async fn has(store: &Store, batch: u64, state: [u8; 32]) -> Result<bool> {
    let row = store.batch(batch).await?;
    Ok(row.is_some_and(|row| row.sealed.post_state.to_bytes() == state))
}

/// The newest batch that database and L1 both have, with one State.
async fn common(store: &Store, history: &History) -> Result<u64> {
    for batch in history.batches.iter().rev() {
        if has(store, batch.number, batch.post_state.to_bytes()).await? {
            return Ok(batch.number);
        }
    }
    Ok(0)
}

impl Adopted {
    /// Sets the old database aside, with what was derived from it, and puts the new one in its
    /// place.
    fn replace(&self, chosen: Option<&Path>) -> Result<()> {
        let path = self.path.as_path();
        let aside = |path: &Path| beside(path, &format!(".until-{}", self.common));
        let derived = derived::folder(&path.to_owned().into(), chosen);
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

/// Executes again what a file beside the database lists, and then removes the file. What is refused
/// is logged and listed in another file.
///
/// # Errors
/// When a file cannot be read or written, or the sequencer does not answer. A later start begins
/// anew, which executes nothing twice.
pub(crate) async fn execute_again(database: PathBuf, api: SocketAddr, store: Store) -> Result<()> {
    let path = beside(&database, ".again");
    let Some(again) = read(&path)? else { return Ok(()) };
    wait_for_requests(&store, again.requests).await?;
    let api = Api::patient(&format!("http://{}", reachable(api)), API_PATIENCE)?;
    let mut refused = Vec::new();
    for some in again.transactions.chunks(SENT_AT_ONCE) {
        for (transaction, status) in some.iter().zip(api.submit_all(some).await?) {
            if status.stage == Stage::Rejected {
                let code = status.error.as_ref().map(|error| error.code.as_str());
                tracing::warn!(id = ?status.id, code, "acknowledged, and refused now");
                refused.push(Refused { transaction, error: status.error });
            }
        }
    }
    let executed = again.transactions.len() - refused.len();
    tracing::info!(executed, refused = refused.len(), "what was acknowledged is executed again");
    if !refused.is_empty() {
        write(&beside(&database, ".refused"), &refused)?;
    }
    remove_if_there(&path)
}

/// Waits until the log has consumed as many requests as the old one, for `REQUESTS_PATIENCE`.
async fn wait_for_requests(store: &Store, requests: u64) -> Result<()> {
    let start = Instant::now();
    let last = store.last_batch().await?.map(|last| last.sealed);
    let (mut block, mut consumed) =
        last.map_or((0, 0), |last| (last.last_block, last.first_request + last.requests));
    while consumed < requests && start.elapsed() < REQUESTS_PATIENCE {
        match store.blocks_between(block, u64::MAX).await?.last() {
            Some(last) => {
                (block, consumed) = (last.number, last.first_request + u64::from(last.requests));
            }
            None => sleep(REQUESTS_PAUSE).await,
        }
    }
    Ok(())
}

/// The address at which this machine reaches its own API.
fn reachable(api: SocketAddr) -> SocketAddr {
    let here = if api.ip().is_unspecified() { IpAddr::from(Ipv4Addr::LOCALHOST) } else { api.ip() };
    SocketAddr::new(here, api.port())
}

/// What waits to be executed again; `None` without a file.
fn read(path: &Path) -> Result<Option<Again>> {
    let text = whole_file::read(path);
    let text = text.with_context(|| format!("{} cannot be read", path.display()))?;
    let Some(text) = text else { return Ok(None) };
    serde_json::from_slice(&text)
        .map(Some)
        .with_context(|| format!("{} has no transactions", path.display()))
}

/// Writes a file that is whole under its name after any crash.
fn write(path: &Path, content: &impl Serialize) -> Result<()> {
    let content = serde_json::to_vec(content)?;
    let written = whole_file::write(path, &content, whole_file::PRIVATE);
    written.with_context(|| format!("{} cannot be written", path.display()))
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
