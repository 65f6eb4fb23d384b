//! The shapes of what the ledger reads from JSON, for the OpenAPI document. The ledger itself does
//! the reading and knows nothing of documents; a test holds the two together.

use serde::Serialize;
use utoipa::ToSchema;

/// A signed transaction: exactly one of `transfer` and `withdrawal`, and what opens and signs for
/// the slot's owner.
#[derive(Debug, Clone, Serialize, ToSchema)]
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
#[derive(Debug, Clone, Serialize, ToSchema)]
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

#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaymentBody {
    /// bech32m with the prefix `sheaf`.
    pub owner: String,
    /// L2 units, a decimal string.
    #[schema(example = "1000")]
    pub amount: String,
}

/// Pays from one slot to an L1 address.
#[derive(Debug, Clone, Serialize, ToSchema)]
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
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SubmissionBody {
    One(Box<SignedTransactionBody>),
    Many(Vec<SignedTransactionBody>),
}
