//! The explorer: a page at `/` and at every address that no route has. The page finds out from the
//! address what to show, and is a client of the API like any other.
//!
//! The policy admits nothing but the page's own files, with one exception: a reader names the L1
//! node that the page asks, so the page may connect to any host over https, and to this machine.

use std::sync::LazyLock;

use alloy::primitives::keccak256;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::ApiError;

/// A file of the built page.
#[derive(Debug)]
struct File {
    path: &'static str,
    bytes: &'static [u8],
    /// The same, compressed.
    gzip: Option<&'static [u8]>,
}

const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/explorer_files.rs"));

const INDEX: &str = "/index.html";
/// The folder of files whose names change with what is in them.
const HASHED: &str = "/assets/";
/// What belongs to programs, whether there is such a route or not: a scraper of metrics that asks
/// at the wrong port must not take the page for an answer.
const RESERVED: [&str; 4] = ["/v1", "/docs", "/healthz", "/metrics"];
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' \
     data:; worker-src 'self'; connect-src 'self' https: http://127.0.0.1:* http://localhost:*; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const UNBUILT: &str = "This sequencer was built without its page: run `make explorer build` and \
                       start it again.\n";

/// The tags by which browsers ask whether a file has changed, in the order of the files.
static TAGS: LazyLock<Vec<String>> =
    LazyLock::new(|| FILES.iter().map(|file| format!("\"{}\"", keccak256(file.bytes))).collect());

/// Answers a request that no route has taken.
pub(super) async fn serve(request: Request) -> Response {
    let (path, method) = (request.uri().path(), request.method());
    let is_reading = method == Method::GET || method == Method::HEAD;
    if !is_reading || is_reserved(path) {
        return no_route().await.into_response();
    }
    let found = FILES.iter().position(|file| file.path == path);
    // A page that was loaded before an update may ask for a file that is no more.
    let index = if path.starts_with(HASHED) { None } else { place_of_index() };
    match found.or(index) {
        Some(place) => file(place, request.headers()),
        None if FILES.is_empty() => (StatusCode::NOT_FOUND, UNBUILT).into_response(),
        None => no_route().await.into_response(),
    }
}

/// Refuses a request that no route has taken.
pub(super) async fn no_route() -> ApiError {
    ApiError::not_found("route", "there is no such route")
}

fn is_reserved(path: &str) -> bool {
    RESERVED.iter().filter_map(|start| path.strip_prefix(start)).any(|rest| {
        // `/docs` and `/docs/more`, but not `/docsmore`.
        rest.is_empty() || rest.starts_with('/')
    })
}

fn place_of_index() -> Option<usize> {
    FILES.iter().position(|file| file.path == INDEX)
}

fn file(place: usize, asked: &HeaderMap) -> Response {
    let (File { path, bytes, gzip }, tag) = (&FILES[place], TAGS[place].as_str());
    let is_hashed = path.starts_with(HASHED);
    let kept = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    let common = [
        (header::CACHE_CONTROL, kept),
        (header::ETAG, tag),
        (header::VARY, "accept-encoding"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    if says(asked, &header::IF_NONE_MATCH, tag) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let kind = [(header::CONTENT_TYPE, kind_of(path))];
    match gzip.filter(|_| says(asked, &header::ACCEPT_ENCODING, "gzip")) {
        Some(compressed) => {
            let encoding = [(header::CONTENT_ENCODING, "gzip")];
            (common, kind, encoding, Bytes::from_static(compressed)).into_response()
        }
        None => (common, kind, Bytes::from_static(bytes)).into_response(),
    }
}

/// Whether a list in a header has this value.
fn says(headers: &HeaderMap, name: &HeaderName, wanted: &str) -> bool {
    let texts = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let values = texts.flat_map(|text| text.split(','));
    values.map(|value| value.trim().trim_start_matches("W/")).any(|value| {
        // `gzip;q=0` refuses.
        value == wanted || value.strip_prefix(wanted).is_some_and(|rest| rest.starts_with(";q=1"))
    })
}

fn kind_of(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
