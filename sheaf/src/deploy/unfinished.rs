//! The note about a deployment under way. A run that ends half-way leaves the note behind, so that
//! the next run does not pay for the same contracts again.

use std::path::{Path, PathBuf};

use alloy::network::Ethereum;
use alloy::providers::{DynProvider, Provider};
use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use sheaf_ledger::L1Address;

use crate::whole_file;

/// Where the contracts of a run are, or will be once its transactions are mined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unfinished {
    pub chain_id: u64,
    pub verifier: L1Address,
    /// Unknown until the verifier is there.
    pub contract: Option<L1Address>,
}

/// The file of the note, beside the file about the deployment.
pub(super) fn path(deployment: &Path) -> PathBuf {
    deployment.with_extension("unfinished.json")
}

impl Unfinished {
    /// Writes the note, before the transaction is sent that it tells of.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let content = serde_json::to_vec_pretty(self)?;
        let written = whole_file::write(path, &content, whole_file::PUBLIC);
        written.with_context(|| format!("cannot write {}; nothing more was sent", path.display()))
    }

    /// Reads the note that an earlier run has left behind.
    ///
    /// # Errors
    /// When there is a file and it cannot be read.
    fn read(path: &Path) -> Result<Option<Self>> {
        let text = whole_file::read(path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let Some(text) = text else { return Ok(None) };
        let note = serde_json::from_slice(&text);
        note.map(Some).with_context(|| {
            format!("{} is no note of `sheaf deploy`; move it away", path.display())
        })
    }
}

/// Removes the note of a deployment that is finished.
///
/// # Errors
/// When there is a note that cannot be removed.
pub(super) fn remove(path: &Path) -> Result<()> {
    whole_file::remove(path).with_context(|| format!("cannot remove {}", path.display()))
}

/// Refuses to begin anew where an earlier run has left contracts behind, or may have.
///
/// # Errors
/// When there is a note; the error says which flag goes on from which contract.
pub(super) async fn require_none(path: &Path, provider: &DynProvider<Ethereum>) -> Result<()> {
    let Some(note) = Unfinished::read(path)? else { return Ok(()) };
    let (name, chain_id) = (path.display(), provider.get_chain_id().await?);
    ensure!(
        note.chain_id == chain_id,
        "{name} tells of a deployment on chain {} that did not finish: go on there, or move the \
         file away",
        note.chain_id
    );
    let is_there = async |address: L1Address| -> Result<bool> {
        Ok(!provider.get_code_at(address.0.into()).await?.is_empty())
    };
    let verifier = note.verifier;
    if let Some(contract) = note.contract {
        ensure!(
            !is_there(contract).await?,
            "an earlier run has deployed the contract {contract} and did not finish: give \
             --contract {contract} to go on, or remove {name} to pay for another one"
        );
        bail!(
            "an earlier run sent a transaction for the contract {contract}, and L1 does not have \
             it yet: wait until it is mined and give --contract {contract}, or give --verifier \
             {verifier} if you know that it never will be"
        );
    }
    ensure!(
        !is_there(verifier).await?,
        "an earlier run has deployed the verifier {verifier} and did not finish: give --verifier \
         {verifier} to go on, or remove {name} to pay for another one"
    );
    bail!(
        "an earlier run sent a transaction for the verifier {verifier}, and L1 does not have it \
         yet: wait until it is mined, or remove {name} if you know that it never will be"
    )
}
