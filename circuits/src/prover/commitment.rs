//! Commitments: the values of polynomials on a larger domain, under a Merkle tree.

use plonky2::field::polynomial::{PolynomialCoeffs, PolynomialValues};
use plonky2::field::types::Field;
use plonky2::util::reverse_index_bits_in_place;
use rayon::prelude::*;

use super::tree::tree_over;
use super::{Commitment, Config, Proving};
use crate::proof::F;

/// Values of a column that are read at once: those that share a line of the cache.
const POINTS: usize = 8;

impl<C: Config> Proving<'_, C> {
    /// Commits to the polynomials that take these values, a column each, on the circuit's rows.
    pub(super) fn commit_values(&self, columns: &[Vec<F>]) -> Commitment<C> {
        let interpolate = |column: &Vec<F>| PolynomialValues::new(column.clone()).ifft();
        self.commit(columns.par_iter().map(interpolate).collect())
    }

    /// Commits to polynomials, all with as many coefficients as the circuit has rows.
    pub(super) fn commit(&self, polynomials: Vec<PolynomialCoeffs<F>>) -> Commitment<C> {
        let config = &self.shape.config.fri_config;
        let rate_bits = config.rate_bits;
        let roots = self.data.fft_root_table.as_ref();
        let extend = |polynomial: &PolynomialCoeffs<F>| {
            let padded = polynomial.lde(rate_bits);
            padded.coset_fft_with_options(F::coset_shift(), Some(rate_bits), roots).values
        };
        let columns: Vec<Vec<F>> = polynomials.par_iter().map(extend).collect();
        let mut leaves = rows_of(&columns);
        drop(columns);
        reverse_index_bits_in_place(&mut leaves);
        let merkle_tree = tree_over(leaves, config.cap_height);
        let degree_log = self.shape.degree_bits();
        Commitment { polynomials, merkle_tree, degree_log, rate_bits, blinding: false }
    }
}

/// The transpose: what every column has at one point.
fn rows_of(columns: &[Vec<F>]) -> Vec<Vec<F>> {
    let points = columns.first().map_or(0, Vec::len);
    let mut rows = vec![Vec::new(); points];
    rows.par_chunks_mut(POINTS).enumerate().for_each(|(chunk, rows)| {
        rows.iter_mut().for_each(|row| row.reserve_exact(columns.len()));
        let start = chunk * POINTS;
        for column in columns {
            let values = &column[start..start + rows.len()];
            rows.iter_mut().zip(values).for_each(|(row, value)| row.push(*value));
        }
    });
    rows
}
