//! Transactions that admission refuses because they could never take effect, each beside one that
//! admission accepts.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::rollup::{CHAIN, CONTRACT, LATER, Rollup, Terms, person, slot, terms};
use reqwest::StatusCode;
use serde_json::json;
use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::transaction::{Payment, Transaction, Transfer, Withdrawal};
use sheaf_sequencer::admission::{self, Admitter, KeyCache};
use sheaf_sequencer::directory::{Directory, Identity};
use sheaf_sequencer::execution::Account;
use sheaf_sequencer::fees::{FeePolicy, Price};
use sheaf_sequencer::intake::{Intake, Lane};
use sheaf_sequencer::l1_clock::{L1Time, Reading};
use sheaf_sequencer::lifecycle::{Outcome, RequestKind};
use sheaf_sequencer::proving::BatchLimits;
use sheaf_sequencer::store::now_ms;
use sheaf_sequencer::view::{Head, View};
use tokio::sync::{mpsc, watch};

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_not_held_either() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let pay =
        |nonce, valid_until| alice.pay(Terms { valid_until, ..terms(0, nonce) }, &[(&bob, 1)]);
    rollup.refuse(&pay(0, 1), "expired").await;
    rollup.refuse(&pay(1, 1), "expired").await;
    let (status, body) = rollup.send(&pay(1, LATER)).await;
    assert_eq!((status, &body["stage"]), (StatusCode::ACCEPTED, &json!("accepted")));
    rollup.execute(&pay(0, LATER)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_nobody_could_claim_is_refused() {
    let rollup = Rollup::start().await;
    let alice = person(1);
    rollup.fund(&[(&alice, 100)]).await;
    let withdraw = |recipient| {
        let Terms { slot, nonce, fee, valid_until } = terms(0, 0);
        let (token, amount) = (0, 10);
        let withdrawal = Withdrawal { slot, token, nonce, fee, valid_until, amount, recipient };
        alice.sign(Transaction::Withdrawal(withdrawal))
    };
    rollup.refuse(&withdraw(L1Address([0; 20])), "recipient_zero").await;
    rollup.refuse(&withdraw(CONTRACT), "recipient_contract").await;
    assert_eq!(rollup.slots().await, vec![slot(&alice, 100, 0)]);
    rollup.execute(&withdraw(alice.address)).await;
    assert_eq!(rollup.slots().await, vec![slot(&alice, 90, 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_a_price_is_not_served() {
    let price = Price { per_transaction: 2, per_payment: 1 };
    let prices = FeePolicy::new([(7, price)].into());
    let rollup = Rollup::start_with(|config| config.fees = prices).await;
    let [alice, bob] = [0, 1].map(person);
    let deposit = |token| RequestKind::Deposit { owner: alice.owner, token, amount: 100 };
    rollup.request(0, &[deposit(0), deposit(7)]).await;
    let pay = |slot, token| {
        let payments = vec![Payment { owner: bob.owner, amount: 10 }];
        let (nonce, fee, valid_until) = (0, 3, LATER);
        alice.sign(Transaction::Transfer(Transfer {
            slot,
            token,
            nonce,
            fee,
            valid_until,
            payments,
        }))
    };
    rollup.refuse(&pay(0, 0), "token_not_priced").await;
    rollup.execute(&pay(1, 7)).await;
    let (status, body) = rollup.get("/v1/fees/quote?token=0").await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (StatusCode::NOT_FOUND, &json!("price_not_found"))
    );
    let (status, body) = rollup.get("/v1/fees/quote?token=7&payments=2").await;
    assert_eq!((status, &body["fee"]), (StatusCode::OK, &json!("4")));
}

/// What admission alone makes of a transaction that is valid until `valid_until`, beside an L1
/// whose clock shows `l1_time`: the code of its refusal, or nothing if it is admitted.
async fn refusal_beside(l1_time: Option<Reading>, valid_until: u32) -> Option<&'static str> {
    let alice = person(0);
    let directory = Arc::new(Directory::default());
    directory.open(Identity { owner: alice.owner, token: 0 });
    let admitter = Admitter {
        domain: Domain::on_chain(CHAIN, CONTRACT),
        contract: CONTRACT,
        fees: FeePolicy::default(),
        limits: BatchLimits::protocol(DataMode::Calldata, ChainLimits::OSAKA),
        directory,
        view: Arc::new(View::new(vec![Account { balance: 10, nonce: 0 }], Head::default())),
        tracker: Arc::default(),
        keys: KeyCache::default(),
        l1_time: L1Time {
            shown: Some(watch::channel(l1_time).1),
            newest_batch: Reading { time: 0, read: Instant::now() },
        },
    };
    let (intake, turns) = Intake::new();
    let (admissions, mut admitted) = mpsc::channel(1);
    let stage = tokio::spawn(admission::run(admitter, turns, admissions));
    let sent = intake.send(Lane(0), alice.withdraw(Terms { valid_until, ..terms(0, 0) }, 1));
    let waiting = sent.expect("the intake is empty");
    drop(intake);
    stage.await.expect("no panic").expect("no neighbour ends");
    if admitted.recv().await.is_some() {
        return None;
    }
    match waiting.await.expect("an answer") {
        Outcome::Rejected { rejection, .. } => Some(rejection.code()),
        outcome => panic!("{outcome:?} although ordering has seen nothing"),
    }
}

/// Ordering refuses it for a while if no batch may be opened. An expiry would be for good.
#[tokio::test]
async fn a_clock_ahead_of_l1s_lets_no_transaction_expire() {
    let now_s = u32::try_from(now_ms() / 1_000).expect("it fits until 2106");
    let beside = |behind_s: u32| {
        let time = u64::from(now_s - behind_s);
        Some(Reading { time, read: Instant::now() })
    };
    let hour_ago = now_s - 3_600;
    assert_eq!(refusal_beside(beside(7_200), hour_ago).await, None);
    assert_eq!(refusal_beside(None, hour_ago).await, None);
    assert_eq!(refusal_beside(beside(0), hour_ago).await, Some("expired"));
    assert_eq!(refusal_beside(beside(7_200), hour_ago - 7_200).await, Some("expired"));
}

/// Strangers fill four connections with transfers of a funded slot under wrong signatures. What
/// they send costs them their connections' share, and nobody else's.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_signatures_do_not_keep_honest_senders_waiting() {
    const CONNECTIONS: usize = 4;
    const HONEST: u32 = 100;
    let rollup = Rollup::start().await;
    let [alice, bob, mallory] = [0, 1, 2].map(person);
    rollup.fund(&[(&alice, 1_000), (&mallory, 1_000)]).await;
    let mut wrong = mallory.pay(terms(1, 0), &[(&bob, 1)]);
    wrong.signature = mallory.pay(terms(1, 1), &[(&bob, 1)]).signature;
    let body = serde_json::to_vec(&vec![wrong; 1_024]).expect("plain JSON");
    let url = rollup.url("/v1/transactions");
    let flood = (0..CONNECTIONS).map(|_| {
        let (url, body) = (url.clone(), body.clone());
        tokio::spawn(async move {
            let client = reqwest::Client::new();
            loop {
                let answer = client.post(&url).body(body.clone()).send().await.expect("an answer");
                let text = answer.text().await.expect("a body");
                assert!(!text.contains("\"executed\""), "a wrong signature is executed");
            }
        })
    });
    let flood: Vec<_> = flood.collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut waited = Vec::new();
    for nonce in 0..HONEST {
        let transaction = alice.pay(terms(0, nonce), &[(&bob, 1)]);
        let start = Instant::now();
        rollup.execute(&transaction).await;
        waited.push(start.elapsed());
    }
    assert!(flood.iter().all(|one| !one.is_finished()), "the flood went on");
    flood.iter().for_each(tokio::task::JoinHandle::abort);
    waited.sort();
    let p99 = waited[waited.len() * 99 / 100 - 1];
    println!("honest p50 {:?}, p99 {p99:?}", waited[waited.len() / 2]);
    assert!(p99 < Duration::from_secs(1), "{p99:?}");
}
