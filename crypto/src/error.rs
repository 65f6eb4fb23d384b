//! Errors of encodings, keys and signatures.

use thiserror::Error;

/// Why a value was refused. An error's message never contains a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The encoding of a field element is an integer that is not below the field's order.
    #[error("{value:#018x} is not a canonical element of the Goldilocks field")]
    NonCanonicalElement { value: u64 },
    /// The text of a field element is not sixteen lower-case hexadecimal digits.
    #[error("a field element is written as sixteen lower-case hexadecimal digits")]
    ElementText,
    /// The text of a byte string is not `0x` and two hexadecimal digits a byte.
    #[error("expected 0x and {bytes} bytes in hexadecimal digits")]
    HexText { bytes: usize },
    /// A scalar is not below the order of the group.
    #[error("the scalar is not below the order of the group")]
    NonCanonicalScalar,
    /// An element of GF(p^5) encodes no point.
    #[error("the encoding belongs to no point of the curve")]
    NotOnCurve,
    /// The neutral point was given as a key, although anyone can sign for it.
    #[error("the neutral point is no key")]
    NeutralKey,
    /// Zero was given as a secret key. Its public key is the neutral point.
    #[error("zero is no secret key")]
    ZeroSecret,
    /// The last byte of an Ethereum signature is no valid parity.
    #[error("an Ethereum signature ends in 27 or 28, not in {found}")]
    L1SignatureParity { found: u8 },
    /// The signature does not fit key and message.
    #[error("the signature does not fit key and message")]
    WrongSignature,
    /// A byte string has the wrong length.
    #[error("expected {expected} bytes, found {found}")]
    WrongLength { expected: usize, found: usize },
}
