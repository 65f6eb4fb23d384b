//! What can be wrong with a witness, a proof or a key.

use ark_relations::gr1cs::SynthesisError;
use ark_serialize::SerializationError;
use thiserror::Error;

/// Why something was not proven or not accepted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// plonky2 found no witness: a value is set twice, differently, or not at all.
    #[error("the witness is inconsistent: {reason:#}")]
    Witness { reason: anyhow::Error },
    /// A proof does not verify.
    #[error("the proof does not verify: {reason:#}")]
    Refused { reason: anyhow::Error },
    /// A proof states another number of values.
    #[error("expected {expected} public inputs, found {found}")]
    PublicInputs { expected: usize, found: usize },
    /// Recursion did not bring a batch proof to a size that the outer circuit can verify.
    #[error("the proof is still 2^{degree_bits} rows after {recursions} recursions")]
    OuterTooLarge { degree_bits: usize, recursions: usize },
    /// The outer circuit contains a gate that the wrap has no constraints for; `id` is plonky2's
    /// name of it.
    #[error("the outer circuit uses the gate {id}, which the wrap cannot evaluate")]
    UnsupportedGate { id: String },
    /// A parameter of the outer circuit is outside what the wrap covers.
    #[error("the outer circuit has an unsupported shape: {what}")]
    UnsupportedShape { what: &'static str },
    /// A proof does not have the lists that the outer circuit's proofs have.
    #[error("the proof does not have the shape of the outer circuit's proofs")]
    OuterShape,
    /// An outer proof does not satisfy the constraints of the wrap; `part` has the first of those
    /// that are broken.
    #[error("the outer proof does not satisfy the wrap in the part: {part}")]
    Unsatisfied { part: &'static str },
    /// The constraints of the wrap could not be generated.
    #[error("constraint generation: {source}")]
    Synthesis { source: SynthesisError },
    /// The pairing equation does not hold for these values and this proof.
    #[error("the wrapped proof does not verify")]
    WrapRefused,
    /// A word is not a coordinate below the base field's modulus, or a point is not in its group;
    /// `point` is A, B or C.
    #[error("the wrapped proof encodes no point of the group in {point}")]
    Point { point: &'static str },
    /// A verifying key would accept forged proofs, or is for another statement.
    #[error("the verifying key is refused: {reason}")]
    WeakKey { reason: &'static str },
    /// A key could not be read or written; input and output included.
    #[error("key encoding: {source}")]
    KeyEncoding { source: SerializationError },
    /// A key's digest is not the one that it was asked for by.
    #[error("the key has another digest than the one expected")]
    KeyDigest,
    /// The stored proving key cannot be opened.
    #[error("the proving key cannot be opened: {source}")]
    ProvingKey { source: std::io::Error },
    /// A proving key is for another outer circuit.
    #[error("the outer circuit of this program is not the one that the keys were made for")]
    OtherOuter,
    /// A proving key is for a wrap with other constraints.
    #[error("the wrap of this program is not the one that the keys were made for")]
    OtherWrap,
    /// Stored bytes are no verifier data of a circuit with the known gates.
    #[error("these are not the bytes of a circuit's verifier data")]
    VerifierData,
}

impl From<SynthesisError> for Error {
    fn from(source: SynthesisError) -> Self {
        Self::Synthesis { source }
    }
}

impl From<SerializationError> for Error {
    fn from(source: SerializationError) -> Self {
        Self::KeyEncoding { source }
    }
}
