//! The quotient: every constraint of every row, combined by powers of a challenge and divided by
//! the polynomial that is zero on all rows. The proof shows that the division has no remainder.

use plonky2::field::polynomial::{PolynomialCoeffs, PolynomialValues};
use plonky2::field::types::Field;
use plonky2::field::zero_poly_coset::ZeroPolyOnCoset;
use plonky2::util::{log2_ceil, reverse_bits};
use rayon::prelude::*;

use super::constraints::{Columns, Combination, POINTS, Task};
use super::{Commitment, Config, Proving};
use crate::proof::F;

/// The commitments before the quotient.
pub(super) struct Committed<C: Config> {
    pub wires: Commitment<C>,
    pub products: Commitment<C>,
}

/// The domain of the quotient: a coset with as many points for each row as the constraints' degree
/// needs, a power of two.
struct Domain {
    points: Vec<F>,
    /// The distance from a point to the point of the next row.
    next: usize,
    /// The distance between neighbours of this domain in the commitments' domain, which is as large
    /// or larger.
    step: usize,
    /// The binary logarithm of the commitments' points. Their leaves are in the order of the index
    /// with its bits reversed.
    commitment_bits: usize,
    /// The polynomial that is zero on all rows.
    vanishing: ZeroPolyOnCoset<F>,
}

impl Domain {
    /// The values of a commitment's polynomials at a point.
    fn values<'a, C: Config>(&self, commitment: &'a Commitment<C>, point: usize) -> &'a [F] {
        let index = (point % self.points.len()) * self.step;
        &commitment.merkle_tree.leaves[reverse_bits(index, self.commitment_bits)]
    }

    /// The first `width` columns of a commitment at the points of a task.
    fn columns<C: Config>(
        &self,
        commitment: &Commitment<C>,
        width: usize,
        start: usize,
    ) -> Columns {
        let mut columns = vec![F::ZERO; width * POINTS];
        for point in 0..POINTS {
            let places = columns[point..].iter_mut().step_by(POINTS);
            let values = self.values(commitment, start + point);
            places.zip(values).for_each(|(place, value)| *place = *value);
        }
        Columns(columns)
    }
}

impl<C: Config> Proving<'_, C> {
    /// The quotient of each repetition, cut into polynomials with as many coefficients as the
    /// circuit has rows.
    ///
    /// # Errors
    /// When the field has no domain of the size needed, or when the quotient has more coefficients
    /// than the constraints' degree allows. With plonky2's degree factor 8, a power of two, the
    /// domain has no room for more: a broken constraint gives a proof that does not verify.
    pub(super) fn quotient(
        &self,
        committed: &Committed<C>,
        combination: &Combination,
    ) -> anyhow::Result<Vec<PolynomialCoeffs<F>>> {
        let domain = self.quotient_domain()?;
        let weights = self.weights(&combination.alphas);
        let starts = (0..domain.points.len()).into_par_iter().step_by(POINTS);
        let values: Vec<Vec<[F; POINTS]>> = starts
            .map(|start| {
                let task = self.task_from(start, &domain, committed);
                self.constraints_at(&task, combination, &weights)
            })
            .collect();
        let repetitions = (0..combination.alphas.len()).into_par_iter();
        let quotients: anyhow::Result<Vec<_>> = repetitions
            .map(|repetition| {
                let values = values.iter().flat_map(|values| values[repetition]);
                let values = values.take(domain.points.len()).collect();
                let mut quotient = PolynomialValues::new(values).coset_ifft(F::coset_shift());
                quotient.trim_to_len(self.shape.quotient_degree())?;
                Ok(quotient.chunks(self.shape.degree()))
            })
            .collect();
        Ok(quotients?.concat())
    }

    fn quotient_domain(&self) -> anyhow::Result<Domain> {
        let rows = self.shape.degree_bits();
        let rate_bits = self.shape.config.fri_config.rate_bits;
        let factor = log2_ceil(self.shape.quotient_degree_factor);
        Ok(Domain {
            points: F::two_adic_subgroup(rows + factor),
            next: 1 << factor,
            step: 1 << (rate_bits - factor),
            commitment_bits: rows + rate_bits,
            vanishing: ZeroPolyOnCoset::try_new(rows, factor)?,
        })
    }

    /// The values of the commitments at the points of a task. A task that is larger than the domain
    /// repeats the domain's points.
    fn task_from(&self, start: usize, domain: &Domain, committed: &Committed<C>) -> Task {
        let points = domain.points.iter().cycle().skip(start % domain.points.len());
        let xs: Vec<F> = points.take(POINTS).map(|x| F::coset_shift() * *x).collect();
        let Committed { wires, products } = committed;
        let fixed = &self.data.constants_sigmas_commitment;
        let all = |commitment: &Commitment<C>| {
            domain.columns(commitment, commitment.polynomials.len(), start)
        };
        let zs = self.shape.config.num_challenges;
        let inverses = (start..start + POINTS).map(|point| domain.vanishing.eval_inverse(point));
        Task {
            first_row: Columns(self.first_row_at(start, &xs, &domain.vanishing)),
            xs: Columns(xs),
            inverses: Columns(inverses.collect()),
            fixed: all(fixed),
            wires: all(wires),
            products: all(products),
            next_zs: domain.columns(products, zs, start + domain.next),
        }
    }

    /// The polynomial that is one on the first row and zero on the others: (xⁿ − 1) / (n·(x − 1)).
    fn first_row_at(&self, start: usize, xs: &[F], vanishing: &ZeroPolyOnCoset<F>) -> Vec<F> {
        let rows = F::from_canonical_usize(self.shape.degree());
        let denominators: Vec<F> = xs.iter().map(|x| rows * (*x - F::ONE)).collect();
        let inverses = F::batch_multiplicative_inverse(&denominators);
        inverses.iter().zip(start..).map(|(inverse, i)| vanishing.eval(i) * *inverse).collect()
    }
}
