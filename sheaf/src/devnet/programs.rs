//! The programs of a rollup on one machine, with their arguments: anvil, sequencer, one worker.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sheaf_contracts::deployment::Deployed;
use sheaf_ledger::domain::LOCAL_CHAIN_ID;

use super::accounts::{OPERATOR, OPERATOR_TOKEN};
use super::process::Program;
use super::settings::Settings;

/// L1 blocks on top of a request before it is credited.
const CONFIRMATIONS: &str = "1";
/// The prices in token 1, the first token that is listed besides ether: transactions are free.
const LISTED_TOKEN_FEE: &str = "1=0,0";

/// Seconds between two writes of anvil's state; anvil also writes its state when it ends.
///
/// Each write puts the whole chain into the same file. A shorter interval costs more, and a kill
/// during a write, which leaves half a file, is more likely.
const STATE_INTERVAL: &str = "5";

/// anvil as the L1 node. It mines a block a second and writes its state to a file, from which a
/// later start continues.
///
/// # Errors
/// When there is no anvil.
pub(crate) fn anvil(settings: &Settings) -> Result<Program> {
    let mut arguments = words(&["--host", "127.0.0.1", "--port", &settings.l1_port.to_string()]);
    arguments.extend(words(&["--chain-id", &LOCAL_CHAIN_ID.to_string()]));
    // The gas limit of a transaction is that of Ethereum (EIP-7825).
    arguments.extend(words(&["--block-time", "1", "--enable-tx-gas-limit"]));
    arguments.extend(words(&["--state-interval", STATE_INTERVAL, "--state"]));
    arguments.push(settings.folder.join("anvil.json").into());
    Ok(Program { name: "anvil", path: Some(anvil_path()?), arguments })
}

/// The anvil that the environment variable ANVIL names, or else the anvil that npm installs beside
/// the contracts. This is the program itself and not npm's script around it, because a signal must
/// reach anvil.
///
/// # Errors
/// When there is neither.
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

/// The sequencer of a deployed contract. Writes the operator's key to a file first.
///
/// # Errors
/// When the key's file cannot be written.
pub(super) fn sequencer(settings: &Settings, deployed: &Deployed) -> Result<Program> {
    let key = settings.folder.join("operator.key");
    fs::write(&key, OPERATOR).with_context(|| format!("cannot write {}", key.display()))?;
    let mut arguments = words(&["sequencer", "--listen", &settings.address()]);
    arguments.extend(words(&["--l1", &settings.l1_url()]));
    arguments.extend(words(&["--chain-id", &deployed.chain_id.to_string()]));
    arguments.extend(words(&["--contract", &deployed.contract.to_string()]));
    arguments.extend(words(&["--first-block", &deployed.first_block.to_string()]));
    arguments.extend(words(&["--confirmations", CONFIRMATIONS]));
    arguments.extend(words(&["--fee", LISTED_TOKEN_FEE]));
    arguments.extend(words(&["--operator-token", OPERATOR_TOKEN]));
    arguments.extend(words(&["--batch-age", &settings.batch_age.to_string()]));
    arguments.extend(words(&["--data", settings.data_mode.name()]));
    arguments.extend(["--database".into(), settings.database().into()]);
    arguments.extend(["--operator-key".into(), key.into()]);
    arguments.extend(proofs(settings));
    Ok(Program { name: "sequencer", path: None, arguments })
}

/// A worker of the sequencer of these settings.
pub(super) fn prover(settings: &Settings) -> Program {
    let mut arguments = words(&["prover", "--url", &settings.url(), "--name", "devnet"]);
    arguments.extend(proofs(settings));
    Program { name: "prover", path: None, arguments }
}

/// The arguments that choose development proofs, or the keys for real ones.
fn proofs(settings: &Settings) -> Vec<OsString> {
    if settings.development { words(&["--development"]) } else { settings.keys.arguments() }
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}
