//! `/v1/accounts/{owner}/transactions`: what moved an account's balances.

use std::fmt;

use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::decimal;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use utoipa::{IntoParams, ToSchema};

use crate::transactions::Stage;

/// An amount that may be absent: in JSON a decimal string, as every amount is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decimal(#[serde(with = "decimal")] pub u64);

/// What happened to the slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// A transfer that its owner signed.
    Sent,
    /// A payment of somebody's transfer.
    Received,
    /// A withdrawal that its owner signed.
    Withdrawn,
    /// Requested on L1.
    Deposited,
    /// Requested on L1: everything the slot held.
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
    #[schema(value_type = String)]
    pub owner: Owner,
    /// The newest first.
    pub transactions: Vec<MovementBody>,
    /// What `before` must be for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What one durable transaction or one request of L1 did to a slot of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MovementBody {
    pub kind: MovementKind,
    pub stage: Stage,
    pub slot: u32,
    pub token: u16,
    /// L2 units without the fee, a decimal string; absent for an exit, which takes the whole
    /// balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub amount: Option<Decimal>,
    /// L2 units, a decimal string: what the owner paid on top.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub fee: Option<Decimal>,
    /// The recipients of a transfer that was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payments: Option<u32>,
    /// Who paid, or was paid where there is one recipient.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub counterparty: Option<Owner>,
    /// Where a withdrawal goes, `0x` and 40 hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub recipient: Option<L1Address>,
    /// The signed transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub id: Option<Digest>,
    /// The request of L1, where one caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestBody>,
    pub block: u64,
    /// Unix milliseconds of the sequencer's clock.
    pub executed_ms: u64,
    pub batch: u64,
    /// The L1 transaction that brings the batch to L1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l1_transaction: Option<String>,
}

impl MovementBody {
    /// Whether the L1 transaction with this hash asked for it.
    pub fn is_requested_by(&self, hash: &str) -> bool {
        let request = self.request.as_ref();
        request.and_then(|request| request.l1_transaction.as_deref()) == Some(hash)
    }
}

/// A request of L1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RequestBody {
    /// Its place in the contract's queue, from 0.
    pub number: u64,
    /// The L1 transaction that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub l1_transaction: Option<String>,
}

/// Which page of a history is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct HistoryParameters {
    /// Only what is older than this: `next` of the page before.
    pub before: Option<String>,
    /// At most this many, 1 to 100. Only an absent `next` says that a page is the last: one that
    /// took much to read ends before its limit.
    pub limit: Option<u32>,
}
