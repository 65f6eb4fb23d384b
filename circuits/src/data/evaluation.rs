//! Horner's rule, one group of m words at a time: y·zᵐ + Σ wⱼ·zᵐ⁻¹⁻ʲ, then one reduction.

use plonky2::iop::target::Target;
use sheaf_plonk::proof::Builder;

use super::integer::{Integer, REDUCTION_ROWS, Total};
use crate::data::limbs::LIMBS;
use crate::data::multiply_add::MAX_PRODUCTS;

/// Words of a group. Each word takes one product of the total's [`MAX_PRODUCTS`], and y one more.
const GROUP: usize = MAX_PRODUCTS - 1;

/// z⁰, z¹, … modulo r, in limbs.
struct Powers(Vec<[Target; LIMBS]>);

impl Powers {
    /// The powers from z⁰ to z^`highest`.
    fn new_checked(builder: &mut Builder, z: &Integer, highest: usize) -> Self {
        let mut one = [builder.zero(); LIMBS];
        one[0] = builder.one();
        let mut powers = vec![one, z.limbs];
        while powers.len() <= highest {
            let mut product = Total::zero(builder);
            product.add_checked(builder, &powers[powers.len() - 1], &z.limbs);
            powers.push(product.reduce_checked(builder).limbs);
        }
        Self(powers)
    }
}

/// The y after all `words`, in their order: each word turns y into y·z + word.
pub(super) fn evaluate_checked(
    builder: &mut Builder,
    z: &Integer,
    y: Integer,
    words: &[Integer],
) -> Integer {
    let powers = Powers::new_checked(builder, z, GROUP.min(words.len()));
    words.chunks(GROUP).fold(y, |y, group| {
        let mut total = Total::zero(builder);
        total.add_checked(builder, &y.limbs, &powers.0[group.len()]);
        for (word, power) in group.iter().zip(powers.0[..group.len()].iter().rev()) {
            total.add_checked(builder, &word.limbs, power);
        }
        total.reduce_checked(builder)
    })
}

/// Rows of the evaluation of `words` words, without the words' rows of limbs.
pub(super) const fn evaluation_rows(words: usize) -> usize {
    let highest = if words < GROUP { words } else { GROUP };
    let powers = highest.saturating_sub(1) * (1 + REDUCTION_ROWS);
    powers + words + words.div_ceil(GROUP) * (1 + REDUCTION_ROWS)
}
