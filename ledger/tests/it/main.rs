//! The rules through the public interface, and the golden vectors for other implementations.

mod batches;
mod random_batch;
mod rule_vectors;
mod rules;
mod transaction_bytes;
mod transactions;
mod tree;
mod vectors;
