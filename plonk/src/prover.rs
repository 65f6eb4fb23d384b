//! The prover of every plonky2 circuit, under the inner and the outer configuration: plonky2's
//! protocol, message for message, with Merkle trees that are hashed several nodes at a time.
//!
//! plonky2's own prover spends three quarters of its time on Merkle trees, which it hashes one node
//! after another (docs/decisions/0004-prover.md). plonky2's verifier, unchanged, checks the proofs,
//! so a mistake here costs a proof, never soundness. For one witness both provers make the same
//! messages up to the nonce of the grinding, which may be any that works.

mod commitment;
mod constraints;
pub(crate) mod extension;
pub(crate) mod fri;
pub(crate) mod nodes;
pub(crate) mod openings;
mod permutation;
mod quotient;
mod tree;

use plonky2::field::extension::Extendable;
use plonky2::field::types::Field;
use plonky2::fri::FriParamsObserve;
use plonky2::fri::oracle::PolynomialBatch;
use plonky2::iop::challenger::Challenger;
use plonky2::iop::generator::generate_partial_witness;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, PartitionWitness, Witness};
use plonky2::plonk::circuit_data::{CircuitData, ProverOnlyCircuitData};
use plonky2::plonk::config::{GenericConfig, Hasher};
use plonky2::plonk::proof::ProofWithPublicInputs;
use rayon::prelude::*;

use self::constraints::Combination;
use self::nodes::NodeHasher;
use self::quotient::Committed;
use crate::error::Error;
use crate::proof::{Circuit, D, F, Proof, Shape};

/// A configuration under which this prover works: the hasher of the trees takes many nodes
/// together. The degree 2 is [`D`], written as a number because the compiler does not resolve the
/// constant here.
pub trait Config: GenericConfig<2, F = F, Hasher: NodeHasher> {}
impl<C: GenericConfig<2, F = F, Hasher: NodeHasher>> Config for C {}

/// Polynomials and the Merkle tree over their values.
type Commitment<C> = PolynomialBatch<F, C, D>;
/// The transcript of the messages so far, from which challenges are drawn.
pub(crate) type Transcript<C> = Challenger<F, <C as GenericConfig<D>>::Hasher>;
/// The field from which the point of the openings is drawn.
type Extension = <F as Extendable<D>>::Extension;

/// The parts of a circuit that its prover needs.
struct Proving<'a, C: Config> {
    shape: &'a Shape,
    data: &'a ProverOnlyCircuitData<F, C, D>,
}

/// The permutation argument's challenges: one β and one γ for each repetition.
struct Challenges {
    betas: Vec<F>,
    gammas: Vec<F>,
}

/// Proves a circuit's statement from the `given` part of a witness. A witness that breaks a
/// constraint gives a proof that does not verify, or an error.
///
/// # Errors
/// plonky2's error when the given values contradict each other or determine no full witness. An
/// error of this prover when the quotient has too many coefficients, or when the opening point is a
/// point of the rows (a chance below 2^-100).
///
/// # Panics
/// When the circuit has lookup tables or hides its witness; Sheaf's circuits do neither.
pub fn prove<C: Config>(
    circuit: &CircuitData<F, C, D>,
    given: PartialWitness<F>,
) -> anyhow::Result<ProofWithPublicInputs<F, C, D>> {
    let CircuitData { prover_only: data, common: shape, .. } = circuit;
    assert!(shape.luts.is_empty() && !shape.config.zero_knowledge, "not a circuit of ours");
    let witness = generate_partial_witness(given, data, shape)?;
    Proving { shape, data }.prove(&witness)
}

/// Proves under the inner configuration and verifies the proof, because [`prove`] may return a
/// proof of a witness that breaks a constraint.
///
/// # Errors
/// [`Error::Witness`] when [`prove`] returns an error; [`Error::Refused`] when the proof does not
/// verify.
pub fn prove_verified(circuit: &Circuit, witness: PartialWitness<F>) -> Result<Proof, Error> {
    let proof = prove(circuit, witness).map_err(|reason| Error::Witness { reason })?;
    circuit.verify(proof.clone()).map_err(|reason| Error::Refused { reason })?;
    Ok(proof)
}

impl<C: Config> Proving<'_, C> {
    /// Makes all messages of the proof in their order.
    fn prove(
        &self,
        witness: &PartitionWitness<'_, F>,
    ) -> anyhow::Result<ProofWithPublicInputs<F, C, D>> {
        let Self { shape, data } = *self;
        let public_inputs = witness.get_targets(&data.public_inputs);
        let public_inputs_hash = C::InnerHasher::hash_no_pad(&public_inputs);
        let columns = columns(witness, shape);

        let mut transcript = Transcript::<C>::new();
        shape.fri_params.observe(&mut transcript);
        transcript.observe_hash::<C::Hasher>(data.circuit_digest);
        transcript.observe_hash::<C::InnerHasher>(public_inputs_hash);

        let repetitions = shape.config.num_challenges;
        let wires = self.commit_values(&columns);
        transcript.observe_cap::<C::Hasher>(&wires.merkle_tree.cap);
        let betas = transcript.get_n_challenges(repetitions);
        let gammas = transcript.get_n_challenges(repetitions);
        let challenges = Challenges { betas, gammas };

        let products = self.commit_values(&self.permutation_products(&columns, &challenges));
        transcript.observe_cap::<C::Hasher>(&products.merkle_tree.cap);
        let alphas = transcript.get_n_challenges(repetitions);

        let committed = Committed { wires, products };
        let combination = Combination { challenges, alphas, public_inputs_hash };
        let quotient = self.commit(self.quotient(&committed, &combination)?);
        transcript.observe_cap::<C::Hasher>(&quotient.merkle_tree.cap);
        let messages = self.open(committed, quotient, &mut transcript)?;
        Ok(ProofWithPublicInputs { proof: messages, public_inputs })
    }
}

/// The witness as columns, a value for each row. A wire without a value is zero.
fn columns(witness: &PartitionWitness<'_, F>, shape: &Shape) -> Vec<Vec<F>> {
    let value = |row, column| witness.try_get_target(Target::wire(row, column));
    let column = |column| -> Vec<F> {
        (0..shape.degree()).map(|row| value(row, column).unwrap_or(F::ZERO)).collect()
    };
    (0..shape.config.num_wires).into_par_iter().map(column).collect()
}

#[cfg(test)]
mod tests {
    use plonky2::iop::witness::WitnessWrite;
    use plonky2::plonk::circuit_data::CircuitConfig;
    use plonky2::plonk::config::{AlgebraicHasher, PoseidonGoldilocksConfig};
    use plonky2::plonk::prover::prove_with_partition_witness;
    use plonky2::util::timing::TimingTree;

    use super::*;
    use crate::bn254::Bn254Config;
    use crate::hash::hash_checked;
    use crate::outer::OuterConfig;
    use crate::proof::{Builder, config};
    use sheaf_crypto::hash::Tag;

    /// A chain of hashes over `links` from a private start, whose end is public.
    fn chain<C: Config>(config: CircuitConfig, links: usize) -> (CircuitData<F, C, D>, Target)
    where
        C::InnerHasher: AlgebraicHasher<F>,
    {
        let mut builder = Builder::new(config);
        let start = builder.add_virtual_target();
        let mut value = start;
        for _ in 0..links {
            value = hash_checked(&mut builder, Tag::new(12), &[value, start]).elements[0];
        }
        builder.register_public_input(value);
        (builder.build(), start)
    }

    fn witness(start: Target, value: u64) -> PartialWitness<F> {
        let mut witness = PartialWitness::new();
        witness.set_target(start, F::from_canonical_u64(value)).expect("the first value");
        witness
    }

    fn sends_plonky2s_messages<C: Config>((circuit, start): (CircuitData<F, C, D>, Target)) {
        let CircuitData { prover_only: data, common: shape, .. } = &circuit;
        // One witness for both, because wires that nothing uses are random.
        let witness = generate_partial_witness(witness(start, 5), data, shape);
        let witness = witness.expect("nothing contradicts the start");
        let ours = Proving { shape, data }.prove(&witness).expect("a full witness");
        let timing = &mut TimingTree::default();
        let theirs = prove_with_partition_witness(data, shape, witness, timing);
        let theirs = theirs.expect("a full witness");
        assert_eq!(ours.public_inputs, theirs.public_inputs);
        let (ours, theirs) = (&ours.proof, &theirs.proof);
        assert_eq!(ours.wires_cap, theirs.wires_cap);
        assert_eq!(ours.plonk_zs_partial_products_cap, theirs.plonk_zs_partial_products_cap);
        assert_eq!(ours.quotient_polys_cap, theirs.quotient_polys_cap);
        assert_eq!(ours.openings, theirs.openings);
        // The later messages may differ: any nonce with enough zero bits works, and the queries
        // depend on the nonce.
        let (ours, theirs) = (&ours.opening_proof, &theirs.opening_proof);
        assert_eq!(ours.commit_phase_merkle_caps, theirs.commit_phase_merkle_caps);
        assert_eq!(ours.final_poly, theirs.final_poly);
    }

    /// The outer configuration with as little grinding as a test can wait for.
    fn outer_config() -> CircuitConfig {
        let mut config = OuterConfig::default().outer;
        config.security_bits = 1;
        config.fri_config.proof_of_work_bits = 5;
        config
    }

    #[test]
    fn makes_the_messages_that_plonky2_makes() {
        for links in [3, 200] {
            sends_plonky2s_messages(chain::<PoseidonGoldilocksConfig>(config(), links));
            sends_plonky2s_messages(chain::<Bn254Config>(outer_config(), links));
        }
    }

    fn only_proofs_verify<C: Config>((circuit, start): (CircuitData<F, C, D>, Target)) {
        let proof = prove(&circuit, witness(start, 7)).expect("a full witness");
        circuit.verify(proof.clone()).expect("a proof");
        let mut changed = proof.clone();
        changed.public_inputs[0] += F::ONE;
        assert!(circuit.verify(changed).is_err());
        let mut changed = proof;
        changed.proof.openings.wires[3] += Extension::ONE;
        assert!(circuit.verify(changed).is_err());
    }

    #[test]
    fn proofs_verify_and_changed_ones_do_not() {
        only_proofs_verify(chain::<PoseidonGoldilocksConfig>(config(), 100));
        only_proofs_verify(chain::<Bn254Config>(outer_config(), 100));
    }
}
