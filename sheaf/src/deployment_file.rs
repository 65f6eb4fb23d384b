//! `deployment.json`: what a deployment left on L1, for every program that works for the rollup.
//!
//! `sheaf deploy` and the first start of a devnet write the file, once and as a whole.

use std::fs;
use std::path::Path;

use alloy::primitives::B256;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_contracts::deployment::Deployed;
use sheaf_ledger::L1Address;

use crate::keys::KeyStore;
use crate::whole_file;

/// The file's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeploymentFile {
    /// The id of the L1 chain.
    pub chain_id: u64,
    /// The rollup's contract.
    pub contract: L1Address,
    /// The contract that verifies proofs.
    pub verifier: L1Address,
    /// The L1 block from which the rollup's events are read.
    pub first_block: u64,
    /// The proofs that the verifier accepts, as [`proofs`] names them.
    pub proofs: String,
    /// The hash of the key against which proofs are verified; files of earlier versions have none.
    #[serde(default)]
    pub key_hash: Option<B256>,
    /// What the chain takes in one transaction; files of earlier versions do not say it.
    #[serde(default = "osaka")]
    pub limits: ChainLimits,
}

/// The limits of a chain about which nothing is said.
const fn osaka() -> ChainLimits {
    ChainLimits::OSAKA
}

/// The name of a rollup's proofs: `development`, or the sizes of its circuits.
pub(crate) const fn proofs(development: bool, keys: &KeyStore) -> &'static str {
    if development { "development" } else { keys.circuits.name() }
}

impl DeploymentFile {
    /// The file about a new deployment.
    pub(crate) fn of(
        deployed: &Deployed,
        key_hash: B256,
        proofs: &str,
        limits: ChainLimits,
    ) -> Self {
        Self {
            chain_id: deployed.chain_id,
            contract: L1Address(deployed.contract.0.0),
            verifier: L1Address(deployed.verifier.0.0),
            first_block: deployed.first_block,
            proofs: proofs.to_owned(),
            key_hash: Some(key_hash),
            limits,
        }
    }

    /// The addresses of the rollup.
    pub(crate) fn deployed(&self) -> Deployed {
        Deployed {
            chain_id: self.chain_id,
            verifier: self.verifier.0.into(),
            contract: self.contract.0.into(),
            first_block: self.first_block,
        }
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When there is none, or it is no file about a deployment.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text)
            .with_context(|| format!("{} is no file that `sheaf deploy` wrote", path.display()))
    }

    /// Writes a new file at `path`. A process that ends meanwhile leaves no file there.
    ///
    /// # Errors
    /// When there is a file already, or the folder cannot be written.
    pub(crate) fn write_new(&self, path: &Path) -> Result<()> {
        let write = || -> Result<()> {
            let content = serde_json::to_vec_pretty(self)?;
            let draft = whole_file::draft(path, &content, whole_file::PUBLIC)?;
            Ok(whole_file::put_new(draft, path)?)
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> DeploymentFile {
        DeploymentFile {
            chain_id: 7,
            contract: L1Address([1; 20]),
            verifier: L1Address([2; 20]),
            first_block: 9,
            proofs: "small".to_owned(),
            key_hash: Some(B256::repeat_byte(3)),
            limits: ChainLimits::AMSTERDAM,
        }
    }

    #[test]
    fn a_file_is_written_once_and_read_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("deployment.json");
        file().write_new(&path).expect("it is written");
        assert_eq!(DeploymentFile::read(&path).expect("it is read"), file());
        let other = DeploymentFile { first_block: 1, ..file() };
        other.write_new(&path).expect_err("there is a file");
        assert_eq!(DeploymentFile::read(&path).expect("it is read"), file(), "it was overwritten");
        let names = fs::read_dir(folder.path()).expect("it is there").count();
        assert_eq!(names, 1, "a draft is left");
    }

    #[test]
    fn a_file_of_an_earlier_devnet_has_neither_key_hash_nor_limits() {
        let mut json = serde_json::to_value(file()).expect("plain data");
        json.as_object_mut().expect("an object").retain(|name, _| name != "key_hash");
        json.as_object_mut().expect("an object").retain(|name, _| name != "limits");
        let read: DeploymentFile = serde_json::from_value(json.clone()).expect("it is read");
        let earlier = DeploymentFile { key_hash: None, limits: ChainLimits::OSAKA, ..file() };
        assert_eq!(read, earlier);
        json.as_object_mut().expect("an object").remove("contract");
        serde_json::from_value::<DeploymentFile>(json).expect_err("a contract is needed");
    }
}
