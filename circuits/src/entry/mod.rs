//! The entry circuit: it proves that a run of entries leads from one machine to another.
//!
//! Public inputs: Hash(Machine, before), Hash(Machine, after).
//!
//! 1. The first four public inputs are the digest of a machine whose timestamp is below 2^62 (the
//!    batch circuit checks that the timestamp is below 2^32). The last four are the digest of the
//!    machine after the last entry.
//! 2. Each entry reads one leaf under the machine's root and writes the leaf back under the new
//!    root, by one path: same slot, same siblings.
//! 3. The leaf that an entry reads, and how the entry may change the leaf: [`access`].
//! 4. Amount, fee, balance after, what a Credit leaves and the pot after are below 2^62, so that no
//!    sum and no difference wraps.
//! 5. The running transaction, its message and the fee pots: [`transaction`].
//! 6. The limbs of the subject's elements in a word: [`subject`].
//! 7. The words that are published and the signatures that are owed: [`publish`].
//! 8. Domain and timestamp never change.
//!
//! The circuit proves what `ledger::apply` computes, entry by entry, with the same rows for every
//! kind. It does not prove that the rules produced the machine before. Joins compare that machine
//! with the machine after the segment before, and the batch circuit constrains a batch's first
//! machine. An element of the machine is therefore range-checked where an entry writes it.

pub mod access;
pub mod circuit;
pub mod flags;
pub mod machine;
pub mod path;
pub mod publish;
pub mod row;
pub mod subject;
pub mod transaction;
pub mod witness;
