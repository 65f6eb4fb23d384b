//! Limits of the HTTP side: a client beyond a limit is told so or cut off, and ordinary use meets
//! no limit.

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use crate::rollup::{OPERATOR_TOKEN, Rollup, person, terms};
use futures::StreamExt;
use reqwest::StatusCode;
use serde_json::{Value, json};
use sheaf_sequencer::Config;
use sheaf_sequencer::limits::{EVENT_SUBSCRIBERS_MAX, HEAD_TIMEOUT, TRANSACTIONS_PER_REQUEST_MAX};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// What a loaded machine may add to a timeout.
const DELAY: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_asks_too_often_is_told_to_come_back() {
    let rollup = Rollup::start_with(|config| {
        config.service.requests_per_second = NonZeroU32::new(5).expect("not 0");
    })
    .await;
    let start = Instant::now();
    let mut refused = None;
    // More than the allowance of the seconds that even a slow machine takes for them.
    for _ in 0..500 {
        let answer = reqwest::get(rollup.url("/v1/status")).await.expect("an answer");
        if answer.status() != StatusCode::OK {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap_or_else(|| panic!("500 requests in {:?}", start.elapsed()));
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "1");
    let body: Value = refused.json().await.expect("JSON");
    assert_eq!(body["error"]["code"], "rate_limited");
    sleep(Duration::from_secs(1)).await;
    assert_eq!(rollup.get("/v1/status").await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_chooses_how_many_batches_wait_for_finality() {
    for (batches, next) in [(1, Some("backlog")), (2, None)] {
        let rollup = Rollup::start_with(|config| {
            config.service.not_final_batches = NonZeroU64::new(batches).expect("not 0");
        })
        .await;
        let [alice, bob] = [0, 1].map(person);
        rollup.fund(&[(&alice, 10)]).await;
        assert_eq!(rollup.seal().await, 1);
        let payment = alice.pay(terms(0, 0), &[(&bob, 1)]);
        match next {
            Some(code) => rollup.refuse(&payment, code).await,
            None => drop(rollup.execute(&payment).await),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ordinary_use_meets_no_limit() {
    let rollup = Rollup::start().await;
    let [alice, bob] = [0, 1].map(person);
    rollup.fund(&[(&alice, 10_000)]).await;
    let mut sends = Vec::new();
    for first in (0..2_000).step_by(500) {
        let array: Vec<_> =
            (first..first + 500).map(|nonce| alice.pay(terms(0, nonce), &[(&bob, 1)])).collect();
        assert!(array.len() <= TRANSACTIONS_PER_REQUEST_MAX);
        sends.push(array);
    }
    for array in &sends {
        let (status, body) = rollup.post("/v1/transactions", array).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let results = body["results"].as_array().expect("an answer for each");
        assert!(results.iter().all(|one| one["stage"] == "executed"), "{body}");
    }
    let asks = (0..400).map(|_| rollup.get("/v1/status"));
    let answers: Vec<_> = futures::stream::iter(asks).buffer_unordered(32).collect().await;
    assert!(answers.iter().all(|(status, _)| *status == StatusCode::OK));
    assert_eq!(rollup.slots().await[1].2, json!("2000"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_a_head_too_slowly_is_cut_off() {
    let rollup = Rollup::start().await;
    let start = Instant::now();
    let address = rollup.handle().address();
    let mut slow = TcpStream::connect(address).await.expect("the listener takes it");
    slow.write_all(b"GET /v1/status HTTP/1.1\r\nHost: ").await.expect("it is sent");
    let mut said = Vec::new();
    // A connection that is cut may be reset.
    let _ = timeout(HEAD_TIMEOUT + DELAY, slow.read_to_end(&mut said)).await.expect("it is cut");
    let said = String::from_utf8(said).expect("HTTP is text");
    assert!(!said.contains("200") && start.elapsed() >= HEAD_TIMEOUT, "{said}");
    assert_eq!(rollup.get("/v1/status").await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_events_are_bounded() {
    let rollup = Rollup::start_with(|config| {
        config.service.connections_per_address = 2 * EVENT_SUBSCRIBERS_MAX;
    })
    .await;
    let mut streams = Vec::new();
    for _ in 0..EVENT_SUBSCRIBERS_MAX {
        let stream = reqwest::get(rollup.url("/v1/events")).await.expect("an answer");
        assert_eq!(stream.status(), StatusCode::OK);
        streams.push(stream);
    }
    let (status, body) = rollup.get("/v1/events").await;
    assert_eq!((status.as_u16(), &body["error"]["code"]), (503, &json!("subscribers")));
    drop(streams.pop());
    rollup
        .wait_for("there is room again", async || {
            let answer = reqwest::get(rollup.url("/v1/events")).await;
            answer.is_ok_and(|stream| stream.status() == StatusCode::OK)
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_closes_a_batch_and_nobody_else_does() {
    let post = async |rollup: &Rollup, token: &str| {
        let request = reqwest::Client::new().post(rollup.url("/v1/batches")).bearer_auth(token);
        let answer = request.send().await.expect("an answer");
        (answer.status().as_u16(), answer.json::<Value>().await.expect("JSON"))
    };
    let code = |(status, body): (u16, Value)| {
        (status, body["error"]["code"].as_str().expect("a code").to_owned())
    };
    let worker = |config: &mut Config| config.worker_token = Some("worker".into());
    let open = Rollup::start_with(|config| {
        worker(config);
        config.service.operator_token = None;
    })
    .await;
    let off = (403, "operator_routes_off".to_owned());
    assert_eq!(code(post(&open, "worker").await), off);
    let rollup = Rollup::start_with(worker).await;
    let none = (409, "no_open_batch".to_owned());
    assert_eq!(code(post(&rollup, OPERATOR_TOKEN).await), none);
    rollup.fund(&[(&person(0), 5)]).await;
    let unauthorised = (401, "unauthorised".to_owned());
    for token in ["worker", "", "operator2"] {
        assert_eq!(code(post(&rollup, token).await), unauthorised);
    }
    assert_eq!(rollup.get("/v1/status").await.1["open_batch"], 1);
    assert_eq!(post(&rollup, OPERATOR_TOKEN).await, (202, json!({ "batch": 1 })));
    rollup
        .wait_for("the batch is sealed", async || {
            rollup.get("/v1/batches/1").await.0 == StatusCode::OK
        })
        .await;
    // Reading the list is everybody's.
    assert_eq!(rollup.get("/v1/batches").await.0, StatusCode::OK);
}
