//! The cryptography through the public interface.

mod signature;
