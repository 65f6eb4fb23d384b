//! The proof system of everything below the outer proof: plonky2 over Goldilocks with Poseidon.
//!
//! This module names the types once and converts between them and the crypto crate's.

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

/// The configuration of every circuit but the outer one and the recursions below the outer one.
pub fn config() -> CircuitConfig {
    CircuitConfig::standard_recursion_config()
}

/// A plonky2 element out of the crypto crate's.
pub fn element(value: Fe) -> F {
    F::from_canonical_u64(value.canonical())
}

/// The crypto crate's element out of plonky2's.
pub fn fe(value: F) -> Fe {
    use plonky2::field::types::PrimeField64;
    Fe::from_u64(value.to_canonical_u64())
}

/// Sets one target, of a constant circuit, for the first time.
pub fn set(witness: &mut PartialWitness<F>, target: Target, value: F) -> Result<(), Error> {
    witness.set_target(target, value).map_err(|reason| Error::Witness { reason })
}

/// Sets a digest's targets.
pub fn set_digest(
    witness: &mut PartialWitness<F>,
    targets: &[Target; DIGEST],
    digest: &Digest,
) -> Result<(), Error> {
    targets.iter().zip(digest.0).try_for_each(|(target, fe)| set(witness, *target, element(fe)))
}
