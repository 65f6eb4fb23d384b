//! The bodies of `/v1/tokens`, `/v1/requests/pending` and `/v1/payouts`: what is on its way between
//! the rollup and its contract on L1.

use serde::{Deserialize, Serialize};
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use utoipa::ToSchema;

use crate::history::Decimal;
use crate::schema;
use crate::transactions::Stage;

/// The tokens of the contract's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokensBody {
    /// In the list's order; ether is the first.
    pub tokens: Vec<TokenBody>,
}

/// A token of the contract's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenBody {
    /// The token's number in the list.
    pub token: u16,
    /// The token's contract, `0x` and 40 hex digits; zero for ether.
    #[schema(value_type = schema::Address)]
    pub address: L1Address,
    /// Letters and digits, at most 12: what the token's contract says, without its other
    /// characters. Empty if nothing is left. Anybody may call a token anything.
    pub symbol: String,
    /// Decimals of an amount in L1 units, as the token's contract says; absent if it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub decimals: Option<u8>,
    /// L1 units in one L2 unit, a decimal string.
    #[schema(value_type = schema::L1Amount)]
    pub scale: String,
    /// The most that the contract keeps of the token, L2 units, a decimal string; absent without
    /// an L1.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Amount, required = false)]
    pub cap: Option<Decimal>,
}

/// The kind of a request of L1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    Deposit,
    Exit,
}

/// Requests of L1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct L1RequestsBody {
    /// In the order of the contract's queue.
    pub requests: Vec<L1RequestBody>,
}

/// A request of L1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct L1RequestBody {
    /// The request's place in the contract's queue, from 0.
    pub number: u64,
    pub kind: RequestKind,
    /// bech32m with the prefix `sheaf`.
    #[schema(value_type = schema::Owner)]
    pub owner: Owner,
    /// Of a deposit, and of an exit with an amount from a slot that is open: the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token: Option<u16>,
    /// L2 units, a decimal string: of a deposit, what it pays; of an exit, what it has paid, once
    /// its batch is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Amount, required = false)]
    pub amount: Option<Decimal>,
    /// Of an exit: the slot.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub slot: Option<u32>,
    /// The L1 transaction that made the request, `0x` and 64 hex digits.
    #[schema(value_type = schema::Hash)]
    pub l1_transaction: String,
    /// The L1 block with that transaction.
    pub l1_block: u64,
    /// How many L1 blocks are on top of that block; absent while no L1 node answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub confirmations: Option<u64>,
    /// How many blocks must be on top before the sequencer takes the request.
    pub confirmations_needed: u64,
    /// How far the request has come; absent before a durable block has consumed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub stage: Option<Stage>,
    /// The batch that consumed the request; absent before the batch is sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub batch: Option<u64>,
}

/// What the contract pays, or will pay, to an L1 address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PayoutsBody {
    /// `0x` and 40 hex digits.
    #[schema(value_type = schema::Address)]
    pub l1_address: L1Address,
    /// A token each, in the list's order, without the tokens of which nothing is paid.
    pub payouts: Vec<PayoutBody>,
}

/// What the contract pays, or will pay, of one token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PayoutBody {
    pub token: u16,
    /// What the address may claim now, L1 units, a decimal string.
    #[schema(value_type = schema::L1Amount)]
    pub claimable: String,
    /// L2 units, a decimal string: what withdrawals pay to the address that are executed and not
    /// final, and exits that the address has asked for, once their batch is sealed. Exits whose
    /// request an older version has read from L1 are not counted.
    #[schema(value_type = schema::Amount)]
    pub pending: Decimal,
}
