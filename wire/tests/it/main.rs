//! The HTTP bodies, byte for byte.

mod binary;
mod bodies;
