//! Which rollup a command works for: the flags that name it, or the file that `sheaf deploy` wrote.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_ledger::L1Address;
use sheaf_ledger::domain::LOCAL_CHAIN_ID;

use crate::deployment_file::DeploymentFile;

/// The flags that name a rollup.
#[derive(Debug, Args)]
pub(crate) struct RollupArguments {
    /// File that `sheaf deploy` wrote, in place of --contract, --chain-id and --first-block
    #[arg(long, value_name = "FILE")]
    #[arg(conflicts_with_all = ["contract", "chain_id", "first_block"])]
    deployment: Option<PathBuf>,
    /// Address of the rollup's contract
    #[arg(long, value_name = "ADDRESS", required_unless_present = "deployment")]
    contract: Option<L1Address>,
    /// The chain id of that L1 [default: 31337]
    #[arg(long, value_name = "NUMBER")]
    chain_id: Option<u64>,
    /// L1 block in which the contract was deployed [default: 0]
    ///
    /// Requests and batches are looked for from this block on.
    #[arg(long, value_name = "BLOCK")]
    first_block: Option<u64>,
}

/// A rollup on its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rollup {
    /// The id of the L1 chain.
    pub chain_id: u64,
    /// The rollup's contract.
    pub contract: L1Address,
    /// The L1 block from which the rollup's events are read.
    pub first_block: u64,
    /// What the chain takes in one transaction, unless another flag says otherwise.
    pub limits: ChainLimits,
}

impl RollupArguments {
    /// The rollup. `proofs` names the proofs that the command makes or takes.
    ///
    /// # Errors
    /// When the file cannot be read, or was written about a rollup with other proofs.
    pub(crate) fn rollup(&self, proofs: &str) -> Result<Rollup> {
        let Some(path) = &self.deployment else {
            return Ok(Rollup {
                chain_id: self.chain_id.unwrap_or(LOCAL_CHAIN_ID),
                contract: self.contract.context("give --contract, or --deployment")?,
                first_block: self.first_block.unwrap_or_default(),
                limits: ChainLimits::OSAKA,
            });
        };
        let file = DeploymentFile::read(path)?;
        ensure!(
            file.proofs == proofs,
            "the rollup in {} takes {} proofs, and this start is for {proofs} ones: give {}",
            path.display(),
            file.proofs,
            flag(&file.proofs)
        );
        let DeploymentFile { chain_id, contract, first_block, limits, .. } = file;
        Ok(Rollup { chain_id, contract, first_block, limits })
    }
}

/// The flag that asks for proofs of this name.
fn flag(proofs: &str) -> String {
    match proofs {
        "development" => "--development".to_owned(),
        sizes => format!("--circuits {sizes}, without --development"),
    }
}
