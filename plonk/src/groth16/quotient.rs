//! The quotient of a satisfied constraint system: h with a·b − c = h·Z, where Z is zero on the
//! domain.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, FftField, Field};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use ark_relations::gr1cs::SynthesisError;
use rayon::prelude::*;

use crate::wrap::Factors;

/// The coefficients of the quotient, lowest first, as many as the domain has points.
///
/// `factors` are the two factors of each constraint. The third matrix is not needed: the
/// constraints are satisfied, so c equals a·b on the domain. With a·b = l + u·Xⁿ and Z = Xⁿ − 1,
/// the quotient h is u. Modulo Xⁿ − 1 the product is l + u, which is c. Modulo Xⁿ − k the product
/// is l + k·u. The difference of the two, divided by k − 1, is u.
///
/// # Errors
/// `PolynomialDegreeTooLarge` when the field has no domain of this size.
pub(super) fn quotient(factors: Factors, inputs: &[Fr]) -> Result<Vec<Fr>, SynthesisError> {
    let Factors { mut left, mut right } = factors;
    let domain = Radix2EvaluationDomain::<Fr>::new(left.len() + inputs.len())
        .ok_or(SynthesisError::PolynomialDegreeTooLarge)?;
    let size = domain.size();
    // As at setup, each input has a row of its own in the first matrix, below the constraints, so
    // that the inputs' polynomials are independent.
    left.extend_from_slice(inputs);
    left.resize(size, Fr::ZERO);
    right.resize(size, Fr::ZERO);

    let mut product: Vec<Fr> = left.par_iter().zip(&right).map(|(l, r)| *l * r).collect();
    domain.ifft_in_place(&mut product);
    let coset = domain.get_coset(Fr::GENERATOR).expect("the generator is not zero");
    for factor in [&mut left, &mut right] {
        domain.ifft_in_place(factor);
        coset.fft_in_place(factor);
    }
    left.par_iter_mut().zip(&right).for_each(|(l, r)| *l *= r);
    drop(right);
    coset.ifft_in_place(&mut left);

    let scale = (Fr::GENERATOR.pow([size as u64]) - Fr::ONE).inverse();
    let scale = scale.expect("the generator lies outside the domain");
    left.par_iter_mut().zip(&product).for_each(|(l, p)| *l = (*l - p) * scale);
    Ok(left)
}

#[cfg(test)]
mod tests {
    use ark_ff::UniformRand;
    use ark_groth16::r1cs_to_qap::{LibsnarkReduction, R1CSToQAP};
    use ark_std::rand::SeedableRng;
    use ark_std::rand::rngs::StdRng;

    use super::*;

    type Domain = Radix2EvaluationDomain<Fr>;

    #[test]
    fn equal_to_arkworks() {
        const CONSTRAINTS: usize = 101;
        const INPUTS: usize = 3;
        let mut rng = StdRng::seed_from_u64(1);
        let mut variables: Vec<Fr> = (0..60).map(|_| Fr::rand(&mut rng)).collect();
        variables[0] = Fr::ONE;
        // Each constraint is a product of two known variables; its result is a variable of its own.
        let mut matrices = vec![Vec::new(); 3];
        let mut factors = Factors::default();
        for row in 0..CONSTRAINTS {
            let (l, r) = (row % 60, row * 7 % 60);
            factors.left.push(variables[l]);
            factors.right.push(variables[r]);
            matrices[0].push(vec![(Fr::ONE, l)]);
            matrices[1].push(vec![(Fr::ONE, r)]);
            matrices[2].push(vec![(Fr::ONE, variables.len())]);
            variables.push(variables[l] * variables[r]);
        }
        let map = LibsnarkReduction::witness_map_from_matrices::<Fr, Domain>;
        let expected = map(&matrices, INPUTS, CONSTRAINTS, &variables);
        let found = quotient(factors, &variables[..INPUTS]).expect("a small domain");
        assert_eq!(found, expected.expect("a small domain"));
    }
}
