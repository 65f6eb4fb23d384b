//! `sheaf sequencer`: the pipeline as one process, configured from the command line.
//!
//! A start checks what is cheap to check first: the limit of open files and the flags, then,
//! without a database, L1. Only then does the start read the keys, and start the stages.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result, ensure};
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use sheaf_client::{BlobSource, derive};
use sheaf_contracts::deployment::VerifierKey;
use sheaf_crypto::key::SecretKey;
use sheaf_ledger::domain::key_text;
use sheaf_ledger::{DataMode, L1Address, Owner};
use sheaf_sequencer::error::StageError;
use sheaf_sequencer::fees::{FeePolicy, Price, TokenPrice};
use sheaf_sequencer::l1::L1;
use sheaf_sequencer::limits::L1_OUTAGE_MAX;
use sheaf_sequencer::proving::{DevelopmentVerifier, ProofVerifier};
use sheaf_sequencer::store::{Database, RollupId, Store, StoreError};
use sheaf_sequencer::watcher::WatcherConfig;
use sheaf_sequencer::{
    Config, HealthLimits, L1Side, Sequencer, ServiceConfig, StartError, agreement,
};
use tokio::task::{JoinSet, spawn_blocking};

use crate::circuits::{CircuitVerifier, contract_key};
use crate::confirmations::confirmations;
use crate::deployment_file::proofs;
use crate::descriptors;
use crate::keys::KeyStore;
use crate::price_list::PriceList;
use crate::rebuild::Source;
use crate::rollup::{Rollup, RollupArguments};
use crate::service::Service;
use crate::takeover::{Made, Place};
use crate::{again, shutdown, takeover};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Address and port of the API
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// SQLite file, which is made if there is none, or postgres://USER@HOST:PORT/NAME
    ///
    /// Several sequencers may share a PostgreSQL database: one leads, the others serve reads and
    /// take over when the leader ends. Put an address with a password into the environment instead:
    /// lists of processes show flags.
    #[arg(long, env = "SHEAF_DATABASE", hide_env_values = true)]
    #[arg(value_name = "FILE|URL", default_value = "sheaf.sqlite")]
    pub database: Database,
    /// URL of an L1 node; repeat the flag, or separate with commas, for nodes to fall back on
    ///
    /// The first node that is well is asked. Put a URL that contains a key into the environment
    /// instead: lists of processes show flags.
    #[arg(long, env = "SHEAF_L1", hide_env_values = true, value_delimiter = ',')]
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:8545")]
    pub l1: Vec<String>,
    #[command(flatten)]
    pub rollup: RollupArguments,
    /// Seconds for which every L1 node may be silent before the process ends
    #[arg(long, value_name = "SECONDS", default_value_t = L1_OUTAGE_MAX.as_secs())]
    pub l1_patience: u64,
    /// L1 blocks on top of a request before it is credited [default: 64; 2 on chain 31337]
    ///
    /// As many blocks must follow a batch on L1 before the batch counts as final.
    #[arg(long, value_name = "BLOCKS")]
    pub confirmations: Option<u64>,
    /// File with the operator's L1 key, 64 hex digits
    ///
    /// The account of the key pays for batches and collects fees. No other program may use it.
    #[arg(long, value_name = "FILE")]
    pub operator_key: PathBuf,
    /// Age in seconds at which an open batch closes
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub batch_age: u64,
    /// How the data of batches reach L1: blobs, or calldata
    ///
    /// Blobs are cheaper, and Ethereum's nodes forget them after 18 days. The sequencer keeps its
    /// blobs, and serves them under /v1/blobs.
    #[arg(long = "data", alias = "data-mode", value_name = "MODE")]
    #[arg(default_value_t = DataMode::Blobs)]
    pub data_mode: DataMode,
    /// Limits and gas prices of L1 [default: those in the --deployment file, or else osaka]
    ///
    /// A batch is closed before its transaction could exceed a limit, whomever it pays. Start with
    /// the next fork's list before the fork.
    #[arg(long, value_enum, value_name = "FORK")]
    pub l1_prices: Option<PriceList>,
    /// Least fee of a transaction in ether, before the part for its recipients
    #[arg(long, value_name = "GWEI", default_value_t = 1_000)]
    pub fee_per_transaction: u64,
    /// What each recipient of a transaction in ether adds to the least fee
    #[arg(long, value_name = "GWEI", default_value_t = 1_000)]
    pub fee_per_payment: u64,
    /// Both prices in another token, in its L2 units; repeat the flag for each token
    ///
    /// A token without prices is not served.
    #[arg(long = "fee", value_name = "TOKEN=PER_TRANSACTION,PER_PAYMENT")]
    pub fees: Vec<TokenPrice>,
    /// Bearer token that workers must send; needed if --listen is open to other machines
    ///
    /// Without a token, anybody who reaches the API can take jobs and fail them.
    #[arg(long, value_name = "TOKEN", env = "SHEAF_WORKER_TOKEN", hide_env_values = true)]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub worker_token: Option<String>,
    /// Make the database from L1 if it is empty, or if L1 has a batch that it lacks
    ///
    /// For an operator who takes the rollup over, has lost the database, or starts from an old copy
    /// of it. A database that lacks a batch is set aside, what it had acknowledged is executed
    /// again, and what can no longer be executed is logged and listed in a file with .refused at
    /// the end of its name. The first node of --l1 is asked. A sequencer that meets another
    /// account's batch while it runs does the same without this flag.
    #[arg(long)]
    pub takeover: bool,
    /// A source of the blobs of other accounts' batches, as for `sheaf rebuild`; may be repeated
    #[arg(long = "blobs", env = "SHEAF_BLOBS", value_name = "SOURCE", value_delimiter = ',')]
    pub blobs: Vec<BlobSource>,
    /// Accept development proofs, which prove nothing; refused on every chain but 31337
    #[arg(long)]
    pub development: bool,
    #[command(flatten)]
    pub service: Service,
    #[command(flatten)]
    pub keys: KeyStore,
}

impl Arguments {
    fn place(&self) -> Place<'_> {
        Place { database: &self.database, derived: self.service.derived.as_deref() }
    }
}

/// What every run of the sequencer in this process shares.
struct Process {
    arguments: Arguments,
    rollup: Rollup,
    connections: usize,
    signer: PrivateKeySigner,
    l1: L1,
    verifier: Arc<dyn ProofVerifier>,
    key: VerifierKey,
}

/// Runs the sequencer until the process is told to stop or a stage ends. A sequencer that meets
/// another account's batch on L1 adopts that batch and runs again.
///
/// # Errors
/// When flags, keys, L1 or database do not fit together, or a stage ends with an error that no
/// adoption mends.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let connections = descriptors::connections()?;
    let signer = read_key(&arguments.operator_key)?;
    check_workers(&arguments)?;
    let rollup = arguments.rollup.rollup(proofs(arguments.development, &arguments.keys))?;
    // Cheap checks come first; reading the keys takes longest and comes last.
    let development =
        arguments.development.then(|| DevelopmentVerifier::new(rollup.chain_id)).transpose()?;
    let mut stop = pin!(shutdown::requested());
    if arguments.takeover {
        tokio::select! {
            made = make_database(&arguments, rollup, None) => drop(made?),
            stopped = &mut stop => return stopped,
        }
    }
    let patience = Duration::from_secs(arguments.l1_patience);
    let l1 = if arguments.database.may_exist() {
        // The database may be served without L1, and is compared as soon as possible.
        L1::new(&arguments.l1, rollup.chain_id, rollup.contract, patience)?
    } else {
        L1::connect(&arguments.l1, rollup.chain_id, rollup.contract, patience).await?
    };
    let (verifier, key) = verifier(development, &arguments.keys).await?;
    let process = Process { arguments, rollup, connections, signer, l1, verifier, key };
    let mut adopts_at_start = process.arguments.takeover;
    // Each turn needs a batch that L1 did not have in the turn before.
    loop {
        let mut led = None;
        let ended = process.serve(stop.as_mut(), &mut led).await;
        let Err(error) = &ended else { return ended };
        if is_replaced(error) {
            tracing::warn!("the leader has adopted what L1 has: the sequencer follows it anew");
            continue;
        }
        if !met_anothers_batch(error, adopts_at_start) {
            return ended;
        }
        tracing::warn!("L1 has a batch of another account: the sequencer adopts what L1 has");
        let made = tokio::select! {
            made = make_database(&process.arguments, rollup, led) => made?,
            stopped = &mut stop => return stopped,
        };
        if made == Made::Nothing {
            return ended;
        }
        adopts_at_start = true;
    }
}

impl Process {
    /// Runs the sequencer until `stop` completes or a stage ends. A sequencer that has started
    /// leaves its database in `led`.
    ///
    /// # Errors
    /// When the sequencer does not start, or a stage ends with an error.
    async fn serve(
        &self,
        mut stop: Pin<&mut impl Future<Output = Result<()>>>,
        led: &mut Option<Store>,
    ) -> Result<()> {
        let handle = tokio::select! {
            started = Sequencer::start(self.configuration()?) => started?,
            stopped = &mut stop => return stopped,
        };
        // Aborted when the sequencer ends: the next start goes on with what is left.
        let mut beside = JoinSet::new();
        let store = led.insert(handle.store().clone());
        beside.spawn(execute_again(
            store.clone(),
            handle.address(),
            self.arguments.place().refused(),
        ));
        let stopped = handle.run(stop).await;
        beside.shutdown().await;
        stopped.context("the sequencer ends because a stage did")?
    }

    /// The configuration of one run.
    fn configuration(&self) -> Result<Config> {
        let Self { arguments, rollup, .. } = self;
        let watched = WatcherConfig {
            first_block: rollup.first_block,
            confirmations: confirmations(rollup.chain_id, arguments.confirmations),
        };
        let (l1, signer, key) = (self.l1.clone(), self.signer.clone(), self.key.clone());
        let price = Price {
            per_transaction: arguments.fee_per_transaction,
            per_payment: arguments.fee_per_payment,
        };
        let ether = TokenPrice { token: 0, price };
        Ok(Config {
            listen: arguments.listen,
            database: arguments.database.clone(),
            chain_id: rollup.chain_id,
            contract: rollup.contract,
            operator: operator(&self.signer, rollup.chain_id, rollup.contract)?,
            fees: FeePolicy::of(arguments.fees.iter().copied().chain([ether]))?,
            data_mode: arguments.data_mode,
            chain: arguments.l1_prices.map_or(rollup.limits, PriceList::limits),
            batch_age_max: Duration::from_secs(arguments.batch_age),
            health: HealthLimits::default(),
            worker_token: arguments.worker_token.clone(),
            verifier: Arc::clone(&self.verifier),
            l1: Some(L1Side { l1, watched, signer, key }),
            service: ServiceConfig {
                connections: self.connections,
                ..arguments.service.clone().into()
            },
        })
    }
}

/// Whether a sequencer ended because L1 has a batch of another account. A sequencer that did not
/// start for that reason may have an old copy of its database, so it adopts only if told to.
fn met_anothers_batch(error: &anyhow::Error, adopts_at_start: bool) -> bool {
    let is_running = error.downcast_ref().is_some_and(StageError::is_anothers_batch);
    let is_starting = error.downcast_ref().is_some_and(StartError::is_anothers_batch);
    is_running || (is_starting && adopts_at_start)
}

/// Whether a follower ended because the leader has adopted a batch, so that another log has begun.
fn is_replaced(error: &anyhow::Error) -> bool {
    let ended = error.downcast_ref();
    matches!(ended, Some(StartError::Recovery(StageError::Store(StoreError::Replaced))))
}

/// Executes again what an adopted database had acknowledged, if there is anything.
async fn execute_again(store: Store, api: SocketAddr, refused: PathBuf) {
    if let Err(error) = again::execute(store, api, &refused).await {
        tracing::error!("what was acknowledged waits for the next start: {error:#}");
    }
}

/// Makes the database from L1 if it is empty, or lacks a batch of L1.
async fn make_database(arguments: &Arguments, rollup: Rollup, led: Option<Store>) -> Result<Made> {
    let source = Source {
        l1: arguments.l1.first().context("--l1 names no node")?,
        contract: rollup.contract,
        confirmations: arguments.confirmations,
        blobs: &arguments.blobs,
        snapshot: None,
    };
    let made = takeover::prepare(&source, arguments.place(), led).await;
    made.context("the database cannot be made from L1")
}

/// Checks that L1 still has the last block that the database has read from L1, and so every block
/// before.
///
/// # Errors
/// When L1 has another block in its place or none, or when L1 or the database cannot be read.
pub(crate) async fn check_history(
    database: &Path,
    l1: &str,
    chain_id: u64,
    contract: L1Address,
) -> Result<()> {
    let l1 = L1::connect([l1], chain_id, contract, L1_OUTAGE_MAX).await?;
    let store = Store::open(&database.to_owned().into(), RollupId::new(chain_id, contract)).await?;
    let fits = agreement::check_history(&l1, store.l1_cursor().await?).await;
    store.close().await;
    Ok(fits?)
}

/// Refuses an API that gives jobs to strangers: a stranger who takes a job and fails it, again and
/// again, prevents the proof of its batch.
///
/// # Errors
/// When `--listen` is no loopback address and there is no worker token.
fn check_workers(arguments: &Arguments) -> Result<()> {
    let Arguments { listen, worker_token, .. } = arguments;
    ensure!(
        listen.ip().is_loopback() || worker_token.is_some(),
        "--listen {listen} is open to other machines: give --worker-token, so that only your \
         workers get jobs"
    );
    Ok(())
}

/// The verifier of the sequencer, and the key with which the contract must verify proofs.
///
/// # Errors
/// When the stored keys cannot be read or are not this program's.
async fn verifier(
    development: Option<DevelopmentVerifier>,
    keys: &KeyStore,
) -> Result<(Arc<dyn ProofVerifier>, VerifierKey)> {
    if let Some(verifier) = development {
        tracing::warn!(
            "DEVELOPMENT PROOFS: batches are checked, not proven; never keep value here"
        );
        return Ok((Arc::new(verifier), VerifierKey::Development));
    }
    if let Some(warning) = keys.warning()? {
        tracing::warn!("{warning}");
    }
    let keys = keys.clone();
    let verifiers = spawn_blocking(move || keys.verifiers()).await??;
    let key = contract_key(&verifiers.verifying_key()?);
    Ok((Arc::new(CircuitVerifier(verifiers)), key))
}

/// The operator's L2 address, derived from the L1 key as for every owner.
fn operator(signer: &PrivateKeySigner, chain_id: u64, contract: L1Address) -> Result<Owner> {
    let secret: SecretKey = derive(signer, &key_text(&chain_id.to_string(), &contract))?;
    Ok(Owner::new(&secret.public_key(), &L1Address(signer.address().0.0)))
}

/// Reads the operator's L1 key from a file of 64 hex digits.
///
/// # Errors
/// When the file cannot be read or has no key.
pub(crate) fn read_key(path: &Path) -> Result<PrivateKeySigner> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the operator's key from {}", path.display()))?;
    text.trim().parse().with_context(|| format!("{} has no L1 key", path.display()))
}
