//! One product of two 256-bit integers, added to a running total without carrying.
//!
//! 1. Each of the sixteen columns of the total, which weigh 2^(32·i), grows by its part of a·b: the
//!    products of 16-bit limbs that weigh 2^(32·i) and 2^(32·i + 16).
//!
//! The gate checks no range. Limbs below 2^16 make a column grow by less than 2^52.01, so that
//! [`MAX_PRODUCTS`] products stay below 2^58 and no column wraps.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_plonk::gates::rules::{RowRules, RulesGate};
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::{Nothing, wires};

use crate::data::limbs::{LIMB_BITS, LIMBS};

/// Columns of an unreduced total, each 32 bits apart.
pub const COLUMNS: usize = LIMBS;
/// The most products of a total before the total is reduced.
pub const MAX_PRODUCTS: usize = 32;

/// The gate of one product.
pub type MultiplyAddGate = RulesGate<MultiplyAddRow>;

/// The row that adds one product to a total.
#[derive(Clone, Copy, Debug, Default)]
pub struct MultiplyAddRow;

wires! {
    /// The two factors, and the total to which their product is added.
    Factors {
        /// Limbs of the first factor.
        left: 16,
        /// Limbs of the second factor.
        right: 16,
        /// Columns of the total before the addition.
        before: 16,
    }
}

wires! {
    /// The total that the row computes.
    Sum {
        /// Columns of the total after the addition.
        after: 16,
    }
}

impl RowRules for MultiplyAddRow {
    const NAME: &'static str = "MultiplyAdd";
    const STAGES: &'static [usize] = &[2 * LIMBS + COLUMNS];
    type Inputs<V: Copy> = Factors<V>;
    type Outputs<V: Copy> = Sum<V>;
    type Hints<V: Copy> = Nothing<V>;

    fn hints(_: &Factors<Known>) -> Nothing<Known> {
        Nothing { none: [] }
    }

    #[inline]
    fn evaluate<V: Value>(inputs: &Factors<V>, _: &Nothing<V>, _: &mut impl FnMut(V)) -> Sum<V> {
        let Factors { left, right, before } = inputs;
        // The products of limbs that weigh 2^(16·weight), added to `start`.
        let half = |weight: usize, start: V| {
            let limbs = weight.saturating_sub(LIMBS - 1)..LIMBS.min(weight + 1);
            limbs.fold(start, |sum, i| left[i].mul_add(right[weight - i], sum))
        };
        let zero = before[0].constant(GoldilocksField::ZERO);
        let upper = GoldilocksField::from_canonical_u64(1 << LIMB_BITS);
        Sum {
            after: core::array::from_fn(|i| {
                half(2 * i + 1, zero).times_plus(upper, half(2 * i, before[i]))
            }),
        }
    }
}
