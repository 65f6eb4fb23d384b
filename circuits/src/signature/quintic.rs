//! `GF(p^5) = GF(p)[z]/(z^5 − 3)` over any [`Value`]: expressions of five coefficients.
//!
//! This module adds no wires and no constraints. The rows that use it check what must be zero.

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
    #[inline]
    pub fn plus(self, constant: u64) -> Self {
        let [a, b, c, d, e] = self.0;
        Self([a.plus(GoldilocksField::from_canonical_u64(constant)), b, c, d, e])
    }

    /// Adds `constant`·z.
    #[inline]
    pub fn plus_z(self, constant: u64) -> Self {
        let [a, b, c, d, e] = self.0;
        Self([a, b.plus(GoldilocksField::from_canonical_u64(constant)), c, d, e])
    }

    /// The product with a small integer.
    #[inline]
    pub fn times(self, constant: u64) -> Self {
        Self(self.0.map(|a| a.times(GoldilocksField::from_canonical_u64(constant))))
    }

    /// −self
    #[inline]
    pub fn negated(self) -> Self {
        Self(self.0.map(|a| a.times(GoldilocksField::NEG_ONE)))
    }

    /// The product with an element of the base field.
    #[inline]
    pub fn scale(self, factor: V) -> Self {
        Self(self.0.map(|a| a * factor))
    }

    /// `constant`·self + addend
    #[inline]
    pub fn times_plus(self, constant: u64, addend: Self) -> Self {
        let constant = GoldilocksField::from_canonical_u64(constant);
        Self(core::array::from_fn(|i| self.0[i].times_plus(constant, addend.0[i])))
    }

    /// self · rhs: 25 products of coefficients. Not marked for inlining, because the body is long.
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
    #[inline]
    pub fn check_zero(self, check: &mut impl FnMut(V)) {
        self.0.into_iter().for_each(check);
    }
}

impl<V: Value> Add for Quintic<V> {
    type Output = Self;

    #[inline]
    fn add(self, rhs: Self) -> Self {
        Self(core::array::from_fn(|i| self.0[i] + rhs.0[i]))
    }
}

impl<V: Value> Sub for Quintic<V> {
    type Output = Self;

    #[inline]
    fn sub(self, rhs: Self) -> Self {
        Self(core::array::from_fn(|i| self.0[i] - rhs.0[i]))
    }
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
