//! What can be wrong with a witness, a proof, a proof tree or a key.

use sheaf_crypto::hash::Digest;
use thiserror::Error;

use crate::circuit_name::CircuitName;

/// Why something was not proven or not accepted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The proving machinery refuses a witness, a proof or a key.
    #[error(transparent)]
    Plonk(#[from] sheaf_plonk::error::Error),
    /// Bytes are not the encoding of a proof of the circuit.
    #[error("these are not the bytes of a proof of this circuit")]
    ProofBytes,
    /// A chunk has more items than the circuit takes, or fewer than it needs.
    #[error("{found} items do not fit a circuit of {capacity}")]
    Capacity { capacity: usize, found: usize },
    /// A circuit of this size has no room for a single item.
    #[error("2^{degree_bits} rows are too few for this circuit")]
    TooSmall { degree_bits: usize },
    /// Two circuits prove entries over tables, and no join takes proofs of both.
    #[error("leaf circuits over tables need a level of joins")]
    Unjoined,
    /// Stored bytes are no verifier data of any circuit of this program.
    #[error("the verifier data of the circuit {circuit} cannot be read")]
    VerifierData { circuit: CircuitName },
    /// The circuit that this program builds has other verifier data than the stored ones.
    #[error("the circuit {circuit} of this program is not the one that the keys were made for")]
    OtherCircuit { circuit: CircuitName },
    /// A batch has more chunks of one kind than the circuits can join.
    #[error("{found} leaf proofs of one kind, at most {limit} can be joined")]
    TooManyLeaves { limit: usize, found: usize },
    /// A step names a chunk, a level or an index that the batch does not have, or is the wrap
    /// where a circuit below the outer one is needed.
    #[error("the batch has no such step")]
    UnknownStep,
    /// A proof states something else than its step has to. Statements are compared before proofs
    /// are verified, so the proof may be invalid as well.
    #[error("the proof states something else")]
    OtherStatement,
    /// A step got another number of proofs than it needs.
    #[error("the step takes {expected} proofs, found {found}")]
    InputProofs { expected: usize, found: usize },
    /// The ledger refuses a signature of a chunk; its position is counted from 0.
    #[error("signature {position} of the chunk is wrong: {reason}")]
    Signature { position: usize, reason: sheaf_crypto::error::Error },
    /// A chunk of entries has another number of signatures than its entries owe.
    #[error("the chunk's entries owe {expected} signatures, found {found}")]
    Signatures { expected: usize, found: usize },
    /// The signatures of a chunk link to another digest than the digest after the chunk.
    #[error("the chunk's links lead to {found}, not to {claimed}")]
    WrongEnd { claimed: Digest, found: Digest },
    /// The rules of the ledger refuse what is to be proven.
    #[error(transparent)]
    Rule(#[from] sheaf_ledger::rule_error::RuleError),
    /// The bytes of a wrapped proof do not have the length of one.
    #[error("a wrapped proof has {expected} bytes, found {found}")]
    WrapLength { expected: usize, found: usize },
    /// The stored proving key contains another verifying key than the one given for verifying.
    #[error("the proving key and the verifying key do not belong together")]
    OtherVerifyingKey,
}
