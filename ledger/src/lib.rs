//! The rules of payments, pure: owners, slots, entries, transactions, batches and their words.
//!
//! The crate decides which entries are valid, what an entry does to the state, what a batch
//! publishes, and which values the proof of a batch states. `docs/protocol.md` is the exact
//! definition.
//!
//! The crate must not know time, files, sockets, SQL or proof systems. A caller passes the time of
//! a batch, and gets every result as a return value.
//!
//! Begin with [`kind`] and [`entry`], which list what can happen to a slot, and [`step`], which has
//! the rules. [`transaction`] leads from signed JSON to entries, [`batch`] collects entries under
//! the limits, [`chunk`] cuts a sealed batch into the parts that single proofs cover, and
//! [`rebuild`] reads the state from published words.
//!
//! One transfer, from the signature to the new state:
//!
//! ```
//! use sheaf_crypto::key::{DecodedKey, SecretKey};
//! use sheaf_crypto::scalar::Scalar;
//! use sheaf_ledger::transaction::{Payment, Transfer};
//! use sheaf_ledger::{BatchBuilder, Domain, Entry, L1Address, Owner};
//! use sheaf_ledger::{SignedTransaction, SlotTree, Transaction};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let domain = Domain::on_chain(31_337, L1Address([0xcc; 20]));
//! let secret = SecretKey::from_scalar(Scalar::from(12_345_u64))?;
//! let l1_address = L1Address([0xaa; 20]);
//! let alice = Owner::new(&secret.public_key(), &l1_address);
//! let bob_key = SecretKey::from_scalar(Scalar::from(67_890_u64))?.public_key();
//! let bob = Owner::new(&bob_key, &L1Address([0xbb; 20]));
//!
//! // The wallet signs: slot 0 pays 5 L2 units to Bob, and a fee of 1.
//! let payments = vec![Payment { owner: bob, amount: 5 }];
//! let valid_until = 2_000_000_000;
//! let transfer = Transfer { slot: 0, token: 0, nonce: 0, fee: 1, valid_until, payments };
//! let transaction = Transaction::Transfer(transfer);
//! let key = (&secret, l1_address);
//! let signed = SignedTransaction::sign(transaction, &domain, key, &mut rand::rng())?;
//!
//! // Admission checks the rules that need no state, then the signature.
//! let accepted = signed.check(&domain)?.accept(&DecodedKey::new(secret.public_key())?)?;
//!
//! // A batch opens two slots, deposits, transfers, and collects the fee.
//! let mut tree = SlotTree::new();
//! let mut builder = BatchBuilder::new(&tree, domain, 1_900_000_000);
//! let opened = [
//!     Entry::Open { slot: 0, owner: alice, token: 0 },
//!     Entry::Open { slot: 1, owner: bob, token: 0 },
//!     Entry::Deposit { slot: 0, amount: 10 },
//! ];
//! builder.push(&opened, &[])?;
//! let entries = accepted.entries(0, |owner| (*owner == bob).then_some(1))?;
//! builder.push(&entries, &[accepted.signed_message()])?;
//! builder.push(&[Entry::Collect { slot: 0, pot: 0 }], &[])?;
//! let batch = builder.seal(1)?;
//!
//! batch.update(&mut tree)?;
//! let balances: Vec<u64> = tree.slots().iter().map(|slot| slot.balance).collect();
//! assert_eq!(balances, [5, 5]);
//! # Ok(())
//! # }
//! ```

// A library prints nothing: results and errors are return values.
#![warn(clippy::print_stdout, clippy::print_stderr)]

// In reading order: kinds, limits and errors; published words; owners, slots and their tree;
// entries and the machine; signed transactions; batches and what L1 checks of them; encodings.
pub mod error;
pub mod kind;
pub mod limits;
pub mod rule_error;

pub mod data_mode;
pub mod data_reference;
pub mod data_word;
pub mod l1_word;
pub mod word;

pub mod domain;
pub mod l1_address;
pub mod message;
pub mod owner;
mod owner_text;
pub mod slot;
pub mod state_view;
pub mod tag;
pub mod tree;
pub mod tree_update;

pub mod apply;
pub mod entry;
pub mod machine;
pub mod step;

pub mod transaction;
mod transaction_bytes;

pub mod batch;
pub mod binding;
pub mod chunk;
mod digests;
mod evaluation_field;
pub mod multiproof;
mod paths;
pub mod public_values;
pub mod rebuild;
mod run;

pub mod decimal;
mod record;

pub use apply::{Touch, apply};
pub use batch::{BatchBuilder, SealedBatch};
pub use data_mode::DataMode;
pub use data_reference::DataReference;
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
