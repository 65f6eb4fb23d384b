//! The L1 as the stages see it: an Ethereum node and the rollup's contract behind it.
//!
//! An answer is an answer; silence is waited out. Every question is asked again with growing pauses
//! until `L1_OUTAGE_MAX` is over, then the stage, and with it the process, ends.

mod contract;
pub mod deployment;

use std::future::Future;
use std::time::Instant;

use alloy::network::Ethereum;
use alloy::primitives::{Address, B256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::{BlockNumberOrTag, Filter, Log};
use alloy::transports::{RpcError, TransportErrorKind, TransportResult};
use sheaf_ledger::l1_address::L1Address;
use thiserror::Error;
use tokio::time::{sleep, timeout};
use tracing::warn;

use self::deployment::VerifierKey;
use crate::limits::{L1_CALL_TIMEOUT, L1_OUTAGE_MAX, L1_PAUSE_MAX, L1_PAUSE_MIN};
use crate::store::StoreError;

pub use contract::{DevelopmentVerifier, Groth16Verifier, ISheaf, Sheaf};

/// Why a stage that talks to L1 ended.
#[derive(Debug, Error)]
pub enum L1Error {
    #[error("L1 has not answered for {seconds} s: {last}")]
    Unreachable { seconds: u64, last: String },
    #[error("L1 refused {request}: {reason}")]
    Refused { request: &'static str, reason: String },
    #[error("'{url}' is no address of an L1 node")]
    Url { url: String },
    #[error("L1 has chain id {found}, this rollup lives on {expected}")]
    OtherChain { expected: u64, found: u64 },
    #[error(
        "the contract verifies proofs with key {found}, this program's keys have {expected}: use \
         the keys that it was deployed with, or deploy again"
    )]
    OtherKey { expected: B256, found: B256 },
    #[error("there is no contract at {contract} on this L1")]
    NoContract { contract: Address },
    #[error(
        "L1 block {block} is another than the one that was read ({read}): a reorganisation deeper \
         than the confirmations; raise them and rebuild the database from L1"
    )]
    DeepReorg { block: u64, read: B256 },
    #[error(
        "L1 answered with an event that this version cannot read, in transaction {transaction}"
    )]
    UnknownEvent { transaction: B256 },
    #[error("L1 finalised batch {batch} with state {found}, but here it has {expected}")]
    Diverged { batch: u64, expected: B256, found: B256 },
    #[error("L1 finalised batch {batch}, which is not in this database")]
    UnknownBatch { batch: u64 },
    #[error("the contract refuses batch {batch}: {reason}")]
    BatchRefused { batch: u64, reason: String },
    #[error("batch {batch} failed on L1 {attempts} times; the last was {transaction}")]
    BatchReverted { batch: u64, attempts: usize, transaction: B256 },
    #[error("the proof or the witness of batch {batch} is missing or malformed in the database")]
    BatchIncomplete { batch: u64 },
    #[error("the L1 key cannot sign")]
    Signing(#[from] alloy::signers::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A connection to an L1 node, and the contract that it is about.
#[derive(Debug, Clone)]
pub struct L1 {
    provider: DynProvider<Ethereum>,
    contract: Address,
}

impl L1 {
    /// Connects and checks that the node is on the right chain and has the contract.
    ///
    /// # Errors
    /// `Url`, `OtherChain`, `NoContract`, or `Unreachable` when nobody answers.
    pub async fn connect(url: &str, chain_id: u64, contract: L1Address) -> Result<Self, L1Error> {
        let parsed = url.parse().map_err(|_| L1Error::Url { url: url.to_owned() })?;
        let provider = ProviderBuilder::default().connect_http(parsed).erased();
        let l1 = Self { provider, contract: contract.0.into() };
        let found = l1.ask("the chain id", || async { l1.provider.get_chain_id().await }).await?;
        if found != chain_id {
            return Err(L1Error::OtherChain { expected: chain_id, found });
        }
        let code = l1
            .ask("the contract's code", || async { l1.provider.get_code_at(l1.contract).await })
            .await?;
        if code.is_empty() {
            return Err(L1Error::NoContract { contract: l1.contract });
        }
        Ok(l1)
    }

    /// Checks that the contract verifies proofs with `key`, before any proof is made for it.
    ///
    /// # Errors
    /// `OtherKey`, or when L1 stays silent.
    pub async fn check_key(&self, key: &VerifierKey) -> Result<(), L1Error> {
        let Some(expected) = key.hash() else { return Ok(()) };
        let contract = Sheaf::new(self.contract, &self.provider);
        let verifier = self
            .ask("the verifier", || async { contract.verifier().call().await.map_err(transport) })
            .await?;
        let verifier = Groth16Verifier::new(verifier, &self.provider);
        let found = self
            .ask("the key", || async { verifier.keyHash().call().await.map_err(transport) })
            .await?;
        if found == expected { Ok(()) } else { Err(L1Error::OtherKey { expected, found }) }
    }

    /// The contract's address.
    pub fn contract(&self) -> Address {
        self.contract
    }

    pub(crate) fn provider(&self) -> &DynProvider<Ethereum> {
        &self.provider
    }

    /// The newest block's number.
    pub(crate) async fn head(&self) -> Result<u64, L1Error> {
        self.ask("the block number", || async { self.provider.get_block_number().await }).await
    }

    /// The hash of a block, if L1 has it.
    pub(crate) async fn block_hash(&self, number: u64) -> Result<Option<B256>, L1Error> {
        let block = self
            .ask("a block", || async {
                self.provider.get_block_by_number(BlockNumberOrTag::Number(number)).await
            })
            .await?;
        Ok(block.map(|block| block.header.hash))
    }

    /// Everything that the contract said in a range of blocks, both ends included.
    pub(crate) async fn events(&self, from: u64, to: u64) -> Result<Vec<Log>, L1Error> {
        let filter = Filter::new().address(self.contract).from_block(from).to_block(to);
        self.ask("the contract's events", || async { self.provider.get_logs(&filter).await }).await
    }

    /// The number of the newest batch that the contract has verified.
    pub(crate) async fn batches_verified(&self) -> Result<u64, L1Error> {
        let contract = Sheaf::new(self.contract, &self.provider);
        let progress = self
            .ask("the contract's progress", || async {
                contract.progress().call().await.map_err(transport)
            })
            .await?;
        Ok(progress.number)
    }

    /// Asks until L1 answers. An error that the node itself returned is an answer.
    pub(crate) async fn ask<T, Q, A>(
        &self,
        request: &'static str,
        question: Q,
    ) -> Result<T, L1Error>
    where
        Q: Fn() -> A,
        A: Future<Output = TransportResult<T>>,
    {
        let start = Instant::now();
        let mut pause = L1_PAUSE_MIN;
        loop {
            let last = match timeout(L1_CALL_TIMEOUT, question()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) if is_silence(&error) => error.to_string(),
                Ok(Err(error)) => {
                    return Err(L1Error::Refused { request, reason: error.to_string() });
                }
                Err(_) => format!("no answer within {} s", L1_CALL_TIMEOUT.as_secs()),
            };
            let seconds = start.elapsed().as_secs();
            if start.elapsed() > L1_OUTAGE_MAX {
                return Err(L1Error::Unreachable { seconds, last });
            }
            warn!(request, seconds, last, "L1 does not answer; asking again");
            sleep(pause).await;
            pause = (pause * 2).min(L1_PAUSE_MAX);
        }
    }
}

/// A call's error as the transport has it; an answer that cannot be decoded is a refusal.
fn transport(error: alloy::contract::Error) -> RpcError<TransportErrorKind> {
    match error {
        alloy::contract::Error::TransportError(error) => error,
        other => RpcError::local_usage_str(&other.to_string()),
    }
}

/// Whether an error says that nobody answered, rather than what the node answered.
fn is_silence(error: &RpcError<TransportErrorKind>) -> bool {
    matches!(error, RpcError::Transport(_) | RpcError::NullResp)
}
