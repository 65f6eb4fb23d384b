//! The numerator of the quotient: a·b − c of a satisfied constraint system, at the points between
//! those of the domain.
//!
//! Let n be the size of the domain and ω a primitive 2n-th root of unity. The domain is the even
//! powers of ω. There a·b − c is zero, because the constraints are satisfied. The degree of a·b − c
//! is below 2n, so the values at the odd powers of ω determine the polynomial: at the key's secret
//! τ it is Σ valueⱼ·Lⱼ(τ), where Lⱼ is the Lagrange polynomial, over all 2n powers, of the odd
//! power ω^(2j+1). A proving key has the points Lⱼ(τ)/δ in G1. snarkjs' keys have the same points;
//! arkworks' have τʲ·(τⁿ − 1)/δ instead and take the quotient's coefficients.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, FftField, PrimeField};
use ark_groth16::r1cs_to_qap::{LibsnarkReduction, R1CSToQAP};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_relations::gr1cs::{ConstraintSystemRef, Matrix, SynthesisError};
use rayon::prelude::*;

use crate::wrap::Factors;

/// The values of a·b − c at ω, ω³, …, ω^(2n−1), for a domain of n points.
///
/// `factors` are the two factors of each constraint. The third matrix is not needed: the
/// constraints are satisfied, so the value of c on the domain is the product of the factors.
///
/// # Errors
/// `PolynomialDegreeTooLarge` when the field has no domain of twice this size.
pub(super) fn numerator(factors: Factors, inputs: &[Fr]) -> Result<Vec<Fr>, SynthesisError> {
    let Factors { mut left, mut right } = factors;
    let domain = Radix2EvaluationDomain::<Fr>::new(left.len() + inputs.len())
        .ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
    let odd = between(domain).ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
    // As at setup, each input has a row of its own in the first matrix, below the constraints, so
    // that the inputs' polynomials are independent.
    left.extend_from_slice(inputs);
    left.resize(domain.size(), Fr::ZERO);
    right.resize(domain.size(), Fr::ZERO);

    let mut product: Vec<Fr> = left.par_iter().zip(&right).map(|(l, r)| *l * r).collect();
    for values in [&mut product, &mut left, &mut right] {
        domain.ifft_in_place(values);
        odd.fft_in_place(values);
    }
    left.par_iter_mut().zip(&right).for_each(|(l, r)| *l *= r);
    left.par_iter_mut().zip(&product).for_each(|(l, c)| *l -= c);
    Ok(left)
}

/// The odd powers of the root of unity whose even powers are `domain`; `None` when the field has no
/// such root.
fn between<F: FftField, D: EvaluationDomain<F>>(domain: D) -> Option<D> {
    domain.get_coset(F::get_root_of_unity(2 * domain.size() as u64)?)
}

/// arkworks' reduction, with the points of the quotient that [`numerator`] needs.
pub(super) struct OddPowers;

impl R1CSToQAP for OddPowers {
    fn instance_map_with_evaluation<F: PrimeField, D: EvaluationDomain<F>>(
        system: ConstraintSystemRef<F>,
        tau: &F,
    ) -> Result<(Vec<F>, Vec<F>, Vec<F>, F, usize, usize), SynthesisError> {
        LibsnarkReduction::instance_map_with_evaluation::<F, D>(system, tau)
    }

    /// The values of a·b − c, which is −2 times the quotient at odd powers of ω.
    fn witness_map_from_matrices<F: PrimeField, D: EvaluationDomain<F>>(
        matrices: &[Matrix<F>],
        inputs: usize,
        constraints: usize,
        variables: &[F],
    ) -> Result<Vec<F>, SynthesisError> {
        let map = LibsnarkReduction::witness_map_from_matrices::<F, D>;
        let mut values = map(matrices, inputs, constraints, variables)?;
        let odd = D::new(values.len()).and_then(between);
        odd.ok_or(SynthesisError::PolynomialDegreeTooLarge)?.fft_in_place(&mut values);
        let factor = -F::from(2u64);
        values.iter_mut().for_each(|value| *value *= factor);
        Ok(values)
    }

    /// Lⱼ(τ)/δ for each odd power. `max_power` is one less than the size of the domain.
    fn h_query_scalars<F: PrimeField, D: EvaluationDomain<F>>(
        max_power: usize,
        tau: F,
        _vanishing: F,
        delta_inverse: F,
    ) -> Result<Vec<F>, SynthesisError> {
        let domain = D::new(2 * (max_power + 1)).ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
        let all = domain.evaluate_all_lagrange_coefficients(tau);
        Ok(all.into_iter().skip(1).step_by(2).map(|value| value * delta_inverse).collect())
    }
}

#[cfg(test)]
mod tests {
    use ark_ff::{Field, UniformRand};
    use ark_std::rand::SeedableRng;
    use ark_std::rand::rngs::StdRng;

    use super::*;

    type Domain = Radix2EvaluationDomain<Fr>;

    /// Constraints that are satisfied by `variables`: matrices, factors and variables.
    fn satisfied(inputs: usize) -> (Vec<Matrix<Fr>>, Factors, Vec<Fr>) {
        let mut rng = StdRng::seed_from_u64(1);
        let mut variables: Vec<Fr> = (0..60).map(|_| Fr::rand(&mut rng)).collect();
        variables[0] = Fr::ONE;
        // Each constraint is a product of two known variables; its result is a variable of its own.
        let mut matrices = vec![Vec::new(); 3];
        let mut factors = Factors::default();
        for row in 0..104 - inputs {
            let (l, r) = (row % 60, row * 7 % 60);
            factors.left.push(variables[l]);
            factors.right.push(variables[r]);
            matrices[0].push(vec![(Fr::ONE, l)]);
            matrices[1].push(vec![(Fr::ONE, r)]);
            matrices[2].push(vec![(Fr::ONE, variables.len())]);
            variables.push(variables[l] * variables[r]);
        }
        (matrices, factors, variables)
    }

    #[test]
    fn equal_to_arkworks_quotient() {
        const INPUTS: usize = 3;
        let (matrices, factors, variables) = satisfied(INPUTS);
        let map = OddPowers::witness_map_from_matrices::<Fr, Domain>;
        let expected = map(&matrices, INPUTS, matrices[0].len(), &variables);
        let found = numerator(factors, &variables[..INPUTS]).expect("a small domain");
        assert_eq!(found, expected.expect("a small domain"));
    }

    /// The values, combined by a key's scalars, are the polynomial at τ.
    #[test]
    fn values_and_scalars_of_the_key_give_the_quotient_at_tau() {
        const INPUTS: usize = 3;
        let (matrices, factors, variables) = satisfied(INPUTS);
        let [tau, delta] = [7u64, 11].map(Fr::from);
        let map = LibsnarkReduction::witness_map_from_matrices::<Fr, Domain>;
        let quotient = map(&matrices, INPUTS, matrices[0].len(), &variables).expect("small");
        let size = quotient.len();
        let vanishing = tau.pow([size as u64]) - Fr::ONE;
        let at_tau: Fr = (0u64..).zip(quotient).map(|(i, h)| h * tau.pow([i])).sum();
        let scalars = OddPowers::h_query_scalars::<Fr, Domain>(
            size - 1,
            tau,
            vanishing,
            delta.inverse().expect("not zero"),
        );
        let values = numerator(factors, &variables[..INPUTS]).expect("a small domain");
        let combined: Fr = values.iter().zip(scalars.expect("small")).map(|(v, s)| *v * s).sum();
        assert_eq!(combined * delta, at_tau * vanishing);
    }
}
