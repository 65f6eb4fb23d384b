//! What subscribers are told: blocks as they become durable and batches as they move on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::block::{Block, CloseReason};
use crate::store::{BatchState, SealedRecord};

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A block is durable.
    Block {
        number: u64,
        batch: u64,
        transactions: u64,
        requests: u32,
        /// Unix milliseconds.
        executed_ms: u64,
        /// Why it is the last of its batch, if it is.
        closes: Option<CloseReason>,
    },
    /// A batch has come this far.
    Batch { number: u64, state: BatchState },
}

impl Event {
    pub fn block(block: &Block) -> Self {
        Self::Block {
            number: block.number,
            batch: block.batch,
            transactions: block.transactions.len() as u64,
            requests: block.requests,
            executed_ms: block.executed_ms,
            closes: block.closes,
        }
    }

    pub fn sealed(record: &SealedRecord) -> Self {
        Self::Batch { number: record.number, state: BatchState::Sealed }
    }

    /// The event's name in the stream.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Block { .. } => "block",
            Self::Batch { .. } => "batch",
        }
    }
}
