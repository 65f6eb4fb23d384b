//! The contracts of a devnet: the first start deploys them, every later start finds them again.

use std::path::PathBuf;
use std::time::Duration;

use alloy::providers::{Provider, ProviderBuilder};
use anyhow::{Context, Result, ensure};
use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_contracts::deployment::{Deployed, Terms, VerifierKey, deploy};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::accounts::{OPERATOR, signer};
use super::settings::Settings;
use crate::circuits::contract_key;
use crate::deployment_file::DeploymentFile;
use crate::sequencer::check_history;

/// The pause between two questions whether L1 answers.
const START_PAUSE: Duration = Duration::from_millis(100);

/// Checks that the contracts of an earlier start, if any, accept the proofs of these settings.
///
/// # Errors
/// When the contracts accept other proofs, or `deployment.json` cannot be read.
pub(super) fn check_proofs(settings: &Settings) -> Result<()> {
    let Some(file) = read(settings)? else { return Ok(()) };
    let (folder, wanted) = (settings.folder.display(), settings.proofs());
    ensure!(
        file.proofs == wanted,
        "the devnet in {folder} was made with {} proofs, and this start asks for {wanted} ones: \
         start it as it was made, choose another --folder, or remove {folder} to begin anew",
        file.proofs
    );
    Ok(())
}

/// Waits for L1, then finds the contracts of an earlier start, or deploys them.
///
/// # Errors
/// When L1 has lost the contract or blocks that the database has read, when `deployment.json`
/// cannot be read or written, or when the contracts cannot be deployed.
pub(super) async fn deployed(settings: &Settings) -> Result<Deployed> {
    let url = settings.l1_url().parse().context("it is an address")?;
    let provider = ProviderBuilder::new().connect_http(url);
    while provider.get_chain_id().await.is_err() {
        sleep(START_PAUSE).await;
    }
    if let Some(file) = read(settings)? {
        let contract = file.contract.0.into();
        let folder = settings.folder.display();
        ensure!(
            !provider.get_code_at(contract).await?.is_empty(),
            "the L1 in {folder} has lost the rollup's contract; remove {folder} to begin anew"
        );
        check_age(settings, &file).await?;
        return Ok(file.deployed());
    }
    let operator = signer(OPERATOR)?;
    let terms = Terms::usual(operator.address(), operator.address());
    let url = settings.l1_url().parse().context("it is an address")?;
    let key = verifier_key(settings).await?;
    let key_hash = key.hash();
    let deployed = deploy(url, operator, key, terms).await?;
    let file = DeploymentFile::of(&deployed, key_hash, settings.proofs(), ChainLimits::OSAKA);
    file.write_new(&path(settings))?;
    Ok(deployed)
}

/// Refuses an L1 that is older than the rollup's database. anvil writes its state every few seconds
/// and when it is told to end, so a killed anvil forgets its last blocks. Deposits credited from
/// those blocks would have no ether in the contract.
async fn check_age(settings: &Settings, file: &DeploymentFile) -> Result<()> {
    let path = settings.database();
    if !path.exists() {
        return Ok(());
    }
    let (chain_id, contract) = (file.chain_id, file.contract);
    let fits = check_history(&path, &settings.l1_url(), chain_id, contract).await;
    fits.with_context(|| {
        let folder = settings.folder.display();
        format!("the L1 in {folder} has lost blocks; remove {folder} to begin anew")
    })
}

/// The key with which the contract verifies proofs.
///
/// # Errors
/// When the keys cannot be read.
pub(crate) async fn verifier_key(settings: &Settings) -> Result<VerifierKey> {
    if settings.development {
        return Ok(VerifierKey::Development);
    }
    let keys = settings.keys.clone();
    let words = spawn_blocking(move || keys.verifying_key()).await??;
    Ok(contract_key(&words))
}

fn path(settings: &Settings) -> PathBuf {
    settings.folder.join("deployment.json")
}

/// The file of an earlier start, if there was one.
fn read(settings: &Settings) -> Result<Option<DeploymentFile>> {
    let path = path(settings);
    if !path.exists() {
        return Ok(None);
    }
    let file = DeploymentFile::read(&path);
    file.map(Some).with_context(|| format!("remove {} to begin anew", settings.folder.display()))
}
