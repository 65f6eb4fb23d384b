//! The proof system of everything below the outer proof: plonky2 over Goldilocks with Poseidon.
//!
//! It names the types once and converts between them and the ledger's. It proves nothing itself.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::{CircuitConfig, CircuitData, CommonCircuitData};
use plonky2::plonk::config::PoseidonGoldilocksConfig;
use plonky2::plonk::proof::ProofWithPublicInputs;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{DIGEST, Digest};

use crate::error::Error;
use crate::prover;

/// Degree of the extension that challenges are drawn from.
pub const D: usize = 2;
/// The field of every circuit but the wrap.
pub type F = GoldilocksField;
/// Hashes and transcript of every proof but the outer one.
pub type C = PoseidonGoldilocksConfig;
/// A circuit under construction.
pub type Builder = CircuitBuilder<F, D>;
/// A built circuit.
pub type Circuit = CircuitData<F, C, D>;
/// The shape of a circuit.
pub type Shape = CommonCircuitData<F, D>;
/// A proof with the values it states.
pub type Proof = ProofWithPublicInputs<F, C, D>;

/// Public inputs of a path: the digest it leads from, then the digest it leads to.
pub const PATH: usize = 2 * DIGEST;

/// The configuration of every circuit in this crate but the outer one.
pub fn config() -> CircuitConfig {
    CircuitConfig::standard_recursion_config()
}

/// A path between two digests: what leaf proofs and joins state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// Where it starts.
    pub from: Digest,
    /// Where it ends.
    pub to: Digest,
}

impl Path {
    /// The path that a leaf proof or a join states.
    ///
    /// # Errors
    /// `PublicInputs` when the proof does not have exactly [`PATH`] of them.
    pub fn of(proof: &Proof) -> Result<Self, Error> {
        let found = proof.public_inputs.len();
        let inputs: &[F; PATH] = proof.public_inputs[..]
            .try_into()
            .map_err(|_| Error::PublicInputs { expected: PATH, found })?;
        let digest = |at: usize| Digest(core::array::from_fn(|i| fe(inputs[at + i])));
        Ok(Self { from: digest(0), to: digest(DIGEST) })
    }
}

/// A plonky2 element out of a ledger's.
pub fn element(value: Fe) -> F {
    F::from_canonical_u64(value.canonical())
}

/// A ledger's element out of plonky2's.
pub fn fe(value: F) -> Fe {
    use plonky2::field::types::PrimeField64;
    Fe::from_u64(value.to_canonical_u64())
}

/// Sets one target, of a constant circuit, for the first time.
pub(crate) fn set(witness: &mut PartialWitness<F>, target: Target, value: F) -> Result<(), Error> {
    witness.set_target(target, value).map_err(|reason| Error::Witness { reason })
}

/// Sets a digest's targets.
pub(crate) fn set_digest(
    witness: &mut PartialWitness<F>,
    targets: &[Target; DIGEST],
    digest: &Digest,
) -> Result<(), Error> {
    targets.iter().zip(digest.0).try_for_each(|(target, fe)| set(witness, *target, element(fe)))
}

/// Proves, and refuses a proof that does not verify: plonky2 does not notice a witness that fails
/// a constraint.
pub(crate) fn prove(circuit: &Circuit, witness: PartialWitness<F>) -> Result<Proof, Error> {
    let proof = prover::prove(circuit, witness).map_err(|reason| Error::Witness { reason })?;
    circuit.verify(proof.clone()).map_err(|reason| Error::Refused { reason })?;
    Ok(proof)
}
