//! A rollup for measurements: its verifier takes any batch, and checks one real proof for each.

use alloy::contract::SolCallBuilder;
use alloy::eips::eip7594::BlobTransactionSidecarVariant;
use alloy::network::Ethereum;
use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::providers::{DynProvider, PendingTransactionBuilder, Provider};
use alloy::rpc::types::BlockNumberOrTag;
use alloy::sol_types::SolCall;
use anyhow::{Context, Result, ensure};
use rayon::prelude::*;
use sheaf_contracts::Sheaf::SheafInstance;
use sheaf_contracts::deployment::Deployed;
use sheaf_contracts::{ISheaf, Sheaf, blobs};
use sheaf_crypto::hash::{Digest, hash_node};
use sheaf_ledger::binding::{BatchHeader, challenge};
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::machine::state_digest;
use sheaf_ledger::{Domain, L1Address, SlotTree, Word};

use crate::devnet::{OPERATOR, signer};

/// The gas limit of every transaction. It is more than any of them needs, and several fit into a
/// block.
const GAS_LIMIT: u64 = 4_000_000;
/// The most for each unit of blob gas, in wei: more than any number of batches makes of 1 wei.
const BLOB_FEE_MAX: u128 = 10_000_000_000;

/// A transaction that was sent.
pub(super) type Sent = PendingTransactionBuilder<Ethereum>;

/// The contract, with the batches so far.
pub(super) struct Rollup {
    pub contract: SheafInstance<DynProvider>,
    domain: Domain,
    proof: [U256; 8],
    /// The number of the last batch that was sent, and the State after it.
    number: u64,
    state: Digest,
}

impl Rollup {
    /// A rollup without batches; `proof` is the proof that each batch is sent with. `provider`
    /// signs for the accounts of a devnet.
    pub(super) fn new(provider: DynProvider, deployed: &Deployed, proof: [U256; 8]) -> Self {
        let domain = Domain::on_chain(deployed.chain_id, L1Address(deployed.contract.0.0));
        let state = state_digest(&SlotTree::new().root(), 0, &domain);
        let contract = Sheaf::new(deployed.contract, provider);
        Self { contract, domain, proof, number: 0, state }
    }

    /// The State digest of a tree.
    pub(super) fn state_of(&self, tree: &SlotTree) -> Digest {
        state_digest(&tree.root(), tree.len() as u64, &self.domain)
    }

    /// The price of a request, in wei.
    ///
    /// # Errors
    /// When L1 does not answer.
    pub(super) async fn price(&self) -> Result<U256> {
        Ok(self.contract.priceOfRequest().call().await?)
    }

    /// Sends the next batch, which leads to the State `post`, with its words as calldata. Does not
    /// wait for it.
    ///
    /// # Errors
    /// When L1 does not take the transaction.
    pub(super) async fn send(
        &mut self,
        l1_words: &[Word],
        words: &[Word],
        post: Digest,
    ) -> Result<Sent> {
        let batch = batch(&self.next(post, DataReference::calldata(words), l1_words).await?);
        let call = self.contract.finalise(batch, bytes(l1_words), bytes(words), self.proof);
        Ok(call.from(account(OPERATOR)?).gas(GAS_LIMIT).send().await?)
    }

    /// Sends the next batch, which leads to the State `post`, with its words in blobs. Does not
    /// wait for it.
    ///
    /// # Errors
    /// When L1 does not take the transaction.
    pub(super) async fn send_blobs(&mut self, words: &[Word], post: Digest) -> Result<Sent> {
        let sidecar = blobs::sidecar(blobs::of_words(words));
        let hashes: Vec<B256> = sidecar.versioned_hashes().collect();
        let header = self.next(post, blobs::reference(&hashes), &[]).await?;
        let (batch, point) = (batch(&header), Word(challenge(&header)));
        let committed = sidecar.blobs.par_iter().zip(&sidecar.commitments);
        let opened = committed.map(|blob| blobs::open(blob, &point)).collect();
        let call = self.contract.finaliseBlobs(batch, Bytes::new(), opened, self.proof);
        let mut request = call.from(account(OPERATOR)?).gas(GAS_LIMIT).into_transaction_request();
        request.sidecar = Some(BlobTransactionSidecarVariant::Eip7594(sidecar));
        request.populate_blob_hashes();
        request.max_fee_per_blob_gas = Some(BLOB_FEE_MAX);
        Ok(self.contract.provider().send_transaction(request).await?)
    }

    /// The header of the next batch, at the time of the newest L1 block.
    async fn next(
        &mut self,
        post: Digest,
        data_reference: DataReference,
        l1_words: &[Word],
    ) -> Result<BatchHeader> {
        let newest = self.contract.provider().get_block_by_number(BlockNumberOrTag::Latest);
        let timestamp = newest.await?.context("L1 has a block")?.header.timestamp;
        self.number += 1;
        let header = BatchHeader {
            data_reference,
            l1_reference: keccak256(bytes(l1_words)).0,
            pre: self.state,
            post,
            // The verifier does not look at the chains. A digest costs what any digest costs.
            chains: hash_node(&self.state, &post),
            number: self.number,
            timestamp: u32::try_from(timestamp)?,
        };
        self.state = post;
        Ok(header)
    }
}

fn batch(header: &BatchHeader) -> ISheaf::Batch {
    ISheaf::Batch {
        number: header.number,
        postState: B256::from(header.post.to_bytes()),
        chains: B256::from(header.chains.to_bytes()),
        timestamp: header.timestamp,
    }
}

/// The account of one of a devnet's keys.
///
/// # Errors
/// When the key is malformed.
pub(super) fn account(key: &str) -> Result<Address> {
    Ok(signer(key)?.address())
}

/// Sends a call and waits until it is mined. Returns the gas that it paid: for its execution, or
/// the floor of its calldata (EIP-7623) if that is more.
///
/// # Errors
/// When L1 refuses the call, or the transaction fails.
pub(super) async fn gas_of<C: SolCall>(call: SolCallBuilder<&DynProvider, C>) -> Result<u64> {
    gas_when_mined(call.gas(GAS_LIMIT).send().await?).await
}

/// Waits until a transaction is mined. Returns the gas that it paid, blob gas apart.
///
/// # Errors
/// When the transaction fails.
pub(super) async fn gas_when_mined(sent: Sent) -> Result<u64> {
    let receipt = sent.get_receipt().await?;
    ensure!(receipt.status(), "the transaction {} failed", receipt.transaction_hash);
    Ok(receipt.gas_used)
}

fn bytes(words: &[Word]) -> Bytes {
    words.iter().flat_map(Word::to_bytes).collect()
}
