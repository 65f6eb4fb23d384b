//! Sums of many points, each times its own scalar: Pippenger's buckets. Variable time.
//!
//! Points have the coordinates x and y, in which an addition costs six products if many additions
//! share its division. So all additions are done in rounds of independent pairs. In each window,
//! the points of each bucket are added pairwise until one is left; then the buckets of all windows
//! are summed side by side.

use crate::curve::Point;
use crate::quintic::Fe5;
use crate::recoding::bits_at;
use crate::scalar::LIMBS;
use crate::torsion::Torsion;

/// A point and the public integer, below 2^319, that multiplies it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Term {
    pub(crate) point: Torsion,
    pub(crate) scalar: [u64; LIMBS],
}

/// Σ scalarᵢ·pointᵢ.
pub(crate) fn multi_scalar_sum(terms: &[Term]) -> Point {
    let width = window_width(terms.len());
    let digits = signed_digits(terms, width);
    let buckets = 1usize << (width - 1);
    let mut adder = Adder::default();
    let mut sums = Vec::with_capacity(digits.len());
    for window in &digits {
        sums.push(sum_buckets(&mut adder, terms, window, buckets));
    }
    let totals = weigh_buckets(&mut adder, &sums, buckets);
    let mut result = Point::NEUTRAL;
    for total in totals.iter().rev() {
        if !result.is_neutral() {
            result = (0..width).fold(result, |power, _| power.double());
        }
        result = result + Point::from_torsion(total);
    }
    result
}

/// Bits of a digit. A window costs an addition for each term and two for each bucket, and there
/// are 256 bits to cover by such windows, so the best width grows with the logarithm of the terms.
fn window_width(terms: usize) -> u32 {
    const NARROWEST: u32 = 3;
    const WIDEST: u32 = 12;
    let logarithm = usize::BITS - terms.leading_zeros();
    logarithm.saturating_sub(3).clamp(NARROWEST, WIDEST)
}

/// For each window, lowest first, the digit of each term: from −2^(width−1) + 1 to 2^(width−1).
fn signed_digits(terms: &[Term], width: u32) -> Vec<Vec<i16>> {
    let used_bits = terms.iter().map(|term| bit_length(&term.scalar)).max().unwrap_or(0);
    // One more bit has room for the last carry.
    let windows = (used_bits + 1).div_ceil(width);
    let half = 1i32 << (width - 1);
    let mut carries = vec![0i32; terms.len()];
    (0..windows)
        .map(|window| {
            let digit = |(term, carry): (&Term, &mut i32)| {
                let value = bits_at(&term.scalar, window * width, width) as i32 + *carry;
                *carry = i32::from(value > half);
                (value - (*carry << width)) as i16
            };
            terms.iter().zip(&mut carries).map(digit).collect()
        })
        .collect()
}

fn bit_length(limbs: &[u64; LIMBS]) -> u32 {
    let top = limbs.iter().rposition(|limb| *limb != 0);
    top.map_or(0, |top| (top as u32 + 1) * u64::BITS - limbs[top].leading_zeros())
}

/// The points of one bucket that are not added up yet: `length` points, padded with zero to an even
/// number.
struct Run {
    bucket: usize,
    length: usize,
}

/// The sum of the points of each bucket. Bucket i has the terms with digit ±(i + 1).
fn sum_buckets(adder: &mut Adder, terms: &[Term], digits: &[i16], buckets: usize) -> Vec<Torsion> {
    let mut sums = vec![Torsion::ZERO; buckets];
    let mut lengths = vec![0usize; buckets];
    for digit in digits.iter().filter(|digit| **digit != 0) {
        lengths[usize::from(digit.unsigned_abs()) - 1] += 1;
    }
    let mut runs = Vec::with_capacity(buckets);
    let mut starts = vec![0usize; buckets];
    let mut next = 0;
    for (bucket, length) in lengths.into_iter().enumerate().filter(|(_, length)| *length > 0) {
        starts[bucket] = next;
        next += length.next_multiple_of(2);
        runs.push(Run { bucket, length });
    }
    let mut points = vec![Torsion::ZERO; next];
    for (digit, term) in digits.iter().zip(terms).filter(|(digit, _)| **digit != 0) {
        let start = &mut starts[usize::from(digit.unsigned_abs()) - 1];
        points[*start] = if *digit < 0 { term.point.negated() } else { term.point };
        *start += 1;
    }
    let mut kept = Vec::with_capacity(next / 2 + buckets);
    while !runs.is_empty() {
        adder.add_neighbours(&mut points);
        kept.clear();
        let mut results = points.as_slice();
        runs.retain_mut(|run| {
            let (own, rest) = results.split_at(run.length.div_ceil(2));
            results = rest;
            run.length = own.len();
            if let [sum] = own {
                sums[run.bucket] = *sum;
                return false;
            }
            kept.extend_from_slice(own);
            if own.len() % 2 == 1 {
                kept.push(Torsion::ZERO);
            }
            true
        });
        core::mem::swap(&mut points, &mut kept);
    }
    sums
}

/// For each window Σ (i + 1)·bucketᵢ, as the sum of all partial sums from the top.
fn weigh_buckets(adder: &mut Adder, sums: &[Vec<Torsion>], buckets: usize) -> Vec<Torsion> {
    let windows = sums.len();
    let mut partial = vec![Torsion::ZERO; windows];
    let mut total = vec![Torsion::ZERO; windows];
    let mut pairs = Vec::with_capacity(4 * windows);
    // The total trails the partial sum by one step, so that both additions share a division.
    for bucket in (0..buckets).rev().map(Some).chain([None]) {
        pairs.clear();
        for window in 0..windows {
            let own = bucket.map_or(Torsion::ZERO, |bucket| sums[window][bucket]);
            pairs.extend([total[window], partial[window], partial[window], own]);
        }
        adder.add_neighbours(&mut pairs);
        for (window, [new_total, new_partial]) in pairs.as_chunks().0.iter().enumerate() {
            total[window] = *new_total;
            partial[window] = *new_partial;
        }
    }
    total
}

/// Buffers for the divisions of a round, reused from round to round.
#[derive(Default)]
struct Adder {
    denominators: Vec<Fe5>,
    scratch: Vec<Fe5>,
}

impl Adder {
    /// Replaces each pair of neighbours by its sum. The number of points must be even.
    fn add_neighbours(&mut self, points: &mut Vec<Torsion>) {
        let (pairs, []) = points.as_chunks::<2>() else {
            unreachable!("callers pad to an even number");
        };
        let results = pairs.len();
        self.denominators.clear();
        self.denominators.extend(pairs.iter().map(|[left, right]| left.slope_denominator(right)));
        Fe5::invert_all_vartime(&mut self.denominators, &mut self.scratch);
        for (pair, inverse) in self.denominators.iter().enumerate() {
            points[pair] = points[2 * pair].add_by_slope(&points[2 * pair + 1], *inverse);
        }
        points.truncate(results);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixed_base::generator_product;
    use crate::scalar::Scalar;
    use proptest::prelude::*;

    fn term(point: Scalar, scalar: Scalar) -> Term {
        let encoded = generator_product(&point).encode();
        let point = Torsion::decode_vartime(encoded).expect("a product is a point");
        Term { point, scalar: *scalar.limbs() }
    }

    fn scalar() -> impl Strategy<Value = Scalar> {
        prop_oneof![
            (0u64..4).prop_map(Scalar::from),
            any::<u128>().prop_map(Scalar::from),
            any::<u128>().prop_map(|value| -Scalar::from(value)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn equals_the_product_of_the_summed_scalar(
            // Few distinct points, so that equal and opposite ones meet in buckets.
            factors in prop::collection::vec((0u64..6, any::<bool>(), scalar()), 0..150),
        ) {
            let mut expected = Scalar::ZERO;
            let terms: Vec<Term> = factors
                .into_iter()
                .map(|(point, negate, scalar)| {
                    let point = if negate { -Scalar::from(point) } else { Scalar::from(point) };
                    expected += point * scalar;
                    term(point, scalar)
                })
                .collect();
            prop_assert_eq!(multi_scalar_sum(&terms), generator_product(&expected));
        }
    }

    #[test]
    fn equal_points_in_one_bucket_are_doubled_and_opposite_ones_vanish() {
        let one = term(Scalar::ONE, Scalar::from(5u64));
        let minus = term(-Scalar::ONE, Scalar::from(5u64));
        let product = |scalar: u64| generator_product(&Scalar::from(scalar));
        assert_eq!(multi_scalar_sum(&[one, one, one, one]), product(20));
        assert_eq!(multi_scalar_sum(&[one, minus]), Point::NEUTRAL);
        assert_eq!(multi_scalar_sum(&[one, minus, one]), product(5));
        assert_eq!(multi_scalar_sum(&[]), Point::NEUTRAL);
    }
}
