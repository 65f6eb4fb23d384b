//! The quotient of a table: all constraints as one sum, divided by the polynomial that is zero on
//! all rows.

use plonky2::field::extension::FieldExtension;
use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::polynomial::PolynomialCoeffs;
use plonky2::field::types::Field;
use plonky2::util::{log2_ceil, reverse_bits};
use rayon::prelude::*;
use sheaf_crypto::goldilocks::simd::LANES;

use super::combination::Extension;
use super::evaluate::{Points, Powers};
use super::shape::{RATE_BITS, Table};
use super::sums::mean;
use crate::error::Error;
use crate::proof::{D, F};
use crate::prover::extension::{extend, interpolate};

/// Groups of eight points in one task.
const GROUPS_PER_TASK: usize = 16;

/// A table's polynomials and their values, as the commitments have them.
pub(super) struct Committed<'a> {
    pub table: &'a Table,
    /// The polynomials of columns, then those of helpers and sum.
    pub polynomials: [&'a [PolynomialCoeffs<F>]; 2],
    pub values: Values<'a>,
    pub total: Extension,
}

/// The values of polynomials, those of a table among them: of columns, then of helpers and sum.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    /// The values of all polynomials at one point after the other.
    pub all: [&'a [Vec<F>]; 2],
    /// The table's first place among these values.
    pub first: [usize; 2],
}

impl Committed<'_> {
    /// The parts of the quotient, two polynomials for each.
    ///
    /// # Errors
    /// [`Error::Row`] when the rows break a constraint, as far as the degree shows this.
    pub(super) fn quotient(
        &self,
        powers: &Powers<Extension>,
    ) -> Result<Vec<PolynomialCoeffs<F>>, Error> {
        let Self { table, polynomials, values, .. } = *self;
        let parts = table.shape.quotient_parts();
        let domain =
            Domain { height_bits: table.height_bits, factor_bits: log2_ceil(parts).max(1) };
        let columns = if domain.factor_bits == RATE_BITS {
            self.quotients(&domain, values, powers)
        } else {
            let extended = polynomials.map(|of| extend(of, domain.factor_bits));
            let all = extended.each_ref().map(|of| &of[..]);
            self.quotients(&domain, Values { all, first: [0, 0] }, powers)
        };
        let mut cut: Vec<Vec<PolynomialCoeffs<F>>> = Vec::with_capacity(D);
        for polynomial in interpolate(&columns) {
            let mut coefficients = polynomial.coeffs;
            let unshift = F::coset_shift().inverse().powers();
            coefficients.iter_mut().zip(unshift).for_each(|(value, power)| *value *= power);
            let mut chunks = PolynomialCoeffs::new(coefficients).chunks(1 << table.height_bits);
            let beyond = chunks.split_off(parts);
            if beyond.iter().any(|part| !part.is_zero()) {
                return Err(Error::Row { table: table.rules.name() });
            }
            cut.push(chunks);
        }
        let part = |part: usize| cut.iter().map(move |chunks| chunks[part].clone());
        Ok((0..parts).flat_map(part).collect())
    }

    /// The values of the quotient at all points of the domain, as two columns.
    fn quotients(
        &self,
        domain: &Domain,
        values: Values<'_>,
        powers: &Powers<Extension>,
    ) -> [Vec<F>; D] {
        let inverses = domain.inverses();
        let size = domain.size();
        let groups = (0..size / LANES).into_par_iter().with_min_len(GROUPS_PER_TASK);
        let found: Vec<[[u64; LANES]; D]> = groups
            .map(|group| {
                let here: [usize; LANES] = core::array::from_fn(|lane| group * LANES + lane);
                self.at_points([here, here.map(|place| domain.next(place))], values, powers)
            })
            .collect();
        let mut columns = [(); D].map(|()| vec![F::ZERO; size]);
        for (place, index) in (0..size).map(|place| (place, domain.index(place))) {
            for (column, words) in columns.iter_mut().zip(found[place / LANES]) {
                let value = GoldilocksField(words[place % LANES]);
                column[index] = value * inverses[index % inverses.len()];
            }
        }
        columns
    }

    /// The sum of all constraints at the points of eight places, where the next rows' values are at
    /// other places.
    fn at_points(
        &self,
        [here, next]: [[usize; LANES]; 2],
        Values { all: [columns, sums], first }: Values<'_>,
        powers: &Powers<Extension>,
    ) -> [[u64; LANES]; D] {
        let [width, sums_width, _] = self.table.polynomials();
        let columns = side_by_side(columns, first[0], width, here);
        let next_sum = side_by_side(sums, first[1] + sums_width - D, D, next);
        let sums = side_by_side(sums, first[1], sums_width, here);
        self.table.rules.at_points(&Points {
            columns: &columns,
            sums: &sums,
            next_sum: core::array::from_fn(|i| next_sum[i]),
            mean: mean(self.table, self.total),
            powers,
        })
    }
}

/// The values of `width` polynomials from `first` on, at eight places.
fn side_by_side(
    values: &[Vec<F>],
    first: usize,
    width: usize,
    places: [usize; LANES],
) -> Vec<[u64; LANES]> {
    let mut words = vec![[0; LANES]; width];
    for (lane, place) in places.into_iter().enumerate() {
        let values = &values[place][first..first + width];
        words.iter_mut().zip(values).for_each(|(words, value)| words[lane] = value.0);
    }
    words
}

/// The coset on which the quotient is computed: 2^`factor_bits` points for each row.
struct Domain {
    height_bits: usize,
    factor_bits: usize,
}

impl Domain {
    const fn size(&self) -> usize {
        1 << (self.height_bits + self.factor_bits)
    }

    /// The index of the point whose values are at `place`, and the other way round.
    fn index(&self, place: usize) -> usize {
        reverse_bits(place, self.height_bits + self.factor_bits)
    }

    /// The place of the values of the next row.
    fn next(&self, place: usize) -> usize {
        self.index((self.index(place) + (1 << self.factor_bits)) % self.size())
    }

    /// The inverses of the polynomial that is zero on all rows, xⁿ − 1, at the points with the
    /// indices 0, 1, …; they repeat.
    fn inverses(&self) -> Vec<F> {
        let shift = F::coset_shift().exp_power_of_2(self.height_bits);
        let root = F::primitive_root_of_unity(self.factor_bits);
        let powers = root.powers().take(1 << self.factor_bits);
        let values: Vec<F> = powers.map(|power| shift * power - F::ONE).collect();
        F::batch_multiplicative_inverse(&values)
    }
}

/// The value of a table's quotient at `point`, from the opened values of its parts.
pub(super) fn quotient_at(parts: &[Extension], point_to_height: Extension) -> Extension {
    let (pairs, _) = parts.as_chunks::<D>();
    let part = |pair: &[Extension; D]| joined(*pair);
    pairs.iter().rev().fold(Extension::ZERO, |sum, pair| sum * point_to_height + part(pair))
}

/// The element of the extension field whose two coefficients are polynomials with these values.
pub(super) fn joined([one, generator]: [Extension; D]) -> Extension {
    one + generator * Extension::from_basefield_array([F::ZERO, F::ONE])
}
