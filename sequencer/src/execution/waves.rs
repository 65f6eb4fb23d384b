//! Conflict-free waves: transactions that touch no common slot run at the same time.
//!
//! A transaction's wave is one more than the latest wave of any slot that it touches. So two
//! transactions that share a slot are in different waves, in their order, and a transaction reads
//! only values from earlier waves. That is why the result is the serial one for every number of
//! threads.
//!
//! A wave that is too narrow to be worth the barrier runs on the calling thread. So applying
//! transactions that share a hot slot costs what serial execution costs, besides the search for
//! waves.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use rayon::prelude::*;

use super::{Accounts, Plan, Verdict};
use crate::limits::{PARALLEL_CHUNK_TRANSACTIONS, PARALLEL_WAVE_TRANSACTIONS_MIN};

/// Finds the waves of a plan and applies them. The planner remembers for each slot the last wave
/// that touched it. Wave numbers continue from block to block, so that nothing has to be cleared
/// between blocks.
#[derive(Debug, Default)]
pub(super) struct WavePlanner {
    last_wave: Vec<u32>,
    waves_so_far: u32,
}

/// The transactions of a plan, sorted by wave.
struct Waves {
    /// Where each wave starts in `order`, and the end of the last wave.
    starts: Vec<u32>,
    /// Indices of the plan's transactions.
    order: Vec<u32>,
}

impl WavePlanner {
    /// Applies `plan` wave by wave.
    pub(super) fn apply(&mut self, accounts: &Accounts, plan: &Plan) -> Vec<Verdict> {
        let waves = self.plan(accounts.len(), plan);
        let verdicts: Vec<AtomicU8> =
            plan.transactions().iter().map(|_| AtomicU8::new(0)).collect();
        for bounds in waves.starts.windows(2) {
            let wave = &waves.order[bounds[0] as usize..bounds[1] as usize];
            let apply = |index: &u32| {
                let index = *index as usize;
                let verdict = accounts.apply(plan, &plan.transactions()[index]);
                verdicts[index].store(verdict as u8, Relaxed);
            };
            if wave.len() < PARALLEL_WAVE_TRANSACTIONS_MIN {
                wave.iter().for_each(apply);
            } else {
                wave.par_chunks(PARALLEL_CHUNK_TRANSACTIONS)
                    .for_each(|chunk| chunk.iter().for_each(apply));
            }
        }
        verdicts.into_iter().map(|verdict| verdict_of(verdict.into_inner())).collect()
    }

    fn plan(&mut self, slots: usize, plan: &Plan) -> Waves {
        self.make_room(slots, plan.len());
        let before = self.waves_so_far;
        let mut wave_of = Vec::with_capacity(plan.len());
        let mut sizes: Vec<u32> = Vec::new();
        for transaction in plan.transactions() {
            let credits = plan.credits(transaction);
            let mut latest = self.last_wave[transaction.slot as usize].max(before);
            for credit in credits {
                latest = latest.max(self.last_wave[credit.slot as usize]);
            }
            let wave = latest + 1;
            self.last_wave[transaction.slot as usize] = wave;
            for credit in credits {
                self.last_wave[credit.slot as usize] = wave;
            }
            let index = (wave - before - 1) as usize;
            if index == sizes.len() {
                sizes.push(0);
            }
            sizes[index] += 1;
            wave_of.push(index as u32);
        }
        self.waves_so_far = before + sizes.len() as u32;
        sort_by_wave(&wave_of, &sizes)
    }

    /// Makes room for slots opened since the last plan. Starts the count of waves anew before the
    /// counter would overflow.
    fn make_room(&mut self, slots: usize, transactions: usize) {
        let transactions = u32::try_from(transactions).expect("a block is far below 2^32");
        if self.waves_so_far.checked_add(transactions).is_none() {
            self.last_wave.fill(0);
            self.waves_so_far = 0;
        }
        if self.last_wave.len() < slots {
            self.last_wave.resize(slots, 0);
        }
    }
}

/// A counting sort: stable, so that a wave keeps the order of its transactions.
fn sort_by_wave(wave_of: &[u32], sizes: &[u32]) -> Waves {
    let mut starts = Vec::with_capacity(sizes.len() + 1);
    let mut next = 0;
    for size in sizes {
        starts.push(next);
        next += size;
    }
    starts.push(next);
    let mut places = starts.clone();
    let mut order = vec![0; wave_of.len()];
    for (transaction, wave) in wave_of.iter().enumerate() {
        let place = &mut places[*wave as usize];
        order[*place as usize] = transaction as u32;
        *place += 1;
    }
    Waves { starts, order }
}

fn verdict_of(code: u8) -> Verdict {
    const WRONG_NONCE: u8 = Verdict::WrongNonce as u8;
    const INSUFFICIENT_BALANCE: u8 = Verdict::InsufficientBalance as u8;
    match code {
        WRONG_NONCE => Verdict::WrongNonce,
        INSUFFICIENT_BALANCE => Verdict::InsufficientBalance,
        _ => Verdict::Applied,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execution::{Account, Credit, apply_serially};

    fn pay(plan: &mut Plan, from: u32, nonce: u32, to: &[u32]) {
        let credits = to.iter().map(|slot| Credit { slot: *slot, amount: 1 });
        plan.push(from, nonce, to.len() as u64, credits);
    }

    #[test]
    fn transactions_that_share_a_slot_keep_their_order_in_different_waves() {
        let mut plan = Plan::default();
        pay(&mut plan, 0, 0, &[1]);
        pay(&mut plan, 2, 0, &[3, 4]);
        pay(&mut plan, 1, 0, &[5]);
        pay(&mut plan, 4, 0, &[4]);
        pay(&mut plan, 6, 0, &[5, 0]);
        let mut planner = WavePlanner::default();
        let waves = planner.plan(7, &plan);
        assert_eq!((waves.starts, waves.order), (vec![0, 2, 4, 5], vec![0, 1, 2, 3, 4]));
        // The next block starts above all waves of this one.
        let waves = planner.plan(7, &plan);
        assert_eq!((waves.starts, waves.order), (vec![0, 2, 4, 5], vec![0, 1, 2, 3, 4]));
    }

    #[test]
    fn the_wave_counter_starts_anew_before_it_wraps() {
        let mut plan = Plan::default();
        pay(&mut plan, 0, 0, &[1]);
        pay(&mut plan, 1, 0, &[0]);
        let fresh = || [5, 0].map(|balance| Account { balance, nonce: 0 }).into_iter().collect();
        let (near_the_end, serial): (Accounts, Accounts) = (fresh(), fresh());
        let mut planner =
            WavePlanner { last_wave: vec![u32::MAX - 1; 2], waves_so_far: u32::MAX - 1 };
        let verdicts = planner.apply(&near_the_end, &plan);
        assert_eq!(verdicts, apply_serially(&serial, &plan));
        assert!(near_the_end == serial);
        assert_eq!(planner.waves_so_far, 2);
    }
}
