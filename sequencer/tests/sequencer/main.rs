//! Tests against the real application: one binary, so that it is linked once.

mod admission;
mod api;
mod bad_input;
mod capacity;
mod engine;
mod execution;
mod health;
mod history;
mod limits;
mod ordering;
mod pipeline;
mod proving;
mod recovery;
mod rollup;
mod storage;
