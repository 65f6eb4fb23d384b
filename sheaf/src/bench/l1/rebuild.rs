//! The time and memory in which the state is rebuilt from L1, by a process of its own.

use std::time::Instant;

use alloy::providers::{Provider, ProviderBuilder};
use alloy::transports::http::reqwest::Url;
use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use sheaf_client::{BlobSource, L1Data};
use sheaf_ledger::limits::BLOB_WORDS;
use sheaf_ledger::{L1Address, SlotTree, Word};
use tokio::process::Command;

use super::rollup::{Rollup, gas_when_mined};
use super::words::{OWNERS, Words};
use crate::bench::machine::{forget_peak, peak_bytes};
use crate::bench::report::{Bound, Report};
use crate::output;

/// Batches on L1, each of one full blob.
const BATCHES: u32 = 100;
/// Words of a slot that is opened and paid into.
const WORDS_PER_DEPOSIT: u32 = 2;
/// The most memory that is aimed at, in bytes.
const PEAK_BYTES_MAX: f64 = 8e9;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// URL of the L1 node
    #[arg(long)]
    l1: String,
    /// The rollup's contract
    #[arg(long)]
    contract: L1Address,
}

/// What the process that rebuilds prints.
#[derive(Debug, Serialize, Deserialize)]
struct Outcome {
    seconds: f64,
    peak_bytes: u64,
    batches: u64,
}

/// Rebuilds the state of a rollup and prints how long it took.
///
/// # Errors
/// When L1 does not answer, or its data do not lead to the contract's state.
pub(crate) async fn run(arguments: Arguments) -> Result<()> {
    forget_peak()?;
    let start = Instant::now();
    let url: Url = arguments.l1.parse()?;
    let provider = ProviderBuilder::new().connect_http(url.clone()).erased();
    let data = L1Data::new(provider, arguments.contract).await?;
    let rebuilt = data.with_blobs(vec![BlobSource::Anvil(url)]).rebuild(|_| {}).await?;
    let (seconds, peak_bytes) = (start.elapsed().as_secs_f64(), peak_bytes()?);
    let outcome = Outcome { seconds, peak_bytes, batches: rebuilt.batches() };
    output::answer(serde_json::to_string(&outcome)?);
    Ok(())
}

/// Publishes full batches on a new rollup, and has the state rebuilt.
///
/// # Errors
/// When L1 does not take the batches, or the process fails.
pub(super) async fn measure(url: &str, rollup: &mut Rollup, report: &mut Report) -> Result<()> {
    publish(rollup).await?;
    let program = std::env::current_exe().context("cannot find this program's file")?;
    let contract = rollup.contract.address().to_string();
    let child = Command::new(program)
        .args(["bench", "rebuild", "--l1", url, "--contract", &contract])
        .kill_on_drop(true)
        .output()
        .await?;
    let told = String::from_utf8_lossy(&child.stderr);
    ensure!(child.status.success(), "the state cannot be rebuilt: {told}");
    let outcome: Outcome = serde_json::from_slice(&child.stdout)?;
    ensure!(outcome.batches == u64::from(BATCHES), "some batches were left out");
    report.add("rebuild_seconds_100_batches", outcome.seconds, Bound::None);
    report.add("rebuild_peak_bytes", outcome.peak_bytes as f64, Bound::AtMost(PEAK_BYTES_MAX));
    Ok(())
}

/// The first batches open the slots, and the others have as many transfers as fit.
async fn publish(rollup: &mut Rollup) -> Result<()> {
    let per_batch = BLOB_WORDS / WORDS_PER_DEPOSIT;
    let (mut words, mut slots, mut sent) = (Words::new(), Vec::new(), Vec::new());
    for batch in 0..BATCHES {
        let first = batch * per_batch;
        let data: Vec<Word> = if first < OWNERS {
            Words::deposits(first, OWNERS.min(first + per_batch))
        } else {
            words.transfers(BLOB_WORDS)
        };
        sheaf_ledger::rebuild::rebuild(&mut slots, &data)?;
        let tree = SlotTree::from_slots(slots.clone());
        sent.push(rollup.send_blobs(&data, rollup.state_of(&tree)).await?);
    }
    for batch in sent {
        gas_when_mined(batch).await?;
    }
    Ok(())
}
