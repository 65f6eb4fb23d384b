//! The source of every input of every row.
//!
//! A row's rules do not constrain where its inputs come from. Without a copy constraint, a prover
//! can put a value into one row that no other row has computed, and every test with honest hints
//! still passes. So each input of each row of rules and of each hash is compared here with a source
//! that the tables below name. The rows are taken in the order in which a circuit adds them.

mod data;
mod entry;
mod net;
mod signature;
