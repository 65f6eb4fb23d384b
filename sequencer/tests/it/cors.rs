//! Which answers a browser shows to pages that other servers have sent.

use std::num::NonZeroU32;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};

use crate::rollup::Rollup;

/// Sends a request as a browser does for a page of another server.
async fn asked(rollup: &Rollup, method: Method, path: &str) -> (StatusCode, HeaderMap) {
    let request = Client::new().request(method, rollup.url(path));
    let request = request.header("origin", "https://elsewhere.example");
    let request = request.header("access-control-request-method", "POST");
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.headers().clone())
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().expect("text"))
}

fn is_open(headers: &HeaderMap) -> bool {
    // Credentials of a browser must never be asked for.
    assert_eq!(value(headers, "access-control-allow-credentials"), None);
    value(headers, "access-control-allow-origin") == Some("*")
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_any_origin_may_read_answers_and_refusals() {
    let rollup = Rollup::start().await;
    for (path, status) in
        [("/v1/status", 200), ("/v1/slots/0", 404), ("/v1/slots/+", 400), ("/v1/elsewhere", 404)]
    {
        let (found, headers) = asked(&rollup, Method::GET, path).await;
        assert_eq!(found.as_u16(), status, "{path}");
        assert!(is_open(&headers), "{path}");
        assert_eq!(value(&headers, "access-control-expose-headers"), Some("Retry-After"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_asks_first_is_told_what_it_may_send() {
    let rollup = Rollup::start().await;
    let (status, headers) = asked(&rollup, Method::OPTIONS, "/v1/batches").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(is_open(&headers));
    assert_eq!(value(&headers, "access-control-allow-methods"), Some("GET, POST"));
    let allowed = value(&headers, "access-control-allow-headers").expect("some");
    assert_eq!(allowed, "Authorization, Content-Type, Last-Event-ID");
    // The method itself is none of the API's.
    let options = Client::new().request(Method::OPTIONS, rollup.url("/v1/batches"));
    let answer = options.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
}

/// On a loopback address a sequencer may give jobs without a token. Pages are no workers.
#[tokio::test(flavor = "multi_thread")]
async fn no_page_reads_the_answers_to_workers() {
    let rollup = Rollup::start().await;
    for path in ["/v1/jobs/lease", "/v1/jobs/1/fail", "/v1/jobs/1/complete"] {
        let (_, headers) = asked(&rollup, Method::POST, path).await;
        assert!(!is_open(&headers), "{path}");
        let (status, headers) = asked(&rollup, Method::OPTIONS, path).await;
        assert_eq!((status.as_u16(), is_open(&headers)), (405, false), "{path}");
    }
    // The operator's page may put a job back, with the token.
    let (_, headers) = asked(&rollup, Method::POST, "/v1/jobs/1/requeue").await;
    assert!(is_open(&headers));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_asks_too_often_is_told_when_to_come_back() {
    let rollup = Rollup::start_with(|config| {
        config.service.requests_per_second = NonZeroU32::new(1).expect("not 0");
    })
    .await;
    asked(&rollup, Method::GET, "/v1/status").await;
    let (status, headers) = asked(&rollup, Method::GET, "/v1/status").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(is_open(&headers) && headers.contains_key("retry-after"));
}
