//! Balances and nonces after the newest final batch: what no operator and no outage can take back.
//!
//! They are kept as the executor left them, without hashes: 16 bytes a slot, 160 MB for 10 million.

use sheaf_ledger::domain::Domain;
use sheaf_ledger::slot::Slot;

use crate::block::Block;
use crate::execution::Account;
use crate::final_state::{FinalState, FinalStateError, Kept};
use crate::limits::FINAL_ACCOUNTS_PATIENCE;
use crate::replay::{ReplayError, account_of};
use crate::snapshots::Snapshots;
use crate::store::{BatchRow, Store};

/// Balances and nonces after the newest final batch, shared between handlers.
#[derive(Debug, Clone)]
pub struct FinalAccounts(FinalState<Accounts>);

/// The account of each slot, by its index.
#[derive(Debug, Default)]
struct Accounts(Vec<Account>);

impl FinalAccounts {
    /// The accounts of the slots in `store`. Nothing is read before the first question.
    pub fn new(store: Store, snapshots: Snapshots, domain: Domain) -> Self {
        Self(FinalState::new(store, snapshots, domain))
    }

    /// The accounts of several slots, zero for one that no final batch has opened; `None` while
    /// they are being read.
    ///
    /// # Errors
    /// `Replay` when the log cannot be read or run again.
    pub async fn of(&self, slots: &[u32]) -> Result<Option<Vec<Account>>, FinalStateError> {
        let kept = match self.0.newest(FINAL_ACCOUNTS_PATIENCE).await {
            Err(FinalStateError::NotReady) => return Ok(None),
            kept => kept?,
        };
        let account =
            |kept: &Accounts, slot: &u32| kept.0.get(*slot as usize).copied().unwrap_or_default();
        Ok(kept.as_ref().map(|at| slots.iter().map(|slot| account(&at.kept, slot)).collect()))
    }
}

impl Kept for Accounts {
    fn of(slots: Vec<Slot>, _row: &BatchRow) -> Result<Self, ReplayError> {
        Ok(Self(slots.iter().map(account_of).collect()))
    }

    fn after(mut self, _row: &BatchRow, blocks: &[Block]) -> Result<Self, ReplayError> {
        for change in blocks.iter().flat_map(|block| &block.changes) {
            let slot = change.slot as usize;
            if slot >= self.0.len() {
                self.0.resize(slot + 1, Account::default());
            }
            self.0[slot] = change.account;
        }
        Ok(self)
    }
}
