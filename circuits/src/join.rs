//! A join: two adjacent paths of one kind are one path.
//!
//! Eight public inputs: the digest that the path leads from, and the one it leads to.
//!
//! 1. Two proofs of the inner circuit verify; its verifier data are constants.
//! 2. The path starts where the first proof's starts.
//! 3. If there is a second part, it starts where the first ends, and the path ends where it ends.
//! 4. If there is none, the path ends where the first proof's ends.
//!
//! The inner circuit is that of a leaf or of the join one level below. Where a level has an odd
//! number of proofs, the last has no second part; any valid proof then fills the second place.

use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::target::{BoolTarget, Target};
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::proof::ProofWithPublicInputsTarget;
use sheaf_ledger::hash::DIGEST;

use crate::error::Error;
use crate::proof::{Builder, C, Circuit, D, PATH, Proof, config, prove};
use crate::verifier_data::VerifierData;

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
    pub fn of(proof: &ProofWithPublicInputsTarget<D>) -> Self {
        let inputs: [Target; PATH] =
            proof.public_inputs[..].try_into().expect("a path has eight public inputs");
        let digest =
            |at: usize| HashOutTarget { elements: core::array::from_fn(|i| inputs[at + i]) };
        Self { from: digest(0), to: digest(DIGEST) }
    }
}

/// The circuit and the targets of its witness.
pub struct JoinCircuit {
    /// What proves and verifies.
    pub circuit: Circuit,
    first: ProofWithPublicInputsTarget<D>,
    second: ProofWithPublicInputsTarget<D>,
    present: BoolTarget,
}

impl JoinCircuit {
    /// The circuit that joins two proofs of `inner`, whose public inputs are a path.
    pub fn build(inner: &VerifierData) -> Self {
        let mut builder = Builder::new(config());
        let verifier = builder.constant_verifier_data(&inner.verifier_only);
        let [first, second] = [0, 1].map(|_| {
            let proof = builder.add_virtual_proof_with_pis(&inner.common);
            builder.verify_proof::<C>(&proof, &verifier, &inner.common);
            proof
        });
        let present = builder.add_virtual_bool_target_safe();
        let [first_path, second_path] = [&first, &second].map(PathTarget::of);
        builder.register_public_inputs(&first_path.from.elements);
        for i in 0..DIGEST {
            let [middle, next, last] =
                [first_path.to, second_path.from, second_path.to].map(|digest| digest.elements[i]);
            builder.conditional_assert_eq(present.target, middle, next);
            let to = builder.select(present, last, middle);
            builder.register_public_input(to);
        }
        Self { circuit: builder.build(), first, second, present }
    }

    /// Joins two proofs, or passes on one.
    ///
    /// # Errors
    /// `Witness` or `Refused` when a proof is not one of the inner circuit, or when the second
    /// does not start where the first ends.
    pub fn prove(&self, first: &Proof, second: Option<&Proof>) -> Result<Proof, Error> {
        let mut witness = PartialWitness::new();
        witness
            .set_bool_target(self.present, second.is_some())
            .and_then(|()| witness.set_proof_with_pis_target(&self.first, first))
            .and_then(|()| witness.set_proof_with_pis_target(&self.second, second.unwrap_or(first)))
            .map_err(|reason| Error::Witness { reason })?;
        prove(&self.circuit, witness)
    }
}
