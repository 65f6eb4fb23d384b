//! `GF(p^5) = GF(p)[z]/(z^5 − 3)` over any [`Value`]: expressions of five coefficients.
//!
//! This module adds no wires and no constraints. The rows that use it check what must be zero.
//!
//! Loops, and no closures: what is not inlined into the function that enables AVX-512 has each of
//! its instructions as a call.

use core::ops::{Add, Sub};

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::quintic::{DEGREE, Fe5};
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::proof::{element, fe};

/// The value of z^5.
const Z_TO_THE_FIFTH: GoldilocksField = GoldilocksField(3);

/// The element a₀ + a₁z + a₂z² + a₃z³ + a₄z⁴ of the extension, as its five coefficients.
#[derive(Clone, Copy, Debug)]
pub struct Quintic<V>(pub [V; DEGREE]);

/// The coefficients of an element of the crypto crate's extension, as plonky2's elements.
#[inline]
pub fn elements(value: Fe5) -> [GoldilocksField; DEGREE] {
    value.0.map(element)
}

impl<V: Value> Quintic<V> {
    /// Adds an element of the base field.
    #[inline(always)]
    pub fn plus(self, constant: u64) -> Self {
        let [a, b, c, d, e] = self.0;
        Self([a.plus(number(constant)), b, c, d, e])
    }

    /// Adds `constant`·z.
    #[inline(always)]
    pub fn plus_z(self, constant: u64) -> Self {
        let [a, b, c, d, e] = self.0;
        Self([a, b.plus(number(constant)), c, d, e])
    }

    /// The product with a small integer.
    #[inline(always)]
    pub fn times(mut self, constant: u64) -> Self {
        for a in &mut self.0 {
            *a = a.times(number(constant));
        }
        self
    }

    /// −self
    #[inline(always)]
    pub fn negated(mut self) -> Self {
        for a in &mut self.0 {
            *a = a.times(GoldilocksField::NEG_ONE);
        }
        self
    }

    /// The product with an element of the base field.
    #[inline(always)]
    pub fn scale(mut self, factor: V) -> Self {
        for a in &mut self.0 {
            *a = *a * factor;
        }
        self
    }

    /// `constant`·self + addend
    #[inline(always)]
    pub fn times_plus(mut self, constant: u64, addend: Self) -> Self {
        for (a, addend) in self.0.iter_mut().zip(addend.0) {
            *a = a.times_plus(number(constant), addend);
        }
        self
    }

    /// self · rhs: 25 products of coefficients.
    #[inline(always)]
    pub fn product(self, rhs: Self) -> Self {
        let [a0, a1, a2, a3, a4] = self.0;
        let [b0, b1, b2, b3, b4] = rhs.0;
        let wrapped = [
            a1.mul_add(b4, a2.mul_add(b3, a3.mul_add(b2, a4 * b1))),
            a2.mul_add(b4, a3.mul_add(b3, a4 * b2)),
            a3.mul_add(b4, a4 * b3),
            a4 * b4,
        ];
        Self([
            a0.mul_plus(b0, Z_TO_THE_FIFTH, wrapped[0]),
            a0.mul_add(b1, a1.mul_plus(b0, Z_TO_THE_FIFTH, wrapped[1])),
            a0.mul_add(b2, a1.mul_add(b1, a2.mul_plus(b0, Z_TO_THE_FIFTH, wrapped[2]))),
            a0.mul_add(
                b3,
                a1.mul_add(b2, a2.mul_add(b1, a3.mul_plus(b0, Z_TO_THE_FIFTH, wrapped[3]))),
            ),
            a0.mul_add(b4, a1.mul_add(b3, a2.mul_add(b2, a3.mul_add(b1, a4 * b0)))),
        ])
    }

    /// The square: 15 products of coefficients.
    #[inline(always)]
    pub fn square(self) -> Self {
        let [a0, a1, a2, a3, a4] = self.0;
        let two = GoldilocksField::TWO;
        let [b0, b1] = [a0.times(two), a1.times(two)];
        let [c1, c2] = [b1.times(Z_TO_THE_FIFTH), a2.times(GoldilocksField(6))];
        let [c3, c4] = [a3.times(Z_TO_THE_FIFTH), a4.times(Z_TO_THE_FIFTH)];
        Self([
            a0.mul_add(a0, c1.mul_add(a4, c2 * a3)),
            b0.mul_add(a1, c2.mul_add(a4, c3 * a3)),
            b0.mul_add(a2, a1.mul_add(a1, c3.times(two) * a4)),
            b0.mul_add(a3, b1.mul_add(a2, c4 * a4)),
            b0.mul_add(a4, b1.mul_add(a3, a2 * a2)),
        ])
    }

    /// Passes each coefficient to `check`, which constrains the coefficient to zero.
    #[inline(always)]
    pub fn check_zero(self, check: &mut impl FnMut(V)) {
        for a in self.0 {
            check(a);
        }
    }
}

impl<V: Value> Add for Quintic<V> {
    type Output = Self;

    #[inline(always)]
    fn add(mut self, rhs: Self) -> Self {
        for (a, b) in self.0.iter_mut().zip(rhs.0) {
            *a = *a + b;
        }
        self
    }
}

impl<V: Value> Sub for Quintic<V> {
    type Output = Self;

    #[inline(always)]
    fn sub(mut self, rhs: Self) -> Self {
        for (a, b) in self.0.iter_mut().zip(rhs.0) {
            *a = *a - b;
        }
        self
    }
}

/// The coefficients of several elements, one after another.
///
/// # Panics
/// When the coefficients are not `N`: a mistake in the rules.
#[inline(always)]
pub(super) fn flat<V: Copy, const N: usize>(elements: &[Quintic<V>]) -> [V; N] {
    assert_eq!(DEGREE * elements.len(), N);
    let mut coefficients = [elements[0].0[0]; N];
    let (runs, _) = coefficients.as_chunks_mut::<DEGREE>();
    for (run, element) in runs.iter_mut().zip(elements) {
        *run = element.0;
    }
    coefficients
}

/// The elements that have these coefficients, one after another.
#[inline(always)]
pub(super) fn quintics<V: Copy, const N: usize>(coefficients: &[V]) -> [Quintic<V>; N] {
    let (runs, _) = coefficients.as_chunks::<DEGREE>();
    let mut elements = [Quintic(runs[0]); N];
    for (element, run) in elements.iter_mut().zip(runs) {
        element.0 = *run;
    }
    elements
}

#[inline(always)]
const fn number(value: u64) -> GoldilocksField {
    GoldilocksField(value)
}

/// The element whose coefficients are these values of a witness; a coefficient that is not known
/// yet counts as zero.
pub fn known(coefficients: [Known; DEGREE]) -> Fe5 {
    Fe5(coefficients.map(|value| value.0.map_or(Fe::ZERO, fe)))
}

/// The coefficients of an element as known values of a witness.
pub fn to_known(value: Fe5) -> [Known; DEGREE] {
    elements(value).map(|coefficient| Known(Some(coefficient)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plonky2::field::types::Sample;

    fn random() -> Fe5 {
        Fe5(GoldilocksField::rand_array().map(|a: GoldilocksField| Fe::from_u64(a.0)))
    }

    #[test]
    fn products_and_squares_are_the_ledgers() {
        for _ in 0..50 {
            let (a, b) = (random(), random());
            let [qa, qb] = [a, b].map(|value| Quintic(elements(value)));
            assert_eq!(qa.product(qb).0, elements(a * b));
            assert_eq!(qa.square().0, elements(a.square()));
            assert_eq!((qa - qb).times_plus(7, qa).0, elements((a - b).scale(Fe::from(7)) + a));
            assert_eq!(qa.plus(2).plus_z(263).0, {
                let mut sum = a;
                sum.0[0] += Fe::from(2);
                sum.0[1] += Fe::from(263);
                elements(sum)
            });
        }
    }
}
