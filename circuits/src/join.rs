//! A join: adjacent paths of one kind, [`ARITY`] at the most, are one path.
//!
//! Eight public inputs: the digest that the path leads from, and the one it leads to.
//!
//! 1. All proofs of the inner circuit verify; its verifier data are constants.
//! 2. The path starts where the first proof's starts.
//! 3. Each further part that is present starts where the part before it ends.
//! 4. The path ends where the last present part ends.
//!
//! The inner circuit is that of a leaf or of the join one level below. Where a level has too few
//! proofs for its last join, parts of it are not present; any valid proof then fills their place.

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

/// A path as public inputs of a proof that is verified in a circuit.
#[derive(Clone, Copy)]
pub(crate) struct PathTarget {
    pub from: HashOutTarget,
    pub to: HashOutTarget,
}

impl PathTarget {
    /// Reads the public inputs of a proof that states a path.
    ///
    /// # Panics
    /// When the proof states something else.
    pub(crate) fn of(proof: &ProofWithPublicInputsTarget<D>) -> Self {
        let inputs: [Target; SEGMENT_INPUTS] =
            proof.public_inputs[..].try_into().expect("a path has eight public inputs");
        let digest =
            |at: usize| HashOutTarget { elements: core::array::from_fn(|i| inputs[at + i]) };
        Self { from: digest(0), to: digest(DIGEST) }
    }
}

/// Proofs that a join takes: as many as it can verify in 2^14 rows, which are 4,400 to 4,900 each
/// where the inner circuit has 2^14 or 2^15 rows.
pub const ARITY: usize = 3;

/// The circuit and the targets of its witness.
pub struct JoinCircuit {
    /// What proves and verifies.
    pub circuit: Circuit,
    parts: [ProofWithPublicInputsTarget<D>; ARITY],
    /// Whether each part behind the first is there.
    present: [BoolTarget; ARITY - 1],
}

impl JoinCircuit {
    /// The circuit that joins proofs of `inner`, whose public inputs are a path.
    pub fn build(inner: &VerifierData) -> Self {
        let mut builder = Builder::new(config());
        let verifier = builder.constant_verifier_data(&inner.verifier_only);
        let parts = [(); ARITY].map(|()| {
            let proof = builder.add_virtual_proof_with_pis(&inner.common);
            builder.verify_proof::<C>(&proof, &verifier, &inner.common);
            proof
        });
        let present = [(); ARITY - 1].map(|()| builder.add_virtual_bool_target_safe());
        let [first, further @ ..] = parts.each_ref().map(PathTarget::of);
        let mut end = first.to;
        for (part, present) in further.iter().zip(present) {
            end = continued_checked(&mut builder, end, part, present);
        }
        builder.register_public_inputs(&first.from.elements);
        builder.register_public_inputs(&end.elements);
        Self { circuit: builder.build(), parts, present }
    }

    /// Joins one proof and those that follow it.
    ///
    /// # Errors
    /// `InputProofs` when there is none, or more than the circuit has places for; `Witness` or
    /// `Refused` when one is not of the inner circuit, or does not start where the one before ends.
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

/// Statements 3 and 4 for one part: where the path ends once it is joined or left out.
fn continued_checked(
    builder: &mut Builder,
    end: HashOutTarget,
    part: &PathTarget,
    present: BoolTarget,
) -> HashOutTarget {
    let elements = core::array::from_fn(|i| {
        builder.conditional_assert_eq(present.target, end.elements[i], part.from.elements[i]);
        builder.select(present, part.to.elements[i], end.elements[i])
    });
    HashOutTarget { elements }
}
