//! The rules of Sheaf as constraints: what the proofs of a batch state, and how the proofs are made
//! and verified.
//!
//! The crate must not know files, sockets, SQL or Ethereum clients: values and bytes come in, and
//! proofs, digests and bytes come out. The only input and output goes through the readers and
//! writers that a caller passes to [`keys`].
//!
//! Begin reading with [`segment`], which is what a leaf proof or a join states. [`entry`],
//! [`signature`] and [`data`] are the three leaf circuits; [`leaf`] puts them behind one interface.
//! [`entry_tables`] proves many entries at once, in production; [`entry_chunks`] cuts the entries.
//! [`join`] joins adjacent segments of one kind, and [`batch`] checks that the three kinds agree.
//! [`sizes`] says how large the circuits are, [`proof_tree`] which proofs a batch takes, and
//! [`circuits`] builds the whole tree and proves with it. [`keys`] adds the outer proof and the
//! Groth16 proof: sequencer and workers use this crate through [`keys::Verifiers`] and
//! [`keys::Provers`]. [`ceremony`] makes a Groth16 key whose trapdoor nobody knows. Each circuit's
//! file, or its folder's `mod.rs`, begins with the numbered statements of the circuit.
//!
//! # Example
//!
//! A batch of one deposit, proven step by step under keys for development. The example takes some
//! minutes.
//!
//! ```no_run
//! use std::collections::HashMap;
//!
//! use sheaf_circuits::keys::{Provers, build_circuits};
//! use sheaf_circuits::sizes::SMALL;
//! use sheaf_ledger::batch::BatchBuilder;
//! use sheaf_ledger::data_reference::DataReference;
//! use sheaf_ledger::domain::Domain;
//! use sheaf_ledger::entry::Entry;
//! use sheaf_ledger::l1_address::L1Address;
//! use sheaf_ledger::owner::Owner;
//! use sheaf_ledger::tree::SlotTree;
//! use sheaf_wire::{JobInputs, ProofStep, TreeStep};
//!
//! let tree = SlotTree::new();
//! let domain = Domain::on_chain(31_337, L1Address::default());
//! let mut builder = BatchBuilder::new(&tree, domain, 1_800_000_000);
//! let open = Entry::Open { slot: 0, owner: Owner::default(), token: 0 };
//! builder.push(&[open, Entry::Deposit { slot: 0, amount: 1_000 }], &[])?;
//! let batch = builder.seal(1)?;
//!
//! // Anybody who knows the seed of the Groth16 key can forge proofs.
//! let progress = |part: &str| println!("building {part}");
//! let provers = Provers::set_up(build_circuits(&SMALL, progress)?, &[7; 32], progress)?;
//! let verifiers = provers.verifiers();
//!
//! // The words of this batch will be published in calldata.
//! let named = DataReference::calldata(&batch.data_words);
//! let mut proofs = HashMap::<ProofStep, Vec<u8>>::new();
//! for TreeStep { step, needs } in verifiers.steps(&batch)? {
//!     let needed = needs.iter().map(|need| proofs[need].clone()).collect();
//!     let inputs = JobInputs { witness: batch.to_bytes(), proofs: needed };
//!     let proof = provers.prove(step, &inputs, named)?;
//!     proofs.insert(step, proof);
//! }
//! let wrapped = &proofs[&ProofStep::Wrap];
//! verifiers.verify(ProofStep::Wrap, &batch, named, wrapped)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// A library returns or logs its messages; it does not print.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod batch;
pub mod ceremony;
pub mod circuit_name;
pub mod circuits;
pub mod data;
pub mod entry;
pub mod entry_chunks;
mod entry_leaves;
pub mod entry_tables;
pub mod error;
pub mod join;
pub mod keys;
pub mod kinds;
pub mod known_gates;
pub mod leaf;
pub mod one_of;
pub mod proof_tree;
pub mod public_values;
pub mod segment;
pub mod signature;
pub mod sizes;
