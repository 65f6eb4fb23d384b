//! `/v1/accounts` and `/v1/slots`: balances and nonces.

use serde::{Deserialize, Serialize};
use sheaf_ledger::decimal;
use sheaf_ledger::owner::Owner;
use utoipa::{IntoParams, ToSchema};

/// A slot as durable blocks have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SlotBody {
    pub slot: u32,
    #[schema(value_type = String)]
    pub owner: Owner,
    pub token: u16,
    /// L2 units, a decimal string.
    #[serde(with = "decimal")]
    #[schema(value_type = String)]
    pub balance: u64,
    /// Signed transactions so far.
    pub nonce: u32,
    /// The nonce to sign next: counts transactions that wait.
    pub next_nonce: u32,
}

/// An owner's slots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountBody {
    #[schema(value_type = String)]
    pub owner: Owner,
    /// Empty for an owner whom nobody has paid yet.
    pub slots: Vec<SlotBody>,
}

impl AccountBody {
    /// The slot that holds `token`.
    pub fn slot_of(&self, token: u16) -> Option<&SlotBody> {
        self.slots.iter().find(|slot| slot.token == token)
    }
}

/// Of which token the nonce is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct NonceParameters {
    pub token: u16,
}

/// What to sign next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NonceBody {
    pub slot: u32,
    pub token: u16,
    /// Counts transactions that wait.
    pub nonce: u32,
}
