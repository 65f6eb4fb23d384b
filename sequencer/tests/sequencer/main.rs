//! Tests against the real application: one binary, so that it is linked once.

mod admission;
mod api;
mod engine;
mod execution;
mod health;
mod ordering;
mod pipeline;
mod proving;
mod recovery;
mod rollup;
