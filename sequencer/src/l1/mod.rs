//! L1 as the stages use it: an Ethereum node, and the rollup's contract.
//!
//! An answer ends a request, even if the node returns an error. While the node is silent, the
//! request is repeated with growing pauses. When the node stays silent for as long as `patience`,
//! the stage ends, and the process with it.

mod error;
mod patience;
mod rollup_state;

use std::future::Future;
use std::time::Duration;

use alloy::eips::BlockId;
use alloy::eips::eip1559::Eip1559Estimation;
use alloy::network::Ethereum;
use alloy::primitives::{Address, B256, FixedBytes, U256, keccak256};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::{BlockNumberOrTag, Filter, Log};
use alloy::transports::{RpcError, TransportErrorKind, TransportResult};
use sheaf_contracts::client;
use sheaf_contracts::deployment::VerifierKey;
use sheaf_crypto::goldilocks::Fe;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::l1_address::L1Address;
use sheaf_wire::development;

use self::patience::ask;

pub use error::{L1Error, Scope};
pub use patience::Advance;

pub(crate) use patience::{insist, repeat};
pub(crate) use sheaf_contracts::{DevelopmentVerifier, Groth16Verifier, ISheaf, Sheaf};

/// A connection to an L1 node, and the address of the rollup's contract.
#[derive(Debug, Clone)]
pub struct L1 {
    provider: DynProvider<Ethereum>,
    contract: Address,
    /// How long the node may be silent, or refuse requests, before a stage ends.
    patience: Duration,
}

/// The progress of the rollup and of an account, as of one L1 block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The newest batch that the contract has verified; 0 before the first.
    pub verified: u64,
    /// The first nonce of the account that no mined transaction has used.
    pub nonce: u64,
}

impl L1 {
    /// Connects and checks that the node is on the right chain and has this rollup's contract.
    ///
    /// # Errors
    /// `Url` when `url` is no URL; `OtherChain` when the node's chain id is not `chain_id`;
    /// `NoContract` when there is no code at `contract`; `NotSheaf` when the code there returns no
    /// domain; `OtherDomain` when it returns another domain; `Unreachable` when the node stays
    /// silent for as long as `patience`; `Refused` when the node returns an error.
    pub async fn connect(
        url: &str,
        chain_id: u64,
        contract: L1Address,
        patience: Duration,
    ) -> Result<Self, L1Error> {
        let parsed = url.parse().map_err(|reason| L1Error::Url { reason })?;
        let provider = ProviderBuilder::default().connect_client(client(parsed)).erased();
        let address = contract.0.into();
        let l1 = Self { provider, contract: address, patience };
        insist(patience, || l1.check_chain(chain_id)).await?;
        insist(patience, || l1.check_domain(Domain::on_chain(chain_id, contract))).await?;
        Ok(l1)
    }

    /// Checks that the node's chain is the rollup's, and that there is a contract.
    async fn check_chain(&self, expected: u64) -> Result<(), L1Error> {
        let contract = self.contract;
        let found =
            self.ask("the chain id", || async { self.provider.get_chain_id().await }).await?;
        if found != expected {
            return Err(L1Error::OtherChain { expected, found });
        }
        let code = self
            .ask("the contract's code", || async { self.provider.get_code_at(contract).await })
            .await?;
        if code.is_empty() { Err(L1Error::NoContract { contract }) } else { Ok(()) }
    }

    /// Checks that the contract has the domain to which this rollup's proofs and signatures are
    /// bound.
    async fn check_domain(&self, domain: Domain) -> Result<(), L1Error> {
        let contract = Sheaf::new(self.contract, &self.provider);
        let answer = self
            .ask("the domain", || async { contract.domain().call().await.map_err(transport) })
            .await;
        let found = answer.map_err(|error| match error {
            L1Error::Unreadable { reason, .. } | L1Error::Reverted { reason, .. } => {
                L1Error::NotSheaf { contract: self.contract, reason }
            }
            other => other,
        })?;
        let bytes: Vec<u8> = domain.0.iter().copied().flat_map(Fe::to_be_bytes).collect();
        let expected = FixedBytes::from_slice(&bytes);
        if found == expected {
            Ok(())
        } else {
            Err(L1Error::OtherDomain { contract: self.contract, expected, found })
        }
    }

    /// Checks that the contract verifies proofs with `key`, before any proof is made.
    ///
    /// # Errors
    /// `OtherKey` when the contract's verifier has another Groth16 key; `NoKey` when it has none;
    /// `NotForDevelopment` when `key` is for development and the verifier refuses a development
    /// proof; `Unreachable` when L1 stays silent; `Refused` or `Reverted` when it returns another
    /// error.
    pub async fn check_key(&self, key: &VerifierKey) -> Result<(), L1Error> {
        insist(self.patience, || self.compare_key(key)).await
    }

    async fn compare_key(&self, key: &VerifierKey) -> Result<(), L1Error> {
        let contract = Sheaf::new(self.contract, &self.provider);
        let verifier = self
            .ask("the verifier", || async { contract.verifier().call().await.map_err(transport) })
            .await?;
        match key.hash() {
            Some(expected) => self.check_key_hash(verifier, expected).await,
            None => self.check_is_for_development(verifier).await,
        }
    }

    async fn check_key_hash(&self, verifier: Address, expected: B256) -> Result<(), L1Error> {
        let contract = Groth16Verifier::new(verifier, &self.provider);
        let answer = self
            .ask("the key", || async { contract.keyHash().call().await.map_err(transport) })
            .await;
        match answer {
            Ok(found) if found == expected => Ok(()),
            Ok(found) => Err(L1Error::OtherKey { expected, found }),
            Err(L1Error::Reverted { .. }) => Err(L1Error::NoKey { verifier }),
            Err(other) => Err(other),
        }
    }

    /// Checks that the verifier accepts a development proof of inputs that are all zero, which no
    /// real verifier accepts.
    async fn check_is_for_development(&self, verifier: Address) -> Result<(), L1Error> {
        let contract = DevelopmentVerifier::new(verifier, &self.provider);
        let claim = [development::PROOF_NAME, &[0; 7 * 32]].concat();
        let mut proof = [U256::ZERO; 8];
        proof[0] = keccak256(claim).into();
        let accepted = self
            .ask("a development proof", || async {
                contract.verify(proof, [U256::ZERO; 7]).call().await.map_err(transport)
            })
            .await?;
        if accepted { Ok(()) } else { Err(L1Error::NotForDevelopment { verifier }) }
    }

    /// The contract's address.
    pub fn contract(&self) -> Address {
        self.contract
    }

    /// How long the node may be silent, or refuse requests, before a stage ends.
    pub(crate) const fn patience(&self) -> Duration {
        self.patience
    }

    pub(crate) fn provider(&self) -> &DynProvider<Ethereum> {
        &self.provider
    }

    /// The fees that the node estimates for a transaction now.
    pub(crate) async fn fees(&self) -> Result<Eip1559Estimation, L1Error> {
        self.ask("the fees", || async { self.provider.estimate_eip1559_fees().await }).await
    }

    /// The newest block's number.
    pub(crate) async fn head(&self) -> Result<u64, L1Error> {
        self.ask("the block number", || async { self.provider.get_block_number().await }).await
    }

    /// The hash of a block, if L1 has it.
    pub(crate) async fn block_hash(
        &self,
        block: BlockNumberOrTag,
    ) -> Result<Option<B256>, L1Error> {
        let block = self
            .ask("a block", || async { self.provider.get_block_by_number(block).await })
            .await?;
        Ok(block.map(|block| block.header.hash))
    }

    /// The events of the contract in the blocks `from` to `to`, both included.
    pub(crate) async fn events(&self, from: u64, to: u64) -> Result<Vec<Log>, L1Error> {
        let filter = Filter::new().address(self.contract).from_block(from).to_block(to);
        self.ask("the contract's events", || async { self.provider.get_logs(&filter).await }).await
    }

    /// The newest block by its hash, so that several requests are about the same block.
    pub(crate) async fn newest(&self) -> Result<BlockId, L1Error> {
        let hash = self.block_hash(BlockNumberOrTag::Latest).await?;
        let refused = || L1Error::Refused { request: "a block", reason: "there is none".into() };
        hash.map(BlockId::hash).ok_or_else(refused)
    }

    /// The number of the newest batch that the contract has verified.
    pub(crate) async fn batches_verified(&self) -> Result<u64, L1Error> {
        self.verified_at(BlockId::latest()).await
    }

    /// The progress of the rollup and of `account` as of the newest block. Both answers are for the
    /// same block: otherwise a batch that is mined between the two requests would look like a batch
    /// to submit.
    pub(crate) async fn standing(&self, account: Address) -> Result<Standing, L1Error> {
        let block = self.newest().await?;
        let verified = self.verified_at(block).await?;
        let nonce = self
            .ask("the account's nonce", || async {
                self.provider.get_transaction_count(account).block_id(block).await
            })
            .await?;
        Ok(Standing { verified, nonce })
    }

    async fn verified_at(&self, block: BlockId) -> Result<u64, L1Error> {
        let contract = Sheaf::new(self.contract, &self.provider);
        let progress = self
            .ask("the contract's progress", || async {
                contract.progress().block(block).call().await.map_err(transport)
            })
            .await?;
        Ok(progress.number)
    }

    /// Repeats a request until L1 answers. An error that the node itself returns is an answer.
    pub(crate) async fn ask<T, A>(
        &self,
        request: &'static str,
        question: impl Fn() -> A,
    ) -> Result<T, L1Error>
    where
        A: Future<Output = TransportResult<T>>,
    {
        ask(self.patience, request, question).await
    }
}

/// A call's error as an error of the transport. An answer that cannot be decoded counts as a
/// refusal.
fn transport(error: alloy::contract::Error) -> RpcError<TransportErrorKind> {
    match error {
        alloy::contract::Error::TransportError(error) => error,
        other => RpcError::local_usage_str(&other.to_string()),
    }
}
