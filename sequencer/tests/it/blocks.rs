//! Blocks, and the transactions of blocks and batches as their owners signed them.

use std::num::NonZeroU64;

use crate::rollup::{Person, Rollup, Terms, finalise, person, terms};
use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_ledger::limits::PAYMENTS_MAX;
use sheaf_ledger::transaction::SignedTransaction;
use sheaf_sequencer::fees::{FeePolicy, Price};
use sheaf_sequencer::lifecycle::RequestKind;
use sheaf_sequencer::limits::{FINALISED_WITNESSES_KEPT, PAYMENTS_PER_PAGE_MAX};

async fn found(rollup: &Rollup, path: &str) -> Value {
    let (status, body) = rollup.get(path).await;
    assert_eq!(status, StatusCode::OK, "{path} {body}");
    body
}

async fn refused(rollup: &Rollup, path: &str) -> (u16, String) {
    let (status, body) = rollup.get(path).await;
    (status.as_u16(), body["error"]["code"].as_str().expect("a code").to_owned())
}

/// What is signed, without key and signature.
fn signed(transaction: &SignedTransaction, name: &str) -> Value {
    serde_json::to_value(transaction).expect("plain JSON")[name].clone()
}

/// Every transaction of a list, a page at a time.
async fn pages(rollup: &Rollup, path: &str, limit: usize) -> Vec<Value> {
    let (mut all, mut query) = (Vec::new(), format!("?limit={limit}"));
    loop {
        let page = found(rollup, &format!("{path}{query}")).await;
        let list = page["transactions"].as_array().expect("a list");
        assert!(!list.is_empty() && list.len() <= limit, "{page}");
        all.extend(list.iter().cloned());
        let Some(next) = page["next"].as_str() else { return all };
        query = format!("?limit={limit}&after={next}");
    }
}

/// A rollup whose transactions cost 2, with deposits for these people.
async fn funded(people: &[(&Person, u64)]) -> Rollup {
    let price = Price { per_transaction: 2, per_payment: 0 };
    let prices = FeePolicy::new([(0, price)].into());
    let rollup = Rollup::start_with(|config| config.fees = prices).await;
    rollup.fund(people).await;
    rollup
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_shown_as_its_owner_signed_it() {
    let [alice, bob, carol] = [0, 1, 2].map(person);
    let rollup = funded(&[(&alice, 100), (&bob, 50)]).await;
    let with_fee = |slot, nonce| Terms { fee: 2, ..terms(slot, nonce) };
    // An array makes one block, whose transactions use several nonces of a slot.
    let sent = [
        alice.pay(with_fee(0, 0), &[(&bob, 1)]),
        bob.pay(with_fee(1, 0), &[(&carol, 2), (&alice, 3)]),
        alice.withdraw(with_fee(0, 1), 4),
        alice.pay(with_fee(0, 2), &[(&carol, 5), (&carol, 6)]),
    ];
    let (_, answer) = rollup.post("/v1/transactions", &sent).await;
    for (index, transaction) in sent.iter().enumerate() {
        let id = answer["results"][index]["id"].as_str().expect("an id");
        let status = found(&rollup, &format!("/v1/transactions/{id}")).await;
        let body = found(&rollup, &format!("/v1/transactions/{id}/body")).await;
        let (there, other) = match index {
            2 => ("withdrawal", "transfer"),
            _ => ("transfer", "withdrawal"),
        };
        assert_eq!(body[there], signed(transaction, there), "{body}");
        assert_eq!(body.get(other), None, "{body}");
        let owner = if index == 1 { bob.owner } else { alice.owner };
        assert_eq!(body["owner"], json!(owner));
        for field in ["id", "block", "position", "batch"] {
            assert_eq!(body[field], status[field], "{field}");
        }
        let block = found(&rollup, &format!("/v1/blocks/{}", body["block"])).await;
        assert_eq!(body["executed_ms"], block["executed_ms"]);
        assert_eq!(body.get("first_word"), None, "its batch is not sealed");
    }
    rollup.seal().await;
    // The second transfer opens a slot, whose word is not its own.
    let id = answer["results"][1]["id"].as_str().expect("an id");
    let body = found(&rollup, &format!("/v1/transactions/{id}/body")).await;
    assert_eq!(words_of(&rollup, &body).await, ["debit", "credit", "credit"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_durable_has_no_body() {
    let [alice, bob] = [0, 1].map(person);
    let rollup = funded(&[(&alice, 100)]).await;
    let terms = Terms { fee: 2, ..terms(0, 1) };
    // Its nonce is not the next: it waits in memory.
    let (status, held) = rollup.send(&alice.pay(terms, &[(&bob, 1)])).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{held}");
    let path = format!("/v1/transactions/{}/body", held["id"].as_str().expect("an id"));
    assert_eq!(refused(&rollup, &path).await, (404, "transaction_not_found".into()));
    let malformed = refused(&rollup, "/v1/transactions/0x12/body").await;
    assert_eq!(malformed, (400, "malformed_id".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_are_listed_newest_first_and_say_what_they_have() {
    let [alice, bob] = [0, 1].map(person);
    let rollup = funded(&[(&alice, 100), (&bob, 50)]).await;
    let empty = found(&rollup, "/v1/blocks?before=1").await;
    assert_eq!(empty, json!({ "blocks": [] }));
    let terms = Terms { fee: 2, ..terms(0, 0) };
    rollup.execute(&alice.pay(terms, &[(&bob, 1)])).await;
    rollup.seal().await;
    let blocks = found(&rollup, "/v1/blocks").await["blocks"].clone();
    let facts = |block: &Value| {
        ["number", "batch", "transactions", "requests", "closes"].map(|name| block[name].clone())
    };
    let blocks = blocks.as_array().expect("a list");
    let newest = blocks.first().expect("a block");
    assert_eq!(newest["closes"], "request");
    let total = |name: &str| blocks.iter().map(|block| block[name].as_u64()).sum::<Option<u64>>();
    assert_eq!((total("transactions"), total("requests")), (Some(1), Some(2)));
    for (block, number) in blocks.iter().zip((1..=blocks.len()).rev()) {
        assert_eq!(facts(block)[..2], [json!(number), json!(1)]);
        assert_eq!(&found(&rollup, &format!("/v1/blocks/{number}")).await, block);
    }
    let second = found(&rollup, &format!("/v1/blocks?limit=1&before={}", blocks.len())).await;
    assert_eq!(second["blocks"], json!([blocks[1]]));
    for path in ["/v1/blocks/0", "/v1/blocks/99", "/v1/blocks/18446744073709551615"] {
        assert_eq!(refused(&rollup, path).await, (404, "block_not_found".into()), "{path}");
        let path = format!("{path}/transactions");
        assert_eq!(refused(&rollup, &path).await, (404, "block_not_found".into()), "{path}");
    }
    let before_all = found(&rollup, "/v1/blocks?before=18446744073709551615&limit=100").await;
    assert_eq!(&before_all["blocks"], &json!(blocks));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_a_batch_are_those_of_its_blocks_without_gap_or_repetition() {
    let [alice, bob] = [0, 1].map(person);
    let rollup = funded(&[(&alice, 1_000), (&bob, 1_000)]).await;
    let pay = |nonce: u32| {
        alice.pay(Terms { fee: 2, ..terms(0, nonce) }, &[(&bob, u64::from(nonce) + 1)])
    };
    for nonce in 0..3 {
        rollup.execute(&pay(nonce)).await;
    }
    rollup.post("/v1/transactions", &[pay(3), pay(4), pay(5)]).await;
    assert_eq!(
        refused(&rollup, "/v1/batches/1/transactions").await,
        (404, "batch_not_found".into())
    );
    rollup.seal().await;
    // The next batch must not be among them.
    rollup.execute(&pay(6)).await;
    let whole = pages(&rollup, "/v1/batches/1/transactions", 100).await;
    assert_eq!(whole.len(), 6);
    let nonces: Vec<_> = whole.iter().map(|one| one["transfer"]["nonce"].clone()).collect();
    assert_eq!(nonces, [0, 1, 2, 3, 4, 5]);
    for limit in [1, 2, 4, 6] {
        assert_eq!(pages(&rollup, "/v1/batches/1/transactions", limit).await, whole, "{limit}");
    }
    let batch = found(&rollup, "/v1/batches/1").await;
    let mut of_blocks = Vec::new();
    let last = batch["last_block"].as_u64().expect("a number");
    for number in 1..=last {
        let path = format!("/v1/blocks/{number}/transactions");
        let page = found(&rollup, &path).await;
        of_blocks.extend(page["transactions"].as_array().expect("a list").clone());
    }
    assert_eq!(of_blocks, whole);
    for transaction in &whole {
        assert_eq!(words_of(&rollup, transaction).await, ["debit", "credit"]);
    }
    // A place in another block or batch, and texts that are no place.
    let outside = format!("{}-0", last + 1);
    for after in [outside.as_str(), "0-0", "1", "01-0", "1-4294967296"] {
        let path = format!("/v1/batches/1/transactions?after={after}");
        assert_eq!(refused(&rollup, &path).await, (400, "malformed_cursor".into()), "{after}");
    }
    for (query, code) in [("limit=0", "page_length"), ("limit=101", "page_length")] {
        for list in ["/v1/batches/1/transactions", "/v1/blocks/1/transactions", "/v1/blocks"] {
            let path = format!("{list}?{query}");
            assert_eq!(refused(&rollup, &path).await, (400, code.into()), "{path}");
        }
    }
}

/// The kinds of a transfer's words, which are at its place among the batch's and move its amounts.
async fn words_of(rollup: &Rollup, transaction: &Value) -> Vec<String> {
    let id = transaction["id"].as_str().expect("an id");
    let alone = found(rollup, &format!("/v1/transactions/{id}/body")).await;
    assert_eq!(&alone, transaction);
    let payments = transaction["transfer"]["payments"].as_array().expect("a list");
    let (first, count) = (&transaction["first_word"], payments.len() + 1);
    let path = format!("{}/words?after={first}&limit={count}", transaction["batch"]);
    let words = found(rollup, &format!("/v1/batches/{path}")).await["data_words"].clone();
    let words = words.as_array().expect("a list");
    assert_eq!(&words[0]["index"], first);
    assert_eq!(words[0]["slot"], transaction["transfer"]["slot"]);
    let credits: Vec<_> = words[1..].iter().map(|word| &word["amount"]).collect();
    assert_eq!(credits, payments.iter().map(|one| &one["amount"]).collect::<Vec<_>>());
    words.iter().map(|word| word["kind"].as_str().expect("a kind").to_owned()).collect()
}

/// The largest transfers end a page before its limit.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_large_transfers_ends_early_and_the_next_goes_on() {
    let [alice, bob] = [0, 1].map(person);
    let rollup = funded(&[(&alice, 1_000_000)]).await;
    let payments = vec![(&bob, 1); PAYMENTS_MAX];
    let transfers = PAYMENTS_PER_PAGE_MAX / PAYMENTS_MAX + 1;
    for nonce in 0..transfers {
        let nonce = u32::try_from(nonce).expect("a few");
        rollup.execute(&alice.pay(Terms { fee: 2, ..terms(0, nonce) }, &payments)).await;
    }
    rollup.seal().await;
    let mut seen = 0;
    let batches = found(&rollup, "/v1/batches").await["batches"].as_array().map_or(0, Vec::len);
    for batch in 1..=batches {
        let path = format!("/v1/batches/{batch}/transactions");
        seen += pages(&rollup, &path, 100).await.len();
    }
    assert_eq!(seen, transfers);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_jobs_of_a_batch_say_who_proves_and_how_far() {
    let rollup = funded(&[(&person(0), 100)]).await;
    assert_eq!(refused(&rollup, "/v1/batches/1/jobs").await, (404, "batch_not_found".into()));
    rollup.seal().await;
    let job = async || found(&rollup, "/v1/batches/1/jobs").await["jobs"][0].clone();
    let ready = job().await;
    assert_eq!((&ready["step"], &ready["state"]), (&json!("wrap"), &json!("ready")));
    assert_eq!([ready.get("worker"), ready.get("started_ms")], [None, None]);
    let lease = rollup.lease().await.expect("a batch waits for its proof");
    let leased = job().await;
    assert_eq!((&leased["state"], &leased["worker"]), (&json!("leased"), &json!("test")));
    assert!(leased["started_ms"].is_u64() && leased.get("finished_ms").is_none(), "{leased}");
    let proof = rollup.prove(&lease).await;
    assert_eq!(rollup.complete(&lease, proof).await.0, StatusCode::OK);
    let done = job().await;
    assert_eq!((&done["state"], &done["started_ms"]), (&json!("done"), &leased["started_ms"]));
    assert!(done["finished_ms"].as_u64() >= done["started_ms"].as_u64(), "{done}");
    // A worker that gave its job back does not have it.
    rollup.request(1, &[RequestKind::Exit { owner: person(0).owner, slot: 0 }]).await;
    rollup.seal().await;
    let lease = rollup.lease().await.expect("another batch waits");
    let failed = json!({ "attempt": lease["attempt"], "reason": "tired" });
    rollup.post(&format!("/v1/jobs/{}/fail", lease["job"]), &failed).await;
    let again = found(&rollup, "/v1/batches/2/jobs").await["jobs"][0].clone();
    assert_eq!((&again["state"], again.get("worker")), (&json!("ready"), None));
}

/// What a rebuilt or pruned database lacks is said, and is no failure.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_final_batch_keeps_its_transactions_and_its_last_job() {
    let rollup = Rollup::start_with(|config| {
        config.service.not_final_batches = NonZeroU64::new(64).expect("not 0");
    })
    .await;
    rollup.fund(&[(&person(0), 100)]).await;
    rollup.seal().await;
    for number in 1..=FINALISED_WITNESSES_KEPT {
        let exit = RequestKind::Exit { owner: person(1).owner, slot: 0 };
        rollup.request(number, &[exit]).await;
        rollup.seal().await;
    }
    for number in 1..=FINALISED_WITNESSES_KEPT + 1 {
        finalise(rollup.handle().store(), number).await;
    }
    let jobs = found(&rollup, "/v1/batches/1/jobs").await;
    assert_eq!(jobs["jobs"].as_array().map(Vec::len), Some(1));
    let page = found(&rollup, "/v1/batches/1/transactions").await;
    assert_eq!(page, json!({ "transactions": [] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollup_without_l1_has_no_verifying_key() {
    let rollup = Rollup::start().await;
    let refusal = refused(&rollup, "/v1/verifying-key").await;
    assert_eq!(refusal, (404, "verifying_key_not_found".into()));
    let status = found(&rollup, "/v1/status").await;
    assert_eq!([&status["first_l1_block"], &status["verifying_key_hash"]], [&Value::Null; 2]);
}
