//! The entry circuit: a run of entries takes one machine to another.
//!
//! Public inputs: Hash(Machine, before), Hash(Machine, after).
//!
//! 1. The first four public inputs are the digest of a machine, whose timestamp is below 2^62 (the
//!    batch circuit holds it below 2^32), the last four that of the machine after the last entry.
//! 2. Each entry reads one leaf under the machine's root and writes it back under the new root, by
//!    one path: same slot, same siblings.
//! 3. What it reads, and what it may do to it: [`access`].
//! 4. Amount, fee, balance after, what a Credit leaves and the pot after are below 2^62, so that no
//!    sum and no difference wraps.
//! 5. The running transaction, its message and the fee pots: [`transaction`].
//! 6. What the subject's elements look like in a word: [`subject`].
//! 7. What is published and owed: [`publish`].
//! 8. Domain and timestamp never change.
//!
//! It is `ledger::apply`, entry by entry, with the same rows for every kind. That a machine before
//! is one that rules have made, and no arbitrary one, is the join's business: ranges of what the
//! machine holds are checked where they are written.

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
