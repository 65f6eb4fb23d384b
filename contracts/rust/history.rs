//! What L1 says of a rollup from its deployment up to one L1 block: final batches and requests.
//!
//! Clients read a history from a node and check it; a sequencer's database can begin with it.

use alloy::primitives::{Address, B256};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::{DataMode, Owner};

/// The final batches and the requests of a rollup up to an L1 block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Batches without a gap up to the newest, from the first or from a snapshot's.
    pub batches: Vec<FinalBatch>,
    /// Every request, from number 0.
    pub requests: Vec<QueuedRequest>,
    /// The L1 block, and its hash.
    pub block: u64,
    pub block_hash: B256,
}

/// A batch that the contract has verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinalBatch {
    pub number: u64,
    /// Unix seconds.
    pub timestamp: u32,
    /// The first request that no earlier batch consumed, and how many this batch consumed.
    pub first_request: u64,
    pub requests: u64,
    /// All 0 in a batch whose words were not read.
    pub contents: Contents,
    /// The State digests before and after the batch.
    pub pre_state: Digest,
    pub post_state: Digest,
    /// The slot tree's root after the batch, and how many slots are open then.
    pub post_root: Digest,
    pub next_slot: u64,
    /// How the data words travelled to L1.
    pub data_mode: DataMode,
    /// What names the data words on L1.
    pub data_reference: DataReference,
    pub l1_block: u64,
    pub l1_transaction: B256,
}

/// How much a batch contains.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contents {
    pub transactions: u64,
    pub entries: u64,
    /// Words, without padding.
    pub data_words: u64,
    pub l1_words: u64,
}

/// A request of the contract's queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueuedRequest {
    /// The request's place in the queue, from 0.
    pub number: u64,
    pub owner: Owner,
    /// The account that made the request.
    pub sender: Address,
    pub asked: Asked,
    pub l1_block: u64,
    pub l1_transaction: B256,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// To credit an amount of a token, in L2 units.
    Deposit { token: u16, amount: u64 },
    /// To pay out a slot.
    Exit { slot: u32 },
}
