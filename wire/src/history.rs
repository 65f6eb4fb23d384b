//! The bodies of `/v1/accounts/{owner}/transactions`: the movements of an account's balances.

use std::fmt;

use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::decimal;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use utoipa::{IntoParams, ToSchema};

use crate::schema;
use crate::transactions::Stage;

/// L2 units in JSON as a decimal string, for amounts that may be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decimal(#[serde(with = "decimal")] pub u64);

/// The kind of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// The owner signed a transfer that pays from the slot.
    Sent,
    /// A transfer paid the slot.
    Received,
    /// The owner signed a withdrawal that pays from the slot to L1.
    Withdrawn,
    /// A deposit on L1 paid the slot.
    Deposited,
    /// An exit on L1 took the whole balance of the slot.
    Exited,
}

impl MovementKind {
    /// The kind as JSON spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Received => "received",
            Self::Withdrawn => "withdrawn",
            Self::Deposited => "deposited",
            Self::Exited => "exited",
        }
    }
}

impl fmt::Display for MovementKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// A page of an account's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HistoryBody {
    /// bech32m with the prefix `sheaf`.
    #[schema(value_type = schema::Owner)]
    pub owner: Owner,
    /// The newest first.
    pub transactions: Vec<MovementBody>,
    /// The value of `before` for the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Cursor, required = false)]
    pub next: Option<String>,
}

/// What one durable transaction or one request of L1 did to a slot of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MovementBody {
    pub kind: MovementKind,
    pub stage: Stage,
    pub slot: u32,
    pub token: u16,
    /// L2 units without the fee, a decimal string. An exit takes the whole balance, and has no
    /// amount before its batch is sealed, or if an earlier version has sealed the batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Amount, required = false)]
    pub amount: Option<Decimal>,
    /// L2 units, a decimal string: the fee that the owner paid in addition to the amount. Absent
    /// where the owner signed nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Amount, required = false)]
    pub fee: Option<Decimal>,
    /// How many payments a sent transfer makes; absent for every other kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub payments: Option<u32>,
    /// The owner who paid, or the recipient of a sent transfer with one payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Owner, required = false)]
    pub counterparty: Option<Owner>,
    /// The L1 address that a withdrawal pays, `0x` and 40 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Address, required = false)]
    pub recipient: Option<L1Address>,
    /// The id of the signed transaction, `0x` and 64 hex digits; absent for a request of L1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Hash, required = false)]
    pub id: Option<Digest>,
    /// The request of L1; absent for a signed transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub request: Option<RequestBody>,
    pub block: u64,
    /// When the block was executed, Unix milliseconds of the sequencer's clock.
    pub executed_ms: u64,
    pub batch: u64,
    /// The newest L1 transaction with the batch, `0x` and 64 hex digits, once one was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Hash, required = false)]
    pub l1_transaction: Option<String>,
}

impl MovementBody {
    /// Whether the L1 transaction with this hash (`0x` and 64 lower-case hex digits) made the
    /// request that caused the movement.
    pub fn is_requested_by(&self, hash: &str) -> bool {
        let request = self.request.as_ref();
        request.and_then(|request| request.l1_transaction.as_deref()) == Some(hash)
    }
}

/// A request of L1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RequestBody {
    /// The request's place in the contract's queue, from 0.
    pub number: u64,
    /// The L1 transaction that made the request, `0x` and 64 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Hash, required = false)]
    pub l1_transaction: Option<String>,
}

/// The parameters of a page of an account's history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct HistoryParameters {
    /// Only movements before this place, which is `next` of the page before.
    #[param(value_type = Option<schema::Cursor>)]
    pub before: Option<String>,
    /// The most movements in the page, 1 to 100; 100 if absent. A page that took much to read ends
    /// before its limit, so only an absent `next` marks the last page.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
}
