//! L1 reorganises at random, as deep as the confirmations allow, with deposits and batches inside.
//!
//! A schedule is a random walk of deposits, blocks, reorganisations, readings and batches, which
//! ends when L1 rests. Whatever happened, the sequencer has credited the deposits that are on L1,
//! in their order and each once, and every batch is on L1 once.

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use sheaf_ledger::data_mode::DataMode;
use sheaf_sequencer::lifecycle::RequestKind;
use sheaf_sequencer::store::BatchState;

use crate::l1::anvil::Anvil;
use crate::l1::rollup::{Rollup, user};

/// Blocks on top of one before it is believed: the default of `sheaf sequencer`, and the depth of
/// the deepest reorganisation.
const CONFIRMATIONS: u64 = 64;
/// Schedules that follow each other on one rollup: few enough blocks for the 500 whose states anvil
/// keeps in memory.
const SCHEDULES_PER_ROLLUP: u64 = 2;
/// Rollups, one after another.
const ROLLUPS: u64 = 100;
/// Steps of one schedule.
const STEPS: u64 = 10;

/// A deposit that is on L1.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Deposit {
    block: u64,
    account: usize,
    gwei: u64,
}

/// A rollup, with what L1 has.
struct Walk {
    rollup: Rollup,
    random: StdRng,
    /// In the order of L1.
    deposits: Vec<Deposit>,
    /// How many of them batches have consumed, and the last batch.
    consumed: usize,
    batch: u64,
}

impl Walk {
    async fn start(seed: u64) -> Self {
        let data_mode = if seed.is_multiple_of(2) { DataMode::Calldata } else { DataMode::Blobs };
        let rollup = Rollup::start_with(Anvil::start(), data_mode, CONFIRMATIONS).await;
        // No reorganisation reaches the deployment.
        rollup.node.anvil.mine(CONFIRMATIONS).await;
        let random = StdRng::seed_from_u64(seed);
        Self { rollup, random, deposits: Vec::new(), consumed: 0, batch: 0 }
    }

    async fn run(&mut self) {
        for _ in 0..STEPS {
            match self.random.random_range(0..7) {
                0 | 1 => {
                    let (account, gwei) =
                        (self.random.random_range(1..3), self.random.random_range(1..1_000));
                    self.deposit(account, gwei).await;
                }
                2 => self.rollup.node.anvil.mine(self.random.random_range(1..=40)).await,
                3 | 4 => self.reorganise().await,
                5 => self.read().await,
                _ => self.make_batch().await,
            }
            self.require_backing().await;
        }
        self.rest().await;
    }

    async fn deposit(&mut self, account: usize, gwei: u64) {
        let hash = self.rollup.deposit(account, gwei).await;
        let block = self.rollup.mined(hash).await.block_number.expect("it is mined");
        self.deposits.push(Deposit { block, account, gwei });
    }

    /// Replaces the last blocks. Some of the deposits that went with them are made again, in
    /// another order.
    async fn reorganise(&mut self) {
        let depth = self.random.random_range(1..=CONFIRMATIONS);
        let last = self.rollup.node.anvil.head().await - depth;
        self.rollup.node.anvil.reorg(depth).await;
        let kept = self.deposits.partition_point(|deposit| deposit.block <= last);
        let mut gone = self.deposits.split_off(kept);
        gone.shuffle(&mut self.random);
        for Deposit { account, gwei, .. } in gone {
            if self.random.random_bool(0.5) {
                self.deposit(account, gwei).await;
            }
        }
    }

    /// Reads what is confirmed, which must be what L1 has, and no less.
    async fn read(&mut self) {
        self.rollup.watch().await;
        let head = self.rollup.node.anvil.head().await;
        let believed = |deposit: &Deposit| deposit.block + CONFIRMATIONS <= head;
        let believed = self.deposits.partition_point(believed);
        assert_eq!(self.rollup.requests().await.len(), believed, "{:?}", self.deposits);
    }

    /// Consumes what was read in a batch, and sends every batch that L1 lacks.
    async fn make_batch(&mut self) {
        let read = self.rollup.requests().await.len();
        if read > self.consumed {
            self.rollup.consume().await;
            self.batch = self.rollup.close_and_prove().await;
            self.consumed = read;
        }
        self.rollup.submit_once().await.expect("L1 is well");
    }

    /// Whatever was read is on L1, in the same order.
    async fn require_backing(&self) {
        let read = self.rollup.requests().await;
        let read: Vec<RequestKind> = read.into_iter().map(|stored| stored.request.kind).collect();
        let kind = |deposit: &Deposit| RequestKind::Deposit {
            owner: user(deposit.account).owner,
            token: 0,
            amount: deposit.gwei,
        };
        let on_l1: Vec<RequestKind> = self.deposits.iter().map(kind).collect();
        assert!(on_l1.starts_with(&read), "{read:?} was read of {:?}", self.deposits);
    }

    /// L1 goes on without reorganisations until everything is final.
    async fn rest(&mut self) {
        self.rollup.node.anvil.mine(CONFIRMATIONS).await;
        self.read().await;
        self.make_batch().await;
        let (rollup, batch) = (&self.rollup, self.batch);
        rollup
            .wait_for("every batch is on L1", async || {
                rollup.submit_once().await.expect("L1 is well");
                rollup.verified().await == batch
            })
            .await;
        rollup.node.anvil.mine(CONFIRMATIONS).await;
        rollup.watch().await;
        if batch > 0 {
            let row = rollup.batch(batch).await;
            assert_eq!(row.state, BatchState::Finalised);
            let state = rollup.contract().state().call().await.expect("an answer");
            assert_eq!(state.0, row.sealed.post_state.to_bytes());
        }
        let queue = rollup.contract().queue().call().await.expect("an answer");
        let made = self.deposits.len() as u64;
        assert_eq!((queue.head, queue.tail), (made, made), "nothing waits, and nothing is lost");
        for account in 1..3 {
            let own = self.deposits.iter().filter(|deposit| deposit.account == account);
            let deposited: u64 = own.map(|deposit| deposit.gwei).sum();
            assert_eq!(self.balance(account).await, deposited, "the balance of {account}");
        }
    }

    async fn balance(&self, account: usize) -> u64 {
        let found = self.rollup.get(&format!("/v1/accounts/{}", user(account).owner)).await;
        let slots = found["slots"].as_array().map_or(&[][..], Vec::as_slice);
        let balance = |slot: &serde_json::Value| slot["balance"].as_str()?.parse::<u64>().ok();
        slots.iter().map(|slot| balance(slot).expect("a balance")).sum()
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "two hundred schedules take minutes: make test-end-to-end"]
async fn reorganisations_lose_nothing_and_credit_nothing_twice() {
    for seed in 0..ROLLUPS {
        let mut walk = Walk::start(seed).await;
        for _ in 0..SCHEDULES_PER_ROLLUP {
            walk.run().await;
        }
    }
}
