//! `sheaf sequencer`: the pipeline as one process, with its configuration from the command line.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result, ensure};
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use sheaf_client::derive;
use sheaf_contracts::deployment::VerifierKey;
use sheaf_crypto::key::SecretKey;
use sheaf_ledger::domain::{LOCAL_CHAIN_ID, key_text};
use sheaf_ledger::{DataMode, L1Address, Owner};
use sheaf_sequencer::fees::{FeePolicy, Price, TokenPrice};
use sheaf_sequencer::l1::L1;
use sheaf_sequencer::limits::L1_OUTAGE_MAX;
use sheaf_sequencer::proving::{DevelopmentVerifier, ProofVerifier};
use sheaf_sequencer::store::{RollupId, Store};
use sheaf_sequencer::watcher::WatcherConfig;
use sheaf_sequencer::{Config, HealthLimits, L1Side, Sequencer, agreement};
use tokio::task::spawn_blocking;

use crate::circuits::{CircuitVerifier, contract_key};
use crate::keys::{KeyStore, WARNING};
use crate::service::Service;
use crate::shutdown;

/// L1 blocks on top of a request before it is credited: two epochs, after which Ethereum is final.
const CONFIRMATIONS: u64 = 64;
/// The same on a development node, whose blocks nobody reorganises by chance.
const LOCAL_CONFIRMATIONS: u64 = 2;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Where the API listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The SQLite file; it is made where there is none
    #[arg(long, value_name = "FILE", default_value = "sheaf.sqlite")]
    pub database: PathBuf,
    /// The L1 node. A URL that holds a key belongs into the environment: lists of processes show
    /// flags
    #[arg(long, env = "SHEAF_L1", hide_env_values = true)]
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:8545")]
    pub l1: String,
    /// The chain id of that L1
    #[arg(long, value_name = "NUMBER", default_value_t = LOCAL_CHAIN_ID)]
    pub chain_id: u64,
    /// Seconds for which that L1 may be silent before the process ends
    #[arg(long, value_name = "SECONDS", default_value_t = L1_OUTAGE_MAX.as_secs())]
    pub l1_patience: u64,
    /// The rollup's contract
    #[arg(long, value_name = "ADDRESS")]
    pub contract: L1Address,
    /// The L1 block in which the contract was deployed: nothing is looked for before it
    #[arg(long, value_name = "BLOCK", default_value_t = 0)]
    pub first_block: u64,
    /// L1 blocks on top of a request before it is credited [default: 64; 2 on chain 31337]
    #[arg(long, value_name = "BLOCKS")]
    pub confirmations: Option<u64>,
    /// File with the operator's L1 key, 64 hex digits: it pays for batches and collects fees
    #[arg(long, value_name = "FILE")]
    pub operator_key: PathBuf,
    /// Seconds after which an open batch is closed
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub batch_age: u64,
    /// How the data of batches travel to L1: calldata, in the transactions that finalise them
    #[arg(long, value_name = "MODE", default_value_t = DataMode::Calldata)]
    pub data_mode: DataMode,
    /// Least fee of a transaction in ether
    #[arg(long, value_name = "GWEI", default_value_t = 1_000)]
    pub fee_per_transaction: u64,
    /// What each recipient of it adds to that fee
    #[arg(long, value_name = "GWEI", default_value_t = 1_000)]
    pub fee_per_payment: u64,
    /// Both in another token, in its L2 units; repeat it for each. A token without is not served
    #[arg(long = "fee", value_name = "TOKEN=PER_TRANSACTION,PER_PAYMENT")]
    pub fees: Vec<TokenPrice>,
    /// What workers must send as a bearer token; needed where --listen is open to other machines
    #[arg(long, value_name = "TOKEN", env = "SHEAF_WORKER_TOKEN", hide_env_values = true)]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub worker_token: Option<String>,
    /// Take development proofs, which prove nothing; refused on every chain but 31337
    #[arg(long)]
    pub development: bool,
    #[command(flatten)]
    pub service: Service,
    #[command(flatten)]
    pub keys: KeyStore,
}

/// Runs until it is told to stop or a stage ends.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    let signer = read_key(&arguments.operator_key)?;
    let (chain_id, contract) = (arguments.chain_id, arguments.contract);
    check_workers(&arguments)?;
    // What costs nothing to find out is found out first, and keys are read last.
    let development =
        arguments.development.then(|| DevelopmentVerifier::new(chain_id)).transpose()?;
    let patience = Duration::from_secs(arguments.l1_patience);
    let l1 = L1::connect(&arguments.l1, chain_id, contract, patience).await?;
    l1.check_submitter(signer.address()).await?;
    let (verifier, key) = proofs(development, &arguments.keys).await?;
    l1.check_key(&key).await?;
    let side = L1Side { l1, watched: watched(&arguments), signer };
    let handle = Sequencer::start(configuration(&arguments, verifier, side)?).await?;
    let stopped = handle.run(shutdown::requested()).await;
    stopped.context("the sequencer ends because a stage did")?
}

fn watched(arguments: &Arguments) -> WatcherConfig {
    let default = match arguments.chain_id {
        LOCAL_CHAIN_ID => LOCAL_CONFIRMATIONS,
        _ => CONFIRMATIONS,
    };
    WatcherConfig {
        first_block: arguments.first_block,
        confirmations: arguments.confirmations.unwrap_or(default),
    }
}

/// Whether L1 still has every block that the database was made from.
///
/// # Errors
/// When it has not, or either cannot be asked.
pub(crate) async fn check_history(
    database: &Path,
    l1: &str,
    chain_id: u64,
    contract: L1Address,
) -> Result<()> {
    let l1 = L1::connect(l1, chain_id, contract, L1_OUTAGE_MAX).await?;
    let store = Store::open(database, RollupId::new(chain_id, contract)).await?;
    let fits = agreement::check_history(&l1, store.l1_cursor().await?).await;
    store.close().await;
    Ok(fits?)
}

/// Refuses to give jobs to strangers: who takes one and fails it, again and again, keeps a batch
/// from ever being proven.
fn check_workers(arguments: &Arguments) -> Result<()> {
    let Arguments { listen, worker_token, .. } = arguments;
    ensure!(
        listen.ip().is_loopback() || worker_token.is_some(),
        "--listen {listen} is open to other machines: give --worker-token, so that only your \
         workers get jobs"
    );
    Ok(())
}

/// What proofs are verified with, here and on L1.
async fn proofs(
    development: Option<DevelopmentVerifier>,
    keys: &KeyStore,
) -> Result<(Arc<dyn ProofVerifier>, VerifierKey)> {
    if let Some(verifier) = development {
        tracing::warn!(
            "DEVELOPMENT PROOFS: batches are checked, not proven; never hold value here"
        );
        return Ok((Arc::new(verifier), VerifierKey::Development));
    }
    tracing::warn!("{WARNING}");
    let keys = keys.clone();
    let verifiers = spawn_blocking(move || keys.verifiers()).await??;
    let key = contract_key(&verifiers.verifying_key()?);
    Ok((Arc::new(CircuitVerifier(verifiers)), key))
}

fn configuration(
    arguments: &Arguments,
    verifier: Arc<dyn ProofVerifier>,
    l1: L1Side,
) -> Result<Config> {
    let price = Price {
        per_transaction: arguments.fee_per_transaction,
        per_payment: arguments.fee_per_payment,
    };
    let ether = TokenPrice { token: 0, price };
    Ok(Config {
        listen: arguments.listen,
        database: arguments.database.clone(),
        chain_id: arguments.chain_id,
        contract: arguments.contract,
        operator: operator(&l1.signer, arguments.chain_id, arguments.contract)?,
        fees: FeePolicy::of(arguments.fees.iter().copied().chain([ether]))?,
        data_mode: arguments.data_mode,
        batch_age_max: Duration::from_secs(arguments.batch_age),
        health: HealthLimits::default(),
        worker_token: arguments.worker_token.clone(),
        verifier,
        l1: Some(l1),
        service: arguments.service.clone().into(),
    })
}

/// The operator's L2 address, derived from the L1 key like everybody's.
fn operator(signer: &PrivateKeySigner, chain_id: u64, contract: L1Address) -> Result<Owner> {
    let secret: SecretKey = derive(signer, &key_text(&chain_id.to_string(), &contract))?;
    Ok(Owner::new(&secret.public_key(), &L1Address(signer.address().0.0)))
}

fn read_key(path: &PathBuf) -> Result<PrivateKeySigner> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the operator's key from {}", path.display()))?;
    text.trim().parse().with_context(|| format!("{} holds no L1 key", path.display()))
}
