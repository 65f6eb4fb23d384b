//! Tests against the real application: one binary, so that it is linked once.

mod api;
mod engine;
mod execution;
mod pipeline;
mod proving;
mod recovery;
mod rollup;
mod storage;
