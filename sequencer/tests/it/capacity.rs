//! A batch closes before it exceeds the circuits' capacity, whether signatures, entries or requests
//! fill it. A transaction that fits no batch is refused.

use std::sync::Arc;

use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::data_reference::DataReference;
use sheaf_sequencer::lifecycle::RequestKind;
use sheaf_sequencer::proving::{BatchLimits, DevelopmentVerifier, ProofVerifier};
use sheaf_sequencer::store::SealedRow;
use sheaf_sequencer::{Config, Sequencer, StartError};
use sheaf_wire::{ProofStep, TreeStep};

use crate::rollup::{CHAIN, PATIENCE, Person, Rollup, close_batch, person, terms};

/// Eight entries are kept for the end of a batch: eleven remain.
const TINY: BatchLimits = BatchLimits {
    entries: 19,
    signatures: 4,
    words: 24,
    data_mode: DataMode::Calldata,
    chain: ChainLimits::OSAKA,
};

/// Development proofs of small batches.
#[derive(Debug)]
struct Limited {
    verifier: DevelopmentVerifier,
    limits: BatchLimits,
}

impl ProofVerifier for Limited {
    fn circuits(&self) -> [u8; 32] {
        self.verifier.circuits()
    }

    fn limits(&self, _mode: DataMode, _chain: ChainLimits) -> BatchLimits {
        self.limits
    }

    fn steps(&self, batch: &SealedBatch) -> Vec<TreeStep> {
        self.verifier.steps(batch)
    }

    fn verify(
        &self,
        step: ProofStep,
        batch: &SealedBatch,
        reference: DataReference,
        proof: &[u8],
    ) -> bool {
        self.verifier.verify(step, batch, reference, proof)
    }

    fn public_inputs(&self, batch: &SealedBatch, reference: DataReference) -> Vec<[u8; 32]> {
        self.verifier.public_inputs(batch, reference)
    }
}

fn limit(config: &mut Config, limits: BatchLimits) {
    let verifier = DevelopmentVerifier::new(CHAIN).expect("a local chain");
    config.verifier = Arc::new(Limited { verifier, limits });
}

async fn limited(limits: BatchLimits) -> Rollup {
    Rollup::start_with(|config| limit(config, limits)).await
}

/// Every batch up to the newest closed one, sealed.
async fn sealed(rollup: &Rollup) -> Vec<SealedRow> {
    let newest = rollup.seal().await;
    let mut batches = Vec::new();
    for number in 1..=newest {
        let row = rollup.handle().store().batch(number).await.expect("the store can be read");
        batches.push(row.expect("batches are sealed in order").sealed);
    }
    batches
}

fn assert_within(batches: &[SealedRow], limits: &BatchLimits) {
    for batch in batches {
        assert!(batch.entries <= limits.entries as u64, "{batch:?}");
        assert!(batch.transactions <= limits.signatures as u64, "{batch:?}");
        assert!(batch.data_words + batch.l1_words <= limits.words as u64, "{batch:?}");
    }
}

fn deposits(people: &[Person]) -> Vec<RequestKind> {
    let deposit = |one: &Person| RequestKind::Deposit { owner: one.owner, token: 0, amount: 100 };
    people.iter().map(deposit).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn signatures_close_a_batch() {
    let rollup = limited(TINY).await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 100)]).await;
    rollup.seal().await;
    let payments = (0..9).map(|nonce| alice.pay(terms(0, nonce), &[(&bob, 1)]));
    for payment in payments {
        rollup.execute(&payment).await;
    }
    let batches = sealed(&rollup).await;
    assert_within(&batches, &TINY);
    let transactions: Vec<u64> = batches.iter().map(|batch| batch.transactions).collect();
    assert_eq!(transactions, [0, 4, 4, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_close_a_batch() {
    let rollup = limited(TINY).await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 100)]).await;
    rollup.seal().await;
    for nonce in 0..3 {
        rollup.execute(&alice.pay(terms(0, nonce), &[(&bob, 1); 4])).await;
    }
    let batches = sealed(&rollup).await;
    assert_within(&batches, &TINY);
    // Five entries each, and eleven are free.
    let entries: Vec<u64> = batches.iter().map(|batch| batch.entries).collect();
    assert_eq!(entries, [4, 10, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_l1_close_batches_too() {
    let rollup = limited(TINY).await;
    let people: Vec<Person> = (0..9).map(person).collect();
    rollup.request(0, &deposits(&people)).await;
    // Half of the exits are not their slots' owners': these pay nothing and take as much room.
    let exit = |slot: u32| RequestKind::Exit { owner: people[slot as usize / 2 * 2].owner, slot };
    rollup.request(9, &(0..9).map(exit).collect::<Vec<_>>()).await;
    let batches = sealed(&rollup).await;
    assert_within(&batches, &TINY);
    assert_eq!(batches.iter().map(|batch| batch.requests).sum::<u64>(), 18);
    assert!(batches.len() > 4, "words fill after four requests: {batches:?}");
    let balances: Vec<_> =
        rollup.slots().await.into_iter().map(|(_, _, balance, _)| balance).collect();
    assert_eq!(balances, ["0", "100", "0", "100", "0", "100", "0", "100", "0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_never_fits_is_refused_by_name() {
    let rollup = limited(TINY).await;
    let people: Vec<Person> = (0..8).map(person).collect();
    let (alice, others) = people.split_first().expect("eight");
    rollup.fund(&[(alice, 100)]).await;
    let to = |count: usize| others[..count].iter().map(|one| (one, 1)).collect::<Vec<_>>();
    // One debit, and two entries for each recipient without a slot: eleven entries are the most.
    rollup.refuse(&alice.pay(terms(0, 0), &to(6)), "transaction_too_large").await;
    rollup.execute(&alice.pay(terms(0, 0), &to(5))).await;
    // Five of the recipients have slots by now.
    rollup.execute(&alice.pay(terms(0, 1), &to(6))).await;
    assert_within(&sealed(&rollup).await, &TINY);
}

#[tokio::test(flavor = "multi_thread")]
async fn circuits_that_bear_no_batch_are_refused_at_the_start() {
    let rollup = limited(TINY).await;
    let mut config = rollup.config.clone();
    let (_directory, handle) = rollup.into_handle();
    handle.stop().await.expect("it stops");
    let too_small = BatchLimits { words: 11, ..TINY };
    limit(&mut config, too_small);
    let refused = Sequencer::start(config.clone()).await.expect_err("nothing would ever fit");
    assert!(matches!(refused, StartError::CircuitsTooSmall { limits } if limits == too_small));
    limit(&mut config, BatchLimits { words: 12, ..TINY });
    Sequencer::start(config).await.expect("a request fits");
}

/// A batch that was opened under larger circuits ends the process with a sentence, not a panic.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_larger_circuits_is_not_sealed() {
    let rollup = limited(BatchLimits::protocol(DataMode::Calldata, ChainLimits::OSAKA)).await;
    let people: Vec<Person> = (0..9).map(person).collect();
    rollup.request(0, &deposits(&people)).await;
    let mut config = rollup.config.clone();
    let (_directory, handle) = rollup.into_handle();
    handle.stop().await.expect("it stops");
    limit(&mut config, TINY);
    let handle = Sequencer::start(config.clone()).await.expect("the log is whole");
    close_batch(handle.address()).await;
    let ended =
        handle.run(std::future::pending::<()>()).await.expect_err("eighteen entries and words");
    assert_eq!(ended.code(), "batch_too_large", "{ended}");
    // Under its own circuits it goes on.
    limit(&mut config, BatchLimits::protocol(DataMode::Calldata, ChainLimits::OSAKA));
    seals_its_first_batch(config).await;
}

/// A batch that was opened before a fork may be too dear after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_cheaper_prices_of_l1_is_not_sealed_under_dearer_ones() {
    let rollup = Rollup::start().await;
    let exit = RequestKind::Exit { owner: person(1).owner, slot: 77 };
    rollup.request(0, &[exit; 130]).await;
    let mut config = rollup.config.clone();
    let (_directory, handle) = rollup.into_handle();
    handle.stop().await.expect("it stops");
    config.chain = ChainLimits::AMSTERDAM;
    let handle = Sequencer::start(config.clone()).await.expect("the log is whole");
    close_batch(handle.address()).await;
    let ended = handle.run(std::future::pending::<()>()).await.expect_err("130 pairs");
    assert_eq!(ended.code(), "batch_too_large", "{ended}");
    config.chain = ChainLimits::OSAKA;
    seals_its_first_batch(config).await;
}

async fn seals_its_first_batch(config: Config) {
    let handle = Sequencer::start(config).await.expect("the log is whole");
    let mut events = handle.events().read();
    while handle.store().batch(1).await.expect("the store can be read").is_none() {
        tokio::time::timeout(PATIENCE, events.next()).await.expect("the batch is sealed");
    }
}
