//! `/v1/events`: the events that subscribers receive.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::batches::BatchState;
use crate::blocks::BlockBody;

/// An event: a block became durable, or a batch reached a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A block is durable.
    Block(BlockBody),
    /// A batch has reached a state.
    Batch { number: u64, state: BatchState },
}

impl Event {
    /// The event's name in the stream.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Block(_) => "block",
            Self::Batch { .. } => "batch",
        }
    }
}
