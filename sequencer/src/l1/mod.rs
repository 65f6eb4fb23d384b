//! L1 as the stages use it: Ethereum nodes, and the rollup's contract.
//!
//! A step of a stage asks one node. When the node is silent, refuses, or has fallen behind, the
//! step fails, and the stage repeats the step with another node after growing pauses. When no node
//! does the step for as long as `patience`, the stage ends, and the process with it. What one node
//! says for good must be confirmed by the others before it ends a stage.

mod checks;
mod error;
mod nodes;
mod patience;
mod payouts;
mod rollup_state;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use alloy::eips::BlockId;
use alloy::eips::eip1559::Eip1559Estimation;
use alloy::network::Ethereum;
use alloy::primitives::{Address, B256};
use alloy::providers::{DynProvider, Provider};
use alloy::rpc::types::{Block, BlockNumberOrTag, Filter, Log};
use alloy::transports::{RpcError, TransportErrorKind, TransportResult};
use sheaf_ledger::l1_address::L1Address;

use self::nodes::Nodes;
use self::patience::ask;

pub use error::{L1Error, Scope};
pub use nodes::NodeView;
pub use patience::Advance;

pub(crate) use sheaf_contracts::{DevelopmentVerifier, Groth16Verifier, ISheaf, Sheaf};

/// Connections to the L1 nodes, and the address of the rollup's contract. Each stage has a clone of
/// its own, because the clone knows which node the stage's step asks.
#[derive(Debug)]
pub struct L1 {
    nodes: Arc<Nodes>,
    /// The place of the node that the current step asks.
    at: AtomicUsize,
}

impl Clone for L1 {
    fn clone(&self) -> Self {
        let at = AtomicUsize::new(self.at.load(Ordering::Relaxed));
        Self { nodes: Arc::clone(&self.nodes), at }
    }
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
    /// The nodes at `urls`, in the order in which they are preferred. Nothing is asked yet: a node
    /// is checked before its first step.
    ///
    /// # Errors
    /// `Url` when one of `urls` is no URL; `NoNode` when there is none.
    pub fn new(
        urls: impl IntoIterator<Item = impl AsRef<str>>,
        chain_id: u64,
        contract: L1Address,
        patience: Duration,
    ) -> Result<Self, L1Error> {
        let nodes = Arc::new(Nodes::new(urls, chain_id, contract, patience)?);
        Ok(Self { nodes, at: AtomicUsize::new(0) })
    }

    /// As `new`; then checks that every node that answers is on the right chain and has this
    /// rollup's contract, and waits until one does.
    ///
    /// # Errors
    /// As `new` and `check_rollup`; `Unreachable` when all nodes stay silent for as long as
    /// `patience`; `Refused` when they refuse for so long.
    pub async fn connect(
        urls: impl IntoIterator<Item = impl AsRef<str>>,
        chain_id: u64,
        contract: L1Address,
        patience: Duration,
    ) -> Result<Self, L1Error> {
        let l1 = Self::new(urls, chain_id, contract, patience)?;
        l1.check_nodes().await?;
        l1.insist(async || Ok(())).await?;
        Ok(l1)
    }

    /// The contract's address.
    pub fn contract(&self) -> Address {
        self.nodes.contract
    }

    /// The node that this step asks.
    pub(crate) fn provider(&self) -> &DynProvider<Ethereum> {
        &self.nodes.list[self.index()].provider
    }

    /// The fees that the node estimates for a transaction now.
    pub(crate) async fn fees(&self) -> Result<Eip1559Estimation, L1Error> {
        self.ask("the fees", || async { self.provider().estimate_eip1559_fees().await }).await
    }

    /// The fee for a unit of blob gas in the block after the newest one, in wei.
    pub(crate) async fn blob_base_fee(&self) -> Result<u128, L1Error> {
        self.ask("the fee of blobs", || async { self.provider().get_blob_base_fee().await }).await
    }

    /// The newest block's number.
    ///
    /// # Errors
    /// `NodeBehind` when another node is far ahead; `Silent`; `Refused`.
    pub(crate) async fn head(&self) -> Result<u64, L1Error> {
        let head = self
            .ask("the block number", || async { self.provider().get_block_number().await })
            .await?;
        self.saw(head).map(|()| head)
    }

    /// The newest block; `None` from a node without blocks.
    ///
    /// # Errors
    /// As `head`.
    pub(crate) async fn newest_block(&self) -> Result<Option<Block>, L1Error> {
        let newest = self.block(BlockNumberOrTag::Latest).await?;
        newest.iter().try_for_each(|block| self.saw(block.header.number))?;
        Ok(newest)
    }

    /// The hash of the block with this number, if L1 has it.
    pub(crate) async fn block_hash(&self, number: u64) -> Result<Option<B256>, L1Error> {
        let block = self.block(BlockNumberOrTag::Number(number)).await?;
        Ok(block.map(|block| block.header.hash))
    }

    async fn block(&self, block: BlockNumberOrTag) -> Result<Option<Block>, L1Error> {
        self.ask("a block", || async { self.provider().get_block_by_number(block).await }).await
    }

    /// The events of the contract in the blocks `from` to `to`, both included.
    pub(crate) async fn events(&self, from: u64, to: u64) -> Result<Vec<Log>, L1Error> {
        let filter = Filter::new().address(self.contract()).from_block(from).to_block(to);
        self.ask("the contract's events", || async { self.provider().get_logs(&filter).await })
            .await
    }

    /// The newest block by its hash, so that several requests are about the same block.
    pub(crate) async fn newest(&self) -> Result<BlockId, L1Error> {
        let newest = self.newest_block().await?;
        let refused = || L1Error::Refused { request: "a block", reason: "there is none".into() };
        newest.map(|block| BlockId::hash(block.header.hash)).ok_or_else(refused)
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
                self.provider().get_transaction_count(account).block_id(block).await
            })
            .await?;
        Ok(Standing { verified, nonce })
    }

    async fn verified_at(&self, block: BlockId) -> Result<u64, L1Error> {
        let contract = Sheaf::new(self.contract(), self.provider());
        let progress = self
            .ask("the contract's progress", || async {
                contract.progress().block(block).call().await.map_err(transport)
            })
            .await?;
        Ok(progress.number)
    }

    /// Asks this step's node once.
    ///
    /// # Errors
    /// `Silent` when the node does not answer; `Refused` when it returns an error; `Reverted` when
    /// the contract reverts the call; `Unreadable`.
    pub(crate) async fn ask<T, A>(
        &self,
        request: &'static str,
        question: impl Fn() -> A,
    ) -> Result<T, L1Error>
    where
        A: Future<Output = TransportResult<T>>,
    {
        let answer = ask(self.nodes.patience, request, question).await;
        self.heard(!matches!(answer, Err(L1Error::Silent { .. })));
        answer.map_err(|error| error.by_node(self.node_name()))
    }
}

/// A call's error as an error of the transport. An answer that cannot be decoded counts as a
/// refusal.
pub(crate) fn transport(error: alloy::contract::Error) -> RpcError<TransportErrorKind> {
    match error {
        alloy::contract::Error::TransportError(error) => error,
        other => RpcError::local_usage_str(&other.to_string()),
    }
}
