//! Integers below 2^256 in limbs, and their sums of products modulo r.

use plonky2::iop::target::Target;
use sheaf_plonk::gates::rules::add_row;
use sheaf_plonk::proof::Builder;

use crate::data::limbs::{LIMBS, LimbRow, Limbs, Regrouped, VALUES};
use crate::data::multiply_add::{COLUMNS, Factors, MAX_PRODUCTS, MultiplyAddRow, Sum};
use crate::data::reduce::{CARRIES, CARRY_LIMBS, Division, ReduceRow, Unreduced};

/// An integer below 2^256, in sixteen limbs of 16 bits and also in five values: four of 62 bits and
/// the last of 8.
#[derive(Clone, Copy, Debug)]
pub(super) struct Integer {
    pub limbs: [Target; LIMBS],
    pub values: [Target; VALUES],
}

/// A sum of products that has not been reduced.
pub(super) struct Total {
    columns: [Target; COLUMNS],
    products: usize,
}

impl Integer {
    /// A fresh integer, which is zero unless `enabled` is one.
    pub(super) fn new_checked(builder: &mut Builder, enabled: Target) -> Self {
        let limbs = builder.add_virtual_target_arr();
        Self::of_limbs_checked(builder, limbs, enabled)
    }

    /// The integer of these limbs, each of which is below 2^16; zero unless `enabled` is one.
    fn of_limbs_checked(builder: &mut Builder, limbs: [Target; LIMBS], enabled: Target) -> Self {
        let inputs = Limbs { limbs, enabled: [enabled] };
        let (Regrouped { values }, _) = add_row::<LimbRow>(builder, &inputs);
        Self { limbs, values }
    }

    /// A fresh integer below 2^248, which is zero unless `enabled` is one: a word.
    pub(super) fn word_checked(builder: &mut Builder, enabled: Target) -> Self {
        let word = Self::new_checked(builder, enabled);
        builder.assert_zero(word.values[VALUES - 1]);
        word
    }
}

impl Total {
    /// The total of no products.
    pub(super) fn zero(builder: &mut Builder) -> Self {
        Self { columns: [builder.zero(); COLUMNS], products: 0 }
    }

    /// Adds left·right. The caller must have checked that all limbs are below 2^16.
    ///
    /// # Panics
    /// When the total already consists of [`MAX_PRODUCTS`] products.
    pub(super) fn add_checked(
        &mut self,
        builder: &mut Builder,
        left: &[Target; LIMBS],
        right: &[Target; LIMBS],
    ) {
        assert!(self.products < MAX_PRODUCTS, "a column has no room for another product");
        self.products += 1;
        let inputs = Factors { left: *left, right: *right, before: self.columns };
        let (Sum { after }, _) = add_row::<MultiplyAddRow>(builder, &inputs);
        self.columns = after;
    }

    /// An integer below 2^256 that is congruent to the total modulo r.
    pub(super) fn reduce_checked(self, builder: &mut Builder) -> Integer {
        let (_, division) = add_row::<ReduceRow>(builder, &Unreduced { columns: self.columns });
        let Division { quotient, remainder, carries } = division;
        let (zero, one) = (builder.zero(), builder.one());
        Integer::of_limbs_checked(builder, quotient, one);
        for limbs in carries.chunks(LIMBS) {
            let limbs = core::array::from_fn(|i| limbs.get(i).copied().unwrap_or(zero));
            Integer::of_limbs_checked(builder, limbs, one);
        }
        Integer::of_limbs_checked(builder, remainder, one)
    }
}

/// Rows of one reduction: the reduction itself, and the range checks of quotient, remainder and
/// carries.
pub(super) const REDUCTION_ROWS: usize = 3 + (CARRIES * CARRY_LIMBS).div_ceil(LIMBS);
