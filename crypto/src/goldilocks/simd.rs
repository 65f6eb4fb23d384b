//! Eight elements at once: in one register of AVX-512 on processors that have it, and one after
//! another on other processors, with the same result.

pub use super::word::{LANES, Vector};

use super::word::Word;

/// A computation over vectors that is the same for every type of vector.
pub trait Kernel {
    /// The result of the computation.
    type Output;

    /// Computes the result. `zero` is a vector from which others are made. Write
    /// `#[inline(always)]` above this function and above every function that it calls: only inlined
    /// code uses the registers.
    fn run<V: Vector>(self, zero: V) -> Self::Output;
}

/// Runs a kernel over the widest vectors that the processor has.
#[inline]
pub fn run<K: Kernel>(kernel: K) -> K::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V4::try_new() {
        return simd.vectorize(Vectorised { simd, kernel });
    }
    kernel.run([0; LANES])
}

/// A kernel in registers of AVX-512.
#[cfg(target_arch = "x86_64")]
struct Vectorised<K> {
    simd: pulp::x86::V4,
    kernel: K,
}

#[cfg(target_arch = "x86_64")]
impl<K: Kernel> pulp::NullaryFnOnce for Vectorised<K> {
    type Output = K::Output;

    #[inline(always)]
    fn call(self) -> K::Output {
        self.kernel.run(super::avx512::Eight::new(self.simd, [0; LANES]))
    }
}

/// Eight machine words, worked on one after another. Products are calls: inlined eight-fold, they
/// would be most of what the compiler has to do for every kernel.
impl Word for [u64; LANES] {
    #[inline(always)]
    fn repeat(self, value: u64) -> Self {
        [value; LANES]
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        core::array::from_fn(|i| self[i].plus(other[i]))
    }

    #[inline(always)]
    fn minus(self, other: Self) -> Self {
        core::array::from_fn(|i| self[i].minus(other[i]))
    }

    #[inline(always)]
    fn shifted<const BITS: u32>(self) -> Self {
        self.map(u64::shifted::<BITS>)
    }

    #[inline(always)]
    fn low(self) -> Self {
        self.map(u64::low)
    }

    #[inline(always)]
    fn high(self) -> Self {
        self.map(u64::high)
    }

    #[inline(always)]
    fn sum(self, other: Self) -> Self {
        core::array::from_fn(|i| self[i].sum(other[i]))
    }

    #[inline(always)]
    fn difference(self, other: Self) -> Self {
        core::array::from_fn(|i| self[i].difference(other[i]))
    }

    #[inline(never)]
    fn times(self, other: Self) -> Self {
        core::array::from_fn(|i| self[i].times(other[i]))
    }

    #[inline(never)]
    fn squared(self) -> Self {
        self.map(u64::squared)
    }

    #[inline(always)]
    fn joined(low: Self, high: Self) -> Self {
        core::array::from_fn(|i| u64::joined(low[i], high[i]))
    }
}

impl Vector for [u64; LANES] {
    #[inline(always)]
    fn of(self, words: [u64; LANES]) -> Self {
        words
    }

    #[inline(always)]
    fn words(self) -> [u64; LANES] {
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::goldilocks::{Fe, ORDER};

    /// Every operation on elements, in order.
    #[derive(Clone, Copy)]
    struct Operations([[u64; LANES]; 2]);

    impl Kernel for Operations {
        type Output = [[u64; LANES]; 4];

        #[inline(always)]
        fn run<V: Vector>(self, zero: V) -> Self::Output {
            let [left, right] = self.0.map(|words| zero.of(words));
            [left.sum(right), left.difference(right), left.times(right), left.squared()]
                .map(V::words)
        }
    }

    fn agree(left: [u64; LANES], right: [u64; LANES]) {
        let operations = Operations([left, right]);
        let (wide, narrow) = (run(operations), operations.run([0; LANES]));
        for lane in 0..LANES {
            let (a, b) = (Fe::from_u64(left[lane]), Fe::from_u64(right[lane]));
            let expected = [a + b, a - b, a * b, a * a];
            assert_eq!(wide.map(|words| Fe::from_u64(words[lane])), expected);
            assert_eq!(narrow.map(|words| Fe::from_u64(words[lane])), expected);
        }
    }

    #[test]
    fn the_ends_of_the_range_are_right() {
        let ends = [0, 1, 0xFFFF_FFFE, 0xFFFF_FFFF, 1 << 32, ORDER - 1, ORDER, u64::MAX];
        for shift in 0..LANES {
            let mut other = ends;
            other.rotate_left(shift);
            agree(ends, other);
        }
    }

    proptest! {
        #[test]
        fn operations_are_the_fields(
            left in prop::array::uniform8(any::<u64>()),
            right in prop::array::uniform8(any::<u64>()),
        ) {
            agree(left, right);
        }
    }
}
