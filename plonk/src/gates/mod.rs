//! The machinery of custom gates: rows of constraints that plonky2 does not bring, written once for
//! every field that evaluates them.

pub mod range_check;
pub mod rules;
pub mod value;
pub mod wires;
