//! The L1 accounts of a devnet. Their keys come from the mnemonic that every Ethereum developer
//! knows ("test test … junk"). anvil gives these accounts ether; use them nowhere else.

use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, Result};

/// L1 key of the operator, who deploys the contracts, submits batches and collects fees.
pub(crate) const OPERATOR: &str =
    "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
/// Bearer token of the operator's routes of the API.
pub(super) const OPERATOR_TOKEN: &str = "devnet";
/// L1 key of the first user.
pub(crate) const ALICE: &str = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
/// L1 key of the second user.
pub(crate) const BOB: &str = "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a";

/// The signer of one of these keys.
///
/// # Errors
/// When `key` is not 64 hex digits of a secret key.
pub(crate) fn signer(key: &str) -> Result<PrivateKeySigner> {
    key.parse().context("the devnet's keys are well-formed")
}
