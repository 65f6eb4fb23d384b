//! A whole rollup as processes, undisturbed and with failures.

mod bench;
mod crash;
mod demo;
mod devnet;
mod harm;
mod kills;
mod leaving;
mod load;
mod payroll;
mod rebuild;
mod running;

pub(crate) use devnet::ports;
pub(crate) use running::{Spawned, eventually, folder, get};
