//! Blocks: a block is the unit that the sequencer makes durable.
//!
//! A block contains entries in the order in which the ledger's machine will run them, the
//! signatures that the entries need, and the slots as the executor left them. A batch is a whole
//! number of blocks. `codec` defines a block's bytes, and `ordering` decides a block's contents.

mod codec;

use sheaf_crypto::hash::Digest;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::transaction::SignedMessage;

use crate::execution::Account;
use crate::lifecycle::{AdmittedTransaction, Waiter};

pub use codec::MalformedBlock;
pub(crate) use codec::{HEAD_BYTES, Head};
pub use sheaf_wire::blocks::{BlockBody, CloseReason};

/// A transaction that was applied, and where its entries begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedTransaction {
    /// The index in the block's entries of the first entry that the signature is for.
    first_entry: u32,
    signature: SignedMessage,
}

impl AppliedTransaction {
    /// An admitted transaction, whose signature was checked. `first_entry` is the index of its
    /// first entry in the block.
    pub fn new(first_entry: u32, admitted: &AdmittedTransaction) -> Self {
        Self { first_entry, signature: admitted.signature() }
    }

    /// A transaction that was read from the log. The log contains only admitted transactions, so
    /// the signature was checked before it was written, and is not checked again.
    const fn from_log(first_entry: u32, signature: SignedMessage) -> Self {
        Self { first_entry, signature }
    }

    /// The index in the block's entries of the first entry that the signature is for.
    pub const fn first_entry(&self) -> u32 {
        self.first_entry
    }

    /// The transaction's id, which is the signed message.
    pub const fn id(&self) -> &Digest {
        &self.signature.message
    }

    /// The signature that the transaction's entries need.
    pub const fn signature(&self) -> &SignedMessage {
        &self.signature
    }
}

/// A slot that a block touched, with the balance and nonce that the executor left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub slot: u32,
    pub account: Account,
}

/// A block, as the log stores it and a restart replays it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// From 1, without gaps.
    pub number: u64,
    /// The number of the block's batch, from 1.
    pub batch: u64,
    /// The timestamp of the whole batch, Unix seconds: fixed when the batch's first block opened
    /// it.
    pub timestamp: u32,
    /// When the block was executed by this machine's clock, Unix milliseconds. The time is for
    /// people: no rule depends on it.
    pub executed_ms: u64,
    /// Set on the last block of a batch.
    pub closes: Option<CloseReason>,
    /// The first request of L1 that no earlier block consumed.
    pub first_request: u64,
    /// How many requests this block consumed.
    pub requests: u32,
    pub entries: Vec<Entry>,
    pub transactions: Vec<AppliedTransaction>,
    /// Every open slot that the block touched, once, in the order of the indices.
    pub changes: Vec<Change>,
}

impl From<&Block> for BlockBody {
    fn from(block: &Block) -> Self {
        Self {
            number: block.number,
            batch: block.batch,
            transactions: block.transactions.len() as u64,
            requests: block.requests,
            executed_ms: block.executed_ms,
            closes: block.closes,
        }
    }
}

/// A block on its way to the log, and the waiters for its transactions.
#[derive(Debug)]
pub struct ExecutedBlock {
    pub block: Block,
    pub waiters: Vec<BlockWaiters>,
}

/// The waiters for one transaction of a block.
#[derive(Debug)]
pub struct BlockWaiters {
    pub id: Digest,
    pub waiters: Vec<Waiter>,
}
