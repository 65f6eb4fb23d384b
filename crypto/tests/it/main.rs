//! The cryptography through its public interface.

mod signature;
