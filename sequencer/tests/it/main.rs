//! The sequencer from outside: over HTTP, through its store, and against a real anvil (`l1`).

mod admission;
mod api;
mod archive;
mod archive_files;
mod bad_input;
mod capacity;
mod engine;
mod execution;
mod full_disk;
mod health;
mod history;
mod index;
mod l1;
mod leadership;
mod limits;
mod metrics;
mod ordering;
mod own_process;
mod pipeline;
mod proving;
mod recovery;
mod rollup;
mod snapshots;
mod storage;
