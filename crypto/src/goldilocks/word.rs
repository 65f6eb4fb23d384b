//! Representatives of elements that need not be canonical: one machine word, or several words side
//! by side on which one operation works at once.

use super::{EPSILON, add, canonicalize, reduce_128_vartime, reduce_split, subtract};

/// 64-bit representatives of one or more elements. The elements must be public, because time may
/// depend on them.
pub trait Word: Copy {
    /// The same integer in each place.
    fn repeat(self, value: u64) -> Self;

    /// The sum of integers modulo 2^64.
    fn plus(self, other: Self) -> Self;

    /// The difference of integers modulo 2^64.
    fn minus(self, other: Self) -> Self;

    /// The integer times 2^`BITS`, modulo 2^64.
    fn shifted<const BITS: u32>(self) -> Self;

    /// The low 32 bits.
    fn low(self) -> Self;

    /// The high 32 bits.
    fn high(self) -> Self;

    /// The sum of elements.
    fn sum(self, other: Self) -> Self;

    /// The difference of elements.
    fn difference(self, other: Self) -> Self;

    /// The product of elements.
    fn times(self, other: Self) -> Self;

    /// The product of an element with itself.
    fn squared(self) -> Self;

    /// low + high·2^32 as an element, for integers below 2^63.
    fn joined(low: Self, high: Self) -> Self;
}

/// Elements of a vector.
pub const LANES: usize = 8;

/// Representatives of eight elements.
pub trait Vector: Word {
    /// The vector of these words. `self` may be any vector: it proves that the processor can work
    /// on vectors of its type.
    fn of(self, words: [u64; LANES]) -> Self;

    /// The words, one for each lane.
    fn words(self) -> [u64; LANES];
}

impl Word for u64 {
    #[inline(always)]
    fn repeat(self, value: u64) -> Self {
        value
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.wrapping_sub(other)
    }

    #[inline(always)]
    fn shifted<const BITS: u32>(self) -> Self {
        self << BITS
    }

    #[inline(always)]
    fn low(self) -> Self {
        self & EPSILON
    }

    #[inline(always)]
    fn high(self) -> Self {
        self >> 32
    }

    #[inline(always)]
    fn sum(self, other: Self) -> Self {
        add(self, canonicalize(other))
    }

    #[inline(always)]
    fn difference(self, other: Self) -> Self {
        subtract(self, canonicalize(other))
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        reduce_128_vartime(u128::from(self) * u128::from(other))
    }

    #[inline(always)]
    fn squared(self) -> Self {
        self.times(self)
    }

    #[inline(always)]
    fn joined(low: Self, high: Self) -> Self {
        reduce_split(low, high)
    }
}
