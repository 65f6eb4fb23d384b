//! The rules of Sheaf as constraints: what a batch's proofs say and how they are made.
//!
//! This crate does no I/O; it takes values and returns proofs.

// What a library has to say, it returns or logs.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod batch;
pub mod circuit_name;
pub mod circuits;
pub mod data;
pub mod entry;
pub mod error;
pub mod join;
pub mod keys;
pub mod kinds;
pub mod known_gates;
pub mod leaf;
pub mod plan;
pub mod public_values;
pub mod segment;
pub mod signature;
pub mod sizes;
