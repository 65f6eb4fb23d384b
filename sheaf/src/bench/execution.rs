//! What the executor reaches: effects of transfers between random slots, shared out and applied.

use std::num::NonZero;
use std::time::Instant;

use anyhow::Result;
use sheaf_sequencer::execution::{Account, Accounts, Effect, Execution, Executor};

use super::report::{Bound, Report, median};
use crate::output;

/// Threads of the parallel measurements, whatever the machine has.
const THREADS: NonZero<usize> = NonZero::new(2).expect("two are some");
/// Transfers of a run.
const TRANSFERS: u32 = 1_024_000;
/// Slots: those of most measurements, and more than caches keep.
const SLOTS: u32 = 1_000_000;
const MANY_SLOTS: u32 = 10_000_000;
/// Transfers of a small block, of a full batch, of a large block, and of one that is shared out
/// among threads.
const SMALL_BLOCK: u32 = 500;
const BATCH_BLOCK: u32 = 2_000;
const LARGE_BLOCK: u32 = 16_000;
const SHARED_BLOCK: u32 = 64_000;
/// Percentage of the transfers in the uneven workload that pay the same slot.
const HOT_PERCENT: u32 = 50;

/// Transfers between random slots, the same on every machine.
#[derive(Debug, Clone, Copy)]
struct Workload {
    slots: u32,
    transfers_per_block: u32,
    /// Of a hundred transfers, how many pay the same slot.
    hot: u32,
}

/// Transfers a second.
struct Rates {
    serial: f64,
    parallel: f64,
}

/// Adds the executor's measures to a report.
///
/// # Errors
/// None for a report of more than no run.
pub(super) fn measure(report: &mut Report) -> Result<()> {
    let batch = Workload { slots: SLOTS, transfers_per_block: BATCH_BLOCK, hot: 0 };
    let rate = batch.rates()?.serial;
    report.add("execution_transfers_per_second", rate, Bound::AtLeast(1e6));
    let hot = Workload { hot: HOT_PERCENT, ..batch }.rates()?.serial;
    report.add("execution_hot_per_second", hot, Bound::None);
    let over_serial = |workload: Workload| {
        let Rates { serial, parallel } = workload.rates()?;
        anyhow::Ok(parallel / serial)
    };
    let large = Workload { transfers_per_block: LARGE_BLOCK, ..batch };
    report.add("execution_parallel_over_serial", over_serial(large)?, Bound::AtLeast(1.5));
    let small = over_serial(Workload { transfers_per_block: SMALL_BLOCK, ..batch })?;
    report.add("execution_parallel_over_serial_small", small, Bound::AtLeast(0.95));
    let shared = Workload { transfers_per_block: SHARED_BLOCK, ..batch };
    let many = over_serial(Workload { slots: MANY_SLOTS, ..shared })?;
    report.add("execution_parallel_over_serial_10m_slots", many, Bound::None);
    Ok(())
}

impl Workload {
    fn rates(self) -> Result<Rates> {
        let Self { slots, transfers_per_block, hot } = self;
        output::note(format_args!(
            "executing {TRANSFERS} transfers over {slots} slots in blocks of \
             {transfers_per_block}, {hot} % of them to one"
        ));
        let blocks = self.blocks();
        let rate = |execution| {
            let mut executor = Executor::new(execution);
            let rich = Account { balance: u64::from(u32::MAX), nonce: 0 };
            let accounts: Accounts = std::iter::repeat_n(rich, slots as usize).collect();
            let start = Instant::now();
            for block in &blocks {
                // The engine makes the list of effects anew for each block.
                let mut effects = Vec::new();
                for (payer, nonce, payee) in block {
                    effects.push(Effect::Debit { slot: *payer, nonce: *nonce, amount: 1 });
                    effects.push(Effect::Credit { slot: *payee, amount: 1 });
                }
                executor.apply(&accounts, &effects);
            }
            Ok(f64::from(TRANSFERS) / start.elapsed().as_secs_f64())
        };
        let parallel = Execution::Partitions { threads: Some(THREADS) };
        Ok(Rates {
            serial: median(|| rate(Execution::Serial))?,
            parallel: median(|| rate(parallel))?,
        })
    }

    /// Payer, nonce and payee of each transfer, in blocks.
    fn blocks(self) -> Vec<Vec<(u32, u32, u32)>> {
        let mut state: u64 = 7;
        let mut below = |bound: u32| {
            state =
                state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            ((state >> 33) % u64::from(bound)) as u32
        };
        let mut nonces = vec![0; self.slots as usize];
        let mut transfer = || {
            let (payer, payee) = (below(self.slots), below(self.slots));
            let nonce = nonces[payer as usize];
            nonces[payer as usize] += 1;
            (payer, nonce, if below(100) < self.hot { 0 } else { payee })
        };
        let blocks = TRANSFERS / self.transfers_per_block;
        (0..blocks).map(|_| (0..self.transfers_per_block).map(|_| transfer()).collect()).collect()
    }
}
