//! The interactive page of the API, which works without any other server.

use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};

use crate::rollup::Rollup;

async fn get(rollup: &Rollup, path: &str) -> Response {
    let client = Client::builder().redirect(Policy::none()).build().expect("a client");
    client.get(rollup.url(path)).send().await.expect("an answer")
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers()[name].to_str().expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_and_all_that_it_loads_come_from_the_sequencer() {
    let rollup = Rollup::start().await;
    let moved = get(&rollup, "/docs").await;
    let place = (moved.status(), header(&moved, "location"));
    assert_eq!(place, (StatusCode::PERMANENT_REDIRECT, "docs/"));
    let page = get(&rollup, "/docs/").await;
    assert!(header(&page, "content-type").starts_with("text/html"));
    let page = page.text().await.expect("text");
    let loaded = page.split(['"']).filter(|name| name.ends_with(".js") || name.ends_with(".css"));
    let loaded: Vec<&str> = loaded.collect();
    assert_eq!(loaded.len(), 3, "{page}");
    for name in &loaded {
        let file = get(&rollup, &format!("/docs/{name}")).await;
        assert_eq!(file.status(), StatusCode::OK, "{name}");
        let kind = if name.ends_with(".css") { "text/css" } else { "text/javascript" };
        assert!(header(&file, "content-type").starts_with(kind), "{name}");
    }
    // The page asks for the document beside it, and for no validator elsewhere.
    let start = get(&rollup, "/docs/start.js").await.text().await.expect("text");
    assert!(
        start.contains("url: \"../v1/openapi.json\"") && start.contains("validatorUrl: \"none\"")
    );
    assert!(!page.contains("//") && !start.contains("//"), "another server is named");
}

/// A browser refuses what the page must not do.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_may_ask_no_other_server_and_runs_no_script_of_its_text() {
    let rollup = Rollup::start().await;
    for path in ["/docs", "/docs/", "/docs/start.js", "/docs/files/swagger-ui-bundle.js"] {
        let answer = get(&rollup, path).await;
        let policy = header(&answer, "content-security-policy");
        assert!(policy.contains("default-src 'none'; script-src 'self';"), "{path} {policy}");
        assert!(policy.contains("connect-src 'self';"), "{path} {policy}");
    }
    let nothing = get(&rollup, "/docs/nothing").await;
    assert_eq!(nothing.status(), StatusCode::NOT_FOUND);
    let elsewhere = get(&rollup, "/v1/status").await;
    assert!(!elsewhere.headers().contains_key("content-security-policy"));
}
