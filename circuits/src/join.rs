//! A join: up to [`ARITY`] adjacent segments of one kind are one segment.
//!
//! The circuit has eight public inputs: the digest where the joined segment starts, then the digest
//! where it ends. A *part* is one of the inner proofs.
//!
//! 1. All proofs of the inner circuit verify; its verifier data are constants.
//! 2. The joined segment starts where the first part's starts.
//! 3. Each further part that is present starts where the part before it ends.
//! 4. The joined segment ends where the last present part ends.
//!
//! The inner circuit is that of a leaf or of the join one level below. Where a level has too few
//! proofs for its last join, some parts of that join are not present; any valid proof of the inner
//! circuit fills the place of a part that is not present.

use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::target::{BoolTarget, Target};
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::proof::ProofWithPublicInputsTarget;
use sheaf_crypto::hash::DIGEST;
use sheaf_plonk::error::Error as PlonkError;
use sheaf_plonk::proof::{Builder, C, Circuit, D, Proof, config};
use sheaf_plonk::prover::prove_verified;
use sheaf_plonk::verifier_data::VerifierData;

use crate::error::Error;
use crate::segment::SEGMENT_INPUTS;

/// A segment as public inputs of a proof that is verified in a circuit.
#[derive(Clone, Copy)]
pub(crate) struct SegmentTarget {
    pub from: HashOutTarget,
    pub to: HashOutTarget,
}

impl SegmentTarget {
    /// Reads the public inputs of a proof that states a segment.
    ///
    /// # Panics
    /// When the proof does not have [`SEGMENT_INPUTS`] public inputs.
    pub(crate) fn of(proof: &ProofWithPublicInputsTarget<D>) -> Self {
        let inputs: [Target; SEGMENT_INPUTS] =
            proof.public_inputs[..].try_into().expect("a segment has eight public inputs");
        let digest =
            |at: usize| HashOutTarget { elements: core::array::from_fn(|i| inputs[at + i]) };
        Self { from: digest(0), to: digest(DIGEST) }
    }
}

/// The most proofs that a join takes: as many as a circuit of 2^14 rows can verify. Verifying one
/// proof takes 4,400 to 4,900 rows where the inner circuit has 2^14 or 2^15 rows.
pub const ARITY: usize = 3;

/// The circuit and the targets of its witness.
pub struct JoinCircuit {
    /// plonky2's circuit, with the data of prover and verifier.
    pub circuit: Circuit,
    parts: [ProofWithPublicInputsTarget<D>; ARITY],
    /// Whether each part after the first is present.
    present: [BoolTarget; ARITY - 1],
}

impl JoinCircuit {
    /// Builds the circuit that joins proofs of `inner`.
    ///
    /// # Panics
    /// When proofs of `inner` do not state a segment.
    pub fn build(inner: &VerifierData) -> Self {
        let mut builder = Builder::new(config());
        let verifier = builder.constant_verifier_data(&inner.verifier_only);
        let parts = [(); ARITY].map(|()| {
            let proof = builder.add_virtual_proof_with_pis(&inner.common);
            builder.verify_proof::<C>(&proof, &verifier, &inner.common);
            proof
        });
        let present = [(); ARITY - 1].map(|()| builder.add_virtual_bool_target_safe());
        let [first, further @ ..] = parts.each_ref().map(SegmentTarget::of);
        let mut end = first.to;
        for (part, present) in further.iter().zip(present) {
            end = continued_checked(&mut builder, end, part, present);
        }
        builder.register_public_inputs(&first.from.elements);
        builder.register_public_inputs(&end.elements);
        Self { circuit: builder.build(), parts, present }
    }

    /// Joins the proofs of adjacent segments, in order, and verifies the proof of the join.
    ///
    /// # Errors
    /// `InputProofs` for no proof and for more than [`ARITY`] proofs; `Witness` or `Refused` when a
    /// proof is not of the inner circuit, or its segment does not start where the one before ends.
    pub fn prove(&self, proofs: &[Proof]) -> Result<Proof, Error> {
        let unjoined = Error::InputProofs { expected: ARITY, found: proofs.len() };
        let first = match proofs {
            [first, ..] if proofs.len() <= ARITY => first,
            _ => return Err(unjoined),
        };
        let mut witness = PartialWitness::new();
        let mut set = || {
            for (i, part) in self.parts.iter().enumerate() {
                witness.set_proof_with_pis_target(part, proofs.get(i).unwrap_or(first))?;
            }
            let mut present = self.present.iter().zip(1..);
            present.try_for_each(|(target, i)| witness.set_bool_target(*target, i < proofs.len()))
        };
        set().map_err(|reason| PlonkError::Witness { reason })?;
        Ok(prove_verified(&self.circuit, witness)?)
    }
}

/// Statements 3 and 4 for one part: the end of the joined segment after this part, whether the part
/// is present or not.
fn continued_checked(
    builder: &mut Builder,
    end: HashOutTarget,
    part: &SegmentTarget,
    present: BoolTarget,
) -> HashOutTarget {
    let elements = core::array::from_fn(|i| {
        builder.conditional_assert_eq(present.target, end.elements[i], part.from.elements[i]);
        builder.select(present, part.to.elements[i], end.elements[i])
    });
    HashOutTarget { elements }
}
