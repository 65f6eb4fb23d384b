//! A client of an L1 node that hides the secret parts of the node's URL in every error. Node
//! providers put keys into URLs, and a client's errors end up in logs and messages.

use std::net::IpAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use alloy::rpc::client::{ClientBuilder, RpcClient};
use alloy::rpc::json_rpc::{RequestPacket, Response, ResponsePacket, ResponsePayload, RpcError};
use alloy::transports::http::reqwest::{Client, Url};
use alloy::transports::{TransportError, TransportErrorKind, TransportFut};
use tower::{Layer, Service};

/// Letters of the shortest part of a URL that is hidden alone, because it may be a key. A shorter
/// part is a word, such as v3, and hiding it everywhere would make texts unreadable.
const KEY_LETTERS_MIN: usize = 8;
/// How long a node may take for one request. A node that takes a connection and never answers would
/// be waited for without an end.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);
/// The text in a secret's place.
const HIDDEN: &str = "…";

/// A client of the L1 node at `url`. The client's errors hide the URL's credentials, path and
/// query, and every part of them that may be a key. Nothing is sent yet.
pub fn client(url: Url) -> RpcClient {
    let http = Client::builder().timeout(REQUEST_TIMEOUT);
    // A proxy of the environment cannot reach this machine's own addresses.
    let http = if is_here(&url) { http.no_proxy() } else { http };
    let http = http.build().expect("the program has a TLS backend, and the settings are constant");
    ClientBuilder::default().layer(Discretion::about(&url)).http_with_client(http, url)
}

/// Whether a URL names this machine.
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The texts of a URL that no error may contain, the longest first.
#[derive(Clone)]
struct Discretion {
    secrets: Arc<[String]>,
}

impl Discretion {
    fn about(url: &Url) -> Self {
        let (user, password) = (url.username(), url.password().unwrap_or_default());
        let path = url.path().trim_start_matches('/');
        let query = url.query().unwrap_or_default();
        let parts = path.split('/').chain(query.split(['&', '='])).chain([user, password]);
        let keys = parts.filter(|part| part.chars().count() >= KEY_LETTERS_MIN);
        let mut secrets: Vec<String> = keys.map(str::to_owned).collect();
        match (user, password) {
            ("", "") => {}
            (_, "") => secrets.push(format!("{user}@")),
            _ => secrets.push(format!("{user}:{password}@")),
        }
        match query {
            "" if path.is_empty() => {}
            "" => secrets.push(format!("/{path}")),
            _ => secrets.push(format!("/{path}?{query}")),
        }
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Self { secrets: secrets.into() }
    }

    /// The text with every secret hidden, or `None` if the text contains no secret.
    fn rewrite(&self, text: &str) -> Option<String> {
        let tells = self.secrets.iter().any(|secret| text.contains(secret.as_str()));
        let hide = |text: String, secret: &String| text.replace(secret.as_str(), HIDDEN);
        tells.then(|| self.secrets.iter().fold(text.to_owned(), hide))
    }

    fn rewrite_error(&self, error: TransportError) -> TransportError {
        match (self.rewrite(&error.to_string()), &error) {
            (None, _) => error,
            (Some(text), RpcError::Transport(_)) => TransportErrorKind::custom_str(&text),
            (Some(text), _) => RpcError::local_usage_str(&text),
        }
    }

    /// Hides secrets in the errors that a node answers with, because a node may repeat the URL of a
    /// request there. Results remain unchanged.
    fn rewrite_answer(&self, mut answer: ResponsePacket) -> ResponsePacket {
        let answers: &mut [Response] = match &mut answer {
            ResponsePacket::Single(one) => std::slice::from_mut(one),
            ResponsePacket::Batch(all) => all,
        };
        for one in answers {
            let ResponsePayload::Failure(failure) = &mut one.payload else { continue };
            if let Some(text) = self.rewrite(&failure.message) {
                failure.message = text.into();
            }
            failure.data.take_if(|data| self.rewrite(data.get()).is_some());
        }
        answer
    }
}

impl<S> Layer<S> for Discretion {
    type Service = Discreet<S>;

    fn layer(&self, inner: S) -> Discreet<S> {
        Discreet { inner, discretion: self.clone() }
    }
}

/// A transport whose errors contain no secret of the URL.
#[derive(Clone)]
struct Discreet<S> {
    inner: S,
    discretion: Discretion,
}

impl<S> Service<RequestPacket> for Discreet<S>
where
    S: Service<RequestPacket, Response = ResponsePacket, Error = TransportError>,
    S::Future: Send + 'static,
{
    type Response = ResponsePacket;
    type Error = TransportError;
    type Future = TransportFut<'static>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let ready = self.inner.poll_ready(context);
        ready.map_err(|error| self.discretion.rewrite_error(error))
    }

    fn call(&mut self, request: RequestPacket) -> Self::Future {
        let (asked, discretion) = (self.inner.call(request), self.discretion.clone());
        Box::pin(async move {
            match asked.await {
                Ok(answer) => Ok(discretion.rewrite_answer(answer)),
                Err(error) => Err(discretion.rewrite_error(error)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discretion(url: &str) -> Discretion {
        Discretion::about(&url.parse().expect("a URL"))
    }

    #[test]
    fn only_this_machine_is_reached_without_a_proxy() {
        let here = |url: &str| is_here(&url.parse().expect("a URL"));
        assert!(["http://127.0.0.9:1", "http://[::1]", "http://LocalHost:1"].into_iter().all(here));
        assert!(!here("http://localhost.example") && !here("http://10.0.0.1"));
    }

    #[test]
    fn every_part_that_may_be_a_key_is_hidden() {
        let discretion = discretion("https://user:pw@node.example:8545/v3/0123456789?key=abc");
        let hides = |text: &str| discretion.rewrite(text).expect("it tells");
        let whole = hides("no answer from https://node.example:8545/v3/0123456789?key=abc at all");
        assert_eq!(whole, "no answer from https://node.example:8545… at all");
        assert_eq!(hides("https://user:pw@node.example"), "https://…node.example");
        assert_eq!(hides("project 0123456789 is unknown"), "project … is unknown");
        assert_eq!(discretion.rewrite("v3 of node.example:8545 knows no user"), None);
    }

    #[test]
    fn a_url_without_secrets_is_no_secret() {
        let discretion = discretion("http://127.0.0.1:8545");
        assert_eq!(discretion.rewrite("no answer from http://127.0.0.1:8545/"), None);
    }

    #[test]
    fn errors_of_every_kind_are_rewritten() {
        let discretion = discretion("https://node.example/0123456789");
        let body = "no project 0123456789".to_owned();
        let error = discretion.rewrite_error(TransportErrorKind::http_error(401, body));
        assert!(matches!(error, RpcError::Transport(_)), "it is silence as before");
        assert!(!format!("{error} {error:?}").contains("0123456789"), "{error:?}");
        let error = discretion.rewrite_error(RpcError::local_usage_str("0123456789 is unknown"));
        assert!(!format!("{error} {error:?}").contains("0123456789"), "{error:?}");
        let other = TransportErrorKind::http_error(401, "another".to_owned());
        let other = discretion.rewrite_error(other);
        assert!(other.as_transport_err().is_some_and(|kind| kind.is_http_error()), "untouched");
    }

    #[test]
    fn what_a_node_answers_is_rewritten() {
        let discretion = discretion("https://node.example/0123456789");
        let answer = |json: &str| -> Response { serde_json::from_str(json).expect("an answer") };
        let tells = answer(
            r#"{"jsonrpc":"2.0","id":1,"error":
                {"code":-32000,"message":"no 0123456789","data":"0123456789"}}"#,
        );
        let reverts = answer(
            r#"{"jsonrpc":"2.0","id":2,"error":{"code":3,"message":"reverted","data":"0x12"}}"#,
        );
        let result = answer(r#"{"jsonrpc":"2.0","id":3,"result":"0123456789"}"#);
        let all = ResponsePacket::Batch(vec![tells, reverts, result]);
        let ResponsePacket::Batch(all) = discretion.rewrite_answer(all) else { panic!("a batch") };
        let error = all[0].payload.as_error().expect("an error");
        assert_eq!((&*error.message, error.data.is_none()), ("no …", true));
        let error = all[1].payload.as_error().expect("an error");
        assert_eq!((&*error.message, error.data.is_none()), ("reverted", false));
        assert!(all[2].payload.is_success(), "results are never touched");
    }
}
