//! Tests against the real application: one binary, so that it is linked once.

mod api;
mod bad_input;
mod capacity;
mod engine;
mod execution;
mod history;
mod limits;
mod pipeline;
mod proving;
mod recovery;
mod rollup;
mod storage;
