//! The machinery of custom gates: rows of constraints that plonky2 does not have, written once for
//! every ring in which they are evaluated.

pub mod range_check;
pub mod rules;
pub mod value;
pub mod wires;
