//! `sheaf sequencer`: the pipeline with its two ends on L1, as one process.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result};
use clap::Args;
use sheaf_ledger::key::{SecretKey, key_text};
use sheaf_ledger::{L1Address, Owner};
use sheaf_sequencer::fees::{FeePolicy, Price, TokenPrice};
use sheaf_sequencer::l1::L1;
use sheaf_sequencer::l1_clock;
use sheaf_sequencer::proving::{DevelopmentVerifier, ProofVerifier};
use sheaf_sequencer::submission::Submitter;
use sheaf_sequencer::watcher::{self, WatcherConfig};
use sheaf_sequencer::{Config, HealthLimits, Sequencer};
use tokio::sync::watch;
use tokio::task::{JoinSet, spawn_blocking};

use crate::circuits::{CircuitVerifier, contract_key};
use crate::keys::{KeyStore, WARNING};
use crate::shutdown;
use crate::wallet::derive;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Where the API listens
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The SQLite file
    #[arg(long, default_value = "sheaf.sqlite")]
    pub database: PathBuf,
    /// The L1 node
    #[arg(long, env = "SHEAF_L1", default_value = "http://127.0.0.1:8545")]
    pub l1: String,
    /// The chain id of that L1
    #[arg(long, default_value_t = 31_337)]
    pub chain_id: u64,
    /// The rollup's contract
    #[arg(long)]
    pub contract: L1Address,
    /// The L1 block in which the contract was deployed
    #[arg(long, default_value_t = 0)]
    pub first_block: u64,
    /// L1 blocks on top of a request before it is credited
    #[arg(long, default_value_t = 2)]
    pub confirmations: u64,
    /// File with the operator's L1 key, 64 hex digits: it pays for batches and collects fees
    #[arg(long)]
    pub operator_key: PathBuf,
    /// Seconds after which an open batch is closed
    #[arg(long, default_value_t = 60)]
    pub batch_age: u64,
    /// Fee of a transaction in ether, in gwei
    #[arg(long, default_value_t = 1_000)]
    pub fee_per_transaction: u64,
    /// Fee for each recipient, in gwei
    #[arg(long, default_value_t = 1_000)]
    pub fee_per_payment: u64,
    /// Fees in another token, in its L2 units; repeat it for each. A token without is not served
    #[arg(long = "fee", value_name = "TOKEN=PER_TRANSACTION,PER_PAYMENT")]
    pub fees: Vec<TokenPrice>,
    /// Take development proofs, which prove nothing; refused on every chain but 31337
    #[arg(long)]
    pub development: bool,
    #[command(flatten)]
    pub keys: KeyStore,
    /// End when standard input ends
    #[arg(long, hide = true)]
    pub exit_with_parent: bool,
}

/// Runs until it is told to stop or a stage ends.
pub async fn run(arguments: Arguments) -> Result<()> {
    let signer = read_key(&arguments.operator_key)?;
    let l1 = L1::connect(&arguments.l1, arguments.chain_id, arguments.contract).await?;
    let verifier: Arc<dyn ProofVerifier> = if arguments.development {
        tracing::warn!(
            "DEVELOPMENT PROOFS: batches are checked, not proven; never hold value here"
        );
        Arc::new(DevelopmentVerifier::new(arguments.chain_id)?)
    } else {
        tracing::warn!("{WARNING}");
        let keys = arguments.keys.clone();
        let verifiers = spawn_blocking(move || keys.verifiers()).await??;
        l1.check_key(&contract_key(&verifiers.verifying_key()?)).await?;
        Arc::new(CircuitVerifier(verifiers))
    };
    let (shown, l1_time) = watch::channel(l1_clock::read(&l1).await?);
    let config = configuration(&arguments, &signer, verifier)?;
    let handle = Sequencer::start(Config { l1_time: Some(l1_time), ..config }).await?;
    let watch = WatcherConfig {
        first_block: arguments.first_block,
        confirmations: arguments.confirmations,
    };
    let submitter = Submitter::new(l1.clone(), handle.store().clone(), signer, arguments.chain_id);
    let mut ends = JoinSet::new();
    ends.spawn(l1_clock::run(l1.clone(), shown));
    ends.spawn(watcher::run(l1, handle.store().clone(), watch));
    ends.spawn(submitter.run());
    let stop = shutdown::requested(arguments.exit_with_parent);
    tokio::select! {
        // What was acknowledged is durable, so ending here loses nothing.
        stop = stop => stop,
        ended = handle.run() => ended.context("the sequencer ends because a stage did"),
        Some(ended) = ends.join_next() => match ended.context("a stage on L1 panicked")? {
            Ok(never) => match never {},
            Err(error) => Err(error).context("the sequencer ends because its L1 side did"),
        },
    }
}

fn configuration(
    arguments: &Arguments,
    signer: &PrivateKeySigner,
    verifier: Arc<dyn ProofVerifier>,
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
        operator: operator(signer, arguments.chain_id, arguments.contract)?,
        fees: FeePolicy::of(arguments.fees.iter().copied().chain([ether]))?,
        batch_age_max: Duration::from_secs(arguments.batch_age),
        health: HealthLimits::default(),
        worker_token: None,
        verifier,
        l1_time: None,
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
