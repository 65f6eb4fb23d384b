//! What can be wrong with a value that came from outside.

use thiserror::Error;

/// Why the ledger refused a value. A message never contains a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// An encoding, a key or a signature is wrong.
    #[error(transparent)]
    Crypto(#[from] sheaf_crypto::error::Error),
    /// The text of an owner is no bech32m with the prefix `sheaf`.
    #[error("the owner is not written as bech32m with a valid checksum")]
    OwnerText,
    /// The text of an owner has another prefix.
    #[error("the owner's prefix is not `sheaf`")]
    OwnerPrefix,
}
