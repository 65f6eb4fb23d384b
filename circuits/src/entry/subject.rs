//! The subject of an entry, split into the limbs that words contain.
//!
//! 1. Each of the three elements is low + 2^62·high, low below 2^62 and high below 4.
//! 2. The split is the canonical one: low + 2^62·high is below p = 2^64 − 2^32 + 1 as an integer.
//!    (If the upper 32 bits are all ones, the lower 32 are zero.)
//! 3. `high` is h0 + 4·h1 + 16·h2.
//!
//! This row does not constrain whether the subject is an owner or an L1 address. The row of
//! [`crate::entry::access`] compares a subject with the leaf's owner, and the row of
//! [`crate::entry::publish`] constrains a subject that is an L1 address.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, PrimeField64};
use sheaf_plonk::gates::range_check::{
    AMOUNT_LIMBS, check_limb, check_limbs, limbs_of, sum_of_limbs,
};
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::wires;

/// Limbs, of two bits, of an element's lower 32 bits.
const LOWER: usize = 16;

/// A row that splits three elements.
#[derive(Clone, Copy, Debug, Default)]
pub struct SubjectRow;

wires! {
    /// The elements that are split.
    Subject {
        /// An owner, or an L1 address in limbs of 62, 62 and 36 bits.
        elements: 3,
    }
}

wires! {
    /// The parts of the elements, as words contain them.
    Parts {
        /// The low part of each element, below 2^62.
        low: 3,
        /// The high parts, h0 + 4·h1 + 16·h2: two bits of each element.
        high: 1,
    }
}

wires! {
    /// The prover's limbs of two bits, which the rules check, and inverses.
    Split {
        /// The high part of each element: its two highest bits.
        highs: 3,
        /// The limbs of the first low part.
        first: 31,
        /// The limbs of the second low part.
        second: 31,
        /// The limbs of the third low part.
        third: 31,
        /// For each element, the inverse of 2^32 − 1 minus its upper 32 bits; any value where that
        /// difference is zero.
        inverses: 3,
    }
}

/// 2^32 − 1, the largest upper half of an element. The lower half of such an element is zero.
fn full_half() -> GoldilocksField {
    GoldilocksField::from_canonical_u64(u64::from(u32::MAX))
}

impl RowRules for SubjectRow {
    const NAME: &'static str = "EntrySubject";
    const STAGES: &'static [usize] = &[3];
    type Inputs<V: Copy> = Subject<V>;
    type Outputs<V: Copy> = Parts<V>;
    type Hints<V: Copy> = Split<V>;

    fn hints(inputs: &Subject<Known>) -> Split<Known> {
        let split = |element: Known| limbs_of::<32>(element);
        let [first, second, third] = inputs.elements.map(split);
        let low = |limbs: &[Known; 32]| core::array::from_fn(|i| limbs[i]);
        let upper_half = |element: Known| {
            element.map(|value| GoldilocksField::from_canonical_u64(value.to_canonical_u64() >> 32))
        };
        let inverse = |element: Known| {
            upper_half(element)
                .taken_from(full_half())
                .map(|gap| gap.try_inverse().unwrap_or(GoldilocksField::ZERO))
        };
        Split {
            highs: [&first, &second, &third].map(|limbs| limbs[AMOUNT_LIMBS]),
            first: low(&first),
            second: low(&second),
            third: low(&third),
            inverses: inputs.elements.map(inverse),
        }
    }

    #[inline(always)]
    fn evaluate<V: Value>(
        inputs: &Subject<V>,
        hints: &Split<V>,
        check: &mut impl FnMut(V),
    ) -> Parts<V> {
        let Split { highs, first, second, third, inverses } = hints;
        let power = |exponent: usize| GoldilocksField::from_canonical_u64(1 << exponent);
        let mut low = inputs.elements;
        for (i, limbs) in [first, second, third].into_iter().enumerate() {
            check_limb(highs[i], check);
            let lower_half = check_limbs(&limbs[..LOWER], check);
            let middle = check_limbs(&limbs[LOWER..], check);
            low[i] = middle.times_plus(power(32), lower_half);
            check(highs[i].times_plus(power(62), low[i]) - inputs.elements[i]);
            let upper_half = highs[i].times_plus(power(30), middle);
            let gap = upper_half.taken_from(full_half());
            let gap_is_zero = (gap * inverses[i]).taken_from(GoldilocksField::ONE);
            check(lower_half * gap_is_zero);
        }
        Parts { low, high: [sum_of_limbs(highs)] }
    }
}
