//! The sequencer's HTTP API as a client sees it.
//!
//! A patient client asks again while the sequencer is away or busy. Asking again is safe for every
//! request, because a transaction that is sent twice is executed once.

use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::{Owner, SignedTransaction};
use sheaf_wire::accounts::{AccountBody, PathBody};
use sheaf_wire::batches::BatchBody;
use sheaf_wire::history::{HistoryBody, HistoryParameters};
use sheaf_wire::status::{QuoteBody, QuoteParameters, StatusBody};
use sheaf_wire::transactions::binary::{MEDIA_TYPE, decode_statuses, encode_transactions};
use sheaf_wire::transactions::{Stage, TransactionStatus};
use sheaf_wire::{ErrorBody, is_loopback, is_passing};
use tokio::time::sleep;

use crate::error::{ClientError, Result};

/// How long one request may take; the sequencer answers within 15 s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// How long an unused connection is kept: shorter than the sequencer keeps it (10 s), so that no
/// request uses a connection that the sequencer is closing.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a patient client waits before it asks again.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// A connection to one sequencer.
///
/// Every request can return these errors: `Silent` or `BrokeOff` when no whole answer arrives,
/// `Unreadable` when the answer is not the expected JSON, `Refused` with the sequencer's code, or
/// `NoReason` for an error status without a code. A patient client returns an error that may pass
/// only after its patience has ended.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    base: Url,
    /// How long a request is repeated before its failure is returned.
    patience: Duration,
}

/// Why a request failed.
#[derive(Debug)]
enum Failure {
    /// No whole answer arrived, or the same request may succeed later.
    Passing(ClientError),
    /// The same request would fail again.
    Lasting(ClientError),
}

impl Api {
    /// Prepares a connection that sends every request once. This call sends nothing.
    ///
    /// # Errors
    /// `Url` when `url` cannot be read; `Http` when the HTTP client cannot be made.
    pub fn new(url: &str) -> Result<Self> {
        Self::patient(url, Duration::ZERO)
    }

    /// Prepares a connection that repeats a request for as long as `patience` while the sequencer
    /// is away or too busy. This call sends nothing.
    ///
    /// # Errors
    /// `Url` when `url` cannot be read; `Http` when the HTTP client cannot be made.
    pub fn patient(url: &str, patience: Duration) -> Result<Self> {
        let wrong = |source| ClientError::Url { url: url.to_owned(), source };
        let mut base: Url = url.parse().map_err(wrong)?;
        // The routes are below the whole path, which another program may serve beside others.
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        // A redirected POST would arrive as a GET, so that a redirect is an answer of its own.
        let http = Client::builder()
            .timeout(REQUEST_TIMEOUT)
            .pool_idle_timeout(IDLE_TIMEOUT)
            .redirect(Policy::none());
        // A proxy of the environment cannot reach this machine's own addresses.
        let http = if base.host_str().is_some_and(is_loopback) { http.no_proxy() } else { http };
        let http = http.build().map_err(|source| ClientError::Http { source })?;
        Ok(Self { http, base, patience })
    }

    /// The state of the rollup.
    ///
    /// # Errors
    /// The errors of every request; see [`Api`].
    pub async fn status(&self) -> Result<StatusBody> {
        self.get("/v1/status", &()).await
    }

    /// An owner's slots with their balances; without slots for an owner who has not been paid yet.
    pub async fn account(&self, owner: &Owner) -> Result<AccountBody> {
        self.get(&format!("/v1/accounts/{owner}"), &()).await
    }

    /// A slot after the newest final batch, with its path to that batch's root. A sequencer that
    /// has just started may refuse with `paths_not_ready` for seconds.
    pub async fn slot_path(&self, slot: u32) -> Result<PathBody> {
        self.get(&format!("/v1/slots/{slot}/path"), &()).await
    }

    /// A page of the movements of an owner's balances, the newest first.
    pub async fn history(&self, owner: &Owner, page: &HistoryParameters) -> Result<HistoryBody> {
        self.get(&format!("/v1/accounts/{owner}/transactions"), page).await
    }

    /// The least fee of a transaction with `payments` payments, in L2 units. A withdrawal counts as
    /// one payment.
    pub async fn quote(&self, token: u16, payments: usize) -> Result<u64> {
        // The sequencer refuses every number above 1,024.
        let payments = Some(u16::try_from(payments).unwrap_or(u16::MAX));
        let quote: QuoteBody =
            self.get("/v1/fees/quote", &QuoteParameters { token, payments }).await?;
        Ok(quote.fee)
    }

    /// The stage that a transaction has passed last.
    pub async fn transaction(&self, id: &Digest) -> Result<TransactionStatus> {
        self.get(&format!("/v1/transactions/{id}"), &()).await
    }

    /// A sealed batch.
    pub async fn batch(&self, number: u64) -> Result<BatchBody> {
        self.get(&format!("/v1/batches/{number}"), &()).await
    }

    /// Sends a transaction. A patient client sends the same transaction again while its stage is
    /// `accepted`, until it is durable or refused or the patience has ended.
    pub async fn submit(&self, transaction: &SignedTransaction) -> Result<TransactionStatus> {
        let url = self.url("/v1/transactions")?;
        let start = Instant::now();
        loop {
            let request = || self.http.post(url.clone()).json(transaction);
            let status: TransactionStatus = self.ask(request, from_json).await?;
            if status.stage != Stage::Accepted || start.elapsed() >= self.patience {
                return Ok(status);
            }
            sleep(RETRY_PAUSE).await;
        }
    }

    /// Sends 1 to 1,024 transactions in one request, in binary form. Returns the status of each, in
    /// order; a transaction that a rule refuses has the stage `rejected` and does not stop the
    /// others. A patient client sends the same transactions again while the stage of one of them
    /// is `accepted`, until all are durable or refused or the patience has ended.
    ///
    /// # Errors
    /// The errors of every request; see [`Api`]. `Refused` with `array_length` for another number
    /// of transactions; `UnreadableBytes` instead of `Unreadable`.
    ///
    /// ```no_run
    /// use sheaf_client::{Api, Payment, Stage};
    /// use sheaf_crypto::key::SecretKey;
    /// use sheaf_ledger::transaction::Transfer;
    /// use sheaf_ledger::{Domain, L1Address, Owner, SignedTransaction, Transaction};
    ///
    /// /// Pays each of these owners 1,000 L2 units of ether, with a transfer for each.
    /// async fn pay(
    ///     api: &Api,
    ///     (secret, address): (&SecretKey, L1Address),
    ///     owners: &[Owner],
    /// ) -> Result<(), Box<dyn std::error::Error>> {
    ///     let rollup = api.status().await?;
    ///     let domain = Domain::on_chain(rollup.chain_id, rollup.contract);
    ///     let payer = api.account(&Owner::new(&secret.public_key(), &address)).await?;
    ///     let source = payer.slot_of(0).ok_or("no balance yet")?;
    ///     let (slot, fee, valid_until) = (source.slot, api.quote(0, 1).await?, 4_000_000_000);
    ///     let sign = |(nonce, owner): (u32, &Owner)| {
    ///         let payments = vec![Payment { owner: *owner, amount: 1_000 }];
    ///         let transfer = Transfer { slot, token: 0, nonce, fee, valid_until, payments };
    ///         let transaction = Transaction::Transfer(transfer);
    ///         SignedTransaction::sign(transaction, &domain, (secret, address), &mut rand::rng())
    ///     };
    ///     let signed: Result<Vec<_>, _> = (source.next_nonce..).zip(owners).map(sign).collect();
    ///     for (owner, status) in owners.iter().zip(api.submit_all(&signed?).await?) {
    ///         if status.stage == Stage::Rejected {
    ///             println!("{owner} is not paid: {:?}", status.error);
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn submit_all(
        &self,
        transactions: &[SignedTransaction],
    ) -> Result<Vec<TransactionStatus>> {
        let url = self.url("/v1/transactions")?;
        let start = Instant::now();
        let request = || {
            let request = self.http.post(url.clone()).header(CONTENT_TYPE, MEDIA_TYPE);
            request.header(ACCEPT, MEDIA_TYPE).body(encode_transactions(transactions))
        };
        let unreadable = |source| ClientError::UnreadableBytes { source };
        loop {
            let statuses =
                self.ask(request, |body| decode_statuses(body).map_err(unreadable)).await?;
            let waits = statuses.iter().any(|status| status.stage == Stage::Accepted);
            if !waits || start.elapsed() >= self.patience {
                return Ok(statuses);
            }
            sleep(RETRY_PAUSE).await;
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str, query: &impl Serialize) -> Result<T> {
        let url = self.url(path)?;
        self.ask(|| self.http.get(url.clone()).query(query), from_json).await
    }

    async fn ask<T>(
        &self,
        request: impl Fn() -> RequestBuilder,
        parse: impl Fn(&[u8]) -> Result<T>,
    ) -> Result<T> {
        let start = Instant::now();
        loop {
            let answer = match request().send().await {
                Ok(response) => read(response, &parse).await,
                Err(source) => {
                    let url = self.base.clone();
                    Err(Failure::Passing(ClientError::Silent { url, source }))
                }
            };
            match answer {
                Ok(answer) => return Ok(answer),
                Err(Failure::Lasting(error)) => return Err(error),
                Err(Failure::Passing(error)) if start.elapsed() >= self.patience => {
                    return Err(error);
                }
                Err(Failure::Passing(_)) => sleep(RETRY_PAUSE).await,
            }
        }
    }

    fn url(&self, path: &str) -> Result<Url> {
        let wrong = |source| ClientError::Url { url: self.base.to_string(), source };
        self.base.join(path.trim_start_matches('/')).map_err(wrong)
    }
}

fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|source| ClientError::Unreadable { source })
}

async fn read<T>(
    response: Response,
    parse: impl Fn(&[u8]) -> Result<T>,
) -> std::result::Result<T, Failure> {
    let status = response.status();
    // A broken-off answer counts as silence. A whole answer that cannot be read would be as wrong
    // when the request is repeated.
    let cut = |source| Failure::Passing(ClientError::BrokeOff { source });
    if status.is_redirection() {
        let to = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
        let to = to.unwrap_or("nowhere").to_owned();
        return Err(Failure::Lasting(ClientError::Redirected { to }));
    }
    let body = response.bytes().await.map_err(cut)?;
    if status.is_success() {
        return parse(&body).map_err(Failure::Lasting);
    }
    let error = match serde_json::from_slice::<ErrorBody>(&body) {
        Ok(ErrorBody { error }) => {
            ClientError::Refused { status, code: error.code, message: error.message }
        }
        Err(_) => ClientError::NoReason { status },
    };
    Err(if is_passing(status.as_u16()) { Failure::Passing(error) } else { Failure::Lasting(error) })
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use sheaf_wire::transactions::binary::BinaryError;

    use super::*;

    const QUOTE: &str = r#"{"token":0,"payments":1,"fee":"7","expires":1}"#;

    /// What a client makes of one answer to a quote: these bytes after a status line and a length.
    async fn asked(status: &str, length: usize, body: &'static str) -> Result<u64> {
        answered(status, length, body, async |api| api.quote(0, 1).await).await
    }

    async fn answered<T>(
        status: &str,
        length: usize,
        body: &'static str,
        ask: impl AsyncFnOnce(Api) -> Result<T>,
    ) -> Result<T> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n");
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            let _ = stream.read(&mut [0; 4_096]).expect("a request");
            stream.write_all(head.as_bytes()).expect("it listens");
            stream.write_all(body.as_bytes()).expect("it listens");
        });
        let answer = ask(Api::new(&url)?).await;
        server.join().expect("no panic");
        answer
    }

    #[tokio::test]
    async fn every_answer_is_what_it_says() {
        let fee = asked("200 OK", QUOTE.len(), QUOTE).await;
        assert_eq!(fee.expect("it is an answer"), 7);
        let refusal = r#"{"error":{"code":"price_not_found","message":"no price"}}"#;
        let refused = asked("404 Not Found", refusal.len(), refusal).await;
        let refused = refused.expect_err("it is refused");
        assert!(matches!(&refused, ClientError::Refused { code, .. } if code == "price_not_found"));
        assert!(!refused.is_silence());
        let page = asked("502 Bad Gateway", 6, "<html>").await.expect_err("it is no answer");
        assert!(matches!(page, ClientError::NoReason { status } if status == 502));
        let other = asked("200 OK", 2, "{}").await.expect_err("it is no quote");
        assert!(matches!(&other, ClientError::Unreadable { .. }) && !other.is_silence());
    }

    #[tokio::test]
    async fn a_redirect_is_told_and_not_followed() {
        let status = "302 Found\r\nlocation: https://elsewhere.example/v1";
        let error = asked(status, 0, "").await.expect_err("it is elsewhere");
        assert!(error.to_string().contains("https://elsewhere.example/v1"), "{error}");
    }

    #[test]
    fn routes_are_below_the_whole_address() {
        for (given, asked) in [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/status"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1/status"),
            ("https://example.org/rollup", "https://example.org/rollup/v1/status"),
            ("https://example.org/rollup/", "https://example.org/rollup/v1/status"),
        ] {
            let url = Api::new(given).and_then(|api| api.url("/v1/status"));
            assert_eq!(url.expect("a URL").as_str(), asked);
        }
    }

    #[tokio::test]
    async fn an_answer_that_was_asked_for_in_bytes_is_read_as_bytes() {
        let sent = async |body: &'static str| {
            answered("200 OK", body.len(), body, async |api| api.submit_all(&[]).await).await
        };
        let one = sent("\x01\x01\0\0\0\x01\0").await.expect("version, count, stage, no fields");
        assert!(one.len() == 1 && one[0].stage == Stage::Accepted);
        let json = sent(r#"{"results":[]}"#).await.expect_err("these are no such bytes");
        let found = b'{';
        let expected = BinaryError::UnknownVersion { found };
        assert!(
            matches!(json, ClientError::UnreadableBytes { source } if source == expected),
            "{json}"
        );
    }

    #[tokio::test]
    async fn silence_is_told_from_refusal() {
        let cut = asked("200 OK", QUOTE.len() + 1, QUOTE).await.expect_err("a byte is missing");
        assert!(matches!(&cut, ClientError::BrokeOff { .. }) && cut.is_silence());
        // A port that was free a moment ago.
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        drop(listener);
        let silent = Api::new(&url).expect("a URL").quote(0, 1).await.expect_err("nobody is there");
        assert!(matches!(&silent, ClientError::Silent { .. }) && silent.is_silence());
        let wrong = Api::new("127.0.0.1").expect_err("it is no URL");
        assert!(matches!(&wrong, ClientError::Url { .. }) && !wrong.is_silence());
    }
}
