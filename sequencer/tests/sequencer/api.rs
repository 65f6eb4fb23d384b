//! The API at its edges: what is unknown, health, events, and what the document says. Bad
//! transactions are `bad_input`'s.

use crate::rollup::{Rollup, Terms, person, terms};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sheaf_ledger::transaction::SignedTransaction;
use sheaf_sequencer::api::schema::{PaymentBody, SignedTransactionBody, TransferBody};

fn code((status, body): (StatusCode, Value)) -> (u16, String) {
    assert!(body["error"]["message"].is_string(), "{body}");
    (status.as_u16(), body["error"]["code"].as_str().expect("a code").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_said_in_json() {
    let rollup = Rollup::start().await;
    let unknown = format!("/v1/transactions/0x{}", "00".repeat(32));
    let account = format!("/v1/accounts/{}", person(3).owner);
    let cases = [
        ("/v1/nothing", 404, "route_not_found"),
        (&unknown, 404, "transaction_not_found"),
        ("/v1/transactions/0x12", 400, "malformed_id"),
        ("/v1/accounts/nobody", 400, "malformed_owner"),
        (&format!("{account}/nonce?token=0"), 404, "slot_not_found"),
        (&format!("{account}/nonce?token=65536"), 400, "malformed_query"),
        (&format!("{account}/nonce"), 400, "malformed_query"),
        ("/v1/slots/0", 404, "slot_not_found"),
        ("/v1/slots/4294967296", 400, "malformed_path"),
        ("/v1/batches/1", 404, "batch_not_found"),
        ("/v1/batches/18446744073709551615", 404, "batch_not_found"),
        ("/v1/batches?limit=101", 400, "page_length"),
        ("/v1/batches?size=1", 400, "malformed_query"),
        ("/v1/jobs/18446744073709551615/inputs?attempt=1", 404, "job_not_found"),
        ("/v1/transactions", 405, "method_not_allowed"),
    ];
    for (path, status, name) in cases {
        assert_eq!(code(rollup.get(path).await), (status, name.to_owned()), "{path}");
    }
    let (status, body) = rollup.get(&account).await;
    assert_eq!((status, &body["slots"]), (StatusCode::OK, &json!([])));
    assert_eq!(rollup.get("/healthz").await, (StatusCode::OK, json!({ "healthy": true })));
    let trace = reqwest::Client::new().request(Method::TRACE, rollup.url("/v1/status"));
    let answer = trace.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_fails_when_a_batch_or_its_proof_is_overdue() {
    let healthy = Rollup::start().await;
    let overdue = Rollup::start_with(|config| {
        config.health.proof_age_max = std::time::Duration::ZERO;
    })
    .await;
    for rollup in [&healthy, &overdue] {
        rollup.fund(&[(&person(0), 5)]).await;
        assert_eq!(rollup.get("/healthz").await.0, StatusCode::OK);
        rollup.seal().await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    assert_eq!(healthy.get("/healthz").await.0, StatusCode::OK);
    assert_eq!(code(overdue.get("/healthz").await), (503, "proof_too_old".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_see_blocks_and_batches() {
    let rollup = Rollup::start().await;
    let mut stream = reqwest::get(rollup.url("/v1/events")).await.expect("an answer");
    rollup.fund(&[(&person(0), 5)]).await;
    rollup.seal().await;
    let mut text = String::new();
    while !text.contains("event: batch") {
        let chunk = stream.chunk().await.expect("a stream").expect("it does not end");
        text.push_str(std::str::from_utf8(&chunk).expect("text"));
    }
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let events: Vec<Value> = data.map(|json| serde_json::from_str(json).expect("JSON")).collect();
    let seen: Vec<_> = events.iter().map(|event| (&event["event"], &event["number"])).collect();
    let expected =
        [("block", 1), ("block", 2), ("batch", 1)].map(|(name, n)| (json!(name), json!(n)));
    assert_eq!(seen, expected.iter().map(|(name, number)| (name, number)).collect::<Vec<_>>());
    assert_eq!((&events[0]["requests"], &events[1]["closes"]), (&json!(1), &json!("request")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_names_every_route_and_spells_transactions_as_the_ledger_does() {
    let rollup = Rollup::start().await;
    let (_, document) = rollup.get("/v1/openapi.json").await;
    let paths = document["paths"].as_object().expect("paths");
    for path in [
        "/v1/transactions",
        "/v1/transactions/{id}",
        "/v1/accounts/{owner}",
        "/v1/accounts/{owner}/nonce",
        "/v1/accounts/{owner}/transactions",
        "/v1/slots/{index}",
        "/v1/batches",
        "/v1/batches/{number}",
        "/v1/batches/{number}/proof",
        "/v1/status",
        "/v1/fees/quote",
        "/v1/events",
        "/healthz",
        "/v1/jobs/lease",
        "/v1/jobs/{id}/inputs",
        "/v1/jobs/{id}/heartbeat",
        "/v1/jobs/{id}/complete",
        "/v1/jobs/{id}/fail",
        "/v1/jobs/{id}/release",
        "/v1/jobs/{id}/requeue",
    ] {
        assert!(paths.contains_key(path), "{path}");
    }
    let [alice, bob] = [0, 1].map(person);
    let Terms { slot, nonce, fee, valid_until } = terms(3, 4);
    let signed = alice.pay(terms(3, 4), &[(&bob, 5)]);
    let ledgers = serde_json::to_value(&signed).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let documented = SignedTransactionBody {
        transfer: Some(TransferBody {
            slot,
            token: 0,
            nonce,
            fee: fee.to_string(),
            valid_until,
            payments: vec![PaymentBody { owner: bob.owner.to_string(), amount: "5".into() }],
        }),
        withdrawal: None,
        key: text(&ledgers["key"]),
        l1_address: alice.address.to_string(),
        signature: text(&ledgers["signature"]),
    };
    let documented = serde_json::to_value(&documented).expect("JSON");
    assert_eq!(documented, ledgers);
    let back: SignedTransaction = serde_json::from_value(documented).expect("the ledger reads it");
    assert_eq!(back, signed);
}
