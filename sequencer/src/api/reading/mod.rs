//! Reading what clients send, in one way for bodies, paths and queries.
//!
//! `serde` is more generous than this API: it takes an array for an object and `null` for a field
//! that is left out, and Rust reads `+1` and `00` as numbers. Here each value has one form: what is
//! an object is written as one, what is left out is left out, numbers have no sign and no leading
//! zero. What is refused is told by its place in the body and in words of JSON.

mod json;
mod refusal;
mod text;

pub(super) use json::read_json;
pub(super) use text::{read_parameters, read_segment};
