//! The quotient: every constraint of every row, combined by powers of a challenge and divided by
//! the polynomial that is zero on all rows. That it divides is what the proof shows.

use core::ops::Range;

use plonky2::field::polynomial::{PolynomialCoeffs, PolynomialValues};
use plonky2::field::types::Field;
use plonky2::field::zero_poly_coset::ZeroPolyOnCoset;
use plonky2::hash::hash_types::HashOut;
use plonky2::plonk::plonk_common::reduce_with_powers_multi;
use plonky2::plonk::vars::EvaluationVarsBaseBatch;
use plonky2::util::{log2_ceil, reverse_bits};
use rayon::prelude::*;

use super::permutation::Factors;
use super::{Challenges, Commitment, Config, Proving};
use crate::proof::{F, Shape};

/// Points at which constraints are evaluated together.
const POINTS_PER_TASK: usize = 32;

/// What was committed to before the quotient.
pub(super) struct Committed<C: Config> {
    pub wires: Commitment<C>,
    pub products: Commitment<C>,
}

/// How constraints are combined.
pub(super) struct Combination {
    pub challenges: Challenges,
    pub alphas: Vec<F>,
    pub public_inputs_hash: HashOut<F>,
}

/// The domain of the quotient: a coset that is larger than the rows by the degree of constraints.
struct Domain {
    points: Vec<F>,
    /// From a point to the one that belongs to the next row.
    next: usize,
    /// The commitments' domain is as large or larger: their points that belong to this domain are
    /// so far apart, and are kept with the bits of their index reversed.
    step: usize,
    commitment_bits: usize,
    vanishing: ZeroPolyOnCoset<F>,
}

impl Domain {
    /// What a commitment has at a point.
    fn values<'a, C: Config>(&self, commitment: &'a Commitment<C>, point: usize) -> &'a [F] {
        let index = (point % self.points.len()) * self.step;
        &commitment.merkle_tree.leaves[reverse_bits(index, self.commitment_bits)]
    }
}

impl<C: Config> Proving<'_, C> {
    /// The quotient of each repetition, cut into polynomials as long as the circuit has rows.
    ///
    /// # Errors
    /// When a constraint does not hold, so that there is a remainder.
    pub(super) fn quotient(
        &self,
        committed: &Committed<C>,
        combination: &Combination,
    ) -> anyhow::Result<Vec<PolynomialCoeffs<F>>> {
        let domain = self.quotient_domain()?;
        let starts = (0..domain.points.len()).into_par_iter().step_by(POINTS_PER_TASK);
        let values: Vec<Vec<F>> = starts
            .flat_map_iter(|start| self.values_from(start, &domain, committed, combination))
            .collect();
        let repetitions = (0..combination.alphas.len()).into_par_iter();
        let quotients: anyhow::Result<Vec<_>> = repetitions
            .map(|repetition| {
                let values = values.iter().map(|values| values[repetition]).collect();
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

    /// The quotients' values of all repetitions, at each point of a task.
    fn values_from(
        &self,
        start: usize,
        domain: &Domain,
        committed: &Committed<C>,
        combination: &Combination,
    ) -> Vec<Vec<F>> {
        let end = domain.points.len().min(start + POINTS_PER_TASK);
        let xs: Vec<F> = domain.points[start..end].iter().map(|x| F::coset_shift() * *x).collect();
        let first_rows = self.first_row_at(start, &xs, &domain.vanishing);
        let constraints = self.constraints_at(start..end, domain, committed, combination);
        let per_point = |offset: usize| {
            let point = start + offset;
            let place = Place {
                x: xs[offset],
                first_row: first_rows[offset],
                wires: domain.values(&committed.wires, point),
                fixed: domain.values(&self.data.constants_sigmas_commitment, point),
                products: domain.values(&committed.products, point),
                next_products: domain.values(&committed.products, point + domain.next),
            };
            let of_permutation = self.permutation_terms(&place, &combination.challenges);
            let of_gates = constraints[offset..].iter().step_by(xs.len());
            let divisor = domain.vanishing.eval_inverse(point);
            let terms = of_permutation.iter().chain(of_gates);
            let sums = reduce_with_powers_multi(terms, &combination.alphas);
            sums.into_iter().map(|sum| sum * divisor).collect()
        };
        (0..xs.len()).map(per_point).collect()
    }

    /// The polynomial that is one on the first row and zero on the others: (xⁿ − 1) / (n·(x − 1)).
    fn first_row_at(&self, start: usize, xs: &[F], vanishing: &ZeroPolyOnCoset<F>) -> Vec<F> {
        let rows = F::from_canonical_usize(self.shape.degree());
        let denominators: Vec<F> = xs.iter().map(|x| rows * (*x - F::ONE)).collect();
        let inverses = F::batch_multiplicative_inverse(&denominators);
        inverses.iter().zip(start..).map(|(inverse, i)| vanishing.eval(i) * *inverse).collect()
    }

    /// The gates' constraints at some points: all values of the first constraint, then all of the
    /// next one.
    fn constraints_at(
        &self,
        range: Range<usize>,
        domain: &Domain,
        committed: &Committed<C>,
        combination: &Combination,
    ) -> Vec<F> {
        let count = range.len();
        let columns = |commitment: &Commitment<C>, width: usize| {
            let mut columns = vec![F::ZERO; width * count];
            for (k, point) in range.clone().enumerate() {
                let values = domain.values(commitment, point);
                let places = columns[k..].iter_mut().step_by(count);
                places.zip(values).for_each(|(place, value)| *place = *value);
            }
            columns
        };
        let Shape { config, selectors_info, num_lookup_selectors, .. } = self.shape;
        let constants = columns(&self.data.constants_sigmas_commitment, self.shape.num_constants);
        let wires = columns(&committed.wires, config.num_wires);
        let hash = &combination.public_inputs_hash;
        let variables = EvaluationVarsBaseBatch::new(count, &constants, &wires, hash);
        let mut sums = vec![F::ZERO; self.shape.num_gate_constraints * count];
        for (index, gate) in self.shape.gates.iter().enumerate() {
            let selector = selectors_info.selector_indices[index];
            let constraints = gate.0.eval_filtered_base_batch(
                variables,
                index,
                selector,
                selectors_info.groups[selector].clone(),
                selectors_info.num_selectors(),
                *num_lookup_selectors,
            );
            sums.iter_mut().zip(constraints).for_each(|(sum, constraint)| *sum += constraint);
        }
        sums
    }

    /// The permutation argument's constraints, in plonky2's order: each Z starts with one, and
    /// each product follows from the one before it.
    fn permutation_terms(&self, place: &Place<'_>, challenges: &Challenges) -> Vec<F> {
        let Place { x, first_row, wires, fixed, products, next_products } = place;
        let Challenges { betas, gammas } = challenges;
        let (zs, partial_products) = products.split_at(betas.len());
        let sigmas = &fixed[self.shape.sigmas_range()];
        let mut terms: Vec<F> = zs.iter().map(|z| *first_row * (*z - F::ONE)).collect();
        let further = self.parts() - 1;
        for (repetition, (beta, gamma)) in betas.iter().zip(gammas).enumerate() {
            let partial_products = &partial_products[repetition * further..][..further];
            let mut before = zs[repetition];
            let (beta, gamma) = (*beta, *gamma);
            let factors = Factors { sigmas, shifted_x: beta * *x, beta, gamma };
            for part in 0..self.parts() {
                let after = partial_products.get(part).unwrap_or(&next_products[repetition]);
                let [above, below] = self.part_products(part, |wire| wires[wire], &factors);
                terms.push(before * above - *after * below);
                before = *after;
            }
        }
        terms
    }
}

/// One point of the domain and what the commitments have there.
struct Place<'a> {
    x: F,
    first_row: F,
    wires: &'a [F],
    fixed: &'a [F],
    products: &'a [F],
    next_products: &'a [F],
}
