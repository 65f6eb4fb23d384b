//! The worker from outside.

mod trouble;
