//! `sheaf rebuild`: makes a sequencer's database from what L1 says of a rollup, and from nothing
//! else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use alloy::providers::{Provider, ProviderBuilder};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use sheaf_client::{BlobSource, L1Data, Rebuilt};
use sheaf_contracts::client;
use sheaf_contracts::history::History;
use sheaf_ledger::L1Address;
use sheaf_sequencer::snapshots::{self, Snapshot};
use sheaf_sequencer::store::{Acknowledged, Database, RollupId, Store};

use crate::blob_sources::sources;
use crate::confirmations::confirmations;
use crate::output;
use crate::progress::BatchBar;
use crate::shell::quoted;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// URL of an L1 node with the events since the contract's deployment; of several, the first
    ///
    /// The node is asked for events, transactions and the contract's state after a block that is
    /// some hundred blocks old at most. Put a URL that contains a key into the environment instead:
    /// lists of processes show flags.
    #[arg(long, env = "SHEAF_L1", hide_env_values = true, value_delimiter = ',')]
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:8545")]
    l1: Vec<String>,
    /// Address of the rollup's contract
    #[arg(long, value_name = "ADDRESS")]
    contract: L1Address,
    /// SQLite file to make, or an empty database: postgres://USER@HOST:PORT/NAME
    ///
    /// A database with anything in it is refused. Put an address with a password into the
    /// environment instead: lists of processes show flags.
    #[arg(long, env = "SHEAF_DATABASE", hide_env_values = true)]
    #[arg(value_name = "FILE|URL", default_value = "sheaf.sqlite")]
    database: Database,
    /// L1 blocks that must follow what is read [default: 64; 2 on chain 31337]
    #[arg(long, value_name = "BLOCKS")]
    confirmations: Option<u64>,
    /// File with the slots after some batch, `slots-…` from a sequencer's derived folder
    ///
    /// The words of that batch and of the earlier ones are then not read. Whoever made the file
    /// need not be trusted: the state on L1 shows whether the slots are right.
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// A source of the blobs of batches; repeat the flag for more sources
    ///
    /// beacon:URL is a beacon node that keeps whole blobs, archive:URL a server with each blob
    /// under its versioned hash, such as a sequencer's /v1/blobs, folder:PATH a folder of such
    /// files, and anvil:URL an anvil, which is the usual one on chain 31337. No source need be
    /// trusted.
    #[arg(long = "blobs", env = "SHEAF_BLOBS", value_name = "SOURCE", value_delimiter = ',')]
    blobs: Vec<BlobSource>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// What is read, and from where.
pub(crate) struct Source<'a> {
    /// URL of an L1 node.
    pub l1: &'a str,
    pub contract: L1Address,
    /// L1 blocks that must follow what is read; as many as the chain needs if the user says
    /// nothing.
    pub confirmations: Option<u64>,
    pub blobs: &'a [BlobSource],
    /// A file with the slots after some batch.
    pub snapshot: Option<&'a Path>,
}

/// What a database is made of.
pub(crate) struct FromL1 {
    pub history: History,
    pub rebuilt: Rebuilt,
}

/// Reads the rollup's history from L1, compares it with the contract, and stores it.
///
/// # Errors
/// When the database is not empty, L1 does not answer or shows what the contract does not confirm,
/// or the snapshot is no snapshot or another rollup's.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let source = Source {
        l1: arguments.l1.first().context("--l1 names no node")?,
        contract: arguments.contract,
        confirmations: arguments.confirmations,
        blobs: &arguments.blobs,
        snapshot: arguments.snapshot.as_deref(),
    };
    let data = source.data().await?;
    // The database stays locked from here on, so that no sequencer begins on it.
    let rollup = RollupId::new(data.chain_id(), arguments.contract);
    let store = Store::open(&arguments.database, rollup).await?;
    let found = found(&source, data, &store).await;
    store.close().await;
    report(&arguments, &found?);
    Ok(())
}

impl Source<'_> {
    /// The rollup on L1.
    ///
    /// # Errors
    /// When the URL is none, the node does not answer, or the contract is none of Sheaf's.
    pub(crate) async fn data(&self) -> Result<L1Data> {
        // The error does not repeat the URL, which may contain a key.
        let url = self.l1.parse().context("--l1 is no URL")?;
        let provider = ProviderBuilder::default().connect_client(client(url)).erased();
        let data = L1Data::new(provider, self.contract).await?;
        let sources = sources(self.blobs, data.chain_id(), self.l1)?;
        Ok(data.with_blobs(sources))
    }

    /// The state with which reading begins.
    fn beginning(&self, data: &L1Data) -> Result<Rebuilt> {
        let Some(path) = self.snapshot else { return Ok(Rebuilt::new(data.domain())) };
        let snapshot = snapshots::read(path)?;
        let Snapshot { batch, slots, root: _ } = snapshot
            .with_context(|| format!("{} is no snapshot of this version", path.display()))?;
        Ok(Rebuilt::from_slots(data.domain(), batch, slots))
    }
}

/// Reads the history and stores it in an empty database, all or nothing.
///
/// # Errors
/// As `run`.
pub(crate) async fn found(source: &Source<'_>, data: L1Data, store: &Store) -> Result<FromL1> {
    store.check_empty().await?;
    let read = read(source, data, store).await?;
    let FromL1 { history, rebuilt } = &read;
    store.found(history, rebuilt.tree().slots(), &Acknowledged::default()).await?;
    Ok(read)
}

/// Reads the history. The database keeps the blobs that were read, also of a reading that fails.
///
/// # Errors
/// As `run`.
pub(crate) async fn read(source: &Source<'_>, data: L1Data, keeps: &Store) -> Result<FromL1> {
    let data = data.with_shelf(Arc::new(keeps.clone()));
    let mut rebuilt = source.beginning(&data)?;
    let confirmations = confirmations(data.chain_id(), source.confirmations);
    let bar = BatchBar::new();
    let history = data.history(&mut rebuilt, confirmations, |progress| bar.show(progress)).await;
    bar.end();
    Ok(FromL1 { history: history?, rebuilt })
}

fn report(arguments: &Arguments, FromL1 { history, rebuilt }: &FromL1) {
    let consumed = history.batches.last().map_or(0, |batch| batch.first_request + batch.requests);
    let (batches, slots) = (rebuilt.batches(), rebuilt.tree().len());
    let waiting = (history.requests.len() as u64).saturating_sub(consumed);
    let (root, database) = (rebuilt.tree().root(), &arguments.database);
    if arguments.json {
        output::answer(json!({
            "batch": batches,
            "slots": slots,
            "root": root,
            "requests_waiting": waiting,
            "l1_block": history.block,
            "database": database.to_string(),
        }));
        return;
    }
    output::answer(format_args!(
        "batch {batches}: {slots} slots, root {root}, as the contract has them\n{waiting} requests \
         wait for a batch, up to L1 block {}\n`sheaf sequencer --database {}` goes on from here",
        history.block,
        quoted(database.to_string())
    ));
}
