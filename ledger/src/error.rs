//! Errors of values from outside that cannot be read. `rule_error` has the rules that a readable
//! value can break.

use thiserror::Error;

/// Why the ledger could not read a value. An error's message never contains a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// An encoding, a key or a signature is wrong.
    #[error(transparent)]
    Crypto(#[from] sheaf_crypto::error::Error),
    /// The text of an owner is not bech32m with a valid checksum and zero padding.
    #[error("the owner is not written as bech32m with a valid checksum")]
    OwnerText,
    /// The text of an owner has a prefix other than `sheaf`.
    #[error("the owner's prefix is not `sheaf`")]
    OwnerPrefix,
}
