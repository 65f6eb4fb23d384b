//! Custom gates: rows of constraints that plonky2 does not bring.

pub mod chain_walk;
pub mod curve;
pub mod double_and_add;
pub mod generator_table;
pub mod limbs;
pub mod multiply_add;
pub mod open_signature;
pub mod quintic;
pub mod range_check;
pub mod reduce;
pub mod rules;
pub mod serializer;
pub mod value;
pub mod wires;
