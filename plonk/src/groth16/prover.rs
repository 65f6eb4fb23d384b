//! From an assignment to a Groth16 proof: the equations of Groth (2016), section 3.2.
//!
//! Key and proof have arkworks' types; [`super::quotient`] says which points of the quotient the
//! key has. Tests compare the quotient and the sums of points with arkworks'.

use ark_bn254::{Bn254, Fr, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInt, PrimeField, UniformRand};
use ark_groth16::Proof;
use ark_relations::gr1cs::SynthesisError;
use ark_std::rand::{CryptoRng, RngCore};
use rayon::prelude::*;

use super::ProvingKey;
use super::msm::{sum_in_g1, sum_in_g2};
use super::quotient::numerator;
use crate::wrap::Assignment;

/// Makes a proof that a satisfying assignment is known, blinded by new randomness from `rng`.
///
/// # Errors
/// `PolynomialDegreeTooLarge` when the field has too few roots of unity for the constraints.
pub(super) fn prove<R: RngCore + CryptoRng>(
    key: &ProvingKey,
    assignment: Assignment,
    rng: &mut R,
) -> Result<Proof<Bn254>, SynthesisError> {
    let (r, s) = (Fr::rand(rng), Fr::rand(rng));
    let Assignment { variables, inputs, factors } = assignment;
    let numerator = integers(&numerator(factors, &variables[..inputs])?);
    let variables = integers(&variables);
    let (witness, tail) = (&variables[inputs..], &variables[1..]);

    let of_quotient = sum_in_g1(&key.h_query, &numerator);
    drop(numerator);
    let of_witness = sum_in_g1(&key.l_query, witness);
    let in_g1 = |query: &[G1Affine]| sum_in_g1(&query[1..], tail) + query[0];
    let a = in_g1(&key.a_query) + key.vk.alpha_g1 + key.delta_g1 * r;
    let b_in_g1 = in_g1(&key.b_g1_query) + key.beta_g1 + key.delta_g1 * s;
    let b = sum_in_g2(&key.b_g2_query[1..], tail)
        + key.b_g2_query[0]
        + key.vk.beta_g2
        + key.vk.delta_g2.into_group() * s;
    let c = of_witness + of_quotient + a * s + b_in_g1 * r - key.delta_g1 * (r * s);
    Ok(Proof { a: a.into_affine(), b: b.into_affine(), c: c.into_affine() })
}

fn integers(scalars: &[Fr]) -> Vec<BigInt<4>> {
    scalars.par_iter().map(|scalar| scalar.into_bigint()).collect()
}
