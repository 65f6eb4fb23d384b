//! `/v1/events`: the events that subscribers receive.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::batches::BatchState;

/// Why a batch was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The next transaction or request of L1 did not fit.
    Size,
    /// The batch was open for as long as the operator allows.
    Age,
    /// The operator asked for the close.
    Request,
}

/// An event: a block became durable, or a batch reached a state.
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
        /// Why the block is the last of its batch; null if it is not.
        closes: Option<CloseReason>,
    },
    /// A batch has reached a state.
    Batch { number: u64, state: BatchState },
}

impl Event {
    /// The event's name in the stream.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Block { .. } => "block",
            Self::Batch { .. } => "batch",
        }
    }
}

impl CloseReason {
    /// The reason as JSON and the database spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Age => "age",
            Self::Request => "request",
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for CloseReason {
    type Err = ();

    /// Reads the text that `name` writes.
    ///
    /// # Errors
    /// `()` for every other text.
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Size, Self::Age, Self::Request]
            .into_iter()
            .find(|reason| reason.name() == text)
            .ok_or(())
    }
}
