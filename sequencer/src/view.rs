//! The view: balances and nonces as the log has them, for readers.
//!
//! The view follows the log, never the executor, so all that it shows survives the process. The
//! directory has owners and tokens.

use std::sync::RwLock;

use crate::block::Block;
use crate::execution::Account;

/// Balances and nonces of all slots after the newest durable block, and that block.
#[derive(Debug, Default)]
pub struct View {
    state: RwLock<Durable>,
}

#[derive(Debug, Default)]
struct Durable {
    accounts: Vec<Account>,
    head: Head,
}

/// The newest durable block.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head {
    /// The block's number; 0 before the first.
    pub block: u64,
    /// The block's batch; 0 before the first.
    pub batch: u64,
    /// Whether the batch still takes blocks.
    pub batch_is_open: bool,
    /// The batch's timestamp, Unix seconds.
    pub timestamp: u32,
    /// When the block was executed, Unix milliseconds of this machine's clock.
    pub executed_ms: u64,
    /// The first request of L1 that no durable block has consumed.
    pub next_request: u64,
}

impl View {
    /// A view that begins with the balances, nonces and head that a restart has read.
    pub fn new(accounts: Vec<Account>, head: Head) -> Self {
        Self { state: RwLock::new(Durable { accounts, head }) }
    }

    /// Balance and nonce of a slot; `None` if no durable block has opened it.
    pub fn account(&self, slot: u32) -> Option<Account> {
        self.state
            .read()
            .expect("no holder of the lock panics")
            .accounts
            .get(slot as usize)
            .copied()
    }

    /// Balances and nonces of several slots after the same block.
    pub fn accounts(&self, slots: impl IntoIterator<Item = u32>) -> Vec<Option<Account>> {
        let state = self.state.read().expect("no holder of the lock panics");
        slots.into_iter().map(|slot| state.accounts.get(slot as usize).copied()).collect()
    }

    /// The newest durable block.
    pub fn head(&self) -> Head {
        self.state.read().expect("no holder of the lock panics").head
    }

    /// How many slots durable blocks have opened.
    pub fn slots(&self) -> usize {
        self.state.read().expect("no holder of the lock panics").accounts.len()
    }

    /// Applies the changes of blocks that have become durable, in order.
    pub fn advance<'a>(&self, blocks: impl IntoIterator<Item = &'a Block>) {
        let mut state = self.state.write().expect("no holder of the lock panics");
        for block in blocks {
            for change in &block.changes {
                let slot = change.slot as usize;
                if slot >= state.accounts.len() {
                    state.accounts.resize(slot + 1, Account::default());
                }
                state.accounts[slot] = change.account;
            }
            state.head = Head::of(block);
        }
    }
}

impl Head {
    /// The head when `block` is the newest durable block.
    pub fn of(block: &Block) -> Self {
        Self {
            block: block.number,
            batch: block.batch,
            batch_is_open: block.closes.is_none(),
            timestamp: block.timestamp,
            executed_ms: block.executed_ms,
            next_request: block.first_request + u64::from(block.requests),
        }
    }
}
