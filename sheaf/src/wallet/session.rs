//! What every command of `sheaf wallet` begins with, the wallet and its rollup, and ends with, its
//! answer.

use anyhow::{Result, ensure};
use serde_json::Value;
use sheaf_client::Api;
use sheaf_wire::status::StatusBody;

use super::Arguments;
use super::key_file::Wallet;
use crate::output;

/// What a command prints: text for people, JSON with `--json`.
pub(super) struct Answer {
    pub text: String,
    pub json: Value,
}

/// Opens the wallet's key file.
pub(super) fn open(arguments: &Arguments) -> Result<Wallet> {
    Wallet::open(&arguments.key_file()?, &arguments.passphrase)
}

/// Asks the sequencer for its rollup.
///
/// # Errors
/// When the sequencer runs another rollup than `--contract` and `--chain-id` name, or does not
/// answer.
pub(super) async fn rollup(arguments: &Arguments, api: &Api) -> Result<StatusBody> {
    let status = api.status().await?;
    if let Some(expected) = arguments.contract {
        ensure!(
            status.contract == expected,
            "the sequencer at {} runs the rollup of contract {}, not of {expected}",
            arguments.url,
            status.contract
        );
    }
    if let Some(expected) = arguments.chain_id {
        ensure!(
            status.chain_id == expected,
            "the sequencer at {} runs a rollup on chain {}, not on {expected}",
            arguments.url,
            status.chain_id
        );
    }
    if status.development {
        output::note("note: this rollup takes development proofs, which prove nothing");
    }
    Ok(status)
}
