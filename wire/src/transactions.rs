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
use crate::schema;

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
    #[schema(value_type = Option<schema::Hash>)]
    pub id: Option<Digest>,
    pub stage: Stage,
    /// Whether the sequencer promises to keep the transaction: from `executed` on.
    pub durable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub block: Option<u64>,
    /// The transaction's index among the block's transactions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub position: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub batch: Option<u64>,
    /// The newest L1 transaction with the batch, `0x` and 64 hex digits, once one was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Hash, required = false)]
    pub l1_transaction: Option<String>,
    /// Why the transaction was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<ErrorDetail>,
}

/// The answers to an array of transactions, in the array's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubmissionResults {
    pub results: Vec<TransactionStatus>,
}

/// The answer to one transaction is its status, and to an array the results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SubmissionAnswer {
    One(Box<TransactionStatus>),
    Many(SubmissionResults),
}

/// A signed transaction: a transfer or a withdrawal, the key and the L1 address that open the
/// slot's owner, and the signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SignedTransactionBody {
    Transfer(SignedTransferBody),
    Withdrawal(SignedWithdrawalBody),
}

/// A signed transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedTransferBody {
    pub transfer: TransferBody,
    #[schema(value_type = schema::Key)]
    pub key: String,
    /// The L1 address that opens the owner together with the key.
    #[schema(value_type = schema::AnyAddress)]
    pub l1_address: String,
    #[schema(value_type = schema::Signature)]
    pub signature: String,
}

/// A signed withdrawal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedWithdrawalBody {
    pub withdrawal: WithdrawalBody,
    #[schema(value_type = schema::Key)]
    pub key: String,
    /// The L1 address that opens the owner together with the key.
    #[schema(value_type = schema::AnyAddress)]
    pub l1_address: String,
    #[schema(value_type = schema::Signature)]
    pub signature: String,
}

/// A transfer: pays from one slot to 1 to 1,024 owners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferBody {
    pub slot: u32,
    pub token: u16,
    /// The slot's nonce before the transaction.
    pub nonce: u32,
    #[schema(value_type = schema::Amount)]
    pub fee: String,
    /// Unix seconds: the last batch timestamp at which the transaction is valid.
    pub valid_until: u32,
    #[schema(min_items = 1, max_items = 1024)]
    pub payments: Vec<PaymentBody>,
}

/// One payment of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentBody {
    /// The recipient.
    #[schema(value_type = schema::Owner)]
    pub owner: String,
    #[schema(value_type = schema::Amount)]
    pub amount: String,
}

/// A withdrawal: pays from one slot to an L1 address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalBody {
    pub slot: u32,
    pub token: u16,
    /// The slot's nonce before the transaction.
    pub nonce: u32,
    #[schema(value_type = schema::Amount)]
    pub fee: String,
    /// Unix seconds: the last batch timestamp at which the transaction is valid.
    pub valid_until: u32,
    #[schema(value_type = schema::Amount)]
    pub amount: String,
    /// The L1 address to pay.
    #[schema(value_type = schema::AnyAddress)]
    pub recipient: String,
}

/// An array of transactions, which are answered one by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(min_items = 1, max_items = 1024)]
pub struct SignedTransactions(pub Vec<SignedTransactionBody>);

/// One transaction, or an array of at most 1,024.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SubmissionBody {
    One(Box<SignedTransactionBody>),
    Many(SignedTransactions),
}
