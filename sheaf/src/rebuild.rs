//! `sheaf rebuild`: makes a sequencer's database from what L1 says of a rollup, and from nothing
//! else.

use std::path::{Path, PathBuf};

use alloy::providers::{Provider, ProviderBuilder};
use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use sheaf_client::{L1Data, Rebuilt};
use sheaf_contracts::client;
use sheaf_contracts::history::History;
use sheaf_ledger::L1Address;
use sheaf_sequencer::snapshots::{self, Snapshot};
use sheaf_sequencer::store::{Database, RollupId, Store};

use crate::output;
use crate::progress::BatchBar;
use crate::sequencer::confirmations;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// URL of an L1 node with the events since the contract's deployment
    ///
    /// The node is asked for events, transactions and the contract's state after a block that is
    /// some hundred blocks old at most. Put a URL that contains a key into the environment instead:
    /// lists of processes show flags.
    #[arg(long, env = "SHEAF_L1", hide_env_values = true)]
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:8545")]
    l1: String,
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
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// Reads the rollup's history from L1, compares it with the contract, and stores it.
///
/// # Errors
/// When the database is not empty, L1 does not answer or shows what the contract does not confirm,
/// or the snapshot is no snapshot or another rollup's.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    // The error does not repeat the URL, which may contain a key.
    let url = arguments.l1.parse().context("--l1 is no URL")?;
    let provider = ProviderBuilder::default().connect_client(client(url)).erased();
    let data = L1Data::new(provider, arguments.contract).await?;
    let mut rebuilt = match &arguments.snapshot {
        Some(path) => from_snapshot(&data, path)?,
        None => Rebuilt::new(data.domain()),
    };
    let rollup = RollupId::new(data.chain_id(), arguments.contract);
    // The database stays locked from here on, so that no sequencer begins on it.
    let store = Store::open(&arguments.database, rollup).await?;
    let founded = found(&arguments, (&data, &mut rebuilt), &store).await;
    store.close().await;
    report(&arguments, &founded?, &rebuilt);
    Ok(())
}

async fn found(
    arguments: &Arguments,
    (data, rebuilt): (&L1Data, &mut Rebuilt),
    store: &Store,
) -> Result<History> {
    store.check_empty().await?;
    let confirmations = confirmations(data.chain_id(), arguments.confirmations);
    let bar = BatchBar::new();
    let history = data.history(rebuilt, confirmations, |progress| bar.show(progress)).await;
    bar.end();
    let history = history?;
    store.found(&history, rebuilt.tree().slots()).await?;
    Ok(history)
}

fn from_snapshot(data: &L1Data, path: &Path) -> Result<Rebuilt> {
    let snapshot = snapshots::read(path)?;
    let Snapshot { batch, slots, root: _ } =
        snapshot.with_context(|| format!("{} is no snapshot of this version", path.display()))?;
    Ok(Rebuilt::from_slots(data.domain(), batch, slots))
}

fn report(arguments: &Arguments, history: &History, rebuilt: &Rebuilt) {
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
         wait for a batch, up to L1 block {}\n`sheaf sequencer --database {database}` goes on from \
         here",
        history.block
    ));
}
