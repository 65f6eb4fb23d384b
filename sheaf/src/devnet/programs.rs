//! What the processes of a rollup on one machine run: anvil, sequencer, one prover worker.

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
/// The first token that somebody lists beside ether is served, for nothing.
const LISTED_TOKEN_FEE: &str = "1=0,0";

/// Seconds after which anvil writes its state down again, as it also does at its end. It writes the
/// whole chain in place: more often costs more, and leaves half a file more often when it is
/// killed.
const STATE_INTERVAL: &str = "5";

/// An L1 that mines a block a second and writes its state down, so that a later start continues it.
pub(super) fn anvil(settings: &Settings) -> Result<Program> {
    let mut arguments = words(&["--host", "127.0.0.1", "--port", &settings.l1_port.to_string()]);
    // A transaction has no more gas than Ethereum gives it (EIP-7825).
    arguments.extend(words(&["--chain-id", &LOCAL_CHAIN_ID.to_string()]));
    arguments.extend(words(&["--block-time", "1", "--enable-tx-gas-limit"]));
    arguments.extend(words(&["--state-interval", STATE_INTERVAL, "--state"]));
    arguments.push(settings.folder.join("anvil.json").into());
    Ok(Program { name: "anvil", path: anvil_path()?, arguments })
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

/// The sequencer of a deployed contract.
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
    arguments.extend(["--database".into(), settings.database().into()]);
    arguments.extend(["--operator-key".into(), key.into()]);
    arguments.extend(proofs(settings));
    Ok(Program { name: "sequencer", path: this_program()?, arguments })
}

/// A worker of that sequencer.
pub(super) fn prover(settings: &Settings) -> Result<Program> {
    let mut arguments = words(&["prover", "--url", &settings.url(), "--name", "devnet"]);
    arguments.extend(proofs(settings));
    Ok(Program { name: "prover", path: this_program()?, arguments })
}

/// Which proofs the rollup has, and where its keys are.
fn proofs(settings: &Settings) -> Vec<OsString> {
    if settings.development { words(&["--development"]) } else { settings.keys.arguments() }
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

fn this_program() -> Result<PathBuf> {
    std::env::current_exe().context("cannot find this program's file")
}
