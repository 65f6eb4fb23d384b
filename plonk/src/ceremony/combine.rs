//! Sums of points with the coefficients of sparse matrices: for each variable, the sum over the
//! rows that contain the variable.
//!
//! Most coefficients of a circuit are one or a small power of two. A short sum is therefore made
//! bit by bit, with one doubling of the sum for each bit of the longest coefficient, and signed
//! digits of which two that are not zero are never adjacent. Few variables, such as the constant,
//! have long sums, for which buckets are faster.

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, BigInteger, PrimeField};
use rayon::prelude::*;

use super::constraints::{Lines, Term};
use super::encoding::{FilePoint, affine};

/// The longest sum that is made bit by bit.
const SHORT_TERMS_MAX: usize = 100;
/// Columns that are summed before the result is made affine.
const COLUMNS_AT_ONCE: usize = 1 << 14;

/// A coefficient as an integer and as digits of −1, 0 and 1, the lowest first.
#[derive(Debug)]
struct Coefficient {
    integer: BigInt<4>,
    digits: Vec<i8>,
}

impl Coefficient {
    fn new(value: &Fr) -> Self {
        let negative = -*value;
        // Of a value and its opposite, one is below half the order and has fewer digits.
        let is_negated = negative.into_bigint() < value.into_bigint();
        let magnitude = if is_negated { negative } else { *value };
        let digits = signed_digits(magnitude.into_bigint());
        let sign = if is_negated { -1 } else { 1 };
        let digits = digits.into_iter().map(|digit| sign * digit).collect();
        Self { integer: value.into_bigint(), digits }
    }
}

/// The non-adjacent form of an integer below half the order, the lowest digit first.
fn signed_digits(mut integer: BigInt<4>) -> Vec<i8> {
    let mut digits = Vec::new();
    while !integer.is_zero() {
        let digit = match integer.0[0] & 3 {
            1 => 1,
            3 => -1,
            _ => 0,
        };
        match digit {
            1 => _ = integer.sub_with_borrow(&BigInt::one()),
            -1 => _ = integer.add_with_carry(&BigInt::one()),
            _ => {}
        }
        digits.push(digit);
        integer.div2();
    }
    digits
}

/// The different coefficients of a circuit, prepared for sums.
#[derive(Debug)]
pub(super) struct Coefficients(Vec<Coefficient>);

impl Coefficients {
    /// Prepares coefficients in the order in which [`Term::coefficient`] names them.
    pub(super) fn new(values: &[Fr]) -> Self {
        Self(values.par_iter().map(Coefficient::new).collect())
    }

    fn of(&self, term: &Term) -> &Coefficient {
        &self.0[term.coefficient as usize]
    }

    /// For each variable from `first` on, the sum over all `parts` of matrix columns times the
    /// points of the matrix rows.
    pub(super) fn combine<A: FilePoint>(&self, parts: &[(&Lines, &[A])], first: usize) -> Vec<A> {
        let count = parts.first().map_or(0, |(columns, _)| columns.count());
        let mut sums = Vec::with_capacity(count.saturating_sub(first));
        let starts: Vec<usize> = (first..count).step_by(COLUMNS_AT_ONCE).collect();
        for start in starts {
            let some = start..count.min(start + COLUMNS_AT_ONCE);
            let some: Vec<A::Group> =
                some.into_par_iter().map(|variable| self.column(parts, variable)).collect();
            sums.extend(affine::<A>(&some));
        }
        sums
    }

    fn column<A: FilePoint>(&self, parts: &[(&Lines, &[A])], variable: usize) -> A::Group {
        let terms = parts.iter().flat_map(|(columns, points)| {
            let terms = columns.line(variable).iter();
            terms.map(|term| (points[term.index as usize], self.of(term)))
        });
        let terms: Vec<(A, &Coefficient)> = terms.collect();
        if terms.len() > SHORT_TERMS_MAX {
            let (points, integers): (Vec<A>, Vec<BigInt<4>>) =
                terms.into_iter().map(|(point, coefficient)| (point, coefficient.integer)).unzip();
            return A::sum(&points, &integers);
        }
        let bits = terms.iter().map(|(_, coefficient)| coefficient.digits.len()).max();
        let mut sum = A::Group::ZERO;
        for bit in (0..bits.unwrap_or_default()).rev() {
            sum.double_in_place();
            for (point, coefficient) in &terms {
                match coefficient.digits.get(bit) {
                    Some(1) => sum += point,
                    Some(-1) => sum -= point,
                    _ => {}
                }
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use ark_bn254::{G1Affine, G1Projective};
    use ark_ec::AffineRepr;
    use ark_ff::{Field, UniformRand};
    use ark_std::rand::SeedableRng;
    use ark_std::rand::rngs::StdRng;

    use super::*;

    #[test]
    fn digits_are_the_integer_and_never_adjacent() {
        let mut rng = StdRng::seed_from_u64(1);
        let mut values = vec![Fr::ZERO, Fr::ONE, -Fr::ONE, Fr::from(u64::MAX)];
        values.extend((0..20).map(|_| Fr::rand(&mut rng)));
        for value in values {
            let digits = Coefficient::new(&value).digits;
            let sum = digits
                .iter()
                .rev()
                .fold(Fr::ZERO, |sum, digit| sum.double() + Fr::from(i64::from(*digit)));
            assert_eq!(sum, value);
            assert!(digits.windows(2).all(|pair| pair[0] == 0 || pair[1] == 0), "{digits:?}");
        }
    }

    /// Columns of no, few and many terms, in two matrices at once.
    #[test]
    fn sums_are_those_of_the_matrices() {
        const ROWS: usize = 3 * SHORT_TERMS_MAX;
        let mut rng = StdRng::seed_from_u64(2);
        let values: Vec<Fr> = vec![Fr::ONE, -Fr::ONE, Fr::from(8u64), Fr::rand(&mut rng)];
        let points: Vec<G1Affine> = (0..ROWS).map(|_| G1Affine::rand(&mut rng)).collect();
        let columns: [Vec<Term>; 3] = [ROWS, 9, 0].map(|count| {
            let term = |row| Term { index: row, coefficient: (row * row + 1) % 4 };
            (0..count as u32).map(term).collect()
        });
        let mut lines = Lines { starts: vec![0], terms: Vec::new() };
        for column in &columns {
            lines.terms.extend(column);
            lines.starts.push(lines.terms.len());
        }
        let sums = Coefficients::new(&values).combine(&[(&lines, &points), (&lines, &points)], 0);
        for (column, sum) in columns.iter().zip(sums) {
            let expected: G1Projective = column
                .iter()
                .map(|term| points[term.index as usize] * values[term.coefficient as usize])
                .sum();
            assert_eq!(expected + expected, sum.into_group());
        }
    }
}
