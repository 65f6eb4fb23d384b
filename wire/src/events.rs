//! `/v1/events`: the events that subscribers receive.

use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use utoipa::{IntoParams, ToSchema};

use crate::batches::BatchState;
use crate::blocks::BlockBody;
use crate::schema;

/// An event: a block became durable, or a batch reached a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Event {
    Block(BlockEvent),
    Batch(BatchEvent),
}

/// The value of `event` in the event of a block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockName {
    #[default]
    Block,
}

/// The value of `event` in the event of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchName {
    #[default]
    Batch,
}

/// A block became durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockEvent {
    pub event: BlockName,
    #[serde(flatten)]
    pub block: BlockBody,
    /// The ids of transactions, at most 1,024: those that moved balances of the owner of the
    /// stream, or the block's first ones if the stream asks for ids. Absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<schema::Hash>, required = false)]
    pub ids: Option<Vec<Digest>>,
}

/// A batch reached a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchEvent {
    pub event: BatchName,
    pub number: u64,
    pub state: BatchState,
}

/// The parameters of a stream of events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct EventsParameters {
    /// Only blocks that move balances of this owner, with the ids of the transactions that do.
    #[param(value_type = Option<schema::Owner>)]
    pub owner: Option<String>,
    /// Only the blocks and the states of this batch.
    pub batch: Option<u64>,
    /// Whether blocks have the ids of their transactions; no, if absent.
    pub ids: Option<bool>,
}

impl Event {
    /// The event of a block, with these ids of its transactions.
    pub fn block(block: BlockBody, ids: Option<Vec<Digest>>) -> Self {
        Self::Block(BlockEvent { event: BlockName::default(), block, ids })
    }

    /// The event of a batch that has reached a state.
    pub fn batch(number: u64, state: BatchState) -> Self {
        Self::Batch(BatchEvent { event: BatchName::default(), number, state })
    }

    /// The event's name in the stream.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Block(_) => "block",
            Self::Batch(_) => "batch",
        }
    }
}
