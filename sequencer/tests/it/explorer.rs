//! The page: its files, its headers, and the addresses that are not its own.
//!
//! Where the page was not built, the tests see the sentence that says how to build it.

use reqwest::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use reqwest::{Method, Response, StatusCode};

use crate::rollup::Rollup;

async fn ask(rollup: &Rollup, method: Method, path: &str, header: (&str, &str)) -> Response {
    let request = reqwest::Client::new().request(method, rollup.url(path));
    request.header(header.0, header.1).send().await.expect("the sequencer answers")
}

async fn get(rollup: &Rollup, path: &str) -> Response {
    ask(rollup, Method::GET, path, (ACCEPT_ENCODING.as_str(), "identity")).await
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("headers are texts"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_with_a_strict_policy_and_is_asked_for_once() {
    let rollup = Rollup::start().await;
    let index = get(&rollup, "/").await;
    if index.status() == StatusCode::NOT_FOUND {
        let text = index.text().await.expect("it is a text");
        assert!(text.contains("make explorer"), "{text}");
        return;
    }
    let policy = header(&index, "content-security-policy");
    for part in ["default-src 'none'", "script-src 'self';", "style-src 'self';"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!(header(&index, "x-content-type-options"), "nosniff");
    assert_eq!(header(&index, CACHE_CONTROL.as_str()), "no-cache");
    assert_eq!(header(&index, CONTENT_TYPE.as_str()), "text/html; charset=utf-8");
    let tag = header(&index, ETAG.as_str()).to_owned();
    let again = ask(&rollup, Method::GET, "/", (IF_NONE_MATCH.as_str(), &tag)).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let page = index.text().await.expect("it is a text");

    let script = page.split("src=\"").nth(1).and_then(|rest| rest.split('"').next());
    let script = script.expect("the page has a script");
    let whole = get(&rollup, script).await;
    assert!(header(&whole, CACHE_CONTROL.as_str()).ends_with("immutable"));
    assert_eq!(header(&whole, CONTENT_TYPE.as_str()), "text/javascript; charset=utf-8");
    let gzip = ask(&rollup, Method::GET, script, (ACCEPT_ENCODING.as_str(), "br, gzip")).await;
    assert_eq!(header(&gzip, "content-encoding"), "gzip");
    let gzip = gzip.bytes().await.expect("it has bytes").len();
    assert!(gzip < whole.bytes().await.expect("it has bytes").len());

    // Addresses of the page lead to its index, and a script that is no more does not.
    let batch = get(&rollup, "/batch/7").await;
    assert_eq!(batch.text().await.expect("it is a text"), page);
    assert_eq!(get(&rollup, "/assets/old.js").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_keeps_its_addresses_and_the_page_can_be_turned_off() {
    let rollup = Rollup::start().await;
    for path in ["/v1", "/v1/nothing", "/docs/nothing", "/healthz/nothing", "/metrics"] {
        let (status, body) = rollup.get(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(body["error"]["code"], "route_not_found", "{path}");
    }
    let posted = ask(&rollup, Method::POST, "/", (ACCEPT_ENCODING.as_str(), "identity")).await;
    assert_eq!(posted.status(), StatusCode::NOT_FOUND);

    let bare = Rollup::start_with(|config| config.service.explorer = false).await;
    for path in ["/", "/batch/7"] {
        let (status, body) = bare.get(path).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(body["error"]["code"], "route_not_found", "{path}");
    }
}
