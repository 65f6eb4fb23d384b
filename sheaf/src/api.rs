//! The sequencer's HTTP API as a client sees it: what wallet and demo need of it, and no more.
//!
//! A patient client asks again while the sequencer is away or busy. That is safe for every request
//! there is: a transaction that is sent twice is executed once.

use std::time::{Duration, Instant};

use anyhow::{Context, Error, Result, anyhow};
use reqwest::{Client, RequestBuilder, Response, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sheaf_ledger::{Digest, L1Address, Owner, SignedTransaction};
use sheaf_wire::{ErrorBody, ErrorDetail, is_passing};
use tokio::time::sleep;

/// How long one request may take; the sequencer itself answers within 15 s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// How long an unused connection is kept: shorter than the sequencer keeps it, so that no request
/// meets one that is just being closed.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a patient client waits before it asks again.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// A connection to one sequencer.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    base: Url,
    /// How long a request is asked again before its failure counts.
    patience: Duration,
}

/// Why a request has no answer.
#[derive(Debug)]
enum Failure {
    /// Nobody answered, or the answer was to come back later.
    Passing(Error),
    /// The same request would fail again.
    Lasting(Error),
}

/// What the rollup is.
#[derive(Debug, Clone, Deserialize)]
pub struct Status {
    pub chain_id: u64,
    pub contract: L1Address,
    pub development: bool,
}

/// One balance.
#[derive(Debug, Clone, Deserialize)]
pub struct Slot {
    pub slot: u32,
    pub token: u16,
    #[serde(deserialize_with = "decimal")]
    pub balance: u64,
    pub next_nonce: u32,
}

/// An owner's balances.
#[derive(Debug, Clone, Deserialize)]
pub struct Account {
    pub slots: Vec<Slot>,
}

impl Account {
    /// The slot that holds `token`.
    pub fn slot_of(&self, token: u16) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.token == token)
    }
}

/// How far a transaction has come.
#[derive(Debug, Clone, Deserialize)]
pub struct TransactionStatus {
    pub id: Option<Digest>,
    pub stage: String,
    pub batch: Option<u64>,
    pub l1_transaction: Option<String>,
}

/// A batch as the sequencer has it.
#[derive(Debug, Clone, Deserialize)]
pub struct Batch {
    pub number: u64,
    pub post_state: Digest,
    pub sealed_ms: u64,
    pub proven_ms: Option<u64>,
    pub l1_transaction: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Quote {
    #[serde(deserialize_with = "decimal")]
    fee: u64,
}

impl Api {
    /// Prepares a connection; nothing is sent yet. Every request is sent once.
    pub fn new(url: &str) -> Result<Self> {
        Self::patient(url, Duration::ZERO)
    }

    /// Prepares a connection through which a sequencer that is away, or too busy, is asked again
    /// for as long as `patience`.
    pub fn patient(url: &str, patience: Duration) -> Result<Self> {
        let base = url.parse().with_context(|| {
            format!("'{url}' is no address; write it like http://127.0.0.1:8080")
        })?;
        Ok(Self {
            http: Client::builder()
                .timeout(REQUEST_TIMEOUT)
                .pool_idle_timeout(IDLE_TIMEOUT)
                .build()?,
            base,
            patience,
        })
    }

    /// What the rollup is.
    pub async fn status(&self) -> Result<Status> {
        self.get("/v1/status").await
    }

    /// An owner's balances; none for an owner whom nobody has paid yet.
    pub async fn account(&self, owner: &Owner) -> Result<Account> {
        self.get(&format!("/v1/accounts/{owner}")).await
    }

    /// A page of what moved an owner's balances, as the sequencer spells it.
    pub async fn history(&self, owner: &Owner, before: Option<&str>, limit: u32) -> Result<Value> {
        let before = before.map_or(String::new(), |before| format!("&before={before}"));
        self.get(&format!("/v1/accounts/{owner}/transactions?limit={limit}{before}")).await
    }

    /// The least fee of a transaction to `payments` recipients, in L2 units.
    pub async fn quote(&self, token: u16, payments: usize) -> Result<u64> {
        let quote: Quote =
            self.get(&format!("/v1/fees/quote?token={token}&payments={payments}")).await?;
        Ok(quote.fee)
    }

    /// How far a transaction has come.
    pub async fn transaction(&self, id: &Digest) -> Result<TransactionStatus> {
        self.get(&format!("/v1/transactions/{id}")).await
    }

    /// A sealed batch.
    pub async fn batch(&self, number: u64) -> Result<Batch> {
        self.get(&format!("/v1/batches/{number}")).await
    }

    /// Sends a transaction. Sending the same again is harmless, so a patient client does until it
    /// is durable or refused.
    pub async fn submit(&self, transaction: &SignedTransaction) -> Result<TransactionStatus> {
        let url = self.url("/v1/transactions")?;
        let start = Instant::now();
        loop {
            let request = || self.http.post(url.clone()).json(transaction);
            let status: TransactionStatus = self.ask(request).await?;
            if status.stage != "accepted" || start.elapsed() >= self.patience {
                return Ok(status);
            }
            sleep(RETRY_PAUSE).await;
        }
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let url = self.url(path)?;
        self.ask(|| self.http.get(url.clone())).await
    }

    async fn ask<T: DeserializeOwned>(&self, request: impl Fn() -> RequestBuilder) -> Result<T> {
        let start = Instant::now();
        loop {
            let answer = match request().send().await {
                Ok(response) => read(response).await,
                Err(error) => Err(Failure::Passing(Error::new(error).context(self.silence()))),
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
        Ok(self.base.join(path)?)
    }

    fn silence(&self) -> String {
        format!("the sequencer at {} does not answer; is it running?", self.base)
    }
}

/// Whether nobody answered, rather than somebody who refused.
pub fn is_silence(error: &Error) -> bool {
    error.chain().any(|cause| cause.is::<reqwest::Error>())
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    let status = response.status();
    // An answer that breaks off is silence; one that is whole and wrong stays wrong.
    let cut = |error| Failure::Passing(Error::new(error).context("the answer broke off"));
    let body = response.bytes().await.map_err(cut)?;
    if status.is_success() {
        let answer = serde_json::from_slice(&body).context("the sequencer's answer cannot be read");
        return answer.map_err(Failure::Lasting);
    }
    let error = match serde_json::from_slice(&body) {
        Ok(ErrorBody { error: ErrorDetail { code, message, .. } }) => anyhow!("{message} ({code})"),
        Err(_) => anyhow!("the sequencer answered with status {status}"),
    };
    Err(if is_passing(status.as_u16()) { Failure::Passing(error) } else { Failure::Lasting(error) })
}

/// Amounts travel as decimal strings, which JavaScript keeps exact.
fn decimal<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}
