//! The proof system of every proof below the outer proof: plonky2 over Goldilocks with Poseidon.
//!
//! This module names plonky2's types for this configuration and converts between plonky2's field
//! elements and those of `sheaf_crypto`.

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

/// Degree of the extension field from which challenges are drawn.
pub const D: usize = 2;
/// The field of every circuit except the wrap: Goldilocks, p = 2^64 − 2^32 + 1.
pub type F = GoldilocksField;
/// The configuration (hashes and transcript) of every plonky2 proof except the outer proof.
pub type C = PoseidonGoldilocksConfig;
/// A circuit under construction.
pub type Builder = CircuitBuilder<F, D>;
/// A built circuit.
pub type Circuit = CircuitData<F, C, D>;
/// The shape of a circuit: its parameters, gates and number of rows, without its verifier data.
pub type Shape = CommonCircuitData<F, D>;
/// A proof with its public inputs.
pub type Proof = ProofWithPublicInputs<F, C, D>;

/// How often the argument of PLONK is made, each time at challenges of its own. Twice would leave
/// 85 bits to the permutation argument, fewer than FRI has (docs/security.md, "Bits of security").
pub(crate) const REPETITIONS: usize = 3;

/// The parameters of every circuit except the outer circuit and the recursions below it.
pub fn config() -> CircuitConfig {
    CircuitConfig { num_challenges: REPETITIONS, ..CircuitConfig::standard_recursion_config() }
}

/// Converts an element of `sheaf_crypto` into plonky2's.
pub fn element(value: Fe) -> F {
    F::from_canonical_u64(value.canonical())
}

/// Converts plonky2's element into one of `sheaf_crypto`.
pub fn fe(value: F) -> Fe {
    use plonky2::field::types::PrimeField64;
    Fe::from_u64(value.to_canonical_u64())
}

/// Gives a target its value in the witness.
///
/// # Errors
/// [`Error::Witness`] when the target already has another value.
pub fn set(witness: &mut PartialWitness<F>, target: Target, value: F) -> Result<(), Error> {
    witness.set_target(target, value).map_err(|reason| Error::Witness { reason })
}

/// Gives the four targets of a digest their values in the witness.
///
/// # Errors
/// [`Error::Witness`] when a target already has another value.
pub fn set_digest(
    witness: &mut PartialWitness<F>,
    targets: &[Target; DIGEST],
    digest: &Digest,
) -> Result<(), Error> {
    targets.iter().zip(digest.0).try_for_each(|(target, fe)| set(witness, *target, element(fe)))
}
