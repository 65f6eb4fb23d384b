//! Parallel execution gives exactly the result of serial execution, on 1, 2 and 8 threads.

use std::num::NonZero;

use proptest::prelude::*;
use sheaf_sequencer::execution::{Account, Accounts, Effect, Execution, Executor};
use sheaf_sequencer::limits::PARALLEL_EFFECTS_MIN;

const SLOTS: u32 = 30_000;
const BALANCE: u64 = 1_000_000;
/// Recipients of a multi-transfer.
const RECIPIENTS: u32 = 64;

/// A stream of numbers from a seed: enough for workloads, and the same on every machine.
struct Stream(u64);

impl Stream {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        ((self.0 >> 33) % u64::from(bound)) as u32
    }
}

#[derive(Debug, Clone, Copy)]
enum Workload {
    /// Everybody pays anybody.
    Uniform,
    /// Slot 0 pays or is paid in half of the transactions.
    HotSlot,
    /// One payer, many recipients, neighbours of one partition or of several.
    Many,
    /// Payer and recipient are one in half of the transactions.
    SelfTransfers,
    /// A third of the effects are deposits, and a few are exits of whoever is rich.
    Requests,
}

/// Accounts as they are before a block, and a block that the mempool could have made of them:
/// every debit is covered and has the next nonce.
struct World {
    accounts: Vec<Account>,
    stream: Stream,
}

impl World {
    fn block(&mut self, workload: Workload) -> Vec<Effect> {
        let mut effects = Vec::new();
        // More than the smallest block that threads share.
        while effects.len() < PARALLEL_EFFECTS_MIN + 100 {
            let (odd, more) = (self.stream.below(2) == 1, self.stream.below(2) == 1);
            let mut payer = self.stream.below(SLOTS);
            let mut recipients = vec![self.stream.below(SLOTS)];
            match workload {
                Workload::HotSlot if odd && more => payer = 0,
                Workload::HotSlot if odd => recipients[0] = 0,
                Workload::Many => {
                    let first = recipients[0];
                    recipients = (0..RECIPIENTS).map(|i| (first + i * i) % SLOTS).collect();
                }
                Workload::SelfTransfers if odd => recipients = vec![payer, payer],
                Workload::Requests if odd => {
                    let amount = u64::from(self.stream.below(1_000));
                    self.push(&mut effects, Effect::Credit { slot: payer, amount });
                    if self.stream.below(20) == 0 {
                        self.push(&mut effects, Effect::Exit { slot: recipients[0] });
                    }
                    continue;
                }
                _ => {}
            }
            let (amount, fee) = (11, u64::from(self.stream.below(3)));
            let debit = amount * recipients.len() as u64 + fee;
            let Account { balance, nonce } = self.accounts[payer as usize];
            if balance >= debit {
                self.push(&mut effects, Effect::Debit { slot: payer, nonce, amount: debit });
                for slot in recipients {
                    self.push(&mut effects, Effect::Credit { slot, amount });
                }
            }
        }
        effects
    }

    /// The effect in the simplest words, on accounts that only this test has.
    fn push(&mut self, effects: &mut Vec<Effect>, effect: Effect) {
        let account = &mut self.accounts[effect.slot() as usize];
        match effect {
            Effect::Debit { amount, .. } => {
                account.balance -= amount;
                account.nonce += 1;
            }
            Effect::Credit { amount, .. } => account.balance += amount,
            Effect::Exit { .. } => account.balance = 0,
        }
        effects.push(effect);
    }
}

fn check(workload: Workload, seed: u64) {
    let account = |slot: u32| Account { balance: u64::from(slot % 7) * BALANCE, nonce: slot % 3 };
    let accounts: Vec<Account> = (0..SLOTS).map(account).collect();
    let fresh = || accounts.iter().copied().collect::<Accounts>();
    let partitions =
        [1, 2, 8].map(|threads| Execution::Partitions { threads: NonZero::new(threads) });
    let mut executors = [Execution::Serial, partitions[0], partitions[1], partitions[2]]
        .map(|execution| (execution, Executor::new(execution), fresh()));
    let mut world = World { accounts: accounts.clone(), stream: Stream(seed) };
    for _ in 0..2 {
        let effects = world.block(workload);
        let expected: Accounts = world.accounts.iter().copied().collect();
        for (execution, executor, accounts) in &mut executors {
            executor.apply(accounts, &effects);
            assert!(*accounts == expected, "{workload:?}, {execution:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn every_way_gives_the_serial_result(seed in any::<u64>()) {
        for workload in [
            Workload::Uniform, Workload::HotSlot, Workload::Many, Workload::SelfTransfers,
            Workload::Requests,
        ] {
            check(workload, seed);
        }
    }
}

fn rich() -> Accounts {
    [(9, 3), (0, 0)].map(|(balance, nonce)| Account { balance, nonce }).into_iter().collect()
}

#[test]
fn effects_change_balance_and_nonce() {
    let accounts = rich();
    let effects = [
        Effect::Debit { slot: 0, nonce: 3, amount: 9 },
        Effect::Credit { slot: 1, amount: 8 },
        Effect::Credit { slot: 1, amount: 2 },
    ];
    Executor::new(Execution::Serial).apply(&accounts, &effects);
    let after = [(0, 4), (10, 0)].map(|(balance, nonce)| Some(Account { balance, nonce }));
    assert_eq!([accounts.get(0), accounts.get(1)], after);
    accounts.apply(&Effect::Exit { slot: 1 });
    assert_eq!(accounts.get(1), Some(Account { balance: 0, nonce: 0 }));
}

/// The mempool excludes these; an executor that is given one all the same ends the process.
#[test]
#[should_panic(expected = "the mempool reserves what a debit takes")]
fn a_debit_that_is_not_covered_panics() {
    rich().apply(&Effect::Debit { slot: 0, nonce: 3, amount: 10 });
}

#[test]
#[should_panic(expected = "the mempool gives nonces in order")]
fn a_debit_out_of_order_panics() {
    rich().apply(&Effect::Debit { slot: 0, nonce: 4, amount: 1 });
}

#[test]
#[should_panic(expected = "the escrow cap")]
fn a_balance_beyond_the_cap_panics() {
    rich().apply(&Effect::Credit { slot: 0, amount: 1 << 62 });
}
