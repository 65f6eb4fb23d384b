//! Eight permutations at once, side by side. A tree needs thousands of permutations that do not
//! depend on each other.
//!
//! On a processor with AVX-512 eight permutations share each instruction, and take less than half
//! the time of one after another, so that three of them are already faster together. On other
//! processors they run one after another. The result is the same.

use super::{WIDTH, permute_words};
use crate::goldilocks::Fe;
use crate::goldilocks::simd;

/// States that are permuted at once.
pub const LANES: usize = simd::LANES;
/// Fewer states are permuted faster one after another.
pub(crate) const LANES_WORTHWHILE: usize = 3;

/// Eight states of the sponge, side by side.
#[derive(Clone, Debug, Default)]
pub struct Lanes([[u64; LANES]; WIDTH]);

impl Lanes {
    /// Overwrites one element of one state.
    #[inline]
    pub fn set(&mut self, lane: usize, position: usize, element: Fe) {
        self.0[position][lane] = element.canonical();
    }

    /// Reads one element of one state.
    #[inline]
    pub fn get(&self, lane: usize, position: usize) -> Fe {
        Fe::from_u64(self.0[position][lane])
    }

    /// Permutes all states.
    pub fn permute(&mut self) {
        self.permute_first(LANES);
    }

    /// Permutes the first `count` states. The others are then of no use.
    pub fn permute_first(&mut self, count: usize) {
        #[cfg(target_arch = "x86_64")]
        if let Some(simd) = pulp::x86::V4::try_new() {
            simd.vectorize(Vectorised { simd, states: &mut self.0 });
            return;
        }
        for lane in 0..count {
            let mut state = self.0.map(|places| places[lane]);
            permute_words(&mut state);
            for (places, element) in self.0.iter_mut().zip(state) {
                places[lane] = element;
            }
        }
    }
}

/// The permutation in registers of AVX-512.
#[cfg(target_arch = "x86_64")]
struct Vectorised<'a> {
    simd: pulp::x86::V4,
    states: &'a mut [[u64; LANES]; WIDTH],
}

#[cfg(target_arch = "x86_64")]
impl pulp::NullaryFnOnce for Vectorised<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        use crate::goldilocks::avx512::Eight;
        use crate::goldilocks::simd::Vector;
        let Self { simd, states } = self;
        let mut words = states.map(|places| Eight::new(simd, places));
        super::permute_words(&mut words);
        *states = words.map(Eight::words);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::poseidon::permute;

    proptest! {
        #[test]
        fn equal_one_after_another(
            states in prop::array::uniform8(prop::array::uniform12(any::<u64>())),
            times in 1usize..4,
        ) {
            let mut states = states.map(|state| state.map(Fe::from_u64));
            let mut lanes = Lanes::default();
            for (lane, state) in states.iter().enumerate() {
                for (position, element) in state.iter().enumerate() {
                    lanes.set(lane, position, *element);
                }
            }
            for _ in 0..times {
                lanes.permute();
                states.iter_mut().for_each(permute);
            }
            for (lane, state) in states.iter().enumerate() {
                let found: [Fe; WIDTH] = core::array::from_fn(|i| lanes.get(lane, i));
                prop_assert_eq!(&found, state);
            }
        }
    }

    #[test]
    fn the_largest_words_do_not_overflow() {
        let largest = Fe::from_u64(crate::goldilocks::ORDER - 1);
        for state in [[largest; WIDTH], [Fe::ZERO; WIDTH]] {
            let mut expected = state;
            permute(&mut expected);
            let mut lanes = Lanes::default();
            (0..LANES * WIDTH).for_each(|i| lanes.set(i % LANES, i / LANES, state[i / LANES]));
            lanes.permute();
            for i in 0..LANES * WIDTH {
                assert_eq!(lanes.get(i % LANES, i / LANES), expected[i / LANES]);
            }
        }
    }
}
