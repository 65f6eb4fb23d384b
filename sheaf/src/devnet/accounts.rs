//! The L1 accounts of a devnet. Their keys come from the mnemonic that every Ethereum developer
//! knows ("test test … junk"): anvil gives them ether, and nobody may use them anywhere else.

use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result};

/// Deploys the contracts, submits batches and collects fees.
pub(crate) const OPERATOR: &str =
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
/// What the operator sends to the routes of the API that are his alone.
pub(super) const OPERATOR_TOKEN: &str = "devnet";
/// The first user.
pub(crate) const ALICE: &str = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
/// The second user.
pub(crate) const BOB: &str = "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";

/// The signer of one of these keys.
pub(super) fn signer(key: &str) -> Result<PrivateKeySigner> {
    key.parse().context("the devnet's keys are well-formed")
}
