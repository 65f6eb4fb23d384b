//! The outer proof: a batch proof again, under a configuration that the wrap can verify cheaply.
//!
//! 1. The batch proof verifies under the verifier data given when the circuit was built, which are
//!    constants of the circuit.
//! 2. The public inputs of the batch proof are the public inputs of the outer proof, in order.
//!
//! Plain recursions between the batch proof and the outer proof shrink the proof until the outer
//! circuit fits into 2^[`OUTER_DEGREE_BITS`] rows. Each recursion makes the same two statements
//! about the proof before it.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::fri::{FriConfig, FriReductionStrategy};
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::{
    CircuitConfig, CircuitData, CommonCircuitData, VerifierOnlyCircuitData,
};
use plonky2::plonk::config::{AlgebraicHasher, GenericConfig, PoseidonGoldilocksConfig};
use plonky2::plonk::proof::{ProofWithPublicInputs, ProofWithPublicInputsTarget};

use crate::bn254::Bn254Config;
use crate::error::Error;
use crate::packing::Packing;
use crate::proof::config;
use crate::prover;

/// Degree of the field extension of every proof.
pub const D: usize = 2;
/// Rows of the outer circuit, as a power of two. The circuit whose proof the outer circuit verifies
/// has at most as many.
pub const OUTER_DEGREE_BITS: usize = 12;
/// Recursions that are tried before a batch circuit is refused as too large.
const SHRINKS_MAX: usize = 4;

type F = GoldilocksField;
/// Configuration of the batch proof and of the recursions that shrink it.
pub type InnerConfig = PoseidonGoldilocksConfig;
/// A proof under the inner configuration.
pub type InnerProof = ProofWithPublicInputs<F, InnerConfig, D>;
/// The proof that the wrap verifies.
pub type OuterProof = ProofWithPublicInputs<F, Bn254Config, D>;

/// The configurations of the chain, whose security is that of its weakest proof. The default is the
/// protocol's; others are for measurements and for tests of the wrap's logic.
#[derive(Clone, Debug)]
pub struct OuterConfig {
    /// The configuration of the recursions before the outer proof.
    pub shrink: CircuitConfig,
    /// The configuration of the outer proof.
    pub outer: CircuitConfig,
}

impl Default for OuterConfig {
    /// At least 100 bits of conjectured security for each proof.
    ///
    /// A recursion has 17 queries at rate 1/32, which give 85 bits, and grinding gives 16 bits.
    /// With so few queries the outer circuit fits into 2^12 rows of 40 routed wires.
    ///
    /// The outer proof has 21 queries at rate 1/16, which give 84 bits, and grinding gives 16 bits:
    /// a challenge has 63 bits, so 17 leading zeros of the 64-bit response are 16 bits of work. The
    /// gate of Poseidon needs 135 wires.
    fn default() -> Self {
        let base = config();
        let fri = &base.fri_config;
        let shrink = FriConfig { rate_bits: 5, num_query_rounds: 17, ..fri.clone() };
        let outer = FriConfig {
            rate_bits: 4,
            cap_height: 4,
            proof_of_work_bits: 17,
            reduction_strategy: FriReductionStrategy::ConstantArityBits(4, 5),
            num_query_rounds: 21,
        };
        Self {
            shrink: CircuitConfig { fri_config: shrink, ..base.clone() },
            outer: CircuitConfig {
                num_wires: 135,
                num_routed_wires: 40,
                fri_config: outer,
                ..base
            },
        }
    }
}

/// A circuit that verifies one proof of another, fixed circuit and repeats that proof's public
/// inputs.
struct Recursion<C: GenericConfig<D, F = F>> {
    data: CircuitData<F, C, D>,
    inner: ProofWithPublicInputsTarget<D>,
}

impl<C: GenericConfig<D, F = F>> Recursion<C>
where
    C::InnerHasher: AlgebraicHasher<F>,
{
    fn build(
        config: CircuitConfig,
        common: &CommonCircuitData<F, D>,
        verifier_only: &VerifierOnlyCircuitData<InnerConfig, D>,
    ) -> Self {
        let mut builder = CircuitBuilder::<F, D>::new(config);
        let inner = builder.add_virtual_proof_with_pis(common);
        let verifier = builder.constant_verifier_data(verifier_only);
        builder.verify_proof::<InnerConfig>(&inner, &verifier, common);
        builder.register_public_inputs(&inner.public_inputs);
        Self { data: builder.build::<C>(), inner }
    }

    fn witness(&self, proof: &InnerProof) -> anyhow::Result<PartialWitness<F>> {
        let mut witness = PartialWitness::new();
        witness.set_proof_with_pis_target(&self.inner, proof)?;
        Ok(witness)
    }
}

/// The chain from a batch proof to the proof that the wrap verifies.
pub struct OuterCircuit {
    shrinks: Vec<Recursion<InnerConfig>>,
    outer: Recursion<Bn254Config>,
}

impl OuterCircuit {
    /// Builds the protocol's chain for one batch circuit, whose verifier data become constants.
    ///
    /// # Errors
    /// [`Error::PublicInputs`] when the batch circuit states another number of values than
    /// `packing` places; [`Error::OuterTooLarge`] when four recursions do not shrink the proof's
    /// circuit to 2^[`OUTER_DEGREE_BITS`] rows.
    pub fn build(
        packing: &Packing,
        common: &CommonCircuitData<F, D>,
        verifier_only: &VerifierOnlyCircuitData<InnerConfig, D>,
    ) -> Result<Self, Error> {
        Self::build_with(&OuterConfig::default(), packing, common, verifier_only)
    }

    /// Builds the chain under the caller's configurations.
    ///
    /// # Errors
    /// As [`OuterCircuit::build`].
    pub fn build_with(
        config: &OuterConfig,
        packing: &Packing,
        common: &CommonCircuitData<F, D>,
        verifier_only: &VerifierOnlyCircuitData<InnerConfig, D>,
    ) -> Result<Self, Error> {
        let (expected, found) = (packing.values(), common.num_public_inputs);
        if expected != found {
            return Err(Error::PublicInputs { expected, found });
        }
        // There is at least one recursion, so that the proof that the outer circuit verifies has
        // the gates of a recursion and never those of the batch circuit.
        let mut shrinks = Vec::new();
        let (mut common, mut verifier_only) = (common.clone(), verifier_only.clone());
        while shrinks.is_empty() || common.degree_bits() > OUTER_DEGREE_BITS {
            if shrinks.len() == SHRINKS_MAX {
                return Err(Error::OuterTooLarge {
                    degree_bits: common.degree_bits(),
                    recursions: SHRINKS_MAX,
                });
            }
            let step =
                Recursion::<InnerConfig>::build(config.shrink.clone(), &common, &verifier_only);
            common = step.data.common.clone();
            verifier_only = step.data.verifier_only.clone();
            shrinks.push(step);
        }
        let outer = Recursion::<Bn254Config>::build(config.outer.clone(), &common, &verifier_only);
        Ok(Self { shrinks, outer })
    }

    /// Proves the statement of a batch proof again, under the outer configuration.
    ///
    /// # Errors
    /// [`Error::Witness`] when the witness of a recursion cannot be completed because the batch
    /// proof does not verify.
    pub fn prove(&self, batch: &InnerProof) -> Result<OuterProof, Error> {
        let prove = || -> anyhow::Result<OuterProof> {
            let mut proof = batch.clone();
            for step in &self.shrinks {
                proof = prover::prove(&step.data, step.witness(&proof)?)?;
            }
            prover::prove(&self.outer.data, self.outer.witness(&proof)?)
        };
        prove().map_err(|reason| Error::Witness { reason })
    }

    /// Verifies an outer proof with plonky2's native verifier.
    ///
    /// # Errors
    /// [`Error::Refused`] when the proof does not verify.
    pub fn verify(&self, proof: &OuterProof) -> Result<(), Error> {
        self.outer.data.verify(proof.clone()).map_err(|reason| Error::Refused { reason })
    }

    /// Shape of the outer circuit, from which the wrap is built.
    pub fn common(&self) -> &CommonCircuitData<F, D> {
        &self.outer.data.common
    }

    /// Verifier data of the outer circuit, which are constants of the wrap.
    pub fn verifier_only(&self) -> &VerifierOnlyCircuitData<Bn254Config, D> {
        &self.outer.data.verifier_only
    }

    /// Number of plain recursions before the outer proof.
    pub fn shrinks(&self) -> usize {
        self.shrinks.len()
    }
}

#[cfg(test)]
mod tests {
    use plonky2::iop::target::Target;

    use super::*;
    use crate::packing::Place;

    /// Three values in one input.
    const VALUES: Packing = Packing::new(
        &[
            Place { input: 0, shift: 0, bits: 62 },
            Place { input: 0, shift: 62, bits: 62 },
            Place { input: 0, shift: 124, bits: 32 },
        ],
        1,
    );

    /// The public inputs that are no copies of the inner proof's.
    fn strangers<C>(recursion: &Recursion<C>) -> Vec<usize>
    where
        C: GenericConfig<D, F = F>,
    {
        let Recursion { data, inner } = recursion;
        let (wires, rows) = (data.common.config.num_wires, data.common.degree());
        let class =
            |target: &Target| data.prover_only.representative_map[target.index(wires, rows)];
        let stated = data.prover_only.public_inputs.iter().map(class);
        let pairs = stated.zip(inner.public_inputs.iter().map(class)).enumerate();
        pairs.filter(|(_, (stated, inner))| stated != inner).map(|(i, _)| i).collect()
    }

    /// Statement 2, of each recursion.
    #[test]
    fn public_inputs_are_the_inner_proofs() {
        let mut builder = CircuitBuilder::<F, D>::new(config());
        let values = builder.add_virtual_targets(VALUES.values());
        builder.register_public_inputs(&values);
        let batch = builder.build::<InnerConfig>();
        let circuit = OuterCircuit::build(&VALUES, &batch.common, &batch.verifier_only);
        let OuterCircuit { shrinks, outer } = circuit.expect("a small batch circuit");
        for shrink in &shrinks {
            assert_eq!(strangers(shrink), [0; 0]);
        }
        assert_eq!(outer.data.common.num_public_inputs, VALUES.values());
        assert_eq!(strangers(&outer), [0; 0]);
    }
}
