//! Sums of points times scalars, by Pippenger's method: the scalars are cut into signed digits, and
//! for each place of the digits the points are sorted into buckets by their digit.
//!
//! Two thirds of the wrap's variables are 0 or 1 (docs/decisions/0006-wrap-prover.md). Terms with
//! scalar 0 are left out. Of a scalar 1 all digits but the lowest are zero and cost nothing.

use ark_bn254::Fr;
use ark_ec::short_weierstrass::{Affine, Projective};
use ark_ec::{AdditiveGroup, AffineRepr, VariableBaseMSM};
use ark_ff::{BigInt, BigInteger, PrimeField};
use rayon::prelude::*;

use super::bucket_sums::{Entry, bucket_sums};
use super::points::LaneCurve;
use crate::bn254::Ifma;

/// Bits of the largest scalar, half the order: a larger scalar is replaced by its negative.
const SCALAR_BITS: usize = 253;
/// The cost of an addition in the last step, which uses projective coordinates, measured in
/// additions to buckets.
const SUMMING_COST: usize = 8;

/// The terms of a sum that are not zero.
pub(super) struct Terms<C: LaneCurve> {
    points: Vec<C::Packed>,
    /// Scalars of at most half the order, each with `true` if it replaces its negative.
    scalars: Vec<(BigInt<4>, bool)>,
}

impl<C: LaneCurve<ScalarField = Fr>> Terms<C> {
    /// The terms of the sum, as many as the shorter slice has, without those that are zero.
    pub(super) fn new(bases: &[Affine<C>], scalars: &[BigInt<4>]) -> Self {
        let (points, scalars) = bases
            .par_iter()
            .zip(scalars)
            .filter(|(base, scalar)| !base.is_zero() && !scalar.is_zero())
            .map(|(base, scalar)| (C::pack(base), folded(*scalar)))
            .unzip();
        Self { points, scalars }
    }

    /// The sum of all terms.
    pub(super) fn sum(&self, simd: Ifma) -> Projective<C> {
        let width = self.window_bits();
        // The windows cover at least one bit more than the scalars, for the sign of the highest
        // digit.
        let windows = SCALAR_BITS / width + 1;
        let sums: Vec<Projective<C>> = (0..windows)
            .into_par_iter()
            .map(|window| self.window_sum(simd, window * width, width))
            .collect();
        sums.into_iter().rev().fold(Projective::default(), |mut total, sum| {
            (0..width).for_each(|_| {
                total.double_in_place();
            });
            total + sum
        })
    }

    /// The width of the windows for which the additions are fewest.
    fn window_bits(&self) -> usize {
        let bits: usize = self.scalars.par_iter().map(|(s, _)| s.num_bits() as usize).sum();
        let full = bits / SCALAR_BITS;
        let cost = |width: &usize| (SCALAR_BITS / width + 1) * (full + (SUMMING_COST << width));
        (2..=16).min_by_key(cost).expect("the range is not empty")
    }

    /// Σ digitᵢ · pointᵢ over the digits at one place.
    fn window_sum(&self, simd: Ifma, place: usize, width: usize) -> Projective<C> {
        let digits: Vec<i32> =
            self.scalars.iter().map(|(scalar, _)| digit(scalar, place, width)).collect();
        // Bucket i has the points whose digit is i + 1 or −(i + 1).
        let mut ends = vec![0; 1 << (width - 1)];
        for digit in digits.iter().filter(|digit| **digit != 0) {
            ends[digit.unsigned_abs() as usize - 1] += 1;
        }
        let mut total = 0;
        for end in &mut ends {
            (*end, total) = (total, total + *end);
        }
        let mut entries = vec![Entry::new(0, false); total];
        for (place, (digit, (_, negated))) in digits.iter().zip(&self.scalars).enumerate() {
            if *digit != 0 {
                let end = &mut ends[digit.unsigned_abs() as usize - 1];
                entries[*end] = Entry::new(place, *negated != (*digit < 0));
                *end += 1;
            }
        }
        let buckets = bucket_sums::<C>(simd, &self.points, &entries, &ends);
        // Bucket i counts i + 1 times: it is part of `running` in i + 1 of the steps.
        let mut running = Projective::<C>::ZERO_BUCKET;
        let mut sum = Projective::<C>::ZERO_BUCKET;
        for bucket in buckets.iter().rev() {
            running += bucket;
            sum += &running;
        }
        sum.into()
    }
}

/// The smaller of the scalar and its negative, with `true` if it is the negative.
fn folded(scalar: BigInt<4>) -> (BigInt<4>, bool) {
    let mut negative = Fr::MODULUS;
    negative.sub_with_borrow(&scalar);
    if negative < scalar { (negative, true) } else { (scalar, false) }
}

/// The signed digit at bit `place` in base 2^width, from −2^(width − 1) to 2^(width − 1).
///
/// The digit is the integer of `width` bits from `place` on, plus the bit below these bits, minus
/// 2^width if the highest of these bits is 1. The next digit adds that bit as the bit below its
/// own.
fn digit(scalar: &BigInt<4>, place: usize, width: usize) -> i32 {
    // The bits and, lowest, the bit below them, which is 0 below the lowest place.
    let from = place.saturating_sub(1);
    let (word, offset) = (from / 64, from % 64);
    let low = scalar.0[word] >> offset;
    let high = match scalar.0.get(word + 1) {
        Some(next) if offset > 0 => next << (64 - offset),
        _ => 0,
    };
    let bits = if place == 0 { (low | high) << 1 } else { low | high };
    let bits = (bits & ((2 << width) - 1)) as i32;
    (bits + 1) / 2 - ((bits >> width) << width)
}
