//! The last messages: every polynomial's value at a random point, and FRI's proof of them.

use plonky2::field::types::Field;
use plonky2::fri::structure::{
    FriBatchInfo, FriInstanceInfo, FriOpeningExpression, FriOracleInfo, FriPolynomialInfo,
};
use plonky2::plonk::proof::{OpeningSet, Proof as Messages};
use plonky2::util::timing::TimingTree;

use super::quotient::Committed;
use super::{Commitment, Config, Extension, Proving, Transcript};
use crate::proof::{D, F};

type Opening = FriOpeningExpression<F, D>;

/// The place of the products' commitment among the four.
const PRODUCTS: usize = 2;

impl<C: Config> Proving<'_, C> {
    /// Opens all commitments at a point that the transcript gives, and the Zs at the next row's.
    ///
    /// # Errors
    /// When the point is one of the rows', which happens with a chance of 2^-100.
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
        let all = oracles.iter().enumerate().flat_map(|(i, o)| raw(i, o.polynomials.len()));
        let next = raw(PRODUCTS, self.shape.config.num_challenges);
        let instance = FriInstanceInfo {
            oracles: oracles
                .iter()
                .map(|o| FriOracleInfo { num_polys: o.polynomials.len(), blinding: false })
                .collect(),
            batches: vec![
                FriBatchInfo { point, openings: all.collect() },
                FriBatchInfo { point: generator * point, openings: next.collect() },
            ],
        };
        let opening_proof = Commitment::<C>::prove_openings(
            &instance,
            &oracles,
            transcript,
            &self.shape.fri_params,
            None,
            None,
            &mut TimingTree::default(),
        );
        Ok(Messages {
            wires_cap: wires.merkle_tree.cap,
            plonk_zs_partial_products_cap: products.merkle_tree.cap,
            quotient_polys_cap: quotient.merkle_tree.cap,
            openings,
            opening_proof,
        })
    }
}

/// The first polynomials of one commitment.
fn raw(oracle_index: usize, count: usize) -> impl Iterator<Item = Opening> {
    FriPolynomialInfo::from_range(oracle_index, 0..count).into_iter().map(Opening::raw)
}
