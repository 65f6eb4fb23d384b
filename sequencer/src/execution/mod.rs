//! Execution: what a block of ordered entries does to balances and nonces.
//!
//! The fastest correct form of the ledger's rules for amounts: plain integers at dense indices, no
//! hashing, no owners, no signatures. The mempool reserves a balance before a transaction becomes
//! ready, and gives nonces out in order, so that every transaction of a block can pay whatever the
//! others do. Therefore a block is a list of effects, each on one account, and only effects on the
//! same account have an order: [`Executor`] applies the list on one thread, or in partitions of the
//! slots, one on each thread, with the same result bit for bit.
//!
//! This module must not know blocks, batches or the tree: sealing runs every entry through the
//! ledger's machine again, and stops the process where the two results differ.

mod accounts;
mod effect;
mod executor;
mod partitions;

pub use accounts::{Account, Accounts};
pub use effect::Effect;
pub use executor::{Execution, Executor};
