//! The sequencer's HTTP API as a client sees it: what wallet and demo need of it, and no more.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::{Client, Response, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sheaf_ledger::{Digest, L1Address, Owner, SignedTransaction};

/// How long one request may take; the sequencer itself answers within 15 s.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// A connection to one sequencer.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    base: Url,
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

#[derive(Debug, Deserialize)]
struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Debug, Deserialize)]
struct ErrorDetail {
    code: String,
    message: String,
}

impl Api {
    /// Prepares a connection; nothing is sent yet.
    pub fn new(url: &str) -> Result<Self> {
        let base = url.parse().with_context(|| {
            format!("'{url}' is no address; write it like http://127.0.0.1:8080")
        })?;
        Ok(Self { http: Client::builder().timeout(REQUEST_TIMEOUT).build()?, base })
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

    /// Sends a transaction. Sending the same again is harmless.
    pub async fn submit(&self, transaction: &SignedTransaction) -> Result<TransactionStatus> {
        let request = self.http.post(self.url("/v1/transactions")?).json(transaction);
        read(request.send().await.with_context(|| self.silence())?).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let request = self.http.get(self.url(path)?);
        read(request.send().await.with_context(|| self.silence())?).await
    }

    fn url(&self, path: &str) -> Result<Url> {
        Ok(self.base.join(path)?)
    }

    fn silence(&self) -> String {
        format!("the sequencer at {} does not answer; is it running?", self.base)
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T> {
    let status = response.status();
    if status.is_success() {
        return response.json().await.context("the sequencer's answer cannot be read");
    }
    match response.json::<ErrorBody>().await {
        Ok(ErrorBody { error: ErrorDetail { code, message } }) => bail!("{message} ({code})"),
        Err(_) => bail!("the sequencer answered with status {status}"),
    }
}

/// Amounts travel as decimal strings, which JavaScript keeps exact.
fn decimal<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}
