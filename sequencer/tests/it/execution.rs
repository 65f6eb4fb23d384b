//! Parallel execution gives exactly the result of serial execution, on 1, 2 and 8 threads.

use proptest::prelude::*;
use sheaf_sequencer::execution::{Account, Accounts, Credit, Execution, Executor, Plan, Verdict};

const SLOTS: u32 = 30_000;
/// More than a narrow wave, so that waves do run on threads.
const TRANSACTIONS: u32 = 10_000;

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
    /// Everybody pays anybody, one to three at a time.
    Uniform,
    /// Slot 0 pays or is paid in half of the transactions.
    HotSlot,
    /// Slot i can pay slot i + 1 only if it was paid by slot i − 1 before.
    OverdraftChains,
    /// Payer and recipient are one in half of the transactions.
    SelfTransfers,
    /// A third of the nonces are wrong.
    NonceGaps,
}

fn fresh(workload: Workload) -> Accounts {
    let balance = |slot: u32| match workload {
        Workload::OverdraftChains => u64::from(slot.is_multiple_of(64)) * 50,
        _ => u64::from(slot % 7) * 30,
    };
    (0..SLOTS).map(|slot| Account { balance: balance(slot), nonce: 0 }).collect()
}

/// A block; `nonces` remembers, over blocks, what the payers would use if nothing were refused.
fn block(workload: Workload, stream: &mut Stream, nonces: &mut [u32]) -> Plan {
    let mut plan = Plan::default();
    for number in 0..TRANSACTIONS {
        let mut payer = stream.below(SLOTS);
        let mut recipients: Vec<u32> = (0..=stream.below(3)).map(|_| stream.below(SLOTS)).collect();
        let odd = stream.below(2) == 1;
        match workload {
            Workload::HotSlot if odd && stream.below(2) == 1 => payer = 0,
            Workload::HotSlot if odd => recipients[0] = 0,
            Workload::OverdraftChains => {
                payer = number % (SLOTS - 1);
                recipients = vec![payer + 1];
            }
            Workload::SelfTransfers if odd => recipients = vec![payer, payer],
            _ => {}
        }
        let amount = if matches!(workload, Workload::OverdraftChains) { 40 } else { 11 };
        let gap = matches!(workload, Workload::NonceGaps) && stream.below(3) == 0;
        let nonce = nonces[payer as usize] + u32::from(gap);
        nonces[payer as usize] += u32::from(!gap);
        let fee = u64::from(stream.below(3));
        let debit = amount * recipients.len() as u64 + fee;
        plan.push(payer, nonce, debit, recipients.into_iter().map(|slot| Credit { slot, amount }));
    }
    plan
}

fn check(workload: Workload, seed: u64) {
    let pools = [1, 2, 8].map(|threads| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads")
    });
    let mut nonces = vec![0; SLOTS as usize];
    let (mut serially, serial) = (Executor::new(Execution::Serial), fresh(workload));
    let mut parallel = pools.map(|pool| (pool, Executor::new(Execution::Waves), fresh(workload)));
    let mut stream = Stream(seed);
    let mut seen = [0_usize; 2];
    for _ in 0..2 {
        let plan = block(workload, &mut stream, &mut nonces);
        let expected = serially.apply(&serial, &plan);
        let applied = expected.iter().filter(|verdict| **verdict == Verdict::Applied).count();
        seen[0] += applied;
        seen[1] += expected.len() - applied;
        for (pool, in_waves, accounts) in &mut parallel {
            let verdicts = pool.install(|| in_waves.apply(accounts, &plan));
            assert_eq!(verdicts, expected, "{workload:?} on {}", pool.current_num_threads());
            assert!(*accounts == serial, "{workload:?} on {}", pool.current_num_threads());
        }
    }
    // A workload of only one verdict would prove nothing.
    assert!(seen.iter().all(|count| *count > 100), "{workload:?} {seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn waves_equal_the_serial_order(seed in any::<u64>()) {
        for workload in [
            Workload::Uniform, Workload::HotSlot, Workload::OverdraftChains,
            Workload::SelfTransfers, Workload::NonceGaps,
        ] {
            check(workload, seed);
        }
    }
}

#[test]
fn a_refused_transaction_changes_nothing() {
    let accounts: Accounts =
        [(9, 3), (0, 0)].map(|(balance, nonce)| Account { balance, nonce }).into_iter().collect();
    let untouched = [accounts.get(0), accounts.get(1)];
    let mut plan = Plan::default();
    let credit = |amount| [Credit { slot: 1, amount }];
    plan.push(0, 3, 10, credit(10));
    plan.push(0, 2, 1, credit(1));
    plan.push(0, 4, 1, credit(1));
    let mut executor = Executor::new(Execution::Serial);
    let verdicts = executor.apply(&accounts, &plan);
    let expected = [Verdict::InsufficientBalance, Verdict::WrongNonce, Verdict::WrongNonce];
    assert_eq!(verdicts, expected);
    assert_eq!([accounts.get(0), accounts.get(1)], untouched);
    let mut plan = Plan::default();
    plan.push(0, 3, 9, credit(8));
    assert_eq!(executor.apply(&accounts, &plan), [Verdict::Applied]);
    let after = [(0, 4), (8, 0)].map(|(balance, nonce)| Some(Account { balance, nonce }));
    assert_eq!([accounts.get(0), accounts.get(1)], after);
}
