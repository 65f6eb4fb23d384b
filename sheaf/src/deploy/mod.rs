//! `sheaf deploy`: puts a rollup's contracts on any Ethereum chain, and writes `deployment.json`
//! about them.
//!
//! Everything is checked and shown before the first transaction is sent. Each transaction's hash
//! and each new address is said before the command waits, and a note beside `deployment.json` keeps
//! the next run from paying for the same contracts again.

mod plan;
mod steps;
mod terms;
mod tokens;
mod unfinished;

use std::path::{Path, PathBuf};

use alloy::primitives::Address;
use alloy::providers::{Provider as _, ProviderBuilder};
use alloy::transports::http::reqwest::Url;
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use sheaf_contracts::client;
use sheaf_contracts::deployment::{Deployment, VerifierKey};
use sheaf_ledger::L1Address;
use sheaf_ledger::domain::LOCAL_CHAIN_ID;
use tokio::task::spawn_blocking;

use self::plan::{Intent, Plan};
use self::terms::TermsArguments;
use crate::circuits::contract_key;
use crate::deployment_file::{DeploymentFile, proofs};
use crate::keys::KeyStore;
use crate::output;
use crate::price_list::PriceList;
use crate::question::Question;
use crate::sequencer::read_key;
use crate::shell::quoted;

/// Examples, shown below the help.
const EXAMPLES: &str = "\
Examples:
  sheaf deploy --operator-key operator.key --dry-run    show everything, spend nothing
  sheaf deploy --operator-key operator.key --tokens tokens.json
  sheaf sequencer --operator-key operator.key --deployment deployment.json

The file of --tokens is a list. A scale is the L1 units in one L2 unit, and a power of ten; cap and
outflow limit are in L2 units, and without a limit any amount may be claimed in a day:
  [{\"address\": \"0x…\", \"scale\": 1, \"cap\": 1000000000000, \"outflow_limit\": 50000000000}]

docs/operating.md goes through a deployment step by step.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// URL of an L1 node; of several, separated by commas, the first is used
    ///
    /// Put a URL that contains a key into the environment instead: lists of processes show flags.
    #[arg(long, env = "SHEAF_L1", hide_env_values = true, value_delimiter = ',')]
    #[arg(value_name = "URL", default_value = "http://127.0.0.1:8545")]
    l1: Vec<String>,
    /// Chain id that the L1 must have [default: any]
    #[arg(long, value_name = "NUMBER")]
    chain_id: Option<u64>,
    /// File with the operator's L1 key, 64 hex digits
    ///
    /// The account of the key pays for the deployment and becomes the operator.
    #[arg(long, value_name = "FILE")]
    operator_key: PathBuf,
    /// File that is written about the deployment; an existing one is never overwritten
    #[arg(long, value_name = "FILE", default_value = "deployment.json")]
    deployment: PathBuf,
    /// JSON file with the tokens to list besides ether; see below
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// Verifier of an earlier run, to be used instead of a new one
    #[arg(long, value_name = "ADDRESS")]
    verifier: Option<L1Address>,
    /// Contract of an earlier run: list the tokens that it lacks and write the file about it
    #[arg(long, value_name = "ADDRESS", conflicts_with = "verifier")]
    contract: Option<L1Address>,
    /// Limits and gas prices of the L1, by the fork of Ethereum; they are written into the file
    #[arg(long, value_enum, value_name = "FORK", default_value_t = PriceList::Osaka)]
    l1_prices: PriceList,
    /// Deploy a rollup that never keeps value
    ///
    /// On chain 31337 the contract takes development proofs, which prove nothing. On any other
    /// chain the keys may come from a local setup, whose maker could forge proofs.
    #[arg(long)]
    development: bool,
    /// Show what would be deployed and what it costs, and spend nothing
    #[arg(long)]
    dry_run: bool,
    /// Spend without asking
    #[arg(long)]
    yes: bool,
    /// Print JSON to standard output instead of text: the plan of a dry run, or deployment.json
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    terms: TermsArguments,
    #[command(flatten)]
    keys: KeyStore,
}

/// The key of a rollup's proofs.
#[derive(Debug)]
struct Chosen {
    key: VerifierKey,
    /// The proofs' name in `deployment.json`.
    proofs: &'static str,
    /// What the proofs are and where their key comes from, for people.
    origin: String,
}

/// Deploys a rollup, or shows what would be done.
///
/// # Errors
/// When there is a deployment already, flags, keys or tokens are refused, the account cannot pay,
/// nobody agrees, or L1 refuses or stays silent.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    require_no_file(&arguments.deployment)?;
    let signer = read_key(&arguments.operator_key)?;
    let account = signer.address();
    let terms = arguments.terms.terms(account)?;
    let listings = arguments.tokens.as_deref().map(tokens::read).transpose()?.unwrap_or_default();
    ensure!(
        listings.is_empty() || terms.lister == account,
        "only the lister {} can list tokens: leave out --tokens, or --lister",
        terms.lister
    );
    let url = first_url(&arguments)?;
    let chain_id = chain_id(&arguments, url.clone()).await?;
    let chosen = chosen(&arguments, chain_id).await?;
    let key_hash = chosen.key.hash();
    let deployment = Deployment::connect(url, signer, chosen.key, terms).await?;
    let (verifier, contract) = reused(&arguments, &deployment).await?;
    let file = arguments.tokens.as_deref().unwrap_or(Path::new(""));
    let tokens = tokens::check(file, &listings, deployment.provider(), contract).await?;
    let limits = arguments.l1_prices.limits();
    let proofs = chosen.proofs;
    let intent = Intent {
        account,
        terms,
        proofs: chosen.origin,
        key_hash,
        verifier,
        contract,
        tokens,
        limits,
    };
    let plan = Plan::of(&deployment, intent).await?;
    show(&arguments, &plan);
    plan.check_balance()?;
    if arguments.dry_run {
        return Ok(());
    }
    agree(&arguments, &plan)?;
    let deployed = steps::run(&deployment, &plan.intent, &arguments.deployment).await?;
    let file = DeploymentFile::of(&deployed, key_hash, proofs, limits);
    file.write_new(&arguments.deployment)?;
    unfinished::remove(&unfinished::path(&arguments.deployment))?;
    answer(&arguments, &file)
}

/// Refuses to deploy where a deployment is told of already.
///
/// # Errors
/// When the file exists.
fn require_no_file(path: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let name = path.display();
    let rollup = DeploymentFile::read(path).map_or_else(
        |_| String::new(),
        |file| format!(" and tells of the rollup {}", file.contract),
    );
    bail!(
        "{name} exists{rollup}: move it away, or name another file with --deployment, to deploy \
         another rollup"
    )
}

fn first_url(arguments: &Arguments) -> Result<Url> {
    let first = arguments.l1.first().context("--l1 names no URL")?;
    // The text may contain a key, so it is not repeated.
    first.parse().context("--l1 is no URL; write one such as http://127.0.0.1:8545")
}

/// The id of the node's chain.
///
/// # Errors
/// When the node does not answer, or is on another chain than `--chain-id` says.
async fn chain_id(arguments: &Arguments, url: Url) -> Result<u64> {
    let provider = ProviderBuilder::new().connect_client(client(url));
    let found = provider.get_chain_id().await.context("the L1 node does not answer")?;
    if let Some(expected) = arguments.chain_id {
        ensure!(found == expected, "the L1 node is on chain {found}, not on {expected}");
    }
    Ok(found)
}

/// Chooses the key: development proofs on a local chain, or else the stored keys.
///
/// # Errors
/// When the keys cannot be read, or come from a local setup and nobody has said `--development`.
async fn chosen(arguments: &Arguments, chain_id: u64) -> Result<Chosen> {
    let Arguments { development, keys, .. } = arguments;
    if *development && chain_id == LOCAL_CHAIN_ID {
        let origin = "development proofs, which prove nothing: never keep value here".to_owned();
        return Ok(Chosen { key: VerifierKey::Development, proofs: proofs(true, keys), origin });
    }
    let is_local = keys.warning()?.is_some();
    ensure!(
        !is_local || *development || chain_id == LOCAL_CHAIN_ID,
        "the keys in {} come from a local setup, whose maker could forge proofs on chain \
         {chain_id}: take the keys of a ceremony (docs/ceremony.md, `sheaf keys import`), or say \
         --development for a rollup that never keeps value",
        keys.place()?.display()
    );
    let sizes = keys.circuits.name();
    let origin = if is_local {
        format!("{sizes} circuits, key of a local setup: never keep value here")
    } else {
        format!("{sizes} circuits, key of a ceremony")
    };
    let store = keys.clone();
    let words = spawn_blocking(move || store.verifying_key()).await??;
    Ok(Chosen { key: contract_key(&words), proofs: proofs(false, keys), origin })
}

/// The verifier or the contract of an earlier run that the flags name, when they fit.
///
/// # Errors
/// When they do not fit key and terms, or when an earlier run has left contracts behind and no flag
/// names them.
async fn reused(
    arguments: &Arguments,
    deployment: &Deployment,
) -> Result<(Option<Address>, Option<Address>)> {
    let address = |given: Option<L1Address>| given.map(|L1Address(bytes)| Address::from(bytes));
    let (verifier, contract) = (address(arguments.verifier), address(arguments.contract));
    match (verifier, contract) {
        (_, Some(contract)) => deployment.check_contract(contract).await?,
        (Some(verifier), None) => deployment.check_verifier(verifier).await?,
        (None, None) => {
            let note = unfinished::path(&arguments.deployment);
            unfinished::require_none(&note, deployment.provider()).await?;
        }
    }
    Ok((verifier, contract))
}

/// Shows the plan: on standard output if the plan is the answer, and else beside the answer.
fn show(arguments: &Arguments, plan: &Plan) {
    match (arguments.dry_run, arguments.json) {
        (true, true) => output::answer(plan.json()),
        (_, false) => output::answer(plan),
        (false, true) => output::note(plan),
    }
}

/// Asks whether the plan may be carried out.
///
/// # Errors
/// When the answer is another than yes, or nobody can be asked.
fn agree(arguments: &Arguments, plan: &Plan) -> Result<()> {
    if arguments.yes || plan.is_done() {
        return Ok(());
    }
    let text = format!("Deploy on chain {}?", plan.chain_id);
    Question { text: &text, refusal: "nothing was sent", act: "spend this" }.ask()
}

fn answer(arguments: &Arguments, file: &DeploymentFile) -> Result<()> {
    if arguments.json {
        output::answer(serde_json::to_value(file).context("a deployment is plain JSON")?);
        return Ok(());
    }
    let development =
        if file.proofs == proofs(true, &arguments.keys) { " --development" } else { "" };
    output::answer(format_args!(
        "\nThe rollup's contract is {}. Start its sequencer with\n  sheaf sequencer \
         --operator-key {} --deployment {}{development}",
        file.contract,
        quoted(&arguments.operator_key),
        quoted(&arguments.deployment),
    ));
    Ok(())
}
