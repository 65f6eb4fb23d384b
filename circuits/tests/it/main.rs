//! The circuits through their public interface. All tests are one program, so that the provers are
//! linked once and the tests share circuits.

#[allow(dead_code, reason = "the ledger's own tests use the rest")]
#[path = "../../../ledger/tests/it/random_batch/mod.rs"]
mod random_batch;

mod any_segment;
mod batch;
mod circuits;
mod data;
mod data_gates;
mod development_batch;
mod entry;
mod entry_chunks;
mod entry_leaves;
mod entry_tables;
mod first_order;
mod gates;
mod join;
mod ledger_world;
mod mutants;
mod mutation;
mod pin_file;
mod pins;
mod recursion;
mod security;
mod signature;
mod statements;
mod trace;
mod wiring;
mod wrap;
