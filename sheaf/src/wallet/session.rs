//! What every command of `sheaf wallet` begins with, the wallet and its rollup, and ends with, its
//! answer.

use anyhow::{Result, bail, ensure};
use serde_json::Value;
use sheaf_client::{Api, Payer, Signed, TransactionStatus};
use sheaf_wire::status::StatusBody;

use super::Arguments;
use super::key_file::Wallet;
use crate::output;

/// How many times a transaction is signed again because another command of the same wallet was
/// faster.
pub(super) const COLLISIONS_MAX: usize = 16;

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

/// Signs a transaction, tells its id and sends it. Signs another one when another command of the
/// same wallet has used the nonce meanwhile, which the sequencer says before it executes anything.
///
/// # Errors
/// As `sign` and [`Payer::submit`]; after `COLLISIONS_MAX` collisions.
pub(super) async fn send_next(
    payer: &Payer,
    sign: impl AsyncFn() -> sheaf_client::Result<Signed>,
) -> Result<(Signed, TransactionStatus)> {
    for _ in 0..COLLISIONS_MAX {
        let signed = sign().await?;
        output::note(format_args!("transaction {}", signed.id));
        match payer.submit(&signed.transaction).await {
            Err(error) if error.is_nonce_used() => {}
            sent => return Ok((signed, sent?)),
        }
    }
    bail!("other commands of this wallet used {COLLISIONS_MAX} nonces first; nothing was sent")
}
