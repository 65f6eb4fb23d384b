//! The Goldilocks field GF(p), p = 2^64 − 2^32 + 1: the field of every hash, key and circuit.
//!
//! A value is kept canonical (below p) between operations, so equality, order and hashing are those
//! of the integer. No operation branches on a value, except where its name says so; `word` and
//! `simd` are for public values only. `quintic` has the extension of the field, `poseidon` the
//! hashing.

#[cfg(target_arch = "x86_64")]
pub(crate) mod avx512;
pub mod simd;
pub mod word;

use core::fmt;
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};
use core::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::Error;
use crate::text;

/// The number of elements of the field.
pub const ORDER: u64 = 0xFFFF_FFFF_0000_0001;

/// 2^64 mod p, which is also 2^64 − p: the value modulo p of a carry out of 64 bits.
pub(crate) const EPSILON: u64 = 0xFFFF_FFFF;

/// An element of GF(p), always canonical.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Fe(u64);

impl Fe {
    /// The neutral element of addition.
    pub const ZERO: Self = Self(0);
    /// The neutral element of multiplication.
    pub const ONE: Self = Self(1);
    /// Bytes of an encoding.
    pub const BYTES: usize = 8;

    /// The element equal to `value`, or `None` if `value` is not below p.
    #[inline]
    pub const fn from_canonical(value: u64) -> Option<Self> {
        if value < ORDER { Some(Self(value)) } else { None }
    }

    /// The residue of `value` modulo p.
    #[inline]
    pub const fn from_u64(value: u64) -> Self {
        Self(canonicalize(value))
    }

    /// The canonical integer, below p.
    #[inline]
    pub const fn canonical(self) -> u64 {
        self.0
    }

    /// The canonical integer, little-endian: as keys and signatures are sent.
    pub const fn to_le_bytes(self) -> [u8; Self::BYTES] {
        self.0.to_le_bytes()
    }

    /// The canonical integer, big-endian: as digests and owners are sent.
    pub const fn to_be_bytes(self) -> [u8; Self::BYTES] {
        self.0.to_be_bytes()
    }

    #[inline]
    /// Whether the element is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    #[inline]
    /// Twice the element.
    pub const fn double(self) -> Self {
        Self(add(self.0, self.0))
    }

    /// Three times the element.
    #[inline(always)]
    pub(crate) const fn triple(self) -> Self {
        Self(add(self.double().0, self.0))
    }

    /// Division by two.
    #[inline]
    pub const fn halve(self) -> Self {
        let odd = (self.0 & 1).wrapping_neg();
        Self((self.0 >> 1).wrapping_add(odd & ((ORDER >> 1).wrapping_add(1))))
    }

    #[inline]
    /// The element times itself.
    pub const fn square(self) -> Self {
        self.times(self)
    }

    /// self^(2^count).
    #[inline]
    pub const fn square_times(self, count: u32) -> Self {
        let mut result = self;
        let mut done = 0;
        while done < count {
            result = result.square();
            done += 1;
        }
        result
    }

    /// self^exponent. The time depends on the exponent, which must be public.
    pub const fn pow(self, exponent: u64) -> Self {
        let mut result = Self::ONE;
        let mut bit = u64::BITS;
        while bit > 0 {
            bit -= 1;
            result = result.square();
            if (exponent >> bit) & 1 == 1 {
                result = result.times(self);
            }
        }
        result
    }

    /// The multiplicative inverse; zero is mapped to zero.
    ///
    /// By Fermat, self^(p − 2) with p − 2 = (2^31 − 1)·2^33 + (2^32 − 1).
    pub const fn inverse(self) -> Self {
        let ones_31 = self.pow_31_ones();
        let ones_32 = ones_31.square().times(self);
        ones_31.square_times(33).times(ones_32)
    }

    /// self^((p − 1) / 2): one for a non-zero square, minus one for a non-square, zero for zero.
    pub const fn legendre(self) -> Self {
        // (p − 1) / 2 = (2^32 − 1)·2^31.
        self.pow_31_ones().square().times(self).square_times(31)
    }

    /// self^(2^31 − 1).
    pub(crate) const fn pow_31_ones(self) -> Self {
        let ones_2 = self.square().times(self);
        let ones_3 = ones_2.square().times(self);
        let ones_6 = ones_3.square_times(3).times(ones_3);
        let ones_12 = ones_6.square_times(6).times(ones_6);
        let ones_15 = ones_12.square_times(3).times(ones_3);
        let ones_30 = ones_15.square_times(15).times(ones_15);
        ones_30.square().times(self)
    }

    #[inline(always)]
    const fn times(self, rhs: Self) -> Self {
        Self(canonicalize(reduce_128(self.0 as u128 * rhs.0 as u128)))
    }

    /// `yes` where `mask` is all ones, `no` where it is zero.
    #[inline(always)]
    pub(crate) const fn select(mask: u64, yes: Self, no: Self) -> Self {
        Self(no.0 ^ (mask & (no.0 ^ yes.0)))
    }
}

/// left − right modulo p, for any 64-bit integers of which `left` is at least `right` − p.
///
/// Every reduction in constant time is this subtraction. The borrow is the high word of a 128-bit
/// difference, which compiles to a mask. A `bool` would compile to conditional moves, which in
/// loops become branches: unpredictable, and dependent on secrets.
#[inline(always)]
const fn subtract(left: u64, right: u64) -> u64 {
    let difference = (left as u128).wrapping_sub(right as u128);
    // Adding p is the same as subtracting EPSILON modulo 2^64.
    let correction = (difference >> 64) as u64 & EPSILON;
    (difference as u64).wrapping_sub(correction)
}

/// left + right modulo p, for `right` below p; below p itself if `left` is.
#[inline(always)]
const fn add(left: u64, right: u64) -> u64 {
    // The subtraction left − (p − right) borrows exactly when the sum is below p.
    subtract(left, ORDER.wrapping_sub(right))
}

/// The residue below p of any 64-bit integer.
#[inline(always)]
pub(crate) const fn canonicalize(value: u64) -> u64 {
    subtract(value, ORDER)
}

/// A 64-bit integer congruent to `value` modulo p, not necessarily below p.
#[inline(always)]
pub(crate) const fn reduce_128(value: u128) -> u64 {
    reduce_160(value as u64, value >> 64)
}

/// A 64-bit integer congruent to low + high·2^64 modulo p, not necessarily below p.
/// `high` must be below 2^95.
#[inline(always)]
pub(crate) const fn reduce_160(low: u64, high: u128) -> u64 {
    // 2^96 ≡ −1, so the bits from 96 up are subtracted, and 2^64 ≡ EPSILON.
    let difference = subtract(low, (high >> 32) as u64);
    add(difference, times_epsilon(high as u64 & EPSILON))
}

/// A 64-bit integer congruent to `value` modulo p, as from `reduce_128`, but for public values
/// only. This function is faster, because a borrow, which comes once in 2^32 times, is a branch
/// that the processor learns to predict.
#[inline(always)]
pub(crate) fn reduce_128_vartime(value: u128) -> u64 {
    #[cold]
    #[inline(never)]
    fn add_order(value: u64) -> u64 {
        value.wrapping_add(ORDER)
    }
    let high = (value >> 64) as u64;
    let (mut difference, borrow) = (value as u64).overflowing_sub(high >> 32);
    if borrow {
        difference = add_order(difference);
    }
    let (sum, carry) = difference.overflowing_add(times_epsilon(high & EPSILON));
    sum.wrapping_add(u64::from(0u32.wrapping_sub(u32::from(carry))))
}

/// A 64-bit integer congruent to low + high·2^32 modulo p, for `low` below 2^63 and `high` below
/// 2^63.
#[inline(always)]
pub(crate) const fn reduce_split(low: u64, high: u64) -> u64 {
    let sum = low as u128 + ((high as u128) << 32);
    add(sum as u64, times_epsilon((sum >> 64) as u64))
}

/// word·EPSILON, for a word of 32 bits: below p.
#[inline(always)]
const fn times_epsilon(word: u64) -> u64 {
    (word << 32).wrapping_sub(word)
}

/// A sum of products of 64-bit integers, reduced once at the end. The low and the high halves of
/// the products are summed apart, so that 2^31 products fit and no carry has to be checked.
#[derive(Clone, Copy)]
pub(crate) struct Accumulator {
    low: u128,
    high: u128,
}

impl Accumulator {
    #[inline(always)]
    pub(crate) const fn new(value: u64) -> Self {
        Self { low: value as u128, high: 0 }
    }

    #[inline(always)]
    pub(crate) const fn product(left: u64, right: u64) -> Self {
        Self::new(0).plus(left, right)
    }

    #[inline(always)]
    pub(crate) const fn plus(self, left: u64, right: u64) -> Self {
        let product = left as u128 * right as u128;
        Self {
            low: self.low.wrapping_add(product as u64 as u128),
            high: self.high.wrapping_add(product >> 64),
        }
    }

    #[inline(always)]
    pub(crate) const fn twice(self) -> Self {
        Self { low: self.low << 1, high: self.high << 1 }
    }

    /// A 64-bit integer congruent to the sum.
    #[inline(always)]
    pub(crate) const fn loose(self) -> u64 {
        reduce_160(self.low as u64, self.high.wrapping_add(self.low >> 64))
    }

    #[inline(always)]
    pub(crate) const fn element(self) -> Fe {
        Fe(canonicalize(self.loose()))
    }
}

impl Add for Fe {
    type Output = Self;

    #[inline(always)]
    fn add(self, rhs: Self) -> Self {
        Self(add(self.0, rhs.0))
    }
}

impl Sub for Fe {
    type Output = Self;

    #[inline(always)]
    fn sub(self, rhs: Self) -> Self {
        Self(subtract(self.0, rhs.0))
    }
}

impl Mul for Fe {
    type Output = Self;

    #[inline(always)]
    fn mul(self, rhs: Self) -> Self {
        self.times(rhs)
    }
}

impl Neg for Fe {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self::ZERO - self
    }
}

impl AddAssign for Fe {
    #[inline(always)]
    fn add_assign(&mut self, rhs: Self) {
        *self = *self + rhs;
    }
}

impl SubAssign for Fe {
    #[inline(always)]
    fn sub_assign(&mut self, rhs: Self) {
        *self = *self - rhs;
    }
}

impl MulAssign for Fe {
    #[inline(always)]
    fn mul_assign(&mut self, rhs: Self) {
        *self = *self * rhs;
    }
}

impl From<u32> for Fe {
    fn from(value: u32) -> Self {
        Self(u64::from(value))
    }
}

impl TryFrom<u64> for Fe {
    type Error = Error;

    fn try_from(value: u64) -> Result<Self, Error> {
        Self::from_canonical(value).ok_or(Error::NonCanonicalElement { value })
    }
}

/// Sixteen lower-case hexadecimal digits, most significant first.
impl fmt::Display for Fe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl fmt::Debug for Fe {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{:016x}", self.0)
    }
}

impl FromStr for Fe {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 2 * Self::BYTES || !text.bytes().all(is_digit) {
            return Err(Error::ElementText);
        }
        let value = u64::from_str_radix(text, 16).map_err(|_| Error::ElementText)?;
        Self::try_from(value)
    }
}

impl Serialize for Fe {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fe {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn element() -> impl Strategy<Value = Fe> {
        prop_oneof![
            any::<u64>(),
            Just(0),
            (0u64..3).prop_map(|low| ORDER - 1 - low),
            (0u64..8).prop_map(|low| (1 << 32) - 4 + low),
        ]
        .prop_map(Fe::from_u64)
    }

    fn residue(value: u128) -> u64 {
        (value % u128::from(ORDER)) as u64
    }

    proptest! {
        #[test]
        fn arithmetic_is_that_of_integers_modulo_p(a in element(), b in element()) {
            let (x, y) = (u128::from(a.canonical()), u128::from(b.canonical()));
            prop_assert_eq!((a + b).canonical(), residue(x + y));
            prop_assert_eq!((a - b).canonical(), residue(x + u128::from(ORDER) - y));
            prop_assert_eq!((a * b).canonical(), residue(x * y));
            prop_assert_eq!(a.double(), a + a);
            prop_assert_eq!(a.halve().double(), a);
            prop_assert_eq!(-a + a, Fe::ZERO);
        }

        #[test]
        fn an_inverse_cancels(a in element()) {
            prop_assert_eq!(a * a.inverse(), if a.is_zero() { Fe::ZERO } else { Fe::ONE });
            prop_assert_eq!(a.pow(ORDER - 2), a.inverse());
        }

        #[test]
        fn any_wide_integer_is_reduced(low: u64, high in 0u128..1 << 95) {
            let shift = residue(1 << 64);
            let expected = residue(u128::from(residue(high)) * u128::from(shift) + u128::from(low));
            prop_assert_eq!(canonicalize(reduce_160(low, high)), expected);
            let (low, high) = (low >> 1, high as u64 >> 1);
            let expected = residue(u128::from(low) + (u128::from(high) << 32));
            prop_assert_eq!(canonicalize(reduce_split(low, high)), expected);
        }

        #[test]
        fn text_and_bytes_go_round(a in element()) {
            prop_assert_eq!(a.to_string().parse(), Ok(a));
            prop_assert_eq!(Fe::from_canonical(u64::from_le_bytes(a.to_le_bytes())), Some(a));
            prop_assert_eq!(Fe::from_canonical(u64::from_be_bytes(a.to_be_bytes())), Some(a));
        }
    }

    #[test]
    fn what_is_not_below_p_is_refused() {
        assert_eq!(Fe::from_canonical(ORDER - 1), Some(-Fe::ONE));
        assert_eq!(Fe::from_canonical(ORDER), None);
        assert_eq!(Fe::from_u64(ORDER), Fe::ZERO);
        let refused = Error::NonCanonicalElement { value: ORDER };
        assert_eq!("ffffffff00000001".parse::<Fe>(), Err(refused));
        for text in ["", "1", "FFFFFFFF00000000", "+000000000000001", "00000000000000001"] {
            assert_eq!(text.parse::<Fe>(), Err(Error::ElementText), "{text}");
        }
    }
}
