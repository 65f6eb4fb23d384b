//! `/v1/transactions`: what is sent, and how far it has come.
//!
//! A client sends the ledger's `SignedTransaction`, and the ledger reads it. `SubmissionBody` and
//! what it consists of are the same as the OpenAPI document shows them, for the ledger knows
//! nothing of documents; a test compares the two.

use std::fmt;

use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use utoipa::ToSchema;

use crate::error_body::ErrorDetail;

/// How far a transaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Arrived; nothing is checked yet, nothing is promised.
    Received,
    /// Signature and rules hold; it waits in memory and would be lost with the process.
    Accepted,
    /// Executed in a durable block: the sequencer will not take it back.
    Executed,
    /// In a batch whose witness is stored.
    Sealed,
    /// The batch has its proof.
    Proven,
    /// The batch is on its way to L1.
    Submitted,
    /// L1 has verified the batch.
    Finalised,
    /// A rule refused it; it has changed nothing.
    Rejected,
}

impl Stage {
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
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// How far a transaction has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransactionStatus {
    /// The message that was signed, `0x` and 64 hex digits.
    #[schema(value_type = Option<String>)]
    pub id: Option<Digest>,
    pub stage: Stage,
    /// Whether the sequencer has promised it: from `executed` on.
    pub durable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
    /// Its index among the block's transactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l1_transaction: Option<String>,
    /// The rule that refused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDetail>,
}

/// The answers to an array of transactions, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubmissionResults {
    pub results: Vec<TransactionStatus>,
}

/// A signed transaction: exactly one of `transfer` and `withdrawal`, and what opens and signs for
/// the slot's owner.
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
    /// R then s, as section 3 encodes them.
    pub signature: String,
}

/// Pays from one slot to 1 to 1,024 owners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransferBody {
    pub slot: u32,
    pub token: u16,
    /// The slot's nonce before the transaction.
    pub nonce: u32,
    /// L2 units, a decimal string.
    #[schema(example = "10")]
    pub fee: String,
    /// Unix seconds.
    pub valid_until: u32,
    pub payments: Vec<PaymentBody>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaymentBody {
    /// bech32m with the prefix `sheaf`.
    pub owner: String,
    /// L2 units, a decimal string.
    #[schema(example = "1000")]
    pub amount: String,
}

/// Pays from one slot to an L1 address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WithdrawalBody {
    pub slot: u32,
    pub token: u16,
    /// The slot's nonce before the transaction.
    pub nonce: u32,
    /// L2 units, a decimal string.
    pub fee: String,
    /// Unix seconds.
    pub valid_until: u32,
    /// L2 units, a decimal string.
    pub amount: String,
    /// `0x` and 40 hex digits.
    pub recipient: String,
}

/// One transaction, or an array of at most 1,024.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SubmissionBody {
    One(Box<SignedTransactionBody>),
    Many(Vec<SignedTransactionBody>),
}
