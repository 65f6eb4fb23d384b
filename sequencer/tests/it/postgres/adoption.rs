//! A database on a server begins anew with a batch of another account: what it had is set aside,
//! and what it had acknowledged waits to be executed again.

use alloy::primitives::B256;
use sheaf_contracts::history::{Asked, Contents, FinalBatch, History, QueuedRequest};
use sheaf_ledger::{SignedTransaction, Slot};
use sheaf_sequencer::adoption::acknowledged_after;
use sheaf_sequencer::error::StageError;
use sheaf_sequencer::lifecycle::RequestKind;
use sheaf_sequencer::replay::Replay;
use sheaf_sequencer::snapshots::Snapshots;
use sheaf_sequencer::store::{
    Acknowledged, BlockLog as _, Database, SealedRow, Store, StoreError, StoredRequest,
};
use sheaf_sequencer::{Config, StartError};
use sqlx::{Connection as _, Executor as _, PgConnection};

use super::followers::Follower;
use super::server::shared;
use crate::database;
use crate::rollup::{Rollup, person, slot, terms};

/// The newest batch that both rollups have.
const COMMON: u64 = 1;

/// A rollup on a database of its own, with a batch that every other one of these has, too.
async fn rollup_on(url: &str) -> Rollup {
    let rollup = Rollup::start_with(|config| config.database = url.parse().expect("a URL")).await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 50)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10)])).await;
    assert_eq!(rollup.seal().await, COMMON);
    rollup
}

fn batch_of(sealed: SealedRow) -> FinalBatch {
    FinalBatch {
        number: sealed.number,
        timestamp: sealed.timestamp,
        first_request: sealed.first_request,
        requests: sealed.requests,
        contents: Contents::default(),
        pre_state: sealed.pre_state,
        post_state: sealed.post_state,
        post_root: sealed.post_root,
        next_slot: sealed.next_slot,
        data_mode: sealed.data_mode,
        data_reference: sealed.data_reference.expect("this version has sealed it"),
        l1_block: sealed.number,
        l1_transaction: B256::repeat_byte(7),
    }
}

fn request_of(stored: StoredRequest) -> QueuedRequest {
    let (owner, asked) = match stored.request.kind {
        RequestKind::Deposit { owner, token, amount } => (owner, Asked::Deposit { token, amount }),
        RequestKind::Exit { owner, slot } => (owner, Asked::Exit { slot }),
    };
    let StoredRequest { request, sender, l1_block, l1_transaction } = stored;
    let (number, l1_transaction) = (request.number, l1_transaction.into());
    let sender = sender.expect("this version has stored it").0.into();
    QueuedRequest { number, owner, sender, asked, l1_block, l1_transaction }
}

/// What L1 would show if it had taken every batch of a rollup.
async fn as_on_l1(rollup: &Rollup) -> (History, Vec<Slot>) {
    let store = rollup.handle().store();
    let mut batches = store.batches_before(None, u32::MAX).await.expect("readable");
    batches.reverse();
    let last_block = batches.last().expect("one is sealed").sealed.last_block;
    let requests = store.requests_from(0, 1_000).await.expect("readable");
    let replay = Replay::new(rollup.config.domain(), None, Vec::new());
    let replay = replay.run_to(store, last_block).await.expect("it runs");
    let history = History {
        batches: batches.into_iter().map(|row| batch_of(row.sealed)).collect(),
        requests: requests.into_iter().map(request_of).collect(),
        block: 9,
        block_hash: B256::repeat_byte(9),
    };
    (history, replay.slots)
}

/// What the log acknowledged after the common batch.
async fn acknowledged(store: &Store, config: &Config) -> Acknowledged {
    let snapshots = Snapshots::new(&config.derived());
    let found = acknowledged_after((store, &snapshots), config.domain(), COMMON).await;
    found.expect("the log is whole")
}

/// The database that is the schema of another one.
fn schema_of(url: &str, schema: &str) -> Database {
    format!("{url}?options=-c%20search_path%3D{schema}").parse().expect("a URL")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_begins_anew_and_its_followers_follow_it() {
    let (url, of_others) = (shared().await.database().await, shared().await.database().await);
    let (ours, theirs) = (rollup_on(&url).await, rollup_on(&of_others).await);
    let [alice, bob] = [0, 1].map(person);
    let valid = bob.pay(terms(1, 0), &[(&alice, 7)]);
    let void = alice.pay(terms(0, 1), &[(&bob, 1)]);
    ours.execute(&valid).await;
    ours.seal().await;
    ours.execute(&void).await;
    theirs.execute(&alice.pay(terms(0, 1), &[(&bob, 20)])).await;
    theirs.seal().await;
    let follower = Follower::start(&ours.config);
    follower.shows("/v1/slots/1", |body| body["balance"] == "54").await;

    let (config, store) = (ours.config.clone(), ours.handle().store().clone());
    let blocks = store.blocks_after(0, u32::MAX).await.expect("readable");
    let (folder, handle) = ours.into_handle();
    drop(handle);
    let left = acknowledged(&store, &config).await;
    let expected: [SignedTransaction; 2] = [valid.clone(), void.clone()];
    assert_eq!((&left.transactions[..], left.requests), (&expected[..], 2));
    let (history, slots) = as_on_l1(&theirs).await;
    let before = database::rows(&config).await;
    let refused = store.replace(&history, &slots[1..], &left, COMMON).await;
    assert!(matches!(refused, Err(StoreError::MalformedHistory { batch: 2 })));
    assert_eq!(database::rows(&config).await, before, "all or nothing");
    follower.follows().await;
    let schema = store.replace(&history, &slots, &left, COMMON).await.expect("it may");
    let ended = follower.ends().await;
    let is_it = matches!(ended, StartError::Recovery(StageError::Store(StoreError::Replaced)));
    assert!(is_it, "{ended}");
    let epoch = store.epoch();
    store.close().await;

    // The derived files are those of the old log.
    let rollup = Rollup::open(folder, config).await;
    let store = rollup.handle().store();
    assert!(store.epoch() > epoch && store.base().batch == 2);
    assert_eq!(rollup.slots().await, [slot(&alice, 70, 2), slot(&bob, 80, 0)]);
    assert_eq!(store.again().await.expect("readable"), left);
    let follower = Follower::start(&rollup.config);
    follower.shows("/v1/slots/1", |body| body["balance"] == "80").await;
    rollup.execute(&valid).await;
    rollup.refuse(&void, "nonce_used").await;
    follower.shows("/v1/slots/1", |body| body["balance"] == "73").await;
    store.forget_again().await.expect("it leads");
    assert_eq!(store.again().await.expect("readable"), Acknowledged::default());
    // What was set aside is a database.
    let old = Store::follow(&schema_of(&url, &schema), rollup.config.rollup()).await;
    let old = old.expect("it is of this version");
    assert_eq!(old.blocks_after(0, u32::MAX).await.expect("readable"), blocks);
}

/// What waits from an adoption is not lost by the next one.
#[tokio::test(flavor = "multi_thread")]
async fn what_still_waits_goes_over_to_the_next_database() {
    let (url, of_others) = (shared().await.database().await, shared().await.database().await);
    let (ours, theirs) = (rollup_on(&url).await, rollup_on(&of_others).await);
    let [alice, bob] = [0, 1].map(person);
    let [first, second] = [0, 1].map(|nonce| bob.pay(terms(1, nonce), &[(&alice, 1)]));
    ours.execute(&first).await;
    theirs.execute(&alice.pay(terms(0, 1), &[(&bob, 20)])).await;
    theirs.seal().await;
    let (config, store) = (ours.config.clone(), ours.handle().store().clone());
    let (folder, handle) = ours.into_handle();
    drop(handle);
    let left = acknowledged(&store, &config).await;
    let (history, slots) = as_on_l1(&theirs).await;
    store.replace(&history, &slots, &left, COMMON).await.expect("it may");
    store.close().await;
    let rollup = Rollup::open(folder, config).await;
    rollup.execute(&first).await;
    rollup.execute(&second).await;
    let store = rollup.handle().store();
    let snapshots = Snapshots::new(&rollup.config.derived());
    let found = acknowledged_after((store, &snapshots), rollup.config.domain(), 2).await;
    assert_eq!(found.expect("the log is whole").transactions, [first, second], "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_make_no_schema_is_told_and_nothing_changes() {
    let url = shared().await.database().await;
    let mut administrator = PgConnection::connect(&url).await.expect("it answers");
    for statement in
        ["CREATE ROLE newcomer LOGIN", "GRANT CREATE, USAGE ON SCHEMA public TO newcomer"]
    {
        administrator.execute(statement).await.expect("it may");
    }
    let rollup = rollup_on(&url.replace("sheaf@", "newcomer@")).await;
    let (history, slots) = as_on_l1(&rollup).await;
    let store = rollup.handle().store();
    let nothing = Acknowledged::default();
    let refused = store.replace(&history, &slots, &nothing, COMMON).await.expect_err("it may not");
    assert_eq!(refused.code(), "database_no_schema");
    assert!(refused.to_string().contains("own the database"), "{refused}");
    let [alice, bob] = [0, 1].map(person);
    rollup.execute(&alice.pay(terms(0, 1), &[(&bob, 1)])).await;
}
