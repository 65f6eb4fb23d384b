//! The rates of the sequencer's two costly tasks on two threads: checking signatures and executing.

use std::collections::HashMap;
use std::time::Instant;

use anyhow::{Result, ensure};
use rayon::{ThreadPool, ThreadPoolBuilder};
use sheaf_crypto::key::DecodedKey;
use sheaf_ledger::limits::DATA_WORDS_MAX;
use sheaf_ledger::transaction::CheckedTransaction;
use sheaf_sequencer::execution::{Account, Accounts, Credit, Execution, Executor, Plan, Verdict};

use super::full_batch::{FullBatch, Payers};
use super::machine::cpu_time;
use super::report::{Bound, Report};
use crate::output;

/// Threads of both measurements, however many cores the machine has.
const THREADS: usize = 2;
/// Signatures verified together.
const SIGNATURES_PER_BATCH: usize = 1_024;
/// Payers and payees of the signed transfers. The payers are half of them, with one signature each.
const SIGNERS: u32 = 65_536;
/// Slots in the executor.
const SLOTS: u32 = 1_000_000;
/// Transfers in a block, about as many as a batch contains.
const TRANSFERS_PER_BLOCK: u32 = 2_000;
/// Blocks in a run.
const BLOCKS: usize = 512;
/// Percentage of the transfers in the uneven workload that pay the same slot.
const HOT_PERCENT: u32 = 50;
/// Runs of each measurement; its figure is the median.
const RUNS: usize = 5;

/// Measures execution and signatures.
///
/// # Errors
/// When the threads cannot be started, a transfer is not applied, or a signature is not valid.
pub(super) fn measure() -> Result<Report> {
    let pool = ThreadPoolBuilder::new().num_threads(THREADS).build()?;
    let mut report = Report::new("sequencer");
    let even = executed_per_second(&pool, 0)?;
    report.add("execution_transfers_per_second", even.serial, Bound::AtLeast(1e6));
    report.add("execution_waves_transfers_per_second", even.waves, Bound::AtLeast(1e6));
    let hot = executed_per_second(&pool, HOT_PERCENT)?;
    report.add("execution_hot_per_second", hot.serial, Bound::None);
    report.add("execution_hot_waves_per_second", hot.waves, Bound::None);
    let sealing = sealing_seconds_per_transfer()?;
    report.add("sealing_cpu_us_per_transfer", sealing * 1e6, Bound::AtMost(25.0));
    let verified = verified_per_second(&pool)?;
    report.add("signatures_per_second", verified.known_signers, Bound::AtLeast(30e3));
    report.add("signatures_per_second_new_signers", verified.new_signers, Bound::None);
    Ok(report)
}

/// Executed transfers a second.
struct Executed {
    /// In their order, on one thread: the default of the sequencer.
    serial: f64,
    /// In waves, on all threads.
    waves: f64,
}

/// Measures the execution of transfers between random slots, of which `hot` in a hundred pay the
/// same slot. The transfers carry no signatures; planning counts as a part of execution.
///
/// # Errors
/// When a transfer is not applied.
fn executed_per_second(pool: &ThreadPool, hot: u32) -> Result<Executed> {
    let count = BLOCKS as u32 * TRANSFERS_PER_BLOCK;
    output::note(format_args!(
        "executing {count} transfers over {SLOTS} slots, {hot} % of them to one"
    ));
    let blocks = transfers(hot);
    let run = |execution| {
        let mut executor = Executor::new(execution);
        let records: Accounts =
            (0..SLOTS).map(|_| Account { balance: u64::from(u32::MAX), nonce: 0 }).collect();
        let mut nonces = vec![0; SLOTS as usize];
        let start = Instant::now();
        for block in &blocks {
            let plan = planned(block, &mut nonces);
            let verdicts = pool.install(|| executor.apply(&records, &plan));
            ensure!(verdicts.iter().all(|verdict| *verdict == Verdict::Applied), "all can pay");
        }
        Ok(blocks.iter().map(Vec::len).sum::<usize>() as f64 / start.elapsed().as_secs_f64())
    };
    let serial = median(|| run(Execution::Serial))?;
    let waves = median(|| run(Execution::Waves))?;
    Ok(Executed { serial, waves })
}

/// Payer and payee of each transfer, in blocks. The transfers are the same on every machine.
fn transfers(hot: u32) -> Vec<Vec<(u32, u32)>> {
    let mut state: u64 = 7;
    let mut below = |bound: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        ((state >> 33) % u64::from(bound)) as u32
    };
    let mut transfer = || {
        let (payer, payee) = (below(SLOTS), below(SLOTS));
        if below(100) < hot { (payer, 0) } else { (payer, payee) }
    };
    let mut block = || (0..TRANSFERS_PER_BLOCK).map(|_| transfer()).collect();
    (0..BLOCKS).map(|_| block()).collect()
}

fn planned(transfers: &[(u32, u32)], nonces: &mut [u32]) -> Plan {
    let mut plan = Plan::default();
    for (payer, payee) in transfers {
        let nonce = &mut nonces[*payer as usize];
        plan.push(*payer, *nonce, 1, [Credit { slot: *payee, amount: 1 }]);
        *nonce += 1;
    }
    plan
}

/// CPU seconds of all threads that sealing takes a transfer: entries through the ledger's machine,
/// the new root of a tree of `SLOTS` slots, the witness as bytes, and the tree's update.
fn sealing_seconds_per_transfer() -> Result<f64> {
    let full = FullBatch::new(SLOTS / DATA_WORDS_MAX)?;
    output::note(format_args!("sealing {} transfers over {SLOTS} slots", full.transfers()));
    median(|| {
        let mut tree = full.tree.clone();
        let start = cpu_time()?;
        let sealed = full.seal()?;
        let witness = sealed.to_bytes();
        sealed.update(&mut tree)?;
        let time = cpu_time()? - start;
        ensure!(!witness.is_empty(), "a witness has bytes");
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
fn verified_per_second(pool: &ThreadPool) -> Result<Verified> {
    output::note(format_args!("signing {} transfers", SIGNERS / 2));
    let transfers = Payers::new(SIGNERS, 1)?.transfers()?;
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

fn median(mut run: impl FnMut() -> Result<f64>) -> Result<f64> {
    let mut rates = (0..RUNS).map(|_| run()).collect::<Result<Vec<f64>>>()?;
    rates.sort_by(f64::total_cmp);
    Ok(rates[RUNS / 2])
}
