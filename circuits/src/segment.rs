//! Segments: what leaf proofs and joins state, and what a join combines.

use sheaf_crypto::hash::{DIGEST, Digest};
use sheaf_plonk::error::Error as PlonkError;
use sheaf_plonk::proof::{F, Proof, fe};

use crate::error::Error;

/// Public inputs of a segment: the digest where the segment starts, then the digest where the
/// segment ends.
pub const SEGMENT_INPUTS: usize = 2 * DIGEST;

/// What a leaf proof or a join states: valid steps lead from one digest to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The digest where the segment starts.
    pub from: Digest,
    /// The digest where the segment ends.
    pub to: Digest,
}

impl Segment {
    /// The segment that a leaf proof or a join states.
    ///
    /// # Errors
    /// `PublicInputs` when the proof does not have exactly [`SEGMENT_INPUTS`] public inputs.
    pub fn of(proof: &Proof) -> Result<Self, Error> {
        let found = proof.public_inputs.len();
        let inputs: &[F; SEGMENT_INPUTS] = proof.public_inputs[..]
            .try_into()
            .map_err(|_| PlonkError::PublicInputs { expected: SEGMENT_INPUTS, found })?;
        let digest = |at: usize| Digest(core::array::from_fn(|i| fe(inputs[at + i])));
        Ok(Self { from: digest(0), to: digest(DIGEST) })
    }
}
