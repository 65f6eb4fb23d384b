//! The worker through its public interface.

mod trouble;
