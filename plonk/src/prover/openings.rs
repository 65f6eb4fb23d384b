//! The last messages: every polynomial's value at a random point, and FRI's proof of these values.

use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::field::types::Field;
use plonky2::plonk::proof::{OpeningSet, Proof as Messages};
use rayon::prelude::*;

use super::fri::prove_low_degree;
use super::quotient::Committed;
use super::{Commitment, Config, Extension, Proving, Transcript};
use crate::proof::{D, F};

impl<C: Config> Proving<'_, C> {
    /// Opens all commitments at a point drawn from the transcript, and the Zs also at the point of
    /// the next row.
    ///
    /// # Errors
    /// When the drawn point is a point of the rows (a chance below 2^-100).
    pub(super) fn open(
        &self,
        committed: Committed<C>,
        quotient: Commitment<C>,
        transcript: &mut Transcript<C>,
    ) -> anyhow::Result<Messages<F, C, D>> {
        let Committed { wires, products } = committed;
        let fixed = &self.data.constants_sigmas_commitment;
        let point = transcript.get_extension_challenge::<D>();
        let generator = Extension::primitive_root_of_unity(self.shape.degree_bits());
        let on_a_row = point.exp_power_of_2(self.shape.degree_bits()) == Extension::ONE;
        anyhow::ensure!(!on_a_row, "the opening point is a row");
        let openings =
            OpeningSet::new(point, generator, fixed, &wires, &products, &quotient, self.shape);
        let OpeningSet { constants, plonk_sigmas, wires: w, plonk_zs, .. } = &openings;
        let OpeningSet { plonk_zs_next, partial_products, quotient_polys, .. } = &openings;
        for values in [constants, plonk_sigmas, w, plonk_zs, partial_products, quotient_polys] {
            transcript.observe_extension_elements::<D>(values);
        }
        transcript.observe_extension_elements::<D>(plonk_zs_next);

        let oracles = [fixed, &wires, &products, &quotient];
        let all: Vec<_> = oracles.iter().flat_map(|oracle| &oracle.polynomials).collect();
        let zs: Vec<_> = products.polynomials[self.shape.zs_range()].iter().collect();
        let alpha = transcript.get_extension_challenge::<D>();
        let mut polynomial = quotient_at(&all, point, alpha);
        polynomial *= alpha.exp_u64(zs.len() as u64);
        polynomial += quotient_at(&zs, generator * point, alpha);
        let open = |index: usize| {
            let trees = oracles.iter().map(|oracle| &oracle.merkle_tree);
            trees.map(|tree| (tree.get(index).to_vec(), tree.prove(index))).collect()
        };
        let params = &self.shape.fri_params;
        let opening_proof = prove_low_degree::<C>(params, vec![polynomial], open, transcript);
        Ok(Messages {
            wires_cap: wires.merkle_tree.cap,
            plonk_zs_partial_products_cap: products.merkle_tree.cap,
            quotient_polys_cap: quotient.merkle_tree.cap,
            openings,
            opening_proof,
        })
    }
}

/// Coefficients that one task combines.
const COEFFICIENTS_PER_TASK: usize = 64;

/// (P − P(point)) / (X − point), where P is the sum of the polynomials weighed by the powers of α.
/// The verifier puts the opened value in place of P(point): only for the right value is the
/// quotient a polynomial.
pub(crate) fn quotient_at(
    polynomials: &[&PolynomialCoeffs<F>],
    point: Extension,
    alpha: Extension,
) -> PolynomialCoeffs<Extension> {
    let length = polynomials.first().map_or(0, |polynomial| polynomial.len());
    let mut sum = vec![Extension::ZERO; length];
    sum.par_chunks_mut(COEFFICIENTS_PER_TASK).enumerate().for_each(|(task, sums)| {
        let start = task * COEFFICIENTS_PER_TASK;
        for polynomial in polynomials.iter().rev() {
            let coefficients = &polynomial.coeffs[start..start + sums.len()];
            for (sum, coefficient) in sums.iter_mut().zip(coefficients) {
                *sum = *sum * alpha + Extension::from(*coefficient);
            }
        }
    });
    let mut quotient = PolynomialCoeffs::new(sum).divide_by_linear(point);
    quotient.coeffs.push(Extension::ZERO);
    quotient
}
