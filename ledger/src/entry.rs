//! Entries: the seven ways in which one slot is read and rewritten, and the one that does nothing.

use serde::{Deserialize, Serialize};

use crate::l1_address::L1Address;
use crate::owner::Owner;

/// One touch of one slot. `docs/protocol.md`, section 5, has each kind's rules and effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// Nothing: fills the last proof of a batch.
    Idle { slot: u32 },
    /// A fresh slot, the next in sequence.
    Open { slot: u32, owner: Owner, token: u16 },
    /// Starts a signed transfer, which Credits then use up to the last unit.
    Debit {
        slot: u32,
        #[serde(with = "crate::decimal")]
        total: u64,
        #[serde(with = "crate::decimal")]
        fee: u64,
        valid_until: u32,
        pot: u8,
    },
    /// Pays one recipient of the running transfer.
    Credit {
        slot: u32,
        #[serde(with = "crate::decimal")]
        amount: u64,
    },
    /// A signed transaction that pays out on L1.
    Withdraw {
        slot: u32,
        #[serde(with = "crate::decimal")]
        amount: u64,
        #[serde(with = "crate::decimal")]
        fee: u64,
        valid_until: u32,
        pot: u8,
        recipient: L1Address,
    },
    /// A credit that L1 asked for.
    Deposit {
        slot: u32,
        #[serde(with = "crate::decimal")]
        amount: u64,
    },
    /// Pays out a whole slot because L1 asked for it; a request that does not open the slot's
    /// owner pays nothing.
    Exit { slot: u32, owner: Owner },
    /// Pays a fee pot to a slot.
    Collect { slot: u32, pot: u8 },
}

impl Entry {
    /// The slot that the entry touches.
    pub const fn slot(&self) -> u32 {
        match *self {
            Self::Idle { slot }
            | Self::Open { slot, .. }
            | Self::Debit { slot, .. }
            | Self::Credit { slot, .. }
            | Self::Withdraw { slot, .. }
            | Self::Deposit { slot, .. }
            | Self::Exit { slot, .. }
            | Self::Collect { slot, .. } => slot,
        }
    }

    /// The entry's number in the protocol.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Idle { .. } => 0,
            Self::Open { .. } => 1,
            Self::Debit { .. } => 2,
            Self::Credit { .. } => 3,
            Self::Withdraw { .. } => 4,
            Self::Deposit { .. } => 5,
            Self::Exit { .. } => 6,
            Self::Collect { .. } => 7,
        }
    }
}
