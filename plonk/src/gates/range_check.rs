//! Range checks by limbs of two bits. The limbs are hints that no copy constraint must reach, so
//! they need no routed columns.
//!
//! 1. Each limb is 0, 1, 2 or 3.
//! 2. A value of `n` limbs is their sum in base 4, so the value lies in 0 … 4^n − 1. The limbs of a
//!    value are unique because `n` is at most 31, where 4^n is below p.
//!
//! [`RangeCheckRow`] checks four values of 62 bits in a row. Other rows use [`check_limbs`] where
//! they have columns to spare.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, Field64, PrimeField64};

use crate::gates::rules::RowRules;
use crate::gates::value::{Known, Value};
use crate::gates::wires::{Nothing, wires};

/// Bits of a limb.
pub const LIMB_BITS: usize = 2;

/// Limbs of a value of 62 bits, such as an amount or a limb of a word.
pub const AMOUNT_LIMBS: usize = 31;

/// Checks that each of `limbs`, lowest first, is 0, 1, 2 or 3; returns their sum in base 4.
#[inline(always)]
pub fn check_limbs<V: Value>(limbs: &[V], check: &mut impl FnMut(V)) -> V {
    for &limb in limbs {
        check_limb(limb, check);
    }
    sum_of_limbs(limbs)
}

/// Checks that `limb` is 0, 1, 2 or 3: x(x − 1)(x − 2)(x − 3) = t(t + 2) with t = x(x − 3).
#[inline(always)]
pub fn check_limb<V: Value>(limb: V, check: &mut impl FnMut(V)) {
    let minus_three = GoldilocksField::from_canonical_u64(GoldilocksField::ORDER - 3);
    let folded = limb.mul_shifted(limb, minus_three);
    check(folded.mul_shifted(folded, GoldilocksField::TWO));
}

/// The sum of `limbs`, lowest first, in base 4.
///
/// # Panics
/// When `limbs` is empty.
#[inline(always)]
pub fn sum_of_limbs<V: Value>(limbs: &[V]) -> V {
    V::sum_of_powers(limbs, GoldilocksField::from_canonical_u64(1 << LIMB_BITS))
}

/// The lowest `N` limbs of a value, lowest first. A value below 4^N has no further limbs.
pub fn limbs_of<const N: usize>(value: Known) -> [Known; N] {
    core::array::from_fn(|i| {
        value.map(|value| {
            let limb = (value.to_canonical_u64() >> (LIMB_BITS * i)) & ((1 << LIMB_BITS) - 1);
            GoldilocksField::from_canonical_u64(limb)
        })
    })
}

/// A row that checks that four values are below 2^62.
#[derive(Clone, Copy, Debug, Default)]
pub struct RangeCheckRow;

wires! {
    /// The checked values.
    Amounts {
        /// Four values, each of which must be below 2^62.
        values: 4,
    }
}

wires! {
    /// The limbs of the four values.
    AmountLimbs {
        /// Limbs of the first value.
        first: 31,
        /// Limbs of the second value.
        second: 31,
        /// Limbs of the third value.
        third: 31,
        /// Limbs of the fourth value.
        fourth: 31,
    }
}

impl RowRules for RangeCheckRow {
    const NAME: &'static str = "RangeCheck";
    const STAGES: &'static [usize] = &[4];
    type Inputs<V: Copy> = Amounts<V>;
    type Outputs<V: Copy> = Nothing<V>;
    type Hints<V: Copy> = AmountLimbs<V>;

    fn hints(inputs: &Amounts<Known>) -> AmountLimbs<Known> {
        let [first, second, third, fourth] = inputs.values;
        AmountLimbs {
            first: limbs_of(first),
            second: limbs_of(second),
            third: limbs_of(third),
            fourth: limbs_of(fourth),
        }
    }

    #[inline(always)]
    fn evaluate<V: Value>(
        inputs: &Amounts<V>,
        hints: &AmountLimbs<V>,
        check: &mut impl FnMut(V),
    ) -> Nothing<V> {
        let AmountLimbs { first, second, third, fourth } = hints;
        for (value, limbs) in inputs.values.iter().zip([first, second, third, fourth]) {
            let sum = check_limbs(limbs, check);
            check(sum - *value);
        }
        Nothing { none: [] }
    }
}
