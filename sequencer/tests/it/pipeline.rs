//! The life of transactions through the real application: received over HTTP, durable, sealed and
//! proven, and the same state after a restart.

use crate::database;
use crate::rollup::{LATER, Rollup, Terms, person, slot, terms};
use reqwest::StatusCode;
use serde_json::json;
use sheaf_ledger::tree::SlotTree;
use sheaf_sequencer::execution::Execution;
use sheaf_sequencer::fees::{FeePolicy, Price};
use sheaf_sequencer::lifecycle::RequestKind;
use sheaf_sequencer::replay::Replay;

#[tokio::test(flavor = "multi_thread")]
async fn payments_move_balances_and_open_slots() {
    let rollup = Rollup::start().await;
    let [alice, bob, carol] = [0, 1, 2].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 50)]).await;
    rollup.execute(&alice.pay(terms(0, 0), &[(&bob, 10), (&carol, 5)])).await;
    rollup.execute(&bob.pay(terms(1, 0), &[(&bob, 60)])).await;
    rollup.execute(&carol.withdraw(terms(2, 0), 4)).await;
    let expected = vec![slot(&alice, 85, 1), slot(&bob, 60, 1), slot(&carol, 1, 1)];
    assert_eq!(rollup.slots().await, expected);
    let (_, account) = rollup.get(&format!("/v1/accounts/{}", carol.owner)).await;
    assert_eq!(account["slots"][0]["balance"], "1");
    assert_eq!(account["slots"].as_array().map(Vec::len), Some(1));
}

/// Sealing replays each block through the ledger's machine, so that it would stop at a difference.
#[tokio::test(flavor = "multi_thread")]
async fn blocks_may_be_applied_in_partitions() {
    let rollup = Rollup::start_with(|config| {
        config.service.execution = Execution::Partitions { threads: None };
    })
    .await;
    let [alice, bob, carol] = [0, 1, 2].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 50)]).await;
    let to_carol = [alice.pay(terms(0, 0), &[(&carol, 7)]), bob.pay(terms(1, 0), &[(&carol, 50)])];
    let (status, outcomes) = rollup.post("/v1/transactions", &to_carol).await;
    assert_eq!(status, StatusCode::OK, "{outcomes}");
    rollup.refuse(&bob.pay(terms(1, 1), &[(&alice, 1)]), "balance_too_low").await;
    rollup.seal().await;
    let expected = vec![slot(&alice, 93, 1), slot(&bob, 0, 1), slot(&carol, 57, 0)];
    assert_eq!(rollup.slots().await, expected);
    assert_eq!(rollup.restart().await.slots().await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_transaction_changes_nothing_and_names_its_rule() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 50)]).await;
    let before = rollup.slots().await;
    let pay = |terms, amount| alice.pay(terms, &[(&bob, amount)]);
    rollup.refuse(&pay(terms(0, 0), 101), "balance_too_low").await;
    rollup.refuse(&pay(terms(1, 0), 1), "wrong_owner").await;
    rollup.refuse(&pay(terms(9, 0), 1), "slot_not_open").await;
    rollup.refuse(&pay(Terms { valid_until: 1, ..terms(0, 0) }, 1), "expired").await;
    rollup.refuse(&pay(terms(0, 1_000_000), 1), "nonce_too_far").await;
    let mut forged = pay(terms(0, 0), 1);
    forged.signature = bob.pay(terms(1, 0), &[(&alice, 1)]).signature;
    rollup.refuse(&forged, "wrong_signature").await;
    assert_eq!(rollup.slots().await, before);
    // The same with nothing wrong is executed, and its nonce is then used.
    rollup.execute(&pay(terms(0, 0), 1)).await;
    rollup.refuse(&pay(terms(0, 0), 2), "nonce_used").await;
    assert_eq!(rollup.slots().await, vec![slot(&alice, 99, 1), slot(&bob, 51, 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fees_are_asked_for_and_collected_by_the_operator() {
    let price = Price { per_transaction: 2, per_payment: 1 };
    let prices = FeePolicy::new([(0, price)].into());
    let rollup = Rollup::start_with(|config| config.fees = prices).await;
    let [alice, bob, operator] = [0, 1, 200].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let (_, quote) = rollup.get("/v1/fees/quote?token=0&payments=1").await;
    assert_eq!(quote["fee"], "3");
    let pay = |fee| alice.pay(Terms { fee, ..terms(0, 0) }, &[(&bob, 10)]);
    rollup.refuse(&pay(2), "fee_too_low").await;
    rollup.execute(&pay(3)).await;
    assert_eq!(rollup.slots().await, vec![slot(&alice, 87, 1), slot(&bob, 10, 0)]);
    rollup.seal().await;
    let expected = vec![slot(&alice, 87, 1), slot(&bob, 10, 0), slot(&operator, 3, 0)];
    assert_eq!(rollup.slots().await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_nonce_is_held_until_the_earlier_ones_came() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let [first, second, third] = [0, 1, 2].map(|nonce| alice.pay(terms(0, nonce), &[(&bob, 1)]));
    for held in [&third, &second] {
        let (status, body) = rollup.send(held).await;
        let expected = (StatusCode::ACCEPTED, &json!("accepted"), &json!(false));
        assert_eq!((status, &body["stage"], &body["durable"]), expected);
    }
    let nonce = format!("/v1/accounts/{}/nonce?token=0", alice.owner);
    assert_eq!(rollup.get(&nonce).await.1["nonce"], 0);
    rollup.execute(&first).await;
    rollup
        .wait_for("the held ones follow", async || {
            rollup.slots().await == vec![slot(&alice, 97, 3), slot(&bob, 3, 0)]
        })
        .await;
    assert_eq!(rollup.get(&nonce).await.1["nonce"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_again_is_harmless_and_answers_the_same() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let payment = alice.pay(terms(0, 0), &[(&bob, 1)]);
    let first = rollup.execute(&payment).await;
    let again = rollup.execute(&payment).await;
    assert_eq!((&first["id"], &first["block"]), (&again["id"], &again["block"]));
    assert_eq!(rollup.slots().await, vec![slot(&alice, 99, 1), slot(&bob, 1, 0)]);
    // Another transaction with the same nonce is no repetition.
    rollup.refuse(&alice.pay(terms(0, 0), &[(&bob, 2)]), "nonce_used").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_is_answered_one_by_one() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 5)]).await;
    let sent = [
        alice.pay(terms(0, 0), &[(&bob, 10)]),
        bob.pay(terms(1, 0), &[(&alice, 6)]),
        alice.pay(terms(0, 1), &[(&bob, 10)]),
    ];
    let (status, body) = rollup.post("/v1/transactions", &sent).await;
    assert_eq!(status, StatusCode::OK);
    let stages: Vec<_> = [0, 1, 2].map(|i| body["results"][i]["stage"].clone()).into();
    assert_eq!(stages, ["executed", "rejected", "executed"]);
    assert_eq!(body["results"][1]["error"]["code"], "balance_too_low");
    assert_eq!(rollup.slots().await, vec![slot(&alice, 80, 2), slot(&bob, 25, 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forced_exit_pays_the_owner_alone_and_is_consumed_either_way() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100), (&bob, 50)]).await;
    let exit = |owner, slot| RequestKind::Exit { owner, slot };
    // Somebody else's slot, then a slot that was never opened, then the own one.
    let exits = [exit(bob.owner, 0), exit(bob.owner, 77), exit(bob.owner, 1)];
    rollup.request(2, &exits).await;
    assert_eq!(rollup.slots().await, vec![slot(&alice, 100, 0), slot(&bob, 0, 0)]);
    rollup.refuse(&bob.pay(terms(1, 0), &[(&alice, 1)]), "balance_too_low").await;
    let number = rollup.seal().await;
    let (_, batch) = rollup.get(&format!("/v1/batches/{number}")).await;
    assert_eq!((&batch["requests"], &batch["l1_words"]), (&json!(5), &json!(10)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill_with_state_and_root() {
    let mut rollup = Rollup::start_with(|config| {
        config.fees = FeePolicy::new([(0, Price { per_transaction: 1, per_payment: 0 })].into());
    })
    .await;
    let people: Vec<_> = (0..4).map(person).collect();
    rollup.fund(&people.iter().map(|person| (person, 1_000)).collect::<Vec<_>>()).await;
    let mut executed = Vec::new();
    for round in 0..3_u32 {
        for (from, payer) in people.iter().enumerate() {
            let recipients = [(&people[(from + 1) % 4], 7), (&people[(from + 2) % 4], 2)];
            let terms = Terms { fee: 1, ..terms(from as u32, round) };
            executed.push(rollup.execute(&payer.pay(terms, &recipients)).await);
        }
        if round == 1 {
            rollup.seal().await;
        }
        let (before, head) = (rollup.slots().await, rollup.get("/v1/status").await.1);
        rollup = rollup.kill_and_restart().await;
        assert_eq!(rollup.slots().await, before);
        let after = rollup.get("/v1/status").await.1;
        for field in ["block", "open_batch", "sealed_batch", "slots"] {
            assert_eq!(head[field], after[field], "{field}");
        }
    }
    for sent in &executed {
        let id = sent["id"].as_str().expect("an id");
        let (_, found) = rollup.get(&format!("/v1/transactions/{id}")).await;
        assert_eq!(found["block"], sent["block"]);
    }
    // The batch that was open over two kills seals, and its root is that of its slots.
    let number = rollup.seal().await;
    let (store, batch) = (rollup.handle().store(), rollup.handle().store().batch(number).await);
    let batch = batch.expect("the store can be read").expect("it is sealed");
    let replay = Replay::new(rollup.config.domain(), None, Vec::new());
    let replay = replay.run_to(store, u64::MAX).await.expect("the log can be run again");
    assert_eq!(SlotTree::from_slots(replay.slots).root(), batch.sealed.post_root);
    assert_eq!(batch.sealed.transactions, 4);
    let rollup = rollup.restart().await;
    assert_eq!(rollup.get("/v1/status").await.1["sealed_batch"], number);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_log_cannot_be_written_nothing_is_acknowledged_and_the_process_ends() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 100)]).await;
    let pool = database::connect(&rollup.config).await;
    let rename = async |sql: &'static str| {
        sqlx::query(sql).execute(&pool).await.expect("it is renamed");
    };
    rename("ALTER TABLE blocks RENAME COLUMN body TO gone").await;
    let (status, body) = rollup.send(&alice.pay(terms(0, 0), &[(&bob, 1)])).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body["error"]["code"], "outcome_unknown");
    let config = rollup.config.clone();
    let (_directory, handle) = rollup.into_handle();
    let ended = handle.run(std::future::pending::<()>()).await.expect_err("a stage has ended");
    assert_eq!(ended.code(), "database");
    // With its column again, a restart finds the block not written, and everything else.
    rename("ALTER TABLE blocks RENAME COLUMN gone TO body").await;
    let handle = sheaf_sequencer::Sequencer::start(config).await.expect("it starts again");
    let blocks = handle.store().blocks_after(0, u32::MAX).await.expect("the log can be read");
    assert_eq!(blocks.iter().map(|block| block.transactions.len()).sum::<usize>(), 0);
    assert_eq!(blocks.iter().map(|block| block.requests).sum::<u32>(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_batch_closes_by_itself_and_keeps_to_the_limits() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 1_000_000), (&bob, 1)]).await;
    let payments: Vec<_> = (0..1_000).map(|_| (&bob, 1)).collect();
    for nonce in 0..9 {
        rollup.execute(&alice.pay(terms(0, nonce), &payments)).await;
    }
    let store = rollup.handle().store();
    rollup
        .wait_for("two batches are sealed", async || {
            store.batch(2).await.expect("the store can be read").is_some()
        })
        .await;
    for number in [1, 2] {
        let batch = store.batch(number).await.expect("readable").expect("sealed").sealed;
        assert_eq!(batch.transactions, 4);
        assert!(batch.data_words <= 4_096 && batch.data_words > 4_000, "{batch:?}");
    }
    assert_eq!(rollup.slots().await, vec![slot(&alice, 991_000, 9), slot(&bob, 9_001, 0)]);
    assert!(LATER > batch_timestamp(&rollup).await);
}

async fn batch_timestamp(rollup: &Rollup) -> u32 {
    let batch = rollup.handle().store().batch(2).await.expect("readable").expect("sealed");
    batch.sealed.timestamp
}
