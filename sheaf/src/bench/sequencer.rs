//! The rates of the sequencer's two costly tasks on two threads, checking signatures and executing,
//! and what sealing and events cost.

use std::collections::HashMap;
use std::time::Instant;

use anyhow::{Result, ensure};
use rayon::{ThreadPool, ThreadPoolBuilder};
use sheaf_crypto::key::DecodedKey;
use sheaf_ledger::limits::{CALLDATA_WORDS_MAX, DATA_WORDS_MAX};
use sheaf_ledger::transaction::CheckedTransaction;
use sheaf_sequencer::store::Published;

use super::full_batch::{FullBatch, Payers};
use super::machine::cpu_time;
use super::report::{Bound, Report, median};
use super::{events, execution};
use crate::output;

/// Threads of both measurements, however many cores the machine has.
const THREADS: usize = 2;
/// Signatures verified together.
const SIGNATURES_PER_BATCH: usize = 1_024;
/// Payers and payees of the signed transfers. The payers are half of them, with one signature each.
const SIGNERS: u32 = 65_536;
/// Slots of the tree that a batch is sealed over.
const SLOTS: u32 = 1_000_000;

/// Measures execution, sealing, events and signatures.
///
/// # Errors
/// When the threads cannot be started, a transfer is not applied, or a signature is not valid.
pub(super) fn measure() -> Result<Report> {
    let mut report = Report::new("sequencer");
    execution::measure(&mut report)?;
    let sealing = sealing_seconds_per_transfer()?;
    report.add("sealing_cpu_us_per_transfer", sealing * 1e6, Bound::AtMost(25.0));
    events::measure(&mut report)?;
    signatures(&mut report, SIGNERS)?;
    Ok(report)
}

/// Measures the check of signatures with so many signers, half of whom pay.
///
/// # Errors
/// When the threads cannot be started, or a signature is not valid.
pub(super) fn signatures(report: &mut Report, signers: u32) -> Result<()> {
    let pool = ThreadPoolBuilder::new().num_threads(THREADS).build()?;
    let verified = verified_per_second(&pool, signers)?;
    report.add("signatures_per_second", verified.known_signers, Bound::AtLeast(30e3));
    report.add("signatures_per_second_new_signers", verified.new_signers, Bound::None);
    Ok(())
}

/// CPU seconds of all threads that sealing takes a transfer: entries through the ledger's machine,
/// the new root of a tree of `SLOTS` slots, the nodes for provers, the words, and the tree's
/// update.
fn sealing_seconds_per_transfer() -> Result<f64> {
    let full = FullBatch::new(CALLDATA_WORDS_MAX, SLOTS / DATA_WORDS_MAX)?;
    output::note(format_args!("sealing {} transfers over {SLOTS} slots", full.transfers()));
    median(|| {
        let mut tree = full.tree.clone();
        let start = cpu_time()?;
        let sealed = full.seal()?;
        let published = Published::of(&sealed);
        sealed.update(&mut tree)?;
        let time = cpu_time()? - start;
        ensure!(!published.data_words.is_empty(), "a batch publishes words");
        Ok(time.as_secs_f64() / full.transfers() as f64)
    })
}

/// Checked signatures a second.
struct Verified {
    /// Signers whose keys are decoded already, because they have paid before.
    known_signers: f64,
    /// Signers whose keys must be decoded first.
    new_signers: f64,
}

/// Measures the check of signatures as admission does it: `SIGNATURES_PER_BATCH` transactions at
/// once, on all threads.
fn verified_per_second(pool: &ThreadPool, signers: u32) -> Result<Verified> {
    output::note(format_args!("signing {} transfers", signers / 2));
    let transfers = Payers::new(signers, 1)?.transfers()?;
    let mut keys = HashMap::new();
    for key in transfers.iter().map(|transfer| transfer.signed().key) {
        keys.insert(key, DecodedKey::new(key)?);
    }
    output::note(format_args!("verifying them in batches of {SIGNATURES_PER_BATCH}"));
    let known_signers = median(|| {
        accepted(pool, &transfers, |all| {
            CheckedTransaction::accept_all(all, |key| Ok(keys[key])).iter().all(Result::is_ok)
        })
    })?;
    let new_signers = median(|| {
        accepted(pool, &transfers, |all| {
            let decode = |key: &_| DecodedKey::new(*key);
            CheckedTransaction::accept_all(all, decode).iter().all(Result::is_ok)
        })
    })?;
    Ok(Verified { known_signers, new_signers })
}

fn accepted(
    pool: &ThreadPool,
    transfers: &[CheckedTransaction],
    accept: impl Fn(Vec<CheckedTransaction>) -> bool + Sync,
) -> Result<f64> {
    let batches: Vec<Vec<_>> = transfers.chunks(SIGNATURES_PER_BATCH).map(<[_]>::to_vec).collect();
    let start = Instant::now();
    let all = pool.install(|| batches.into_iter().all(&accept));
    let seconds = start.elapsed().as_secs_f64();
    ensure!(all, "every signature is valid");
    Ok(transfers.len() as f64 / seconds)
}
