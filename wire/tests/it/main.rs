//! The HTTP bodies, byte for byte.

mod bodies;
