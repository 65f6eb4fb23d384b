//! `GF(p^5) = GF(p)[z]/(z^5 − 3)`, the field that the curve lives in.
//!
//! Products are sums of 128-bit products, reduced once for each coefficient. No operation branches
//! on a value, except those whose name ends in `_vartime`.

use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::goldilocks::{Accumulator, Fe, ORDER};

/// Coefficients of an element.
pub const DEGREE: usize = 5;

/// z^(p−1), a primitive fifth root of one. The Frobenius map multiplies z^i by the i-th power of
/// this root.
const FROBENIUS: Fe = Fe::from_u64(3).pow((ORDER - 1) / DEGREE as u64);

/// a₀ + a₁z + a₂z² + a₃z³ + a₄z⁴.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fe5(pub [Fe; DEGREE]);

impl Fe5 {
    /// The neutral element of addition.
    pub const ZERO: Self = Self([Fe::ZERO; DEGREE]);
    /// The neutral element of multiplication.
    pub const ONE: Self = Self::from_base(Fe::ONE);
    /// Bytes of the encoding.
    pub const BYTES: usize = DEGREE * Fe::BYTES;

    /// The element of the base field as an element of the extension.
    pub const fn from_base(base: Fe) -> Self {
        Self([base, Fe::ZERO, Fe::ZERO, Fe::ZERO, Fe::ZERO])
    }

    /// Five coefficients, constant term first, each little-endian.
    pub fn to_le_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        for (chunk, element) in bytes.chunks_exact_mut(Fe::BYTES).zip(self.0) {
            chunk.copy_from_slice(&element.to_le_bytes());
        }
        bytes
    }

    /// Reads what `to_le_bytes` writes.
    ///
    /// # Errors
    /// `NonCanonicalElement` when a coefficient is not below p.
    pub fn from_le_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, Error> {
        let mut element = Self::ZERO;
        let (words, _) = bytes.as_chunks::<{ Fe::BYTES }>();
        for (coefficient, word) in element.0.iter_mut().zip(words) {
            *coefficient = Fe::try_from(u64::from_le_bytes(*word))?;
        }
        Ok(element)
    }

    #[inline]
    /// Whether the element is zero.
    pub const fn is_zero(self) -> bool {
        let [a, b, c, d, e] = self.0;
        (a.canonical() | b.canonical() | c.canonical() | d.canonical() | e.canonical()) == 0
    }

    #[inline(always)]
    /// Twice the element.
    pub fn double(self) -> Self {
        self + self
    }

    /// Division by two.
    #[inline(always)]
    pub fn halve(self) -> Self {
        Self(self.0.map(Fe::halve))
    }

    /// The product with an element of the base field.
    #[inline(always)]
    pub fn scale(self, factor: Fe) -> Self {
        let [a, b, c, d, e] = self.0;
        Self([a * factor, b * factor, c * factor, d * factor, e * factor])
    }

    /// The product with small·z, which rotates the coefficients.
    #[inline(always)]
    pub fn scale_z(self, small: u32) -> Self {
        let [a, b, c, d, e] = self.0;
        let factor = Fe::from(small);
        Self([e * factor.triple(), a * factor, b * factor, c * factor, d * factor])
    }

    #[inline(always)]
    /// The element times itself.
    pub const fn square(self) -> Self {
        let [a, b, c, d, e] = self.words();
        let [_, _, _, d3, e3] = self.tripled();
        // Products that occur twice are doubled in the sum; products that wrap around z^5 = 3 have
        // a tripled factor.
        Self([
            Accumulator::product(b, e3).plus(c, d3).twice().plus(a, a).element(),
            Accumulator::product(a, b).plus(c, e3).twice().plus(d, d3).element(),
            Accumulator::product(a, c).plus(d, e3).twice().plus(b, b).element(),
            Accumulator::product(a, d).plus(b, c).twice().plus(e, e3).element(),
            Accumulator::product(a, e).plus(b, d).twice().plus(c, c).element(),
        ])
    }

    /// self^(2^count).
    #[inline]
    pub fn square_times(self, count: u32) -> Self {
        (0..count).fold(self, |power, _| power.square())
    }

    #[inline(always)]
    const fn times(self, rhs: Self) -> Self {
        let [a0, a1, a2, a3, a4] = self.words();
        let [b0, b1, b2, b3, b4] = rhs.words();
        // Products that wrap around z^5 = 3 have a tripled factor.
        let [_, t1, t2, t3, t4] = self.tripled();
        let one = Accumulator::product;
        Self([
            one(a0, b0).plus(t1, b4).plus(t2, b3).plus(t3, b2).plus(t4, b1).element(),
            one(a0, b1).plus(a1, b0).plus(t2, b4).plus(t3, b3).plus(t4, b2).element(),
            one(a0, b2).plus(a1, b1).plus(a2, b0).plus(t3, b4).plus(t4, b3).element(),
            one(a0, b3).plus(a1, b2).plus(a2, b1).plus(a3, b0).plus(t4, b4).element(),
            one(a0, b4).plus(a1, b3).plus(a2, b2).plus(a3, b1).plus(a4, b0).element(),
        ])
    }

    #[inline(always)]
    const fn tripled(self) -> [u64; DEGREE] {
        let [a, b, c, d, e] = self.0;
        Self([a.triple(), b.triple(), c.triple(), d.triple(), e.triple()]).words()
    }

    #[inline(always)]
    const fn words(self) -> [u64; DEGREE] {
        let [a, b, c, d, e] = self.0;
        [a.canonical(), b.canonical(), c.canonical(), d.canonical(), e.canonical()]
    }

    /// self^(p^N).
    #[inline(always)]
    pub(crate) fn frobenius<const N: u64>(self) -> Self {
        let [a, b, c, d, e] = self.0;
        let root = const { FROBENIUS.pow(N) };
        let [second, third, fourth] = const {
            let root = FROBENIUS.pow(N);
            [root.pow(2), root.pow(3), root.pow(4)]
        };
        Self([a, b * root, c * second, d * third, e * fourth])
    }

    /// self^(p + p² + p³ + p⁴): the product of the other conjugates.
    #[inline]
    fn conjugates(self) -> Self {
        let first = self.frobenius::<1>() * self.frobenius::<2>();
        first * first.frobenius::<2>()
    }

    /// The constant coefficient of a product that is known to lie in GF(p).
    #[inline(always)]
    pub(crate) const fn base_product(self, rhs: Self) -> Fe {
        let [a0, ..] = self.words();
        let [_, t1, t2, t3, t4] = self.tripled();
        let [b0, b1, b2, b3, b4] = rhs.words();
        let first = Accumulator::product(a0, b0).plus(t1, b4).plus(t2, b3);
        first.plus(t3, b2).plus(t4, b1).element()
    }

    /// The product of all conjugates, an element of GF(p).
    pub fn norm(self) -> Fe {
        self.base_product(self.conjugates())
    }

    /// The multiplicative inverse; zero is mapped to zero (Itoh and Tsujii).
    pub fn inverse(self) -> Self {
        let conjugates = self.conjugates();
        conjugates.scale(self.base_product(conjugates).inverse())
    }

    /// Whether the element is zero or a square.
    pub fn is_square(self) -> bool {
        // self^((p^5 − 1)/2) is the norm to the power (p − 1)/2.
        self.norm().legendre() != -Fe::ONE
    }

    /// `yes` where `mask` is all ones, `no` where it is zero.
    #[inline(always)]
    pub(crate) fn select(mask: u64, yes: Self, no: Self) -> Self {
        let mut selected = no;
        for i in 0..DEGREE {
            selected.0[i] = Fe::select(mask, yes.0[i], no.0[i]);
        }
        selected
    }

    /// Replaces each non-zero element by its inverse, with one inversion for all; zeros stay.
    pub(crate) fn invert_all_vartime(elements: &mut [Self], scratch: &mut Vec<Self>) {
        scratch.clear();
        let mut product = Self::ONE;
        for element in elements.iter() {
            scratch.push(product);
            if !element.is_zero() {
                product *= *element;
            }
        }
        let mut inverse = product.inverse();
        for (element, before) in elements.iter_mut().zip(scratch.iter()).rev() {
            if !element.is_zero() {
                let inverted = inverse * *before;
                inverse *= *element;
                *element = inverted;
            }
        }
    }
}

impl Add for Fe5 {
    type Output = Self;

    #[inline(always)]
    fn add(self, rhs: Self) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, rhs.0);
        Self([a0 + b0, a1 + b1, a2 + b2, a3 + b3, a4 + b4])
    }
}

impl Sub for Fe5 {
    type Output = Self;

    #[inline(always)]
    fn sub(self, rhs: Self) -> Self {
        let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4]) = (self.0, rhs.0);
        Self([a0 - b0, a1 - b1, a2 - b2, a3 - b3, a4 - b4])
    }
}

impl Mul for Fe5 {
    type Output = Self;

    #[inline(always)]
    fn mul(self, rhs: Self) -> Self {
        self.times(rhs)
    }
}

impl Neg for Fe5 {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

impl AddAssign for Fe5 {
    #[inline(always)]
    fn add_assign(&mut self, rhs: Self) {
        *self = *self + rhs;
    }
}

impl SubAssign for Fe5 {
    #[inline(always)]
    fn sub_assign(&mut self, rhs: Self) {
        *self = *self - rhs;
    }
}

impl MulAssign for Fe5 {
    #[inline(always)]
    fn mul_assign(&mut self, rhs: Self) {
        *self = *self * rhs;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn element() -> impl Strategy<Value = Fe5> {
        // Extremes often: carries hide there.
        let coefficient = prop_oneof![
            any::<u64>(),
            Just(0),
            Just(1),
            Just(ORDER - 1),
            (0u64..1 << 33).prop_map(|low| ORDER.wrapping_sub(low)),
        ];
        prop::array::uniform5(coefficient).prop_map(|words| Fe5(words.map(Fe::from_u64)))
    }

    /// The definition of the product, one base-field multiplication at a time.
    fn product_by_definition(a: Fe5, b: Fe5) -> Fe5 {
        let mut result = Fe5::ZERO;
        for i in 0..DEGREE {
            for j in 0..DEGREE {
                let wrap = if i + j >= DEGREE { Fe::from(3) } else { Fe::ONE };
                result.0[(i + j) % DEGREE] += a.0[i] * b.0[j] * wrap;
            }
        }
        result
    }

    fn power(base: Fe5, exponent: u64) -> Fe5 {
        (0..u64::BITS).rev().fold(Fe5::ONE, |result, bit| {
            let square = result.square();
            if (exponent >> bit) & 1 == 1 { square * base } else { square }
        })
    }

    proptest! {
        #[test]
        fn products_and_squares_follow_the_definition(a in element(), b in element()) {
            prop_assert_eq!(a * b, product_by_definition(a, b));
            prop_assert_eq!(a.square(), product_by_definition(a, a));
            let z = Fe5([Fe::ZERO, Fe::ONE, Fe::ZERO, Fe::ZERO, Fe::ZERO]);
            prop_assert_eq!(a.scale_z(263), a * z.scale(Fe::from(263)));
        }

        #[test]
        fn the_field_laws_hold(a in element(), b in element(), c in element()) {
            prop_assert_eq!((a + b) + c, a + (b + c));
            prop_assert_eq!((a * b) * c, a * (b * c));
            prop_assert_eq!(a * (b + c), a * b + a * c);
            prop_assert_eq!(a - b, a + -b);
            prop_assert_eq!(a + -a, Fe5::ZERO);
            prop_assert_eq!(a.halve().double(), a);
            prop_assert_eq!(a.double(), a + a);
            let inverse = if a == Fe5::ZERO { Fe5::ZERO } else { Fe5::ONE };
            prop_assert_eq!(a * a.inverse(), inverse);
        }

        #[test]
        fn frobenius_is_the_power_p(a in element()) {
            let first = power(a, ORDER);
            prop_assert_eq!(a.frobenius::<1>(), first);
            prop_assert_eq!(a.frobenius::<2>(), power(first, ORDER));
            prop_assert_eq!(a.frobenius::<3>(), a.frobenius::<2>().frobenius::<1>());
        }

        #[test]
        fn inverting_all_is_inverting_each(mut elements in prop::collection::vec(element(), 0..9)) {
            let each: Vec<Fe5> = elements.iter().map(|element| element.inverse()).collect();
            Fe5::invert_all_vartime(&mut elements, &mut Vec::new());
            prop_assert_eq!(elements, each);
        }

        #[test]
        fn bytes_go_round(a in element()) {
            prop_assert_eq!(Fe5::from_le_bytes(&a.to_le_bytes()), Ok(a));
        }
    }

    #[test]
    fn a_coefficient_not_below_p_is_refused() {
        for position in 0..DEGREE {
            let mut bytes = Fe5::ONE.to_le_bytes();
            bytes[8 * position..8 * position + 8].copy_from_slice(&ORDER.to_le_bytes());
            let refused = Error::NonCanonicalElement { value: ORDER };
            assert_eq!(Fe5::from_le_bytes(&bytes), Err(refused));
        }
    }
}
