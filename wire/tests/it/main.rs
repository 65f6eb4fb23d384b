//! What goes over HTTP, byte for byte.

mod bodies;
