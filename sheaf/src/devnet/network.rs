//! The processes of a rollup on one machine: anvil, sequencer, one prover worker.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use alloy::providers::{Provider, ProviderBuilder};
use anyhow::{Context, Error, Result, anyhow, bail};
use serde::{Deserialize, Serialize};
use sheaf_ledger::L1Address;
use sheaf_sequencer::l1::deployment::{Deployed, Roles, VerifierKey, deploy};
use tokio::process::Command;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::accounts::{OPERATOR, signer};
use super::process::Process;
use crate::api::{Api, Status};
use crate::circuits::contract_key;
use crate::keys::KeyStore;
use crate::wallet::Payer;

/// How long a process may take until it answers.
const START_SECONDS_MAX: u64 = 300;
/// How often it is asked.
const START_PAUSE: Duration = Duration::from_millis(100);
/// Seconds of the operator's silence after which anyone may finalise: a day.
const SILENCE_DELAY_SECONDS: u64 = 86_400;
/// L1 blocks on top of a request before it is credited.
const CONFIRMATIONS: &str = "1";
/// The first token that somebody lists beside ether is served, for nothing.
const LISTED_TOKEN_FEE: &str = "1=0,0";

/// What a network is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where everything is kept.
    pub folder: PathBuf,
    /// Of the sequencer's API, on 127.0.0.1.
    pub port: u16,
    /// Of anvil, on 127.0.0.1.
    pub l1_port: u16,
    /// Seconds.
    pub batch_age: u64,
    pub development: bool,
    /// Unused with development proofs.
    pub keys: KeyStore,
}

/// What is written down about a deployment, so that a second start continues it.
#[derive(Debug, Serialize, Deserialize)]
struct DeploymentFile {
    chain_id: u64,
    verifier: L1Address,
    contract: L1Address,
    first_block: u64,
    development: bool,
}

/// A running network.
pub struct Network {
    settings: Settings,
    deployed: Deployed,
    anvil: Process,
    sequencer: Process,
    prover: Process,
}

impl Network {
    /// Starts everything and waits until it answers.
    pub async fn start(settings: Settings) -> Result<Self> {
        if !settings.development {
            let keys = settings.keys.clone();
            spawn_blocking(move || keys.build()).await??;
        }
        fs::create_dir_all(&settings.folder)
            .with_context(|| format!("cannot make {}", settings.folder.display()))?;
        let anvil = start_anvil(&settings)?;
        let deployed = deployed(&settings).await?;
        let sequencer = start_sequencer(&settings, &deployed)?;
        let prover = start_prover(&settings)?;
        let mut network = Self { settings, deployed, anvil, sequencer, prover };
        network.wait_for_api().await?;
        Ok(network)
    }

    /// Where everything is kept.
    pub fn folder(&self) -> &Path {
        &self.settings.folder
    }

    /// The sequencer's API.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.settings.port)
    }

    /// The L1 node.
    pub fn l1_url(&self) -> String {
        l1_url(&self.settings)
    }

    /// Where the contracts stand.
    pub fn deployed(&self) -> &Deployed {
        &self.deployed
    }

    /// Whether its proofs prove nothing.
    pub fn is_development(&self) -> bool {
        self.settings.development
    }

    /// Somebody with an L1 key, in this rollup.
    pub async fn payer(&self, key: &str) -> Result<Payer> {
        let api = Api::new(&self.url())?;
        let status: Status = api.status().await?;
        Payer::new(signer(key)?, api, &self.l1_url(), &status)
    }

    /// What each process said last, for the message of a failure.
    pub fn last_words(&self) -> String {
        let processes = [&self.anvil, &self.sequencer, &self.prover];
        let words = processes.map(|one| format!("{}:\n{}", one.name(), one.last_lines()));
        format!("the processes' last lines:\n{}", words.join("\n"))
    }

    /// Waits until one of the processes ends, and says which and what it said last.
    pub async fn ended(&mut self) -> Error {
        let Self { anvil, sequencer, prover, .. } = self;
        let (process, status) = tokio::select! {
            status = anvil.ended() => (&*anvil, status),
            status = sequencer.ended() => (&*sequencer, status),
            status = prover.ended() => (&*prover, status),
        };
        let status = match status {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        anyhow!("{} ended ({status}); its last lines:\n{}", process.name(), process.last_lines())
    }

    /// Stops everything, the last in the pipeline first.
    pub async fn stop(self) -> Result<()> {
        self.prover.stop().await?;
        self.sequencer.stop().await?;
        self.anvil.stop().await
    }

    async fn wait_for_api(&mut self) -> Result<()> {
        let (url, start) = (self.url(), Instant::now());
        let api = Api::new(&url)?;
        loop {
            tokio::select! {
                error = self.ended() => return Err(error),
                () = sleep(START_PAUSE) => {}
            }
            if api.status().await.is_ok() {
                return Ok(());
            }
            if start.elapsed().as_secs() > START_SECONDS_MAX {
                bail!("the sequencer does not answer at {url}:\n{}", self.sequencer.last_lines());
            }
        }
    }
}

fn l1_url(settings: &Settings) -> String {
    format!("http://127.0.0.1:{}", settings.l1_port)
}

fn start_anvil(settings: &Settings) -> Result<Process> {
    let mut command = Command::new(anvil_path()?);
    command
        .args(["--host", "127.0.0.1", "--port", &settings.l1_port.to_string()])
        .args(["--chain-id", "31337", "--block-time", "1", "--state-interval", "5", "--state"])
        .arg(settings.folder.join("anvil.json"));
    Process::start("anvil", command, &settings.folder)
}

/// The anvil that npm installs beside the contracts, or the one that ANVIL names. It is the program
/// itself and not npm's script around it: a signal must reach anvil.
fn anvil_path() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("ANVIL") {
        return Ok(path.into());
    }
    let packages = Path::new("contracts/node_modules/@foundry-rs");
    let installed = fs::read_dir(packages)
        .into_iter()
        .flatten()
        .filter_map(|package| Some(package.ok()?.path().join("bin/anvil")))
        .find(|path| path.exists() && !path.starts_with(packages.join("anvil")));
    installed.with_context(|| {
        format!(
            "anvil is not in {}: run `make contracts` in the folder of Sheaf's sources and start \
             there, or set ANVIL to an anvil of yours",
            packages.display()
        )
    })
}

/// Reads the deployment of an earlier start, or deploys.
async fn deployed(settings: &Settings) -> Result<Deployed> {
    wait_for_l1(settings).await?;
    let path = settings.folder.join("deployment.json");
    if let Ok(text) = fs::read_to_string(&path) {
        let file: DeploymentFile = serde_json::from_str(&text)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        if file.development != settings.development {
            bail!("the devnet in {} has other proofs", settings.folder.display());
        }
        return Ok(Deployed {
            chain_id: file.chain_id,
            verifier: file.verifier.0.into(),
            contract: file.contract.0.into(),
            first_block: file.first_block,
        });
    }
    let operator = signer(OPERATOR)?;
    let roles = Roles {
        operator: operator.address(),
        lister: operator.address(),
        silence_delay: SILENCE_DELAY_SECONDS,
    };
    let url = l1_url(settings).parse().context("it is an address")?;
    let deployed = deploy(url, operator, verifier_key(settings).await?, roles).await?;
    let file = DeploymentFile {
        chain_id: deployed.chain_id,
        verifier: L1Address(deployed.verifier.0.0),
        contract: L1Address(deployed.contract.0.0),
        first_block: deployed.first_block,
        development: settings.development,
    };
    fs::write(&path, serde_json::to_vec_pretty(&file)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(deployed)
}

/// What the contract verifies proofs with.
async fn verifier_key(settings: &Settings) -> Result<VerifierKey> {
    if settings.development {
        return Ok(VerifierKey::Development);
    }
    let keys = settings.keys.clone();
    let words = spawn_blocking(move || keys.verifying_key()).await??;
    Ok(contract_key(&words))
}

async fn wait_for_l1(settings: &Settings) -> Result<()> {
    let url = l1_url(settings);
    let provider = ProviderBuilder::new().connect_http(url.parse().context("it is an address")?);
    let start = Instant::now();
    while provider.get_chain_id().await.is_err() {
        if start.elapsed().as_secs() > START_SECONDS_MAX {
            bail!("anvil does not answer at {url}; see anvil.log in {}", settings.folder.display());
        }
        sleep(START_PAUSE).await;
    }
    Ok(())
}

fn start_sequencer(settings: &Settings, deployed: &Deployed) -> Result<Process> {
    let key = settings.folder.join("operator.key");
    fs::write(&key, OPERATOR).with_context(|| format!("cannot write {}", key.display()))?;
    let mut command = this_program()?;
    command
        .arg("sequencer")
        .args(["--listen", &format!("127.0.0.1:{}", settings.port)])
        .arg("--database")
        .arg(settings.folder.join("sheaf.sqlite"))
        .args(["--l1", &l1_url(settings)])
        .args(["--chain-id", &deployed.chain_id.to_string()])
        .args(["--contract", &deployed.contract.to_string()])
        .args(["--first-block", &deployed.first_block.to_string()])
        .args(["--confirmations", CONFIRMATIONS])
        .args(["--fee", LISTED_TOKEN_FEE])
        .arg("--operator-key")
        .arg(key)
        .args(["--batch-age", &settings.batch_age.to_string()])
        .arg("--exit-with-parent");
    proofs(&mut command, settings);
    Process::start("sequencer", command, &settings.folder)
}

fn start_prover(settings: &Settings) -> Result<Process> {
    let mut command = this_program()?;
    command.args(["prover", "--url", &format!("http://127.0.0.1:{}", settings.port)]).args([
        "--name",
        "devnet",
        "--exit-with-parent",
    ]);
    proofs(&mut command, settings);
    Process::start("prover", command, &settings.folder)
}

/// Tells a child which proofs the network has, and where its keys are.
fn proofs(command: &mut Command, settings: &Settings) {
    if settings.development {
        command.arg("--development");
    } else {
        command.args(settings.keys.arguments());
    }
}

fn this_program() -> Result<Command> {
    Ok(Command::new(std::env::current_exe().context("cannot find this program's file")?))
}
