//! The bodies of `/v1/transactions`: signed transactions, and the stage that each has reached.
//!
//! A client sends the ledger's `SignedTransaction`, and the ledger reads it. `SubmissionBody` and
//! its parts describe the same JSON for the OpenAPI document, because the ledger does not depend on
//! OpenAPI; a test compares the two. [`binary`] has the same arrays as bytes.

pub mod binary;

use std::fmt;

use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use utoipa::ToSchema;

use crate::error_body::ErrorDetail;

/// The stage that a transaction has passed last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The API has read the transaction; nothing is checked and nothing is promised.
    Received,
    /// Signature and rules are checked; the transaction waits in memory and is lost if the process
    /// ends.
    Accepted,
    /// The transaction is in a durable block: the sequencer promises to keep it.
    Executed,
    /// The transaction's batch is closed and its witness is stored.
    Sealed,
    /// The batch has its final proof.
    Proven,
    /// A signed L1 transaction with the batch is stored and sent.
    Submitted,
    /// The contract has verified the batch, under enough confirmations.
    Finalised,
    /// The transaction was refused and changed nothing. An error with `retry_after_s` says that the
    /// same transaction may be sent again.
    Rejected,
}

impl Stage {
    /// Every stage, in the order in which a transaction passes them, and then the refusal.
    pub const ALL: [Self; 8] = [
        Self::Received,
        Self::Accepted,
        Self::Executed,
        Self::Sealed,
        Self::Proven,
        Self::Submitted,
        Self::Finalised,
        Self::Rejected,
    ];

    /// The stage as JSON spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Executed => "executed",
            Self::Sealed => "sealed",
            Self::Proven => "proven",
            Self::Submitted => "submitted",
            Self::Finalised => "finalised",
            Self::Rejected => "rejected",
        }
    }

    /// Whether the sequencer promises to keep a transaction of this stage.
    pub const fn is_durable(self) -> bool {
        match self {
            Self::Received | Self::Accepted | Self::Rejected => false,
            Self::Executed | Self::Sealed | Self::Proven | Self::Submitted | Self::Finalised => {
                true
            }
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// The stage of a transaction and its place in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransactionStatus {
    /// The signed message, `0x` and 64 hex digits; null if the transaction breaks a rule of form,
    /// or its connection has sent so many wrong signatures that nothing of it is read.
    #[schema(value_type = Option<String>)]
    pub id: Option<Digest>,
    pub stage: Stage,
    /// Whether the sequencer promises to keep the transaction: from `executed` on.
    pub durable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
    /// The transaction's index among the block's transactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// The newest L1 transaction with the batch, `0x` and 64 hex digits, once one was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l1_transaction: Option<String>,
    /// Why the transaction was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDetail>,
}

/// The answers to an array of transactions, in the array's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubmissionResults {
    pub results: Vec<TransactionStatus>,
}

/// A signed transaction: exactly one of `transfer` and `withdrawal`, the key and the L1 address
/// that open the slot's owner, and the signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignedTransactionBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<TransferBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<WithdrawalBody>,
    /// The public key, as docs/protocol.md section 3 encodes it.
    pub key: String,
    /// The L1 address that opens the owner together with the key, `0x` and 40 hex digits.
    pub l1_address: String,
    /// R then s, as docs/protocol.md section 3 encodes them.
    pub signature: String,
}

/// A transfer: pays from one slot to 1 to 1,024 owners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransferBody {
    pub slot: u32,
    pub token: u16,
    /// The slot's nonce before the transaction.
    pub nonce: u32,
    /// L2 units, a decimal string.
    #[schema(example = "10")]
    pub fee: String,
    /// Unix seconds: the last batch timestamp at which the transaction is valid.
    pub valid_until: u32,
    pub payments: Vec<PaymentBody>,
}

/// One payment of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentBody {
    /// The recipient, bech32m with the prefix `sheaf`.
    pub owner: String,
    /// L2 units, a decimal string.
    #[schema(example = "1000")]
    pub amount: String,
}

/// A withdrawal: pays from one slot to an L1 address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WithdrawalBody {
    pub slot: u32,
    pub token: u16,
    /// The slot's nonce before the transaction.
    pub nonce: u32,
    /// L2 units, a decimal string.
    pub fee: String,
    /// Unix seconds: the last batch timestamp at which the transaction is valid.
    pub valid_until: u32,
    /// L2 units, a decimal string.
    pub amount: String,
    /// The L1 address to pay, `0x` and 40 hex digits.
    pub recipient: String,
}

/// One transaction, or an array of at most 1,024.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SubmissionBody {
    One(Box<SignedTransactionBody>),
    Many(Vec<SignedTransactionBody>),
}
