//! The L1 side of the sequencer against a real anvil, with development proofs.

mod agreement;
mod anvil;
mod away;
mod between;
mod clock;
mod deployment;
mod drill;
mod erc20;
mod finality;
mod gas;
mod node;
mod nodes;
mod operator_account;
mod outage;
mod paths;
mod rebuild;
mod reorganisations;
mod rollup;
mod steps;
mod submission;
mod watcher;
