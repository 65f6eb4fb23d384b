//! The tables of a chunk of entries: what the entry circuit verifies.
//!
//! | table | a row is | sends | receives |
//! |---|---|---|---|
//! | [`tree`] | an inner node above a touched slot | itself | its touched children |
//! | [`slots`] | a touched slot | its digests, its leaf before | its leaf after |
//! | [`entries`] | an entry | leaf and machine after | leaf and machine before |
//! | permutations | a permutation of Poseidon | | what the rows above hash |
//!
//! The circuit sends the machine before the first entry and receives the machine after the last. It
//! receives the root, with its digest before and after. So:
//!
//! 1. The entries are a run from the one machine to the other: each row takes the machine at its
//!    time and gives the machine at the next time.
//! 2. The leaf that an entry takes is the leaf that the last entry on its slot gave, or the slot's
//!    leaf before the chunk: a row gives a leaf at its own time and takes one of an earlier time.
//! 3. All touched slots lie under the root before with their leaves before, and under the root
//!    after with their leaves after; whatever lies beside their paths is the same under both.

pub mod buses;
pub mod circuit;
mod columns;
pub mod entries;
pub mod ladder;
mod permutations;
pub mod rows;
pub mod signatures;
pub mod slots;
pub mod tree;
