//! Transactions in binary form: each answer is that of the same transactions as JSON, and every
//! body that is not of the form is refused and changes nothing.

use std::time::Duration;

use crate::rollup::{Person, Rollup, person, slot, terms};
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};
use sheaf_client::{Api, ClientError};
use sheaf_ledger::transaction::SignedTransaction;
use sheaf_sequencer::limits::{BODY_BYTES_MAX, TRANSACTIONS_PER_REQUEST_MAX};
use sheaf_wire::transactions::binary::{MEDIA_TYPE, decode_statuses, encode_transactions};
use sheaf_wire::transactions::{Stage, SubmissionResults, TransactionStatus};
use tokio::time::sleep;

const JSON: &str = "application/json";
/// Bytes before the first transaction.
const HEADER: usize = 5;

async fn rollup() -> (Rollup, [Person; 2]) {
    let rollup = Rollup::start().await;
    let people = [0, 1].map(person);
    rollup.fund(&[(&people[0], 100), (&people[1], 5)]).await;
    (rollup, people)
}

/// Sends a body of one media type and asks for an answer of another.
async fn post(rollup: &Rollup, sent: &str, asked: &str, body: Vec<u8>) -> (u16, String, Vec<u8>) {
    let request = reqwest::Client::new().post(rollup.url("/v1/transactions"));
    let request = request.header(CONTENT_TYPE, sent).header(ACCEPT, asked).body(body);
    let answer = request.send().await.expect("an answer");
    let (status, media_type) = (answer.status().as_u16(), answer.headers()[CONTENT_TYPE].clone());
    let body = answer.bytes().await.expect("a body");
    (status, media_type.to_str().expect("text").to_owned(), body.into())
}

/// The statuses that an array is answered with, sent and answered in these forms.
async fn statuses(
    rollup: &Rollup,
    sent: &str,
    asked: &str,
    transactions: &[SignedTransaction],
) -> Vec<TransactionStatus> {
    let body = match sent {
        MEDIA_TYPE => encode_transactions(transactions),
        _ => serde_json::to_vec(transactions).expect("plain JSON"),
    };
    let (status, media_type, body) = post(rollup, sent, asked, body).await;
    assert_eq!((status, &media_type[..]), (200, asked));
    match asked {
        MEDIA_TYPE => decode_statuses(&body).expect("statuses"),
        _ => serde_json::from_slice::<SubmissionResults>(&body).expect("statuses").results,
    }
}

/// Executed, refused by balance, signature and form, executed, and held for an earlier nonce.
fn of_every_outcome([alice, bob]: &[Person; 2]) -> Vec<SignedTransaction> {
    let mut forged = alice.pay(terms(0, 1), &[(bob, 1)]);
    forged.signature = bob.pay(terms(1, 0), &[(alice, 1)]).signature;
    let mut formless = alice.pay(terms(0, 1), &[(bob, 1)]);
    formless.key = sheaf_crypto::key::PublicKey::from_elements([0; 5].map(Into::into));
    vec![
        alice.pay(terms(0, 0), &[(bob, 10), (alice, 1)]),
        bob.pay(terms(1, 0), &[(alice, 60)]),
        forged,
        formless,
        alice.withdraw(terms(0, 1), 7),
        alice.pay(terms(0, 9), &[(bob, 1)]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn both_forms_have_the_same_results() {
    let (by_json, people) = rollup().await;
    let (by_bytes, _) = rollup().await;
    let sent = of_every_outcome(&people);
    let of_json = statuses(&by_json, JSON, JSON, &sent).await;
    let of_bytes = statuses(&by_bytes, MEDIA_TYPE, MEDIA_TYPE, &sent).await;
    let stages: Vec<Stage> = of_bytes.iter().map(|status| status.stage).collect();
    use Stage::{Accepted, Executed, Rejected};
    assert_eq!(stages, [Executed, Rejected, Rejected, Rejected, Executed, Accepted]);
    // Two engines cut their blocks at other places.
    let but_block = |all: &[TransactionStatus]| -> Vec<TransactionStatus> {
        all.iter().map(|status| TransactionStatus { block: None, ..status.clone() }).collect()
    };
    assert_eq!(but_block(&of_bytes), but_block(&of_json));
    assert!(of_bytes.iter().all(|one| one.block.is_some() == (one.stage == Executed)));
    assert_eq!(by_bytes.slots().await, by_json.slots().await);
    // On one engine nothing differs, once all is in the log; what is asked is answered.
    let again = [&sent[..1], &sent[4..5]].concat();
    let expected = statuses(&by_bytes, JSON, JSON, &again).await;
    assert!(expected.iter().all(|one| one.position.is_some() && one.batch.is_some()));
    assert_eq!([expected[0].block, expected[1].block], [of_bytes[0].block, of_bytes[4].block]);
    for (sent, asked) in [(MEDIA_TYPE, MEDIA_TYPE), (MEDIA_TYPE, JSON), (JSON, MEDIA_TYPE)] {
        assert_eq!(statuses(&by_bytes, sent, asked, &again).await, expected, "{sent} {asked}");
    }
}

/// A status of HTTP belongs to one transaction as JSON, whatever is asked.
#[tokio::test(flavor = "multi_thread")]
async fn one_transaction_and_errors_stay_json() {
    let (rollup, [alice, bob]) = rollup().await;
    let one = serde_json::to_vec(&alice.pay(terms(0, 0), &[(&bob, 1)])).expect("plain JSON");
    let (status, media_type, body) = post(&rollup, JSON, MEDIA_TYPE, one).await;
    assert_eq!((status, &media_type[..]), (200, JSON));
    let status: TransactionStatus = serde_json::from_slice(&body).expect("a status");
    assert_eq!(status.stage, Stage::Executed);
    let (status, media_type, _) = post(&rollup, MEDIA_TYPE, MEDIA_TYPE, vec![1]).await;
    assert_eq!((status, &media_type[..]), (400, JSON));
}

/// The refusal of a body: status, code and message.
async fn refusal(rollup: &Rollup, sent: &str, body: &[u8]) -> (u16, String, String) {
    let (status, _, body) = post(rollup, sent, MEDIA_TYPE, body.to_vec()).await;
    let body: Value = serde_json::from_slice(&body).expect("JSON");
    let text = |name: &str| body["error"][name].as_str().expect("text").to_owned();
    (status, text("code"), text("message"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_array_in_binary_form_is_refused_and_changes_nothing() {
    let (rollup, [alice, bob]) = rollup().await;
    let good = [0, 1].map(|nonce| alice.pay(terms(0, nonce), &[(&bob, 1)]));
    let whole = encode_transactions(&good);
    let of_one = (whole.len() - HEADER) / 2;
    let with = |offset: usize, value: u8| {
        let mut changed = whole.clone();
        changed[offset] = value;
        changed
    };
    let count = |count: usize| {
        let transactions = vec![good[0].clone(); count];
        encode_transactions(&transactions)
    };
    let text = serde_json::to_vec(&good).expect("plain JSON");
    let malformed = "malformed_body";
    let cases = [
        // Cut in the header, in a transaction and between two; a byte too many.
        (vec![], malformed, "byte 0"),
        (whole[..3].into(), malformed, "byte 1"),
        (whole[..HEADER + of_one].into(), malformed, &format!("byte {}", HEADER + of_one)),
        (whole[..whole.len() - 1].into(), malformed, &format!("byte {}", whole.len() - 80)),
        ([&whole[..], &[0]].concat(), malformed, &format!("byte {}", whole.len())),
        // Another version, such as JSON; a kind that nobody signs.
        (with(0, 2), malformed, "first byte is 2"),
        (text, malformed, "first byte is 91"),
        (with(HEADER + of_one, 3), malformed, &format!("byte {}", HEADER + of_one)),
        (count(0), "array_length", "1 to 1024"),
        (count(TRANSACTIONS_PER_REQUEST_MAX + 1), "array_length", "1 to 1024"),
    ];
    let before = (rollup.slots().await, rollup.get("/v1/status").await);
    for (body, code, place) in cases {
        let (status, found, message) = refusal(&rollup, MEDIA_TYPE, &body).await;
        assert_eq!((status, &found[..]), (400, code), "{message}");
        assert!(message.contains(place), "{place}: {message}");
    }
    let long = vec![1; BODY_BYTES_MAX + 1];
    let (status, code, _) = refusal(&rollup, MEDIA_TYPE, &long).await;
    assert_eq!((status, &code[..]), (413, "body_too_large"));
    // The same bytes under another type are read as JSON, which they are not.
    let (status, code, _) = refusal(&rollup, JSON, &whole).await;
    assert_eq!((status, &code[..]), (400, malformed));
    assert_eq!((rollup.slots().await, rollup.get("/v1/status").await), before);
    // What all of them were made from is executed.
    let statuses = statuses(&rollup, MEDIA_TYPE, MEDIA_TYPE, &good).await;
    assert!(statuses.iter().all(|status| status.stage == Stage::Executed));
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_as_a_request_may_have_are_taken() {
    let (rollup, [alice, bob]) = rollup().await;
    let one = alice.pay(terms(0, 0), &[(&bob, 1)]);
    let most = vec![one; TRANSACTIONS_PER_REQUEST_MAX];
    let statuses = statuses(&rollup, MEDIA_TYPE, MEDIA_TYPE, &most).await;
    assert_eq!(statuses.len(), TRANSACTIONS_PER_REQUEST_MAX);
    assert_eq!(rollup.slots().await, vec![slot(&alice, 99, 1), slot(&bob, 6, 0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_sends_many_at_once() {
    let (rollup, people) = rollup().await;
    let api = Api::new(&rollup.url("")).expect("a URL");
    let sent = of_every_outcome(&people);
    let statuses = api.submit_all(&sent).await.expect("an answer");
    assert_eq!(statuses.len(), sent.len());
    let codes: Vec<_> =
        statuses.iter().map(|one| one.error.as_ref().map(|error| &error.code[..])).collect();
    let refused = [Some("balance_too_low"), Some("wrong_signature"), Some("neutral_key")];
    assert_eq!(codes, [None, refused[0], refused[1], refused[2], None, None]);
    let id = statuses[4].id.expect("it is executed");
    let found = api.transaction(&id).await.expect("it is in the log");
    assert_eq!((found.stage, found.block), (Stage::Executed, statuses[4].block));
    let none = api.submit_all(&[]).await.expect_err("an array is not empty");
    let is_refusal = |code: &str, status: &StatusCode| code == "array_length" && *status == 400;
    assert!(matches!(&none, ClientError::Refused { code, status, .. } if is_refusal(code, status)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patient_client_sends_again_what_waits_for_an_earlier_nonce() {
    let (rollup, [alice, bob]) = rollup().await;
    let [first, second] = [0, 1].map(|nonce| alice.pay(terms(0, nonce), &[(&bob, 1)]));
    let hasty = Api::new(&rollup.url("")).expect("a URL");
    let api = Api::patient(&rollup.url(""), Duration::from_secs(20)).expect("a URL");
    let held = hasty.submit_all(std::slice::from_ref(&second)).await.expect("an answer");
    assert_eq!(held[0].stage, Stage::Accepted);
    let earlier = async {
        // The patient client has asked once, and finds the transaction held.
        sleep(Duration::from_millis(100)).await;
        rollup.execute(&first).await
    };
    let (statuses, _) = tokio::join!(api.submit_all(std::slice::from_ref(&second)), earlier);
    assert_eq!(statuses.expect("an answer")[0].stage, Stage::Executed);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_names_both_forms() {
    let rollup = Rollup::start().await;
    let (_, document) = rollup.get("/v1/openapi.json").await;
    let post = &document["paths"]["/v1/transactions"]["post"];
    for content in [&post["requestBody"]["content"], &post["responses"]["200"]["content"]] {
        let mut types: Vec<_> = content.as_object().expect("types").keys().collect();
        types.sort();
        assert_eq!(json!(types), json!([JSON, MEDIA_TYPE]), "{content}");
    }
}
