//! The API at its edges: unknown things, health, and the OpenAPI document. Bad transactions are
//! tested in `bad_input`.

use std::time::Duration;

use crate::rollup::{Rollup, Terms, person, terms};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sheaf_ledger::transaction::SignedTransaction;
use sheaf_wire::transactions::{
    PaymentBody, SignedTransactionBody, SignedTransferBody, TransferBody,
};

fn code((status, body): (StatusCode, Value)) -> (u16, String) {
    assert!(body["error"]["message"].is_string(), "{body}");
    (status.as_u16(), body["error"]["code"].as_str().expect("a code").to_owned())
}

/// What the document says a GET of this path answers.
fn answers_of<'a>(document: &'a Value, path: &str) -> Option<&'a Value> {
    let asked: Vec<&str> = path.split('?').next()?.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        let same = |(part, asked): (&&str, &&str)| part.starts_with('{') || part == asked;
        parts.len() == asked.len() && parts.iter().zip(&asked).all(same)
    };
    let mut paths = document["paths"].as_object()?.iter();
    paths.find(|(template, _)| fits(template)).map(|(_, item)| &item["get"]["responses"])
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
        ("/v1/fees/quote?token=0&payments=0", 400, "no_payments"),
        ("/v1/fees/quote?token=0&payments=1025", 400, "too_many_payments"),
        ("/v1/slots/0", 404, "slot_not_found"),
        ("/v1/slots/4294967296", 400, "malformed_path"),
        ("/v1/slots/+1", 400, "malformed_path"),
        ("/v1/slots/00", 400, "malformed_path"),
        ("/v1/slots/01/path", 400, "malformed_path"),
        ("/v1/slots/%FF", 400, "malformed_path"),
        ("/v1/slots/0/", 404, "route_not_found"),
        ("/v1/batches/+1", 400, "malformed_path"),
        ("/v1/batches/01/proof", 400, "malformed_path"),
        ("/v1/batches/1/proof", 404, "batch_not_found"),
        ("/v1/batches/18446744073709551615/proof", 404, "batch_not_found"),
        ("/v1/batches?limit=0", 400, "page_length"),
        (&format!("{account}/transactions?limit=0"), 400, "page_length"),
        (&format!("{account}/transactions?limit=101"), 400, "page_length"),
        ("/v1/batches?limit=+1", 400, "malformed_query"),
        ("/v1/batches?limit=1&limit=1", 400, "malformed_query"),
        ("/v1/batches?before=&limit=", 400, "malformed_query"),
        ("/v1/fees/quote?token=00", 400, "malformed_query"),
        ("/v1/batches/1", 404, "batch_not_found"),
        (&format!("/v1/l1-transactions/0x{}/batch", "00".repeat(32)), 404, "batch_not_found"),
        (&format!("/v1/l1-transactions/{}/batch", "00".repeat(32)), 400, "malformed_hash"),
        (&format!("/v1/l1-transactions/0x{}/batch", "0x".repeat(32)), 400, "malformed_hash"),
        (&format!("/v1/l1-transactions/{}/requests", "00".repeat(32)), 400, "malformed_hash"),
        ("/v1/batches/18446744073709551615", 404, "batch_not_found"),
        ("/v1/batches?limit=101", 400, "page_length"),
        ("/v1/batches?size=1", 400, "malformed_query"),
        ("/v1/jobs/18446744073709551615/inputs?attempt=1", 404, "job_not_found"),
        ("/v1/transactions", 405, "method_not_allowed"),
    ];
    let (_, document) = rollup.get("/v1/openapi.json").await;
    for (path, status, name) in cases {
        assert_eq!(code(rollup.get(path).await), (status, name.to_owned()), "{path}");
        let described = answers_of(&document, path);
        let is_described = described.is_some_and(|answers| answers[status.to_string()].is_object());
        assert!(
            is_described || ["route_not_found", "method_not_allowed"].contains(&name),
            "{path}"
        );
    }
    let (status, _) = rollup.get("/v1/fees/quote?token=0&payments=1024").await;
    assert_eq!(status, StatusCode::OK);
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
        config.health.proof_age_max = Duration::ZERO;
    })
    .await;
    for rollup in [&healthy, &overdue] {
        rollup.fund(&[(&person(0), 5)]).await;
        assert_eq!(rollup.get("/healthz").await.0, StatusCode::OK);
        rollup.seal().await;
    }
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(healthy.get("/healthz").await.0, StatusCode::OK);
    assert_eq!(code(overdue.get("/healthz").await), (503, "proof_too_old".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_names_every_method_and_what_every_route_answers() {
    let rollup = Rollup::start().await;
    let (_, document) = rollup.get("/v1/openapi.json").await;
    for (path, item) in document["paths"].as_object().expect("paths") {
        let methods: Vec<&String> = item.as_object().expect("methods").keys().collect();
        let filled = path.replace(['{', '}'], "");
        let request = reqwest::Client::new().request(Method::PATCH, rollup.url(&filled));
        let answer = request.send().await.expect("an answer");
        assert!([401, 403, 405].contains(&answer.status().as_u16()), "{path}");
        if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
            let allowed = answer.headers()["allow"].to_str().expect("text").to_lowercase();
            let allowed: Vec<&str> = allowed.split(',').filter(|one| *one != "head").collect();
            assert_eq!(allowed, methods, "{path}");
        }
        for method in methods {
            let answers = item[method]["responses"].as_object().expect("answers");
            let mut expected = vec!["408", "429", "500", "503"];
            if item[method]["requestBody"].is_object() {
                expected.extend(["400", "413"]);
            }
            if path.contains('{') || item[method]["parameters"].is_array() {
                expected.push("400");
            }
            for status in expected {
                assert!(answers.contains_key(status), "{method} {path} {status}");
            }
        }
    }
}

#[test]
fn the_document_spells_transactions_as_the_ledger_does() {
    let [alice, bob] = [0, 1].map(person);
    let Terms { slot, nonce, fee, valid_until } = terms(3, 4);
    let signed = alice.pay(terms(3, 4), &[(&bob, 5)]);
    let ledgers = serde_json::to_value(&signed).expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let documented = SignedTransactionBody::Transfer(SignedTransferBody {
        transfer: TransferBody {
            slot,
            token: 0,
            nonce,
            fee: fee.to_string(),
            valid_until,
            payments: vec![PaymentBody { owner: bob.owner.to_string(), amount: "5".into() }],
        },
        key: text(&ledgers["key"]),
        l1_address: alice.address.to_string(),
        signature: text(&ledgers["signature"]),
    });
    let documented = serde_json::to_value(&documented).expect("JSON");
    assert_eq!(documented, ledgers);
    let back: SignedTransaction = serde_json::from_value(documented).expect("the ledger reads it");
    assert_eq!(back, signed);
}
