//! Blocks: what the sequencer makes durable at once.
//!
//! A block holds the entries that the ledger's machine will see, in its order, the signatures they
//! owe, and what the executor says came of them. A batch is a whole number of blocks. Bytes are
//! `codec`'s; deciding what goes in is `ordering`'s.

mod codec;

use sheaf_crypto::hash::Digest;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::transaction::SignedMessage;

use crate::execution::Record;
use crate::lifecycle::{AdmittedTransaction, Waiter};

pub use codec::MalformedBlock;
pub use sheaf_wire::events::CloseReason;

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

    /// A transaction as the log has it. Ordering writes admitted transactions alone into the log,
    /// so the signature was checked before it was written, and is not checked again.
    const fn from_log(first_entry: u32, signature: SignedMessage) -> Self {
        Self { first_entry, signature }
    }

    /// The message that was signed.
    pub const fn id(&self) -> &Digest {
        &self.signature.message
    }

    /// The signature that the entries owe.
    pub const fn signature(&self) -> &SignedMessage {
        &self.signature
    }
}

/// A slot as the executor left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub slot: u32,
    pub record: Record,
}

/// What is written to the log and replayed from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// From 1, without gaps.
    pub number: u64,
    /// The batch it belongs to, from 1.
    pub batch: u64,
    /// Unix seconds, of the whole batch: fixed when its first block opened it.
    pub timestamp: u32,
    /// This machine's clock, Unix milliseconds, for people.
    pub executed_ms: u64,
    /// Set on the last block of a batch.
    pub closes: Option<CloseReason>,
    /// The first request of L1 that no earlier block consumed.
    pub first_request: u64,
    /// How many requests this block consumed.
    pub requests: u32,
    pub entries: Vec<Entry>,
    pub transactions: Vec<AppliedTransaction>,
    /// Every slot that the block touched, once, by index.
    pub changes: Vec<Change>,
}

/// A block on its way to the log, and those who wait for it to be durable.
#[derive(Debug)]
pub struct ExecutedBlock {
    pub block: Block,
    pub waiters: Vec<BlockWaiters>,
}

/// Everybody who waits for one transaction of a block.
#[derive(Debug)]
pub struct BlockWaiters {
    pub id: Digest,
    pub waiters: Vec<Waiter>,
}
