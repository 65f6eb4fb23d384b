//! What a rollup's batches published on L1, read from any L1 node.
//!
//! The node is not trusted: the words of each batch must have the hashes that the contract proved,
//! and the rebuilt state must be the contract's.

use std::sync::Arc;

use alloy::consensus::Transaction as _;
use alloy::eips::BlockId;
use alloy::primitives::B256;
use alloy::providers::{DynProvider, Provider};
use alloy::rpc::types::{BlockNumberOrTag, Log};
use alloy::sol_types::SolCall;
use sheaf_contracts::Sheaf::{self, SheafInstance, finaliseCall};
use sheaf_contracts::blobs;
use sheaf_contracts::shelf::BlobShelf;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::{Domain, L1Address, Word};

use crate::blob_search::{BlobSources, WantedBlob};
use crate::blob_source::BlobSource;
use crate::error::{ClientError, Result};
use crate::rebuilt::Rebuilt;

/// The most L1 blocks whose events are asked for at once.
const BLOCKS_PER_QUERY_MAX: u64 = 2_000;

/// How far a reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The newest batch that was applied.
    pub batch: u64,
    /// The newest batch that the contract has.
    pub batches: u64,
}

/// Where a rollup stands after an L1 block, as the contract answers for that block.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    pub block: u64,
    pub hash: B256,
    /// How many batches and requests there are.
    pub batches: u64,
    pub requests: u64,
    /// The State digest.
    pub state: [u8; 32],
}

/// The newest batch that the contract has; number 0 before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewestBatch {
    pub batch: u64,
    /// The State digest after it.
    pub state: [u8; 32],
}

/// A batch whose event was read.
pub(crate) struct Applied<'a> {
    pub progress: Progress,
    pub event: &'a Sheaf::BatchFinalised,
    pub log: &'a Log,
    /// The batch's data words; none if they were not read, because the state begins later.
    pub words: &'a [Word],
    /// The state after the batch, or the state with which reading began.
    pub after: &'a Rebuilt,
}

/// A rollup's contract, seen through an L1 node.
#[derive(Debug, Clone)]
pub struct L1Data {
    contract: SheafInstance<DynProvider>,
    chain_id: u64,
    domain: Domain,
    blobs: BlobSources,
}

impl L1Data {
    /// The contract at `contract`, through the node behind `provider`.
    ///
    /// # Errors
    /// `NotSheaf` when the contract's domain is not what chain and address make; `L1` when the node
    /// does not answer.
    pub async fn new(provider: DynProvider, contract: L1Address) -> Result<Self> {
        let chain_id = provider.get_chain_id().await?;
        let domain = Domain::on_chain(chain_id, contract);
        let contract = Sheaf::new(contract.0.into(), provider);
        if contract.domain().call().await?.0 != domain.to_bytes() {
            return Err(ClientError::NotSheaf { contract: *contract.address() });
        }
        Ok(Self { contract, chain_id, domain, blobs: BlobSources::default() })
    }

    /// The same, with sources of the blobs of batches, which are asked one after another.
    #[must_use]
    pub fn with_blobs(self, sources: Vec<BlobSource>) -> Self {
        Self { blobs: self.blobs.with_sources(sources), ..self }
    }

    /// The same with one more shelf of blobs, which keeps each blob that is read. Shelves are asked
    /// before the sources, this one first, and checked like them.
    #[must_use]
    pub fn with_shelf(self, shelf: Arc<dyn BlobShelf>) -> Self {
        Self { blobs: self.blobs.with_shelf(shelf), ..self }
    }

    /// The rollup's contract.
    pub(crate) const fn contract(&self) -> &SheafInstance<DynProvider> {
        &self.contract
    }

    /// The domain of the contract's rollup.
    pub const fn domain(&self) -> Domain {
        self.domain
    }

    /// The id of the contract's chain.
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// The newest batch, whatever is on top of it.
    ///
    /// # Errors
    /// `L1` when the node does not answer, or contradicts itself about the newest batch.
    pub async fn newest(&self) -> Result<NewestBatch> {
        let Standing { batches: batch, state, .. } = self.standing(0).await?;
        Ok(NewestBatch { batch, state })
    }

    /// Rebuilds the state after the newest batch, and calls `on_batch` after each batch.
    ///
    /// # Errors
    /// `OtherWords` when the words of a batch are not those that the contract proved;
    /// `WordsElsewhere` when the transaction of a batch contains neither its words nor its blobs;
    /// `NoBlob` when no source has one of the blobs; `Shelf` when a shelf cannot be used;
    /// `OtherBatch` or `OtherState` when the words lead to another state than the contract's;
    /// `Incomplete` when the node leaves out batches; `L1` when the node does not answer.
    pub async fn rebuild(&self, mut on_batch: impl FnMut(Progress)) -> Result<Rebuilt> {
        let at = self.standing(0).await?;
        let mut rebuilt = Rebuilt::new(self.domain);
        self.apply_batches(&mut rebuilt, &at, |applied| {
            on_batch(applied.progress);
            Ok(())
        })
        .await?;
        Ok(rebuilt)
    }

    /// Applies the batches up to `at` that follow `rebuilt`, and calls `on_batch` for every batch
    /// up to `at`.
    ///
    /// # Errors
    /// `OtherWords` when the words of a batch are not those that the contract proved;
    /// `WordsElsewhere` when the transaction of a batch contains neither its words nor its blobs;
    /// `NoBlob` when no source has one of the blobs; `Shelf`; `OtherBatch` or `OtherState` as
    /// [`Rebuilt::apply`], or when the state after the newest batch is not the contract's;
    /// `Incomplete` when the node leaves out batches; `L1` when the node does not answer; the
    /// errors of `on_batch`.
    pub(crate) async fn apply_batches(
        &self,
        rebuilt: &mut Rebuilt,
        at: &Standing,
        mut on_batch: impl FnMut(Applied<'_>) -> Result<()>,
    ) -> Result<()> {
        let (begins_after, batches) = (rebuilt.batches(), at.batches);
        for (from, to) in self.ranges_to(at.block).await? {
            let filter = self.contract.BatchFinalised_filter().from_block(from).to_block(to);
            for (event, log) in filter.query().await? {
                let mut words = Vec::new();
                if event.number > begins_after {
                    words = self.words_of(&event, &log).await?;
                    // A digest that is not canonical is no state that words lead to.
                    let post = Digest::from_bytes(event.postState.0).unwrap_or_default();
                    rebuilt.apply(event.number, &words, post)?;
                }
                let progress = Progress { batch: event.number, batches };
                let (words, after) = (words.as_slice(), &*rebuilt);
                on_batch(Applied { progress, event: &event, log: &log, words, after })?;
            }
        }
        if rebuilt.batches() != batches {
            return Err(ClientError::Incomplete { expected: batches, found: rebuilt.batches() });
        }
        if rebuilt.state().to_bytes() != at.state {
            return Err(ClientError::OtherState { batch: batches, source: None });
        }
        Ok(())
    }

    /// Where the rollup stands after the newest block that has `confirmations` blocks on top.
    ///
    /// # Errors
    /// `TooYoung` when the contract has fewer blocks on top; `L1` when the node does not answer, or
    /// has forgotten the state after that block.
    pub(crate) async fn standing(&self, confirmations: u64) -> Result<Standing> {
        let (contract, provider) = (&self.contract, self.contract.provider());
        let head = provider.get_block_number().await?;
        let first = contract.firstBlock().call().await?;
        let block = head.checked_sub(confirmations).filter(|block| *block >= first);
        let block = block.ok_or(ClientError::TooYoung { confirmations })?;
        let found = provider.get_block_by_number(BlockNumberOrTag::Number(block)).await?;
        let hash = found.ok_or(ClientError::TooYoung { confirmations })?.header.hash;
        let at = BlockId::hash(hash);
        Ok(Standing {
            block,
            hash,
            batches: contract.progress().block(at).call().await?.number,
            requests: contract.queue().block(at).call().await?.tail,
            state: contract.state().block(at).call().await?.0,
        })
    }

    /// The L1 blocks from the deployment to the newest one, in ranges that a node answers for at
    /// once: the first and the last block of each.
    pub(crate) async fn ranges(&self) -> Result<Vec<(u64, u64)>> {
        self.ranges_to(self.contract.provider().get_block_number().await?).await
    }

    /// The same up to the block `newest`.
    pub(crate) async fn ranges_to(&self, newest: u64) -> Result<Vec<(u64, u64)>> {
        let first = self.contract.firstBlock().call().await?;
        let starts = (first..=newest).step_by(BLOCKS_PER_QUERY_MAX as usize);
        Ok(starts.map(|from| (from, newest.min(from + BLOCKS_PER_QUERY_MAX - 1))).collect())
    }

    /// The data words of a batch: out of the input of the transaction that finalised the batch, or
    /// out of the first of the transaction's blobs.
    async fn words_of(&self, event: &Sheaf::BatchFinalised, log: &Log) -> Result<Vec<Word>> {
        let batch = event.number;
        let elsewhere = ClientError::WordsElsewhere { batch };
        let Some(hash) = log.transaction_hash else { return Err(elsewhere) };
        let found = self.contract.provider().get_transaction_by_hash(hash).await?;
        let Some(transaction) = found else { return Err(elsewhere) };
        let named = DataReference(event.dataReference.0);
        if let Ok(call) = finaliseCall::abi_decode(transaction.input()) {
            let words = Word::stream(&call.data);
            let words = words.filter(|words| DataReference::calldata(words) == named);
            return words.ok_or(ClientError::OtherWords { batch });
        }
        let hashes = transaction.blob_versioned_hashes().unwrap_or_default();
        let mut first = (1..=hashes.len()).map(|count| &hashes[..count]);
        let Some(hashes) = first.find(|hashes| blobs::reference(hashes) == named) else {
            return Err(elsewhere);
        };
        let block_time = self.time_of(log).await?.ok_or(elsewhere)?;
        let mut words = Vec::new();
        for versioned_hash in hashes.iter().copied() {
            words.extend(self.blobs.find(WantedBlob { versioned_hash, block_time }).await?);
        }
        Ok(words)
    }

    /// The time of a log's block, in Unix seconds.
    async fn time_of(&self, log: &Log) -> Result<Option<u64>> {
        match (log.block_timestamp, log.block_hash) {
            (Some(time), _) => Ok(Some(time)),
            (None, Some(hash)) => {
                let block = self.contract.provider().get_block_by_hash(hash).await?;
                Ok(block.map(|block| block.header.timestamp))
            }
            (None, None) => Ok(None),
        }
    }
}
