//! A whole rollup as processes, on good days and bad ones: one binary, so that it is linked once.

mod crash;
mod demo;
mod devnet;
mod harm;
mod running;
