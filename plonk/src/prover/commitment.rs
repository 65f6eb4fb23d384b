//! Commitments: the values of polynomials on a larger domain, under a Merkle tree.

use plonky2::field::polynomial::PolynomialCoeffs;

use super::extension::{extend, interpolate};
use super::tree::tree_over;
use super::{Commitment, Config, Proving};
use crate::proof::F;

impl<C: Config> Proving<'_, C> {
    /// Commits to the polynomials that have the values of these columns on the circuit's rows.
    pub(super) fn commit_values(&self, columns: &[Vec<F>]) -> Commitment<C> {
        self.commit(interpolate(columns))
    }

    /// Commits to polynomials, each with as many coefficients as the circuit has rows.
    pub(super) fn commit(&self, polynomials: Vec<PolynomialCoeffs<F>>) -> Commitment<C> {
        let config = &self.shape.config.fri_config;
        let rate_bits = config.rate_bits;
        let merkle_tree = tree_over(extend(&polynomials, rate_bits), config.cap_height);
        let degree_log = self.shape.degree_bits();
        Commitment { polynomials, merkle_tree, degree_log, rate_bits, blinding: false }
    }
}
