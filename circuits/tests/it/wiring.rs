//! Where every input of every row comes from.
//!
//! A row's rules say nothing about their inputs, so a copy that is missing lets a prover put into
//! one row what no other row has made; with honest hints, all other tests stay as they were. Here
//! each input of each row of rules and of each hash is compared with a source that the tables
//! below name. Rows are taken in the order in which a circuit adds them.

mod data;
mod entry;
mod net;
mod signature;
