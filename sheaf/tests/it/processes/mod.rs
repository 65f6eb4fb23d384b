//! A whole rollup as processes, undisturbed and with failures.

mod crash;
mod demo;
mod devnet;
mod harm;
mod load;
mod running;
