//! Effects: what entries do to the account of one slot.

/// What an entry does to one account. Amounts are L2 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// A signed transaction takes amounts and fee together, and uses the nonce up.
    Debit { slot: u32, nonce: u32, amount: u64 },
    /// A payment, a deposit or a collected pot.
    Credit { slot: u32, amount: u64 },
    /// L1 takes the whole balance out.
    Exit { slot: u32 },
}

impl Effect {
    /// The slot whose account changes.
    #[inline]
    pub const fn slot(&self) -> u32 {
        match *self {
            Self::Debit { slot, .. } | Self::Credit { slot, .. } | Self::Exit { slot } => slot,
        }
    }
}
