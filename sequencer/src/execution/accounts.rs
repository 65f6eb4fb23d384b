//! The executor's slots: a balance and a nonce at each dense index, 16 bytes.
//!
//! Fields are atomics with relaxed order, so that threads may write different slots of one array
//! without unsafe code; on every machine we run on they compile to plain loads and stores. The
//! atomics do not exclude conflicting access: the planner ensures that no two threads touch one
//! slot at the same time, and the barrier between waves orders the accesses.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use sheaf_ledger::limits::AMOUNT_MAX;

use super::{Plan, PlannedTransaction, Verdict};

/// Balance and nonce of one slot, as a plain value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    /// L2 units, below 2^62.
    pub balance: u64,
    pub nonce: u32,
}

#[derive(Debug, Default)]
struct Cell {
    balance: AtomicU64,
    nonce: AtomicU32,
}

impl From<Account> for Cell {
    fn from(account: Account) -> Self {
        Self { balance: account.balance.into(), nonce: account.nonce.into() }
    }
}

/// All slots, indexed as the ledger numbers them.
#[derive(Debug, Default)]
pub struct Accounts {
    cells: Vec<Cell>,
}

impl Accounts {
    /// Opens the next slot, empty, and returns its index.
    pub fn open(&mut self) -> u32 {
        let index = u32::try_from(self.cells.len()).expect("the tree has 2^32 leaves");
        self.cells.push(Cell::default());
        index
    }

    /// The number of slots opened so far.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether no slot was opened yet.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The balance and nonce of `slot`; nothing when the slot was never opened.
    pub fn get(&self, slot: u32) -> Option<Account> {
        let cell = self.cells.get(slot as usize)?;
        Some(Account { balance: cell.balance.load(Relaxed), nonce: cell.nonce.load(Relaxed) })
    }

    /// Adds `amount`, in L2 units, to the balance of `slot`.
    ///
    /// # Panics
    /// When the slot is not open or its balance would reach 2^62.
    #[inline]
    pub fn credit(&self, slot: u32, amount: u64) {
        let cell = &self.cells[slot as usize];
        let balance = cell.balance.load(Relaxed) + amount;
        assert!(balance <= AMOUNT_MAX, "the escrow cap keeps the sum of balances below 2^62");
        cell.balance.store(balance, Relaxed);
    }

    /// Takes the whole balance out of an open slot and returns the amount, in L2 units.
    ///
    /// # Panics
    /// When the slot is not open.
    pub fn empty(&self, slot: u32) -> u64 {
        self.cells[slot as usize].balance.swap(0, Relaxed)
    }

    /// Applies one transaction whole, or refuses it and changes nothing.
    #[inline]
    pub(super) fn apply(&self, plan: &Plan, transaction: &PlannedTransaction) -> Verdict {
        let payer = &self.cells[transaction.slot as usize];
        if payer.nonce.load(Relaxed) != transaction.nonce {
            return Verdict::WrongNonce;
        }
        let Some(rest) = payer.balance.load(Relaxed).checked_sub(transaction.debit) else {
            return Verdict::InsufficientBalance;
        };
        payer.balance.store(rest, Relaxed);
        payer.nonce.store(transaction.nonce + 1, Relaxed);
        for credit in plan.credits(transaction) {
            self.credit(credit.slot, credit.amount);
        }
        Verdict::Applied
    }
}

impl FromIterator<Account> for Accounts {
    fn from_iter<I: IntoIterator<Item = Account>>(accounts: I) -> Self {
        Self { cells: accounts.into_iter().map(Cell::from).collect() }
    }
}

impl PartialEq for Accounts {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && (0..self.len()).all(|slot| self.get(slot as u32) == other.get(slot as u32))
    }
}
