//! The executor's slots: a balance and a nonce at each dense index, 16 bytes.
//!
//! Fields are atomics with relaxed order, so that threads may write different slots of one array
//! without unsafe code; on every machine we run on they compile to plain loads and stores. The
//! atomics do not exclude conflicting access: an account belongs to one partition, so that no two
//! threads touch it within a block, and the end of a block orders the accesses.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use sheaf_ledger::limits::AMOUNT_MAX;

use super::Effect;

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

    /// Applies one effect.
    ///
    /// # Panics
    /// When the slot is not open, a debit has another nonce than the account's or exceeds the
    /// balance, or a balance would reach 2^62: whoever makes effects has excluded each of these.
    #[inline]
    pub fn apply(&self, effect: &Effect) {
        let cell = &self.cells[effect.slot() as usize];
        let before = cell.balance.load(Relaxed);
        let after = match *effect {
            Effect::Debit { nonce, amount, .. } => {
                assert_eq!(cell.nonce.load(Relaxed), nonce, "the mempool gives nonces in order");
                cell.nonce.store(nonce + 1, Relaxed);
                before.checked_sub(amount).expect("the mempool reserves what a debit takes")
            }
            Effect::Credit { amount, .. } => before + amount,
            Effect::Exit { .. } => 0,
        };
        assert!(after <= AMOUNT_MAX, "the escrow cap keeps the sum of balances below 2^62");
        cell.balance.store(after, Relaxed);
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
