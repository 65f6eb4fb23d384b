//! The rules of Sheaf, pure: owners, slots, entries, transactions, batches.
//!
//! This crate does no I/O and knows neither the network, nor a database, nor a proof system.

// What a library has to say, it returns or logs.
#![warn(clippy::print_stdout, clippy::print_stderr)]

// The rules of payments, in reading order: what is published, what is kept, what changes it, what
// owners send, what L1 sees.
pub mod error;
pub mod kind;
pub mod limits;
pub mod rule_error;

pub mod data_mode;
pub mod data_word;
pub mod l1_word;
pub mod word;

pub mod domain;
pub mod l1_address;
pub mod message;
pub mod owner;
pub mod slot;
pub mod tag;
pub mod tree;

pub mod apply;
pub mod entry;
pub mod machine;
pub mod step;

pub mod transaction;

pub mod batch;
pub mod binding;
pub mod chunk;
mod evaluation_field;
pub mod multiproof;
pub mod public_values;
pub mod rebuild;
pub mod recorder;

pub mod decimal;
mod record;

pub use apply::{Touch, apply};
pub use batch::{BatchBuilder, SealedBatch};
pub use data_mode::DataMode;
pub use domain::Domain;
pub use entry::Entry;
pub use error::Error;
pub use kind::Kind;

pub use l1_address::L1Address;
pub use machine::Machine;
pub use owner::Owner;
pub use public_values::PublicValues;
pub use rule_error::RuleError;
pub use slot::{Leaf, Slot};
pub use transaction::{AcceptedTransaction, SignedMessage, SignedTransaction, Transaction};
pub use tree::SlotTree;
pub use word::Word;
