//! The whole life of a rollup whose operator disappears: random batches in both data modes, then
//! everyone leaves by L1 alone, and the contract has nothing left.

use alloy::primitives::U256;
use alloy::providers::Provider;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;
use sheaf_client::{Api, BlobSource, Leaver, Payer, Payment};
use sheaf_ledger::L1Address;
use sheaf_ledger::data_mode::DataMode;
use sheaf_sequencer::store::BatchState;

use crate::l1::anvil::{address, signer};
use crate::l1::rollup::Rollup;

const SEED: u64 = 9;
/// Accounts with a key; the operator's is another one.
const PEOPLE: std::ops::Range<usize> = 1..6;
/// How often the data mode changes, and the batches in each mode.
const STRETCHES: u64 = 5;
const BATCHES_PER_STRETCH: u64 = 10;
/// Longer than the freeze delay, in seconds.
const WEEK_AND_MORE: u64 = 8 * 86_400;

/// One person, as the sequencer's client and as an owner with L1 alone.
struct Person {
    payer: Payer,
    leaver: Leaver,
}

async fn leaver(rollup: &Rollup, account: usize) -> Leaver {
    let (l1, contract) = (rollup.node.anvil.url(), L1Address(rollup.deployed.contract.0.0));
    let leaver = Leaver::new(signer(account), l1, contract).await.expect("it is a rollup");
    leaver.with_blobs(vec![BlobSource::Anvil(l1.parse().expect("a URL"))])
}

async fn people(rollup: &Rollup) -> Vec<Person> {
    let api = Api::new(&rollup.url("")).expect("a URL");
    let (status, l1) = (api.status().await.expect("it runs"), rollup.node.anvil.url());
    let mut people = Vec::new();
    for account in PEOPLE {
        let payer = Payer::new(signer(account), api.clone(), l1, &status).expect("a key");
        people.push(Person { payer, leaver: leaver(rollup, account).await });
    }
    people
}

/// Something that a person does: a deposit for somebody, a transfer, a withdrawal or an exit.
async fn act(people: &[Person], rng: &mut StdRng) {
    let Person { payer, leaver } = &people[rng.random_range(0..people.len())];
    let balance = payer.balance().await.expect("an answer");
    let mut amount = || rng.random_range(1..=balance / 4 + 1);
    let amounts: [u64; 3] = std::array::from_fn(|_| amount());
    match rng.random_range(0..5) {
        1 | 2 if balance > 8 => {
            let pay = |amount| {
                let to = people[rng.random_range(0..people.len())].payer.owner();
                Payment { owner: to, amount }
            };
            let count = 1 + amounts[0] as usize % 3;
            let payments = amounts[..count].iter().copied().map(pay).collect();
            payer.send(payments).await.expect("it is executed");
        }
        3 if balance > 8 => {
            let to = L1Address(payer.l1_address().0.0);
            payer.withdraw(amounts[0], to).await.expect("it is executed");
        }
        4 if balance > 0 && rng.random_ratio(1, 4) => {
            let account = payer.api().account(&payer.owner()).await.expect("an answer");
            let slot = account.slot_of(0).expect("it has a balance").slot;
            leaver.request_exit(slot).await.expect("it is taken");
        }
        _ => deposit(people, rng).await,
    }
}

async fn deposit(people: &[Person], rng: &mut StdRng) {
    let [from, to] = [(); 2].map(|()| rng.random_range(0..people.len()));
    let units = rng.random_range(1..1_000_000);
    people[from].payer.deposit(units, people[to].payer.owner()).await.expect("it is mined");
}

/// A batch with a deposit and whatever else happens meanwhile, made final.
async fn batch(rollup: &Rollup, people: &[Person], rng: &mut StdRng) {
    for _ in 0..rng.random_range(0..4) {
        act(people, rng).await;
    }
    deposit(people, rng).await;
    rollup.confirm().await;
    rollup.consume().await;
    let batch = rollup.close_and_prove().await;
    rollup.submit(batch).await;
    rollup.confirm().await;
    assert_eq!(rollup.batch(batch).await.state, BatchState::Finalised);
}

/// Takes all that a person may claim of ether.
async fn claim(leaver: &Leaver) {
    let payout = leaver.claimable(0).await.expect("an answer");
    if payout.amount > 0 || payout.bond > 0 {
        leaver.claim(0, leaver.l1_address()).await.expect("it is paid");
    }
}

async fn held(rollup: &Rollup) -> U256 {
    let held = rollup.node.anvil.provider().get_balance(rollup.deployed.contract).await;
    held.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_everyone_leaves_after_fifty_batches_in_both_data_modes() {
    let mut rng = StdRng::seed_from_u64(SEED);
    let mut rollup = Rollup::start().await;
    for stretch in 0..STRETCHES {
        rollup.data_mode = [DataMode::Blobs, DataMode::Calldata][stretch as usize % 2];
        rollup = rollup.kill_and_restart().await;
        let people = people(&rollup).await;
        for _ in 0..BATCHES_PER_STRETCH {
            batch(&rollup, &people, &mut rng).await;
        }
    }
    // The operator disappears, and requests go on waiting.
    let people = people(&rollup).await;
    deposit(&people, &mut rng).await;
    people[0].leaver.request_exit(0).await.expect("it is taken");
    let _: Value = rollup.node.anvil.rpc("evm_increaseTime", [WEEK_AND_MORE]).await;
    rollup.node.anvil.mine(1).await;

    let rebuilt = people[0].leaver.data().rebuild(|_| {}).await.expect("L1 has all of it");
    assert_eq!(rebuilt.batches(), STRETCHES * BATCHES_PER_STRETCH);
    people[0].leaver.freeze(&rebuilt).await.expect("an exit has waited for a week");
    let mut left = 0;
    for Person { leaver, .. } in &people {
        for slot in leaver.left_behind(&rebuilt).await.expect("it is frozen") {
            leaver.escape(&rebuilt, &slot).await.expect("the path leads to the root");
            leaver.escape(&rebuilt, &slot).await.expect_err("a slot escapes once");
            left += u64::from(slot.slot.balance > 0);
        }
        for request in leaver.waiting_requests().await.expect("an answer") {
            leaver.refund(&request).await.expect("no batch has consumed it");
            leaver.refund(&request).await.expect_err("a request is refunded once");
        }
        claim(leaver).await;
    }
    let all = rebuilt.tree().slots().iter().filter(|slot| slot.balance > 0).count() as u64;
    assert_eq!(left, all, "every slot with a balance has escaped");
    // What is left are the prices of requests, which are whose account has finalised.
    assert!(held(&rollup).await > U256::ZERO);
    claim(&leaver(&rollup, 0).await).await;
    assert_eq!(held(&rollup).await, U256::ZERO, "{}", address(0));
}
