//! Execution: what a block of ordered transactions does to balances and nonces.
//!
//! The executor implements the ledger's rules for debits and credits with plain integers at dense
//! indices, for speed: it uses no hashes, no owners and no signatures. A block is applied
//! serially, or in waves of transactions that touch no common slot, spread over threads. The result
//! is the same bit for bit.
//!
//! Finding waves reads every touched slot once more, which costs as much as applying the
//! transactions. Serial is the default because it was faster at every measured size
//! (docs/decisions/0002-blocks.md). `sheaf bench sequencer` measures both on any machine.
//!
//! This module does not depend on batches or the tree. Sealing runs every entry through the
//! ledger's machine, and stops the process when machine and executor disagree.

mod accounts;
mod executor;
mod serial;
mod waves;

pub use accounts::{Account, Accounts};
pub use executor::{Execution, Executor};
use serial::apply_serially;
use waves::WavePlanner;

/// One payment of a planned transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credit {
    pub slot: u32,
    /// L2 units, at least 1.
    pub amount: u64,
}

/// A transaction with every slot resolved: 24 bytes, so that a block stays in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedTransaction {
    /// The slot that pays.
    pub slot: u32,
    /// The nonce that the slot must have before the transaction.
    pub nonce: u32,
    /// Amounts and fee together, L2 units.
    pub debit: u64,
    credits_start: u32,
    credits_end: u32,
}

/// An ordered run of planned transactions and their credits, in two flat arrays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    transactions: Vec<PlannedTransaction>,
    credits: Vec<Credit>,
}

impl Plan {
    /// Appends a transaction that takes `debit` from `slot` and pays `credits`. The rest of the
    /// debit goes to a fee pot or to L1, which execution does not see.
    pub fn push(
        &mut self,
        slot: u32,
        nonce: u32,
        debit: u64,
        credits: impl IntoIterator<Item = Credit>,
    ) {
        let credits_start = self.credits.len();
        self.credits.extend(credits);
        let narrow = |index: usize| u32::try_from(index).expect("a block is far below 2^32 words");
        self.transactions.push(PlannedTransaction {
            slot,
            nonce,
            debit,
            credits_start: narrow(credits_start),
            credits_end: narrow(self.credits.len()),
        });
    }

    /// The transactions in order.
    pub fn transactions(&self) -> &[PlannedTransaction] {
        &self.transactions
    }

    /// The credits of one of this plan's transactions.
    #[inline]
    pub fn credits(&self, transaction: &PlannedTransaction) -> &[Credit] {
        &self.credits[transaction.credits_start as usize..transaction.credits_end as usize]
    }

    /// The number of transactions.
    pub fn len(&self) -> usize {
        self.transactions.len()
    }

    /// Whether the plan has no transaction.
    pub fn is_empty(&self) -> bool {
        self.transactions.is_empty()
    }
}

/// The result of a planned transaction. A refused transaction has changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    Applied,
    /// Refused: the slot had another nonce.
    WrongNonce,
    /// Refused: the slot's balance was below the debit.
    InsufficientBalance,
}
