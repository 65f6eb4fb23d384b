//! A proof of one of several circuits of one shape, verified in a circuit.
//!
//! 1. The proof verifies under the verifier data of one of the circuits; all verifier data are
//!    constants, and the prover chooses among them.

use plonky2::hash::hash_types::{HashOutTarget, MerkleCapTarget};
use plonky2::iop::target::BoolTarget;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_data::VerifierCircuitTarget;
use plonky2::plonk::proof::ProofWithPublicInputsTarget;
use sheaf_plonk::error::Error as PlonkError;
use sheaf_plonk::proof::{Builder, C, D, F, Proof};
use sheaf_plonk::verifier_data::VerifierData;

/// A proof that another proof verifies.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The proof.
    pub proof: &'a Proof,
    /// The number of the proof's circuit among those that are taken.
    pub circuit: usize,
}

/// The place of a proof.
pub(crate) struct OneOf {
    /// The proof.
    pub proof: ProofWithPublicInputsTarget<D>,
    /// Whether the proof is of each circuit after the first. Where several hold, the last counts.
    is: Vec<BoolTarget>,
}

impl OneOf {
    /// Adds a proof and verifies it under the verifier data of one of `circuits`.
    ///
    /// # Panics
    /// When there is no circuit, or the circuits do not have one shape.
    pub(crate) fn verified_checked(builder: &mut Builder, circuits: &[&VerifierData]) -> Self {
        let common = &circuits[0].common;
        assert!(circuits.iter().all(|circuit| circuit.common == *common), "circuits of one shape");
        let data = |circuit: &&VerifierData| builder.constant_verifier_data(&circuit.verifier_only);
        let data: Vec<VerifierCircuitTarget> = circuits.iter().map(data).collect();
        let proof = builder.add_virtual_proof_with_pis(common);
        let is: Vec<BoolTarget> =
            circuits[1..].iter().map(|_| builder.add_virtual_bool_target_safe()).collect();
        let mut verifier = data[0].clone();
        for (is, data) in is.iter().zip(&data[1..]) {
            verifier = selected(builder, *is, data, &verifier);
        }
        builder.verify_proof::<C>(&proof, &verifier, common);
        Self { proof, is }
    }

    /// Gives the proof and the choice of its circuit.
    ///
    /// # Errors
    /// `Witness` when the proof does not have the circuits' shape.
    pub(crate) fn assign(
        &self,
        part: Part<'_>,
        witness: &mut PartialWitness<F>,
    ) -> Result<(), PlonkError> {
        let mut set = || {
            witness.set_proof_with_pis_target(&self.proof, part.proof)?;
            let mut is = self.is.iter().zip(1..);
            is.try_for_each(|(is, circuit)| witness.set_bool_target(*is, part.circuit == circuit))
        };
        set().map_err(|reason| PlonkError::Witness { reason })
    }
}

/// The verifier data `then` where `is` holds, and `otherwise` elsewhere.
fn selected(
    builder: &mut Builder,
    is: BoolTarget,
    then: &VerifierCircuitTarget,
    otherwise: &VerifierCircuitTarget,
) -> VerifierCircuitTarget {
    let mut hash = |then: &HashOutTarget, otherwise: &HashOutTarget| HashOutTarget {
        elements: core::array::from_fn(|i| {
            builder.select(is, then.elements[i], otherwise.elements[i])
        }),
    };
    let [then_cap, otherwise_cap] = [then, otherwise].map(|data| &data.constants_sigmas_cap.0);
    let cap = then_cap.iter().zip(otherwise_cap);
    let cap = cap.map(|(then, otherwise)| hash(then, otherwise)).collect();
    VerifierCircuitTarget {
        constants_sigmas_cap: MerkleCapTarget(cap),
        circuit_digest: hash(&then.circuit_digest, &otherwise.circuit_digest),
    }
}
