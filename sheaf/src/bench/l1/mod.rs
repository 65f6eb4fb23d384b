//! What L1 costs, in time and gas: one transfer alone, each call of the contract, and the state
//! rebuilt from L1.
//!
//! The transfer goes through a whole rollup with real proofs. The calls go to a second rollup on an
//! L1 of its own, whose verifier checks the transfer's proof again whatever it is asked. So a batch
//! of any size pays for a proof, and nobody has to prove thousands of transfers first.

mod calls;
mod chain;
pub(super) mod rebuild;
mod rollup;
mod transfer;
mod words;

use anyhow::{Context, Result, bail};
use clap::Args;
use sheaf_ledger::DataMode;

use super::report::Report;
use crate::demo::free_port;
use crate::devnet::Settings;
use crate::keys::KeyStore;
use crate::{output, shutdown};
use chain::{Chain, Verification};

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Options {
    /// Use development proofs for the part l1: it takes a minute, and its figures of proofs and of
    /// batches' gas are then too small
    #[arg(long)]
    pub development: bool,
}

/// Measures the transfer, the calls and the rebuilding, one after another. Await this on the
/// program's main thread, to which the kernel ties the processes.
///
/// # Errors
/// When a rollup does not start or is stopped, or L1 refuses a call.
pub(super) async fn measure(keys: KeyStore, options: Options) -> Result<Report> {
    let mut report = Report::new("l1");
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let settings = Settings {
        folder: folder.path().to_owned(),
        port: free_port()?,
        l1_port: free_port()?,
        batch_age: transfer::BATCH_AGE_SECONDS,
        data_mode: DataMode::Calldata,
        development: options.development,
        keys,
    };
    let verification = transfer::measure(settings.clone(), &mut report).await?;

    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let settings = Settings { folder: folder.path().to_owned(), ..settings };
    output::note("measuring the gas of each call");
    let chain = Chain::start(&settings).await?;
    let measured = tokio::select! {
        stop = shutdown::requested() => stop.and_then(|()| bail!("it was stopped")),
        measured = measure_calls(&chain, &verification, &mut report) => measured,
    };
    chain.stop().await?;
    measured.map(|()| report)
}

async fn measure_calls(
    chain: &Chain,
    verification: &Verification,
    report: &mut Report,
) -> Result<()> {
    calls::measure(&mut chain.rollup(verification).await?, report).await?;
    output::note("rebuilding the state from L1");
    rebuild::measure(&chain.url, &mut chain.rollup(verification).await?, report).await
}
