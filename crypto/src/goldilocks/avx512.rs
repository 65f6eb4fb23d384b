//! Eight words in a register of AVX-512, for processors that have it.
//!
//! AVX-512 has no multiplication of 64-bit integers to 128 bits, so a product is made of four
//! products of halves. The instructions are called through `pulp`, whose token proves that the
//! processor has them.

use core::arch::x86_64::__m512i;

use pulp::x86::V4;

use super::word::{LANES, Vector, Word};
use super::{EPSILON, ORDER};

/// Eight words, with the token that proves that the processor can work on them.
#[derive(Clone, Copy)]
pub(crate) struct Eight {
    simd: V4,
    words: __m512i,
}

impl Eight {
    #[inline(always)]
    pub(crate) fn new(simd: V4, words: [u64; LANES]) -> Self {
        Self { simd, words: pulp::cast(words) }
    }

    #[inline(always)]
    fn with(self, words: __m512i) -> Self {
        Self { words, ..self }
    }

    /// 2^32 − 1: the value modulo p of a carry out of 64 bits, and the mask of a low half.
    #[inline(always)]
    fn epsilon(self) -> __m512i {
        self.repeat(EPSILON).words
    }

    /// The products of the low halves.
    #[inline(always)]
    fn low_product(self, other: Self) -> Self {
        self.with(self.simd.avx512f._mm512_mul_epu32(self.words, other.words))
    }

    /// self + other as elements. `other` must be at most 2^64 − 2^32, so that the value of a carry
    /// can be added without another carry.
    #[inline(always)]
    fn plus_element(self, other: Self) -> Self {
        let Self { simd, words } = self.plus(other);
        let carry = simd.avx512f._mm512_cmplt_epu64_mask(words, other.words);
        self.with(simd.avx512f._mm512_mask_add_epi64(words, carry, words, self.epsilon()))
    }

    /// The same elements, below p.
    #[inline(always)]
    fn canonical(self) -> Self {
        // For a word below p the subtraction wraps round to something larger.
        let reduced = self.minus(self.repeat(ORDER));
        self.with(self.simd.avx512f._mm512_min_epu64(self.words, reduced.words))
    }

    /// low_low + (high_low + low_high)·2^32 + high_high·2^64 as an element.
    #[inline(always)]
    fn of_products(low_low: Self, high_low: Self, low_high: Self, high_high: Self) -> Self {
        let simd = low_low.simd;
        // Neither sum carries: (2^32 − 1)² + 2^32 − 1 is below 2^64.
        let middle = high_low.plus(low_low.high());
        let upper = low_high.plus(middle.low());
        let high = high_high.plus(middle.high()).plus(upper.high());
        const ODD_HALVES: u16 = 0b1010_1010_1010_1010;
        const EVEN_TWICE: i32 = 0b10_10_00_00;
        let low = simd.avx512f._mm512_mask_shuffle_epi32::<EVEN_TWICE>(
            low_low.words,
            ODD_HALVES,
            upper.words,
        );
        Self::reduced(low_low.with(low), high)
    }

    /// low + high·2^64 as an element.
    #[inline(always)]
    fn reduced(low: Self, high: Self) -> Self {
        let Self { simd, words: low } = low;
        // Modulo p, 2^96 is −1 and 2^64 is 2^32 − 1.
        let top = high.high().words;
        let borrow = simd.avx512f._mm512_cmplt_epu64_mask(low, top);
        let rest = simd.avx512f._mm512_sub_epi64(low, top);
        let rest = simd.avx512f._mm512_mask_sub_epi64(rest, borrow, rest, high.epsilon());
        high.with(rest).plus_element(high.times_epsilon())
    }

    /// The low half times 2^32 − 1: at most (2^32 − 1)².
    #[inline(always)]
    fn times_epsilon(self) -> Self {
        self.low_product(self.repeat(EPSILON))
    }
}

impl Word for Eight {
    #[inline(always)]
    fn repeat(self, value: u64) -> Self {
        self.with(self.simd.avx512f._mm512_set1_epi64(value.cast_signed()))
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.with(self.simd.avx512f._mm512_add_epi64(self.words, other.words))
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        self.with(self.simd.avx512f._mm512_sub_epi64(self.words, other.words))
    }

    #[inline(always)]
    fn shifted<const BITS: u32>(self) -> Self {
        self.with(self.simd.avx512f._mm512_slli_epi64::<BITS>(self.words))
    }

    #[inline(always)]
    fn low(self) -> Self {
        self.with(self.simd.avx512f._mm512_and_si512(self.words, self.epsilon()))
    }

    #[inline(always)]
    fn high(self) -> Self {
        self.with(self.simd.avx512f._mm512_srli_epi64::<32>(self.words))
    }

    #[inline(always)]
    fn sum(self, other: Self) -> Self {
        self.plus_element(other.canonical())
    }

    #[inline(always)]
    fn difference(self, other: Self) -> Self {
        let other = other.canonical();
        let Self { simd, words } = self.minus(other);
        let borrow = simd.avx512f._mm512_cmplt_epu64_mask(self.words, other.words);
        // A wrapped difference is 2^64 too large and at least 2^32, because `other` is below p.
        self.with(simd.avx512f._mm512_mask_sub_epi64(words, borrow, words, self.epsilon()))
    }

    #[inline(always)]
    fn times(self, other: Self) -> Self {
        let (left, right) = (self.high(), other.high());
        Self::of_products(
            self.low_product(other),
            left.low_product(other),
            self.low_product(right),
            left.low_product(right),
        )
    }

    #[inline(always)]
    fn squared(self) -> Self {
        let high = self.high();
        let (low_low, cross) = (self.low_product(self), high.low_product(self));
        // The square is low_low + cross·2^33 + high²·2^64.
        let shifted = cross.shifted::<33>();
        let low = low_low.plus(shifted);
        let simd = self.simd.avx512f;
        let carry = simd._mm512_cmplt_epu64_mask(low.words, shifted.words);
        let rest = self.with(simd._mm512_srli_epi64::<31>(cross.words));
        let high = high.low_product(high).plus(rest).words;
        let one = self.repeat(1).words;
        Self::reduced(low, self.with(simd._mm512_mask_add_epi64(high, carry, high, one)))
    }

    #[inline(always)]
    fn joined(low: Self, high: Self) -> Self {
        // Both summands are below 2^63.
        let low = low.plus(high.high().times_epsilon());
        // This one is at most 2^64 − 2^32.
        low.plus_element(high.shifted::<32>())
    }
}

impl Vector for Eight {
    #[inline(always)]
    fn of(self, words: [u64; LANES]) -> Self {
        Self::new(self.simd, words)
    }

    #[inline(always)]
    fn words(self) -> [u64; LANES] {
        pulp::cast(self.words)
    }
}
