//! What every command of `sheaf wallet` begins with, the wallet and its rollup, and ends with, its
//! answer.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use alloy::primitives::B256;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use sheaf_client::{Api, Payer, Signed, TransactionStatus};
use sheaf_wire::status::StatusBody;
use tokio::task::spawn_blocking;

use super::Arguments;
use super::key_file::Wallet;
use crate::file_lock::lock;
use crate::output;

/// How many times a transaction is signed again because the same wallet on another machine was
/// faster.
pub(super) const COLLISIONS_MAX: usize = 16;
/// How long a command waits while other commands of its wallet sign and send.
const TURN_PATIENCE: Duration = Duration::from_secs(60);

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

/// The wallet as a payer in the token that `--token` names, and what the sequencer says of its
/// rollup. A request is repeated for as long as `patience` while the sequencer is away or busy.
///
/// # Errors
/// As `open` and `rollup`; when the token is not listed, or L1 does not answer about it.
pub(super) async fn payer(
    arguments: &Arguments,
    patience: Duration,
) -> Result<(Payer, StatusBody)> {
    let wallet = open(arguments)?;
    let api = Api::patient(&arguments.url, patience)?;
    let status = rollup(arguments, &api).await?;
    let payer = Payer::new(wallet.signer().clone(), api, &arguments.l1, &status)?;
    Ok((payer.with_token(arguments.token).await?.telling(tell_sent), status))
}

/// Prints the hash of an L1 transaction that cannot be taken back, before it is mined.
pub(super) fn tell_sent(act: &'static str, transaction: B256) {
    output::note(format_args!("{act} is sent in L1 transaction {transaction}"));
}

/// The turn of a command among the commands of one wallet on this machine. A command that signs
/// while another one sends would take the same nonce.
pub(super) struct Turn {
    /// Locked until it is closed.
    _key_file: File,
}

impl Turn {
    /// Waits for the turn.
    ///
    /// # Errors
    /// When the key file cannot be opened or locked; after `TURN_PATIENCE`.
    pub(super) async fn take(key_file: &Path) -> Result<Self> {
        let shown = key_file.display();
        let file = File::open(key_file).with_context(|| format!("cannot open {shown}"))?;
        let path = key_file.to_owned();
        let waiting = spawn_blocking(move || (lock(&file, &path, TURN_PATIENCE), file));
        let (taken, file) = waiting.await.context("the wait for the turn was given up")?;
        let is_taken = taken?;
        ensure!(
            is_taken,
            "another command of the wallet {shown} has been sending for long; try again"
        );
        Ok(Self { _key_file: file })
    }
}

/// Signs a transaction, tells its id and sends it. Signs another one when a command of the same
/// wallet on another machine has taken the nonce meanwhile, which the sequencer says before it
/// executes anything.
///
/// # Errors
/// As `sign` and [`Payer::submit`]; after `COLLISIONS_MAX` collisions.
pub(super) async fn send_next(
    _turn: Turn,
    payer: &Payer,
    sign: impl AsyncFn() -> sheaf_client::Result<Signed>,
) -> Result<(Signed, TransactionStatus)> {
    for _ in 0..COLLISIONS_MAX {
        let signed = sign().await?;
        output::note(format_args!("transaction {}", signed.id));
        match payer.submit(&signed.transaction).await {
            Err(error) if error.is_collision() => {}
            sent => return Ok((signed, sent?)),
        }
    }
    bail!("this wallet on another machine used {COLLISIONS_MAX} nonces first; nothing was sent")
}
