//! The whole wrap: plonky2's verifier for the outer proof, and the packing of its public values.
//!
//! 1. The transcript observes what plonky2's verifier observes, in its order: FRI parameters,
//!    circuit digest, hash of the public inputs, caps, openings, FRI caps, final polynomial,
//!    grinding witness.
//! 2. The response to the grinding witness has the leading zeros that the configuration demands.
//! 3. The PLONK identity is satisfied at ζ (`vanishing`), and so is every query of FRI (`fri`).
//! 4. Each public value has the width of its place, and the Groth16 inputs are their packing.

use std::sync::Arc;

use ark_bn254::Fr;
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystem, ConstraintSystemRef, SynthesisError, SynthesisMode,
};
use plonky2::field::types::PrimeField64;
use plonky2::iop::challenger::Challenger;
use plonky2::plonk::config::GenericHashOut;

use super::builder::{Builder, Factors, Linear, weighted_sum};
use super::extension::Ext;
use super::fri::{COMBINATION, Combiner, FriCaps, FriChallenges, assert_query};
use super::goldilocks::{Element, shifted};
use super::outline::Outline;
use super::poseidon_goldilocks;
use super::proof_witness::{Cap, ProofWitness};
use super::transcript::{Challenge, Transcript};
use super::vanishing::{Identity, PlonkChallenges};
use super::verifier::{CHALLENGES, OuterVerifier, lengths};
use crate::bn254::Bn254PoseidonHash;
use crate::error::Error;
use crate::outer::OuterProof;
use crate::packing::Packing;

/// Bits of the word whose leading zeros count in the response to grinding. A challenge has 63 bits,
/// so that one leading zero is always there.
const RESPONSE_BITS: usize = 64;

/// The name of the part that constrains the Groth16 inputs to the packing of the public values.
const PACKING: &str = "packing";

/// The R1CS of the wrap, with the outer proof to be wrapped or, for setup, with a zero proof.
#[derive(Clone)]
pub struct WrapCircuit {
    verifier: Arc<OuterVerifier>,
    proof: Arc<OuterProof>,
}

/// A satisfying assignment, and the factors of its constraints.
pub(crate) struct Assignment {
    /// The constant one, the public inputs and the witnesses, in this order.
    pub(crate) variables: Vec<Fr>,
    /// The number of public inputs, plus one for the constant.
    pub(crate) inputs: usize,
    pub(crate) factors: Factors,
}

impl WrapCircuit {
    /// The circuit for setup, where no value matters.
    pub fn for_setup(verifier: Arc<OuterVerifier>) -> Self {
        let proof = Arc::new(verifier.zero_proof());
        Self { verifier, proof }
    }

    /// The circuit with an outer proof to be wrapped. The proof's shape is checked here; the proof
    /// is not verified.
    ///
    /// # Errors
    /// [`Error::OuterShape`] when the proof does not have the shape of this circuit's proofs.
    pub fn for_proof(verifier: Arc<OuterVerifier>, proof: Arc<OuterProof>) -> Result<Self, Error> {
        if lengths(&proof) != lengths(&verifier.zero_proof()) {
            return Err(Error::OuterShape);
        }
        Ok(Self { verifier, proof })
    }

    /// Adds all constraints to `system`. Returns the name of the part of each constraint that the
    /// assignment breaks: none for a valid proof, and none during setup.
    ///
    /// # Errors
    /// The first error that the constraint system returned. A wrong proof is no error.
    pub fn synthesise(
        &self,
        system: ConstraintSystemRef<Fr>,
    ) -> Result<Vec<&'static str>, SynthesisError> {
        let mut builder = Builder::new(system);
        self.build(&mut builder);
        builder.finish()
    }

    fn build(&self, builder: &mut Builder) {
        // The Groth16 inputs are the first variables, in the order of the packing.
        let packing = &self.verifier.packing;
        let packed = pack_natively(packing, &self.proof);
        let inputs: Vec<Linear> = builder.within(PACKING, |builder| {
            packed.into_iter().map(|value| builder.public_input(value)).collect()
        });
        let witness = ProofWitness::allocate(builder, &self.proof);
        builder.within(PACKING, |builder| {
            assert_packing(builder, packing, &witness.public_values, &inputs);
        });
        assert_proof(builder, &self.verifier, &witness);
    }

    /// The assignment without matrices, because the proving key contains all that a prover needs of
    /// the matrices.
    ///
    /// # Errors
    /// [`Error::Unsatisfied`] for a proof that breaks a constraint, [`Error::Synthesis`] for an
    /// error of the constraint system.
    pub(crate) fn assign(&self) -> Result<Assignment, Error> {
        let system = ConstraintSystem::new_ref();
        system.set_mode(SynthesisMode::Prove {
            construct_matrices: false,
            generate_lc_assignments: false,
        });
        let mut builder = Builder::new(system.clone());
        self.build(&mut builder);
        let (broken, factors) = builder.finish_with_factors()?;
        if let Some(&part) = broken.first() {
            return Err(Error::Unsatisfied { part });
        }
        let system = system.into_inner().ok_or(SynthesisError::MissingCS)?;
        let mut variables = system.assignments.instance_assignment;
        let inputs = variables.len();
        variables.extend_from_slice(&system.assignments.witness_assignment);
        Ok(Assignment { variables, inputs, factors })
    }

    /// The outline of the matrices, part by part. The matrices themselves are not made.
    ///
    /// # Errors
    /// The first error that the constraint system returned.
    pub fn outline(&self) -> Result<Outline, SynthesisError> {
        let system = ConstraintSystem::new_ref();
        system.set_mode(SynthesisMode::Setup);
        let mut builder = Builder::recording(system);
        self.build(&mut builder);
        builder.finish_with_outline()
    }
}

impl ConstraintSynthesizer<Fr> for WrapCircuit {
    /// # Errors
    /// `Unsatisfiable` for a proof that breaks a constraint, so that Groth16 spends no group
    /// operation on the proof. Else the first error that the constraint system returned.
    fn generate_constraints(self, system: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        match self.synthesise(system)?.is_empty() {
            true => Ok(()),
            false => Err(SynthesisError::Unsatisfiable),
        }
    }
}

/// The values of the Groth16 inputs: the packing without its width checks.
fn pack_natively(packing: &Packing, proof: &OuterProof) -> Vec<Fr> {
    let mut packed = vec![Fr::from(0u64); packing.inputs()];
    for (place, value) in packing.places().iter().zip(&proof.public_inputs) {
        let value = Linear::constant(Fr::from(value.to_canonical_u64()));
        packed[place.input] += shifted(&value, place.shift).value();
    }
    packed
}

fn assert_packing(
    builder: &mut Builder,
    packing: &Packing,
    values: &[(Element, Vec<Linear>)],
    inputs: &[Linear],
) {
    let mut packed = vec![Linear::zero(); inputs.len()];
    for (place, (value, bits)) in packing.places().iter().zip(values) {
        builder.assert_width(bits, place.bits);
        packed[place.input] = packed[place.input].plus(&shifted(value.linear(), place.shift));
    }
    for (packed, input) in packed.iter().zip(inputs) {
        builder.enforce_equal(packed, input);
    }
}

fn assert_proof(builder: &mut Builder, verifier: &OuterVerifier, witness: &ProofWitness) {
    let values: Vec<Element> =
        witness.public_values.iter().map(|(value, _)| value.clone()).collect();
    let public_inputs_hash = builder.within("hash of public inputs", |builder| {
        poseidon_goldilocks::hash_no_pad(builder, &values)
    });
    let (plonk, fri, indices) = builder.within("transcript", |builder| {
        let mut transcript = Transcript::new();
        observe_instance(builder, &mut transcript, verifier, &public_inputs_hash);
        let plonk = plonk_challenges(builder, &mut transcript, witness);
        let fri = fri_challenges(builder, &mut transcript, witness, &plonk.zeta);
        let indices = query_indices(builder, &mut transcript, verifier, witness);
        (plonk, fri, indices)
    });

    let identity = Identity {
        verifier,
        openings: &witness.openings,
        public_inputs_hash: &public_inputs_hash,
        challenges: &plonk,
    };
    identity.enforce(builder);

    let constants_cap = &verifier.verifier_only.constants_sigmas_cap.0;
    let caps = FriCaps {
        oracles: vec![
            constants_cap.iter().map(|digest| Linear::constant(digest.0)).collect(),
            witness.wires_cap.digests.clone(),
            witness.zs_cap.digests.clone(),
            witness.quotient_cap.digests.clone(),
        ],
        steps: witness.step_caps.iter().map(|cap| cap.digests.clone()).collect(),
    };
    let combiner = builder
        .within(COMBINATION, |builder| Combiner::new(builder, verifier, &witness.openings, &fri));
    for (query, index) in witness.queries.iter().zip(&indices) {
        let index_bits = &index.bits[..verifier.common.fri_params.lde_bits()];
        let shared = (&combiner, &fri, &caps);
        assert_query(builder, (query, &witness.final_poly), index_bits, shared);
    }
}

/// Observes FRI parameters, circuit digest and hash of the public inputs. Parameters and circuit
/// digest are constants of the wrap.
fn observe_instance(
    builder: &mut Builder,
    transcript: &mut Transcript,
    verifier: &OuterVerifier,
    public_inputs_hash: &[Element],
) {
    let mut constants = observed_parameters(verifier);
    constants.extend(
        verifier.verifier_only.circuit_digest.to_vec().iter().map(|e| e.to_canonical_u64()),
    );
    for value in constants {
        transcript.observe(builder, &Element::constant(value));
    }
    transcript.observe_all(builder, public_inputs_hash);
}

/// The elements that plonky2 observes for the FRI parameters. They are read from a challenger's
/// input buffer, which still contains all of them, because one permutation absorbs more.
fn observed_parameters(verifier: &OuterVerifier) -> Vec<u64> {
    use plonky2::fri::FriParamsObserve;
    let mut challenger = Challenger::<_, Bn254PoseidonHash>::new();
    verifier.common.fri_params.observe(&mut challenger);
    challenger.input_buffer().iter().map(|element| element.to_canonical_u64()).collect()
}

fn observe_cap(builder: &mut Builder, transcript: &mut Transcript, cap: &Cap) {
    transcript.observe_all(builder, &cap.chunks);
}

fn elements(challenges: Vec<Challenge>) -> Vec<Element> {
    challenges.into_iter().map(|challenge| challenge.element).collect()
}

fn plonk_challenges(
    builder: &mut Builder,
    transcript: &mut Transcript,
    witness: &ProofWitness,
) -> PlonkChallenges {
    observe_cap(builder, transcript, &witness.wires_cap);
    let betas = elements(transcript.challenges(builder, CHALLENGES));
    let gammas = elements(transcript.challenges(builder, CHALLENGES));
    observe_cap(builder, transcript, &witness.zs_cap);
    let alphas = elements(transcript.challenges(builder, CHALLENGES));
    observe_cap(builder, transcript, &witness.quotient_cap);
    let zeta = transcript.ext_challenge(builder);
    transcript.observe_ext(builder, &witness.openings.at_zeta());
    transcript.observe_ext(builder, &witness.openings.zs_next);
    PlonkChallenges { betas, gammas, alphas, zeta }
}

fn fri_challenges(
    builder: &mut Builder,
    transcript: &mut Transcript,
    witness: &ProofWitness,
    zeta: &Ext,
) -> FriChallenges {
    let alpha = transcript.ext_challenge(builder);
    let betas = witness
        .step_caps
        .iter()
        .map(|cap| {
            observe_cap(builder, transcript, cap);
            transcript.ext_challenge(builder)
        })
        .collect();
    transcript.observe_ext(builder, &witness.final_poly);
    FriChallenges { alpha, betas, zeta: zeta.clone() }
}

/// Enforces statement 2 and draws the challenges whose low bits are the query indices.
fn query_indices(
    builder: &mut Builder,
    transcript: &mut Transcript,
    verifier: &OuterVerifier,
    witness: &ProofWitness,
) -> Vec<Challenge> {
    let config = &verifier.common.fri_params.config;
    transcript.observe(builder, &witness.pow_witness);
    let response = transcript.challenge(builder);
    builder.within("grinding", |builder| {
        assert_leading_zeros(builder, &response, config.proof_of_work_bits as usize);
    });
    transcript.challenges(builder, config.num_query_rounds)
}

/// Enforces that the response, as a word of `RESPONSE_BITS` bits, begins with `zeros` zeros.
fn assert_leading_zeros(builder: &mut Builder, response: &Challenge, zeros: usize) {
    let free = RESPONSE_BITS - zeros;
    if free < response.bits.len() {
        builder.enforce_equal(&weighted_sum(&response.bits[free..]), &Linear::zero());
    }
}

#[cfg(test)]
mod tests {
    use ark_relations::gr1cs::ConstraintSystem;
    use plonky2::field::goldilocks_field::GoldilocksField;
    use plonky2::field::types::Field;

    use super::*;
    use crate::packing::Place;

    /// Two limbs of 62 bits and one value of 32, one behind the other in one input.
    const LIMBS: Packing = Packing::new(
        &[
            Place { input: 0, shift: 0, bits: 62 },
            Place { input: 0, shift: 62, bits: 62 },
            Place { input: 0, shift: 124, bits: 32 },
        ],
        1,
    );

    /// Constraints broken when `values` are packed into `input`.
    fn broken(values: [u64; 3], input: Fr) -> usize {
        let mut builder = Builder::new(ConstraintSystem::new_ref());
        let values: Vec<_> =
            values.iter().map(|&value| builder.canonical_with_bits(value)).collect();
        let input = builder.public_input(input);
        assert_packing(&mut builder, &LIMBS, &values, &[input]);
        builder.finish().expect("no fault").len()
    }

    /// The Groth16 input is the packing: one more in it is refused.
    #[test]
    fn the_input_is_bound_to_the_values() {
        let packed = Fr::from(3u64 + (1 << 62)) + Fr::from(9u128 << 124);
        assert_eq!(broken([3, 1, 9], packed), 0);
        assert_eq!(broken([3, 1, 9], packed + Fr::from(1u64)), 1);
    }

    /// 2^62 in one limb and 1 in the next pack alike: only the width check tells them apart.
    #[test]
    fn values_that_pack_alike_are_told_apart_by_their_width() {
        assert_eq!(broken([0, 1, 0], Fr::from(1u128 << 62)), 0);
        assert_eq!(broken([1 << 62, 0, 0], Fr::from(1u128 << 62)), 1);
        assert_eq!(broken([0, 0, 1], Fr::from(1u128 << 124)), 0);
        assert_eq!(broken([0, 1 << 62, 0], Fr::from(1u128 << 124)), 1);
    }

    /// Constraints broken by a response to `grinding` of which `zeros` leading zeros are demanded.
    fn broken_by_grinding(grinding: u64, zeros: usize) -> usize {
        let mut builder = Builder::new(ConstraintSystem::new_ref());
        let mut transcript = Transcript::new();
        let witness = builder.canonical(grinding);
        transcript.observe(&mut builder, &witness);
        let response = transcript.challenge(&mut builder);
        assert_leading_zeros(&mut builder, &response, zeros);
        builder.finish().expect("no fault").len()
    }

    /// The rule as plonky2's verifier has it, for responses of all kinds.
    #[test]
    fn grinding_is_accepted_exactly_with_the_zeros_demanded() {
        let mut seen = [0; RESPONSE_BITS + 1];
        for grinding in 0..64 {
            let mut native = Challenger::<GoldilocksField, Bn254PoseidonHash>::new();
            native.observe_element(GoldilocksField::from_canonical_u64(grinding));
            let found = native.get_challenge().to_canonical_u64().leading_zeros() as usize;
            seen[found] += 1;
            for zeros in 0..=found {
                assert_eq!(broken_by_grinding(grinding, zeros), 0, "{zeros} of {found} zeros");
            }
            for zeros in found + 1..=found + 4 {
                assert_eq!(broken_by_grinding(grinding, zeros), 1, "{zeros} of {found} zeros");
            }
        }
        assert!(seen.iter().filter(|count| **count > 0).count() > 3, "{seen:?}");
    }

    /// Every bit that must be zero is looked at, and none beside them.
    #[test]
    fn each_leading_bit_counts() {
        const ZEROS: usize = 17;
        for set in 0..RESPONSE_BITS - 1 {
            let mut builder = Builder::new(ConstraintSystem::new_ref());
            let (element, mut bits) = builder.canonical_with_bits(1 << set);
            bits.truncate(RESPONSE_BITS - 1);
            assert_leading_zeros(&mut builder, &Challenge { element, bits }, ZEROS);
            let must_be_zero = set >= RESPONSE_BITS - ZEROS;
            assert_eq!(
                builder.finish().expect("no fault").len(),
                usize::from(must_be_zero),
                "bit {set}"
            );
        }
    }
}
