//! What can be wrong with a witness, a proof, a plan or a key.

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
    /// The bytes of a proof do not have the shape of the circuit's proofs.
    #[error("these are not the bytes of a proof of this circuit")]
    ProofBytes,
    /// A chunk does not fit the circuit.
    #[error("{found} items do not fit a circuit of {capacity}")]
    Capacity { capacity: usize, found: usize },
    /// A circuit of this size holds nothing.
    #[error("2^{degree_bits} rows are too few for this circuit")]
    TooSmall { degree_bits: usize },
    /// Stored bytes are no verifier data of any circuit of this program.
    #[error("the verifier data of the circuit {circuit} cannot be read")]
    VerifierData { circuit: CircuitName },
    /// This program builds another circuit than the one whose verifier data were stored.
    #[error("the circuit {circuit} of this program is not the one that the keys were made for")]
    OtherCircuit { circuit: CircuitName },
    /// A batch has more chunks than the circuits can join.
    #[error("{found} leaf proofs of one kind, at most {limit} can be joined")]
    TooManyLeaves { limit: usize, found: usize },
    /// A step names a chunk, a level or an index that the plan does not have.
    #[error("the plan has no such step")]
    UnknownStep,
    /// A proof is valid but states something else than the step has to.
    #[error("the proof states something else")]
    OtherStatement,
    /// A step was given another number of proofs than it consumes.
    #[error("the step takes {expected} proofs, found {found}")]
    InputProofs { expected: usize, found: usize },
    /// The ledger refuses a signature of a chunk; its position is counted from 0.
    #[error("signature {position} of the chunk does not hold: {reason}")]
    Signature { position: usize, reason: sheaf_crypto::error::Error },
    /// The links of a chunk do not lead to where the chunk says that it ends.
    #[error("the chunk's links lead to {found}, not to {claimed}")]
    WrongEnd { claimed: Digest, found: Digest },
    /// The rules of the ledger refuse what is to be proven.
    #[error(transparent)]
    Rule(#[from] sheaf_ledger::rule_error::RuleError),
    /// A wrapped proof has another length.
    #[error("a wrapped proof has {expected} bytes, found {found}")]
    WrapLength { expected: usize, found: usize },
    /// A proving key is not the other half of the verifying key.
    #[error("the proving key and the verifying key do not belong together")]
    OtherVerifyingKey,
}
