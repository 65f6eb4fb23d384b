//! The errors of this crate: what can be wrong with a witness, a circuit, a proof or a key.

use std::fmt;

use ark_relations::gr1cs::SynthesisError;
use ark_serialize::SerializationError;
use thiserror::Error;

/// Why a statement was not proven, or a proof, a circuit or a key was refused.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// No proof could be made from the witness: a value is set twice, differently, or not at all,
    /// or the inner proof of an outer proof does not verify.
    #[error("the witness is inconsistent: {reason:#}")]
    Witness { reason: anyhow::Error },
    /// A plonky2 proof does not verify.
    #[error("the proof does not verify: {reason:#}")]
    Refused { reason: anyhow::Error },
    /// A proof, or the circuit of a proof, states another number of values than expected.
    #[error("expected {expected} public inputs, found {found}")]
    PublicInputs { expected: usize, found: usize },
    /// The largest number of recursions did not shrink the batch proof to a size that the outer
    /// circuit can verify.
    #[error("the proof is still 2^{degree_bits} rows after {recursions} recursions")]
    OuterTooLarge { degree_bits: usize, recursions: usize },
    /// The outer circuit contains a gate for which the wrap has no constraints; `id` is plonky2's
    /// name of the gate.
    #[error("the outer circuit uses the gate {id}, which the wrap cannot evaluate")]
    UnsupportedGate { id: String },
    /// The wrap does not support a parameter of the outer circuit; `what` names the parameter.
    #[error("the outer circuit has an unsupported shape: {what}")]
    UnsupportedShape { what: &'static str },
    /// The lists in a proof differ in length from those of the outer circuit's proofs.
    #[error("the proof does not have the shape of the outer circuit's proofs")]
    OuterShape,
    /// An outer proof does not satisfy the constraints of the wrap; `part` is the part of the wrap
    /// that contains the first broken constraint.
    #[error("the outer proof does not satisfy the wrap in the part: {part}")]
    Unsatisfied { part: &'static str },
    /// arkworks returned an error while the constraints of the wrap were generated, or has no
    /// domain for so many constraints.
    #[error("constraint generation: {source}")]
    Synthesis { source: SynthesisError },
    /// The Groth16 proof does not satisfy the pairing equation for the given public inputs.
    #[error("the wrapped proof does not verify")]
    WrapRefused,
    /// A word is not a coordinate below the base field's modulus, or a point is not in its group;
    /// `point` is A, B or C.
    #[error("the wrapped proof encodes no point of the group in {point}")]
    Point { point: &'static str },
    /// A verifying key would accept forged proofs, or is for another statement.
    #[error("the verifying key is refused: {reason}")]
    WeakKey { reason: &'static str },
    /// A key could not be encoded or decoded, or its reader or writer failed.
    #[error("key encoding: {source}")]
    KeyEncoding { source: SerializationError },
    /// A key that was read has another digest than the caller expects.
    #[error("the key has another digest than the one expected")]
    KeyDigest,
    /// The stored proving key could not be opened.
    #[error("the proving key cannot be opened: {source}")]
    ProvingKey { source: std::io::Error },
    /// A proving key is for another outer circuit.
    #[error("the outer circuit of this program is not the one that the keys were made for")]
    OtherOuter,
    /// A proving key is for a wrap with other constraints.
    #[error("the wrap of this program is not the one that the keys were made for")]
    OtherWrap,
    /// A file of a ceremony cannot be read.
    #[error("the {file} cannot be read: {source}")]
    CeremonyRead { file: CeremonyFile, source: std::io::Error },
    /// A file of a ceremony cannot be written.
    #[error("the {file} cannot be written: {source}")]
    CeremonyWrite { file: CeremonyFile, source: std::io::Error },
    /// A file of a ceremony is incomplete, of another kind, or contains wrong points; `fault` says
    /// which.
    #[error("the {file} is refused: {fault}")]
    CeremonyRefused { file: CeremonyFile, fault: String },
    /// A circuit needs more powers of τ than a file has; both counts as logarithms.
    #[error(
        "the circuit needs 2^{needed} powers of tau and the file has 2^{found}: take a file of \
         power {needed} or more"
    )]
    TooFewPowers { needed: u32, found: u32 },
    /// A contribution is wrong; contributions are numbered from one.
    #[error("contribution {number} is refused: {fault}")]
    Contribution { number: usize, fault: &'static str },
    /// A ceremony's key does not follow from circuit, powers of τ and contributions; `part` is what
    /// differs.
    #[error(
        "the key is not the one of this circuit, these powers of tau and its contributions: \
         {part} differs"
    )]
    OtherCeremony { part: &'static str },
    /// A prover has more rows than a table.
    #[error("the table {table} has {capacity} rows, not {found}")]
    TableFull { table: &'static str, capacity: usize, found: usize },
    /// A row of a table breaks a rule, or a sum does not follow from the rows.
    #[error("the rules of the table {table} do not hold in all rows")]
    Row { table: &'static str },
    /// A message between rows is not received as often as it is sent.
    #[error("the messages of the tables do not balance")]
    Unbalanced,
    /// The lists of a proof over tables differ in length from those of the tables.
    #[error("the proof does not have the shape of proofs over these tables")]
    TablesShape,
    /// The random point of the openings is a row of a table.
    #[error("the point of the openings is a row: make the proof again")]
    OpeningPoint,
    /// The bytes do not encode verifier data of a circuit with the known gates.
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

/// A file of a ceremony, for the sentences of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CeremonyFile {
    /// The powers of τ (.ptau).
    Powers,
    /// The key (.zkey).
    Key,
    /// The circuit (.r1cs).
    Circuit,
}

impl fmt::Display for CeremonyFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Powers => "file of powers of tau",
            Self::Key => "file of the ceremony's key",
            Self::Circuit => "file of the circuit",
        })
    }
}
