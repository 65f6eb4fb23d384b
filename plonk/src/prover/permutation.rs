//! The permutation argument: connected wires have the same value (the PLONK paper, eprint 2019/953,
//! section 5). The products are cut into parts as in plonky2's paper.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use rayon::prelude::*;
use sheaf_crypto::goldilocks::word::Word;

use super::{Challenges, Config, Proving};
use crate::proof::{F, Shape};

/// The terms of the factors that no wire determines, at one point or at several points side by
/// side.
#[derive(Clone, Copy)]
pub(super) struct Factors<W> {
    /// β·x.
    pub shifted_x: W,
    pub beta: W,
    pub gamma: W,
}

/// Rows whose denominators are inverted together, in one task.
const ROWS_PER_TASK: usize = 64;

impl<C: Config> Proving<'_, C> {
    /// The columns to which plonky2 commits after the wires: one for each Z, then those of the
    /// partial products of each Z.
    pub(super) fn permutation_products(
        &self,
        columns: &[Vec<F>],
        challenges: &Challenges,
    ) -> Vec<Vec<F>> {
        let Challenges { betas, gammas } = challenges;
        let (mut zs, mut partial_products) = (Vec::new(), Vec::new());
        for (beta, gamma) in betas.iter().zip(gammas) {
            let quotients = self.quotients(columns, *beta, *gamma);
            let [z, rest @ ..] = &mut self.running_products(&quotients)[..] else { continue };
            zs.push(core::mem::take(z));
            partial_products.extend(rest.iter_mut().map(core::mem::take));
        }
        [zs, partial_products].concat()
    }

    /// For each row and each part of the row, the quotient of the part's two products.
    fn quotients(&self, columns: &[Vec<F>], beta: F, gamma: F) -> Vec<F> {
        let parts = self.parts();
        let mut quotients = vec![F::ZERO; self.shape.degree() * parts];
        let tasks = quotients.par_chunks_mut(ROWS_PER_TASK * parts).enumerate();
        tasks.for_each(|(task, numerators)| {
            let first = task * ROWS_PER_TASK;
            let mut denominators = Vec::with_capacity(numerators.len());
            for (offset, numerators) in numerators.chunks_mut(parts).enumerate() {
                let row = first + offset;
                let shifted_x = (beta * self.data.subgroup[row]).0;
                let factors = Factors { shifted_x, beta: beta.0, gamma: gamma.0 };
                let sigmas = &self.data.sigmas[row];
                let wire = |wire: usize| [columns[wire][row].0, sigmas[wire].0];
                for (part, numerator) in numerators.iter_mut().enumerate() {
                    let products = part_products(self.shape, part, wire, factors);
                    let [above, below] = products.map(GoldilocksField);
                    *numerator = above;
                    denominators.push(below);
                }
            }
            let inverses = F::batch_multiplicative_inverse(&denominators);
            numerators.iter_mut().zip(inverses).for_each(|(above, inverse)| *above *= inverse);
        });
        quotients
    }

    /// Z and the partial products of every row, as columns. The Z of a row is the product of all
    /// quotients of the rows above. Each further column includes one more part of the row.
    fn running_products(&self, quotients: &[F]) -> Vec<Vec<F>> {
        let parts = self.parts();
        let mut columns = vec![Vec::with_capacity(self.shape.degree()); parts];
        let mut product = F::ONE;
        for row in quotients.chunks(parts) {
            for (column, quotient) in columns.iter_mut().zip(row) {
                column.push(product);
                product *= *quotient;
            }
        }
        columns
    }

    /// The number of parts into which a row's product is cut.
    pub(super) const fn parts(&self) -> usize {
        self.shape.num_partial_products + 1
    }
}

/// Two products over the wires of one part: of (wire + β·k·x + γ), and of (wire + β·σ + γ). `wire`
/// returns a wire and its σ.
#[inline(always)]
pub(super) fn part_products<W: Word>(
    shape: &Shape,
    part: usize,
    wire: impl Fn(usize) -> [W; 2],
    factors: Factors<W>,
) -> [W; 2] {
    let Factors { shifted_x, beta, gamma } = factors;
    let length = shape.permutation_partial_product_degree();
    let end = shape.config.num_routed_wires.min((part + 1) * length);
    let one = gamma.repeat(1);
    let (mut above, mut below) = (one, one);
    for (column, k) in (part * length..end).zip(&shape.k_is[part * length..]) {
        let [value, sigma] = wire(column);
        let value = value.sum(gamma);
        above = above.times(value.sum(shifted_x.times(gamma.repeat(k.0))));
        below = below.times(value.sum(sigma.times(beta)));
    }
    [above, below]
}
