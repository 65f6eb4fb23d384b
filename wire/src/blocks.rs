//! The bodies of `/v1/blocks`, and of the transactions in blocks and batches.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::owner::Owner;
use utoipa::{IntoParams, ToSchema};

use crate::schema;
use crate::transactions::{TransferBody, WithdrawalBody};

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

/// A durable block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlockBody {
    pub number: u64,
    /// The block's batch, whether sealed or not.
    pub batch: u64,
    /// How many signed transactions the block has.
    pub transactions: u64,
    /// How many requests of L1 the block consumed.
    pub requests: u32,
    /// When the block was executed, Unix milliseconds of the sequencer's clock.
    pub executed_ms: u64,
    /// Why the block is the last of its batch; null if it is not.
    pub closes: Option<CloseReason>,
}

/// A page of blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BlocksBody {
    /// The newest first. An empty page is the last one.
    pub blocks: Vec<BlockBody>,
}

/// A transaction as a durable block has it, with its place in the log. Exactly one of `transfer`
/// and `withdrawal` is there, as its owner signed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransactionBody {
    /// The signed message, `0x` and 64 hex digits.
    #[schema(value_type = schema::Hash)]
    pub id: Digest,
    pub block: u64,
    /// The transaction's index among the block's transactions.
    pub position: u32,
    pub batch: u64,
    /// When the block was executed, Unix milliseconds of the sequencer's clock.
    pub executed_ms: u64,
    /// The place of the transaction's first data word among its batch's, from 0. A transfer has a
    /// word for its debit and one for each payment, a withdrawal has one word. Absent until the
    /// batch is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub first_word: Option<u64>,
    /// The owner who signed and paid, bech32m with the prefix `sheaf`.
    #[schema(value_type = schema::Owner)]
    pub owner: Owner,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub transfer: Option<TransferBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub withdrawal: Option<WithdrawalBody>,
}

/// A page of the transactions of a block or of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransactionsBody {
    /// In the order of the log.
    pub transactions: Vec<TransactionBody>,
    /// The value of `after` for the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Cursor, required = false)]
    pub next: Option<String>,
}

/// The parameters of a page of the transactions of a block or of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TransactionsParameters {
    /// Only what comes after another page: that page's `next`.
    #[param(value_type = Option<schema::Cursor>)]
    pub after: Option<String>,
    /// The most transactions in the page, 1 to 100; 100 if absent. A page of large transfers ends
    /// before its limit, so only an absent `next` marks the last page.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
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
