//! A join: up to [`ARITY`] adjacent segments of one kind are one segment.
//!
//! The circuit has eight public inputs: the digest where the joined segment starts, then the digest
//! where it ends. A *part* is one of the inner proofs.
//!
//! 1. Each part is a proof of an inner circuit and verifies ([`crate::one_of`]).
//! 2. The joined segment starts where the first part's starts.
//! 3. Each further part that is present starts where the part before it ends.
//! 4. The joined segment ends where the last present part ends.
//!
//! The inner circuits are those of a leaf, or the join one level below. Leaves of entries over
//! tables are of two circuits, and each part may be of either. Where a level has too few proofs for
//! its last join, some parts of that join are not present; any valid proof of an inner circuit
//! fills the place of a part that is not present.

use plonky2::field::types::Field;
use plonky2::gates::constant::ConstantGate;
use plonky2::gates::gate::GateRef;
use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::target::{BoolTarget, Target};
use plonky2::iop::witness::PartialWitness;
use plonky2::plonk::proof::ProofWithPublicInputsTarget;
use sheaf_crypto::hash::DIGEST;
use sheaf_plonk::proof::{Builder, Circuit, D, F, Proof, config, set};
use sheaf_plonk::prover::prove_verified;
use sheaf_plonk::verifier_data::VerifierData;

use crate::error::Error;
use crate::one_of::{OneOf, Part};
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
    parts: [OneOf; ARITY],
    /// Whether each part after the first is present.
    present: [BoolTarget; ARITY - 1],
}

impl JoinCircuit {
    /// Builds the circuit that joins proofs of the circuits `inner`.
    ///
    /// # Panics
    /// When proofs of `inner` do not state a segment; when there is no circuit, or the circuits do
    /// not have one shape.
    pub fn build(inner: &[&VerifierData]) -> Self {
        let mut builder = Builder::new(config());
        // Some joins have constants to place and others none; all shall have one shape.
        let constants = ConstantGate::new(builder.config.num_constants);
        builder.add_gate_to_gate_set(GateRef::new(constants));
        let parts = [(); ARITY].map(|()| OneOf::verified_checked(&mut builder, inner));
        let present = [(); ARITY - 1].map(|()| builder.add_virtual_bool_target_safe());
        let [first, further @ ..] = parts.each_ref().map(|part| SegmentTarget::of(&part.proof));
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
    /// proof is not of its inner circuit, or its segment does not start where the one before ends.
    pub fn prove(&self, parts: &[Part<'_>]) -> Result<Proof, Error> {
        let unjoined = Error::InputProofs { expected: ARITY, found: parts.len() };
        let first = match parts {
            [first, ..] if parts.len() <= ARITY => first,
            _ => return Err(unjoined),
        };
        let mut witness = PartialWitness::new();
        for (i, place) in self.parts.iter().enumerate() {
            place.assign(*parts.get(i).unwrap_or(first), &mut witness)?;
        }
        for (target, i) in self.present.iter().zip(1..) {
            let present = F::from_bool(i < parts.len());
            set(&mut witness, target.target, present)?;
        }
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
