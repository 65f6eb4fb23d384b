//! The L1 side against a real anvil, with development proofs: one binary, linked once.

mod agreement;
mod anvil;
mod clock;
mod deployment;
mod erc20;
mod finality;
mod node;
mod outage;
mod rollup;
mod submission;
mod watcher;
