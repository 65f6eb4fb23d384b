//! The bodies of `/v1/accounts` and `/v1/slots`: balances, nonces and paths.

use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::decimal;
use sheaf_ledger::owner::Owner;
use utoipa::{IntoParams, ToSchema};

use crate::history::Decimal;
use crate::schema;

/// A slot after the newest durable block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlotBody {
    /// The slot's index.
    pub slot: u32,
    /// bech32m with the prefix `sheaf`.
    #[schema(value_type = schema::Owner)]
    pub owner: Owner,
    /// The token's number in the contract's list; ether is 0.
    pub token: u16,
    /// L2 units, a decimal string.
    #[serde(with = "decimal")]
    #[schema(value_type = schema::Amount)]
    pub balance: u64,
    /// How many of the slot's signed transactions durable blocks contain.
    pub nonce: u32,
    /// The nonce to sign next; transactions that wait are counted.
    pub next_nonce: u32,
    /// The balance after the newest final batch, which nothing can take back: L2 units, a decimal
    /// string, 0 if that batch has not opened the slot. Absent while it is being read, for some
    /// seconds after a start.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::Amount, required = false)]
    pub final_balance: Option<Decimal>,
    /// The nonce after the newest final batch; absent with `final_balance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub final_nonce: Option<u32>,
}

/// A slot after the newest final batch, with its path to that batch's root: with the owner's key,
/// all that the contract's `escape` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PathBody {
    /// The slot's index.
    pub slot: u32,
    /// bech32m with the prefix `sheaf`.
    #[schema(value_type = schema::Owner)]
    pub owner: Owner,
    /// The token's number in the contract's list; ether is 0.
    pub token: u16,
    /// L2 units, a decimal string.
    #[serde(with = "decimal")]
    #[schema(value_type = schema::Amount)]
    pub balance: u64,
    pub nonce: u32,
    /// 32 digests: the leaf's own sibling first, the root's child last.
    #[schema(value_type = Vec<schema::Hash>)]
    pub siblings: Vec<Digest>,
    /// The newest final batch, after which all of this is true.
    pub batch: u64,
    /// The slot tree's root after the batch.
    #[schema(value_type = schema::Hash)]
    pub root: Digest,
    /// How many slots are open after the batch.
    pub next_slot: u64,
}

/// An owner's slots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountBody {
    /// bech32m with the prefix `sheaf`.
    #[schema(value_type = schema::Owner)]
    pub owner: Owner,
    /// In the order of opening, at most the 256 opened last. Empty for an owner who has not been
    /// paid yet.
    pub slots: Vec<SlotBody>,
}

impl AccountBody {
    /// The owner's slot for `token`, if there is one.
    pub fn slot_of(&self, token: u16) -> Option<&SlotBody> {
        self.slots.iter().find(|slot| slot.token == token)
    }
}

/// The token for whose slot the nonce is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NonceParameters {
    pub token: u16,
}

/// The slot, token and nonce to sign next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NonceBody {
    pub slot: u32,
    pub token: u16,
    /// The nonce to sign next; transactions that wait are counted.
    pub nonce: u32,
}
