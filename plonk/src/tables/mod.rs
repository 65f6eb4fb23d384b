//! Proofs over tables: rows that satisfy their table's rules and exchange messages on buses.
//!
//! A proof over tables states:
//!
//! 1. Each row of each table satisfies the rules of the table.
//! 2. On each bus, each message is sent as often as it is received, where the verifier's own
//!    messages count.
//!
//! A table has no first row and no order: whatever binds rows to each other or to values outside is
//! a message. So a rule is read, tested and broken one row at a time.
//!
//! How a proof comes about: [`rules`] say what holds; a [`Trace`] has the rows. The prover commits
//! to all columns, draws the challenges of the buses, commits to running sums, draws the weights of
//! the constraints, and commits to their quotients; FRI shows that the values at one random point
//! are those of polynomials. Commitment and FRI are plonky2's batch FRI, whose verifiers, native
//! and as constraints, check the openings.

mod circuit;
mod combination;
mod commitment;
mod evaluate;
mod fri;
mod lanes;
pub mod permutation;
mod proof;
mod prover;
mod quotient;
pub mod rules;
mod shape;
mod statement;
mod sums;
mod trace;
mod verifier;

pub use circuit::TablesProofTarget;
pub use proof::TablesProof;
pub use shape::{Table, Tables};
pub use statement::{Message, MessageTarget};
pub use trace::Trace;

#[cfg(test)]
mod tests;
