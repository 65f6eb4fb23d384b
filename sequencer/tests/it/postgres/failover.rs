//! The database's machine dies under load: the synchronous standby has everything that was
//! acknowledged, and a second sequencer leads there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use reqwest::StatusCode;
use sheaf_sequencer::block::Block;
use sheaf_sequencer::replay::Replay;
use tokio::time::{sleep, timeout};

use super::followers::Follower;
use super::server::Server;
use crate::rollup::{PATIENCE, Person, Rollup, person, terms};

/// Payers, each with a slot of its own and one transfer under way.
const PAYERS: u8 = 8;
const DEPOSIT: u64 = 1_000_000;
/// Acknowledgements before the server is killed, however long they take.
const ACKNOWLEDGED: u64 = 400;
/// How often the acknowledgements are counted.
const COUNT_INTERVAL: Duration = Duration::from_millis(10);

/// Pays again and again until an answer is no acknowledgement. Returns how many were acknowledged.
async fn pay(rollup_url: String, payer: Person, number: u8, told: Arc<AtomicU64>) -> u32 {
    let client = reqwest::Client::new();
    let payee = person((number + 1) % PAYERS);
    for nonce in 0.. {
        let transfer = payer.pay(terms(number.into(), nonce), &[(&payee, 1)]);
        let answer = client.post(&rollup_url).json(&transfer).send().await;
        if !answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
            return nonce;
        }
        told.fetch_add(1, Relaxed);
    }
    unreachable!("the server is killed")
}

/// Waits until so many transfers are acknowledged.
async fn acknowledge(told: &AtomicU64, count: u64) {
    let counted = async {
        while told.load(Relaxed) < count {
            sleep(COUNT_INTERVAL).await;
        }
    };
    timeout(PATIENCE, counted).await.expect("the load goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promoted_standby_and_a_second_sequencer_lose_nothing_acknowledged() {
    let primary = Server::start().await;
    let url = primary.database().await;
    let rollup = Rollup::start_with(|config| config.database = url.parse().expect("a URL")).await;
    let people: Vec<Person> = (0..PAYERS).map(person).collect();
    let deposits: Vec<(&Person, u64)> = people.iter().map(|person| (person, DEPOSIT)).collect();
    rollup.fund(&deposits).await;
    let standby = primary.standby().await;
    let name = url.rsplit('/').next().expect("a URL has a path");
    let mut config = rollup.config.clone();
    config.database = standby.url(name).parse().expect("a URL");
    let follower = Follower::start(&config);
    follower.follows().await;

    let told = Arc::new(AtomicU64::new(0));
    let load: Vec<_> = (0..PAYERS)
        .map(|number| {
            let (url, told) = (rollup.url("/v1/transactions"), Arc::clone(&told));
            tokio::spawn(pay(url, person(number), number, told))
        })
        .collect();
    acknowledge(&told, ACKNOWLEDGED / 2).await;
    rollup.seal().await;
    acknowledge(&told, ACKNOWLEDGED).await;
    primary.kill();
    let (_folder, handle) = rollup.into_handle();
    let running = handle.run(std::future::pending::<()>());
    let ended = timeout(PATIENCE, running).await.expect("it finds out").expect_err("it failed");
    assert_eq!(ended.code(), "database_unreachable");
    let mut acknowledged = Vec::new();
    for payer in load {
        acknowledged.push(payer.await.expect("it does not panic"));
    }

    follower.follows().await;
    standby.promote().await;
    let rollup = follower.leads().await;
    // The newest transfer of each payer may be there without an answer.
    for (number, acknowledged) in (0..).zip(&acknowledged) {
        let (_, slot) = rollup.get(&format!("/v1/slots/{number}")).await;
        let nonce = slot["nonce"].as_u64().expect("a number") as u32;
        assert!((*acknowledged..=acknowledged + 1).contains(&nonce), "{number}: {nonce}");
    }
    let store = rollup.handle().store();
    let blocks: Vec<Block> = store.blocks_after(0, u32::MAX).await.expect("readable");
    let executed: usize = blocks.iter().map(|block| block.transactions.len()).sum();
    let replay = Replay::new(rollup.config.domain(), None, Vec::new());
    let replay = replay.run_to(store, u64::MAX).await.expect("the log can be run again");
    let nonces: u32 = replay.slots.iter().map(|slot| slot.nonce).sum();
    assert_eq!(nonces as usize, executed, "nothing is there twice");
    let balances: u64 = replay.slots.iter().map(|slot| slot.balance).sum();
    assert_eq!(balances, DEPOSIT * u64::from(PAYERS));
    // The batch that is open goes on, and its root is sealed over the same slots.
    rollup.execute(&people[0].pay(terms(0, replay.slots[0].nonce), &[(&people[1], 1)])).await;
    let number = rollup.seal().await;
    let sealed = store.batch(number).await.expect("readable").expect("it is sealed");
    let replay = Replay::new(rollup.config.domain(), None, Vec::new());
    let replay = replay.run_to(store, sealed.sealed.last_block).await.expect("it can be run again");
    let root = sheaf_ledger::tree::SlotTree::from_slots(replay.slots).root();
    assert_eq!(root, sealed.sealed.post_root);
}
