//! The engine against the ledger: whatever clients and L1 do, its blocks keep every rule of the
//! machine, its slots equal the machine's, and no money appears or disappears.

mod calldata;

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_ledger::batch::{BatchBuilder, SealedBatch};
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::l1_word::L1Effect;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::transaction::{Payment, Transaction, Transfer, Withdrawal};
use sheaf_ledger::tree::SlotTree;
use sheaf_sequencer::block::{Block, ExecutedBlock};
use sheaf_sequencer::directory::{Directory, Identity};
use sheaf_sequencer::execution::{Account, Accounts, Execution};
use sheaf_sequencer::lifecycle::{Admission, AdmittedTransaction, L1Request, RequestKind, Waiter};
use sheaf_sequencer::ordering::{BatchPolicy, Engine, Entered, Moment, Position};
use sheaf_sequencer::proving::BatchLimits;

use crate::rollup::{CHAIN, CONTRACT, Person, person};

const PEOPLE: usize = 6;
/// More than there are fee pots.
const TOKENS: u16 = 6;
const START_MS: u64 = 1_700_000_000_000;

/// Something that happens to the engine.
#[derive(Debug, Clone)]
enum Act {
    Pay { from: usize, token: u16, to: Vec<usize>, amount: u64, fee: u64, lasts: bool, ahead: u32 },
    Withdraw { from: usize, token: u16, amount: u64, fee: u64 },
    Deposit { to: usize, token: u16, amount: u64 },
    Exit { claimant: usize, slot: u32 },
    Block,
    Close,
    Wait { seconds: u64 },
}

fn act() -> impl Strategy<Value = Act> {
    let (who, token) = (0..PEOPLE, 0..TOKENS);
    let recipients = prop::collection::vec(0..PEOPLE, 1..4);
    let pay = (who.clone(), token.clone(), recipients, 1..40_u64, 0..3_u64, any::<u8>()).prop_map(
        |(from, token, to, amount, fee, dice)| {
            let (lasts, ahead) = (dice % 8 != 0, u32::from(dice % 16 == 1));
            Act::Pay { from, token, to, amount, fee, lasts, ahead }
        },
    );
    let withdraw = (who.clone(), token.clone(), 1..60_u64, 0..3_u64)
        .prop_map(|(from, token, amount, fee)| Act::Withdraw { from, token, amount, fee });
    let deposit = (who.clone(), token, 1..200_u64).prop_map(|(to, token, amount)| Act::Deposit {
        to,
        token,
        amount,
    });
    let exit = (who, 0..40_u32).prop_map(|(claimant, slot)| Act::Exit { claimant, slot });
    prop_oneof![
        10 => pay,
        2 => withdraw,
        5 => deposit,
        1 => exit,
        4 => Just(Act::Block),
        1 => Just(Act::Close),
        1 => (1..200_u64).prop_map(|seconds| Act::Wait { seconds }),
    ]
}

/// What the protocol allows.
const PROTOCOL: BatchLimits = BatchLimits::protocol(DataMode::Calldata, ChainLimits::OSAKA);

/// From those that the largest act just fits to those that no batch here reaches.
fn limits() -> impl Strategy<Value = BatchLimits> {
    let tight = (15..40_usize, 1..8_usize, 15..50_usize);
    prop_oneof![
        1 => Just(PROTOCOL),
        3 => tight.prop_map(|(entries, signatures, words)| BatchLimits {
            entries,
            signatures,
            words,
            ..PROTOCOL
        }),
    ]
}

/// An engine with people around it.
struct World {
    engine: Engine,
    directory: Arc<Directory>,
    people: Vec<Person>,
    domain: Domain,
    requests: u64,
    elapsed: Duration,
    began: Instant,
    blocks: Vec<Block>,
    refused: usize,
}

impl World {
    fn new() -> Self {
        Self::within(PROTOCOL, Execution::Serial)
    }

    fn within(limits: BatchLimits, execution: Execution) -> Self {
        let directory = Arc::new(Directory::default());
        let age_max = Duration::from_secs(100);
        let policy = BatchPolicy { operator: person(200).owner, age_max, limits };
        let position = Position {
            accounts: Accounts::default(),
            open: None,
            next_block: 1,
            next_batch: 1,
            next_request: 0,
            timestamp: 0,
        };
        Self {
            engine: Engine::new(Arc::clone(&directory), policy, position, execution),
            directory,
            people: (0..PEOPLE as u8).map(person).collect(),
            domain: Domain::on_chain(CHAIN, CONTRACT),
            requests: 0,
            elapsed: Duration::ZERO,
            began: Instant::now(),
            blocks: Vec::new(),
            refused: 0,
        }
    }

    fn moment(&self) -> Moment {
        let unix_ms = START_MS + self.elapsed.as_millis() as u64;
        Moment { instant: self.began + self.elapsed, unix_ms, batch_ms: unix_ms }
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Pay { from, token, to, amount, fee, lasts, ahead } => {
                let payments: Vec<Payment> = to
                    .iter()
                    .map(|to| Payment { owner: self.people[*to].owner, amount: *amount })
                    .collect();
                // What does not last expires as soon as the clock of the next batch moves on.
                let now = (self.moment().unix_ms / 1_000) as u32;
                let valid_until = if *lasts { u32::MAX - 1 } else { now };
                self.send(*from, *token, *ahead, |slot, nonce| {
                    let (token, fee, payments) = (*token, *fee, payments.clone());
                    Transaction::Transfer(Transfer {
                        slot,
                        token,
                        nonce,
                        fee,
                        valid_until,
                        payments,
                    })
                });
            }
            Act::Withdraw { from, token, amount, fee } => {
                let recipient = self.people[*from].address;
                self.send(*from, *token, 0, |slot, nonce| {
                    let (token, fee, amount, valid_until) = (*token, *fee, *amount, u32::MAX - 1);
                    Transaction::Withdrawal(Withdrawal {
                        slot,
                        token,
                        nonce,
                        fee,
                        valid_until,
                        amount,
                        recipient,
                    })
                });
            }
            Act::Deposit { to, token, amount } => {
                let owner = self.people[*to].owner;
                self.request(RequestKind::Deposit { owner, token: *token, amount: *amount });
            }
            Act::Exit { claimant, slot } => {
                self.request(RequestKind::Exit {
                    owner: self.people[*claimant].owner,
                    slot: *slot,
                });
            }
            Act::Block => self.run(),
            Act::Close => {
                self.run();
                self.engine.request_close();
                self.run();
            }
            Act::Wait { seconds } => {
                self.elapsed += Duration::from_secs(*seconds);
                self.refused += self.engine.expire(self.moment()).len();
            }
        }
    }

    fn request(&mut self, kind: RequestKind) {
        self.engine.take_requests(vec![L1Request { number: self.requests, kind }]);
        self.requests += 1;
    }

    fn send(
        &mut self,
        from: usize,
        token: u16,
        ahead: u32,
        make: impl Fn(u32, u32) -> Transaction,
    ) {
        let owner = self.people[from].owner;
        let Some(slot) = self.directory.find(Identity { owner, token }) else { return };
        let Some(next) = self.engine.next_nonce(slot) else { return };
        let transaction = self.admitted(from, make(slot, next + ahead));
        let (waiter, _) = Waiter::new();
        let now = self.moment().instant;
        let entered = self.engine.enter(Admission { transaction, waiter }, now);
        self.refused += usize::from(matches!(entered, Entered::Rejected(..)));
    }

    /// As admission makes it.
    fn admitted(&self, from: usize, transaction: Transaction) -> AdmittedTransaction {
        let token = transaction.terms().expect("acts keep the rules of form").token;
        let person = &self.people[from];
        let accepted = person.accepted(person.sign(transaction));
        let find = |owner: &Owner| self.directory.find(Identity { owner: *owner, token });
        AdmittedTransaction::new(accepted, find)
    }

    fn run(&mut self) {
        loop {
            let (block, refusals) = self.engine.next_block(self.moment());
            self.refused += refusals.len();
            let Some(ExecutedBlock { block, .. }) = block else { return };
            self.blocks.push(block);
        }
    }
}

/// Seals every batch by the ledger's rules.
fn sealed(blocks: &[Block], domain: Domain) -> (SlotTree, Vec<SealedBatch>) {
    let (mut tree, mut batches) = (SlotTree::new(), Vec::new());
    for run in blocks.chunk_by(|one, next| one.batch == next.batch) {
        let mut builder = BatchBuilder::new(&tree, domain, run[0].timestamp);
        for block in run {
            assert_eq!(block.timestamp, run[0].timestamp);
            let signatures: Vec<_> =
                block.transactions.iter().map(|one| *one.signature()).collect();
            builder.push(&block.entries, &signatures).expect("blocks keep every rule");
        }
        let closing: Vec<bool> = run.iter().map(|block| block.closes.is_some()).collect();
        assert_eq!(closing.iter().position(|closes| *closes), Some(run.len() - 1));
        let batch = builder.seal(run[0].batch).expect("a closed batch is settled");
        batch.update(&mut tree).expect("both roots agree");
        batches.push(batch);
    }
    (tree, batches)
}

/// What each token gained from L1 and lost to it.
fn net_deposits(batches: &[SealedBatch]) -> BTreeMap<u16, i128> {
    let mut net = BTreeMap::new();
    for pair in batches.iter().flat_map(|batch| batch.l1_words.chunks(2)) {
        let effect = L1Effect::decode(&[pair[0], pair[1]]).expect("the ledger wrote it");
        let (token, change) = match effect {
            L1Effect::Deposit { token, amount, .. } => (token, i128::from(amount)),
            L1Effect::Withdraw { token, amount, .. } => (token, -i128::from(amount)),
            L1Effect::Exit { token, amount, .. } => (token, -i128::from(amount)),
        };
        *net.entry(token).or_default() += change;
    }
    net.retain(|_, sum| *sum != 0);
    net
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_block_keeps_the_ledgers_rules(
        limits in limits(),
        acts in prop::collection::vec(act(), 1..250),
    ) {
        let parallel = Execution::Partitions { threads: NonZero::new(2) };
        let [world, in_partitions] = [Execution::Serial, parallel].map(|execution| {
            let mut world = World::within(limits, execution);
            acts.iter().chain([&Act::Close]).for_each(|act| world.act(act));
            world
        });
        prop_assert_eq!(&in_partitions.blocks, &world.blocks);
        prop_assert_eq!(in_partitions.refused, world.refused);
        let numbers: Vec<u64> = world.blocks.iter().map(|block| block.number).collect();
        prop_assert_eq!(&numbers, &(1..=numbers.len() as u64).collect::<Vec<_>>());
        let consumed: u32 = world.blocks.iter().map(|block| block.requests).sum();
        prop_assert_eq!(u64::from(consumed), world.requests);

        let (tree, batches) = sealed(&world.blocks, world.domain);
        for batch in &batches {
            prop_assert!(batch.entries.len() <= limits.entries);
            prop_assert!(batch.signatures.len() <= limits.signatures);
            prop_assert!(batch.data_words.len() + batch.l1_words.len() <= limits.words);
        }
        let accounts: Accounts = tree
            .slots()
            .iter()
            .map(|slot| Account { balance: slot.balance, nonce: slot.nonce })
            .collect();
        prop_assert!(accounts == *world.engine.accounts());
        for (index, slot) in (0..).zip(tree.slots()) {
            let identity = Identity { owner: slot.owner, token: slot.token };
            prop_assert_eq!(world.directory.identity(index), Some(identity));
        }
        let mut balances = BTreeMap::new();
        for slot in tree.slots() {
            *balances.entry(slot.token).or_insert(0) += i128::from(slot.balance);
        }
        balances.retain(|_, sum| *sum != 0);
        prop_assert_eq!(balances, net_deposits(&batches));
    }
}

/// Whether it is found when the clock is looked at, or when the next block is made.
#[test]
fn an_expired_transaction_is_refused_and_holds_back_what_follows() {
    for is_found_by_clock in [true, false] {
        let mut world = World::new();
        world.act(&Act::Deposit { to: 0, token: 0, amount: 100 });
        let pay =
            |lasts| Act::Pay { from: 0, token: 0, to: vec![1], amount: 1, fee: 0, lasts, ahead: 0 };
        world.act(&Act::Close);
        world.act(&pay(false));
        world.act(&pay(true));
        if is_found_by_clock {
            world.act(&Act::Wait { seconds: 1 });
            assert_eq!((world.refused, world.engine.waiting()), (1, 1));
        } else {
            world.elapsed += Duration::from_secs(1);
        }
        world.act(&Act::Block);
        assert_eq!((world.refused, world.engine.next_nonce(0)), (1, Some(0)));
        // With its nonce taken by another, what was held back follows.
        world.act(&pay(true));
        world.act(&Act::Close);
        let executed: usize = world.blocks.iter().map(|block| block.transactions.len()).sum();
        assert_eq!((executed, world.engine.next_nonce(0)), (2, Some(2)));
        assert_eq!(world.engine.accounts().get(0), Some(Account { balance: 98, nonce: 2 }));
    }
}
