//! A total of products brought back below 2^256, modulo the BLS12-381 scalar field's order r.
//!
//! 1. total = quotient·r + remainder over the integers: column by column, from the lowest, with
//!    a carry into the next column and none out of the last.
//!
//! The gate checks no range. The circuit must check that each limb of quotient, remainder and
//! carries is below 2^16, and that the total's columns are below 2^58 (see `multiply_add`). Then
//! total + carry in − quotient·r − remainder lies in (−2^53, 2^58 + 2^33) for each column, and
//! 2^32·carry out in [−2^56, 2^64 − 2^56). Their difference is less than p in size, so that
//! equality in the field is equality of integers.
//!
//! The remainder may be r or larger: it is the same residue. Of the last y, L1 accepts only the
//! canonical form.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, PrimeField64};
use sheaf_plonk::gates::rules::{RowRules, RulesGate};
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::{Nothing, wires};

use crate::data::limbs::{LIMB_BITS, LIMBS};
use crate::data::multiply_add::COLUMNS;

/// Carries between columns.
pub const CARRIES: usize = COLUMNS - 1;
/// Limbs of a carry, which is stored with [`CARRY_OFFSET`] added.
pub const CARRY_LIMBS: usize = 2;
/// Added to a carry, which makes its stored form non-negative: a negative carry is above −2^21.
pub const CARRY_OFFSET: u64 = 1 << 24;

const COLUMN_BITS: usize = 2 * LIMB_BITS;

/// r in limbs of 16 bits, lowest first.
const ORDER: [u16; LIMBS] = [
    0x0001, 0x0000, 0xffff, 0xffff, 0x5bfe, 0xfffe, 0xa402, 0x53bd, 0xd805, 0x09a1, 0xd808, 0x3339,
    0x7d48, 0x299d, 0xa753, 0x73ed,
];

/// The gate of one reduction.
pub type ReduceGate = RulesGate<ReduceRow>;

/// The row that reduces one total.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReduceRow;

wires! {
    /// The total that is reduced.
    Unreduced {
        /// Its columns.
        columns: 16,
    }
}

wires! {
    /// The result of the division by r, in limbs whose range other rows check.
    Division {
        /// Limbs of the quotient.
        quotient: 16,
        /// Limbs of the remainder.
        remainder: 16,
        /// The low and the high limb of carry 0, then of carry 1, and so on.
        carries: 30,
    }
}

impl RowRules for ReduceRow {
    const NAME: &'static str = "Reduce";
    const STAGES: &'static [usize] = &[COLUMNS];
    type Inputs<V: Copy> = Unreduced<V>;
    type Outputs<V: Copy> = Nothing<V>;
    type Hints<V: Copy> = Division<V>;

    fn hints(inputs: &Unreduced<Known>) -> Division<Known> {
        let columns = inputs.columns.map(|column| column.0.map(|c| c.to_canonical_u64()));
        let divided = columns
            .iter()
            .all(Option::is_some)
            .then(|| reduce(&columns.map(|column| column.expect("all columns are known"))));
        let known = |limb: fn(&Reduced, usize) -> u16, i: usize| {
            let limb = divided.as_ref().map(|divided| limb(divided, i));
            Known(limb.map(GoldilocksField::from_canonical_u16))
        };
        Division {
            quotient: core::array::from_fn(|i| known(|divided, i| divided.quotient[i], i)),
            remainder: core::array::from_fn(|i| known(|divided, i| divided.remainder[i], i)),
            carries: core::array::from_fn(|i| known(Reduced::carry_limb, i)),
        }
    }

    #[inline]
    fn evaluate<V: Value>(
        inputs: &Unreduced<V>,
        hints: &Division<V>,
        check: &mut impl FnMut(V),
    ) -> Nothing<V> {
        let constant = GoldilocksField::from_canonical_u64;
        let Division { quotient, remainder, carries } = hints;
        let mut carry_in = None;
        for (column, total) in inputs.columns.iter().enumerate() {
            let mut left = carry_in.map_or(*total, |carry| *total + carry);
            for (limb, part) in quotient.iter().enumerate() {
                let weight = order_weight(column, limb);
                if weight != 0 {
                    left = part.times_plus(-constant(weight), left);
                }
            }
            if let Some([low, high]) = remainder.as_chunks::<2>().0.get(column) {
                left = high.times_plus(-constant(1 << LIMB_BITS), left - *low);
            }
            carry_in = carries.as_chunks::<2>().0.get(column).map(|[low, high]| {
                high.times_plus(constant(1 << LIMB_BITS), *low).plus(-constant(CARRY_OFFSET))
            });
            if let Some(carry_out) = carry_in {
                left = carry_out.times_plus(-constant(1 << COLUMN_BITS), left);
            }
            check(left);
        }
        Nothing { none: [] }
    }
}

/// The factor of the quotient's limb `limb` in column `column` of quotient·r.
const fn order_weight(column: usize, limb: usize) -> u64 {
    let mut weight = 0;
    if 2 * column >= limb && 2 * column - limb < LIMBS {
        weight += ORDER[2 * column - limb] as u64;
    }
    if 2 * column + 1 >= limb && 2 * column + 1 - limb < LIMBS {
        weight += (ORDER[2 * column + 1 - limb] as u64) << LIMB_BITS;
    }
    weight
}

/// Quotient, remainder and carries as an honest prover computes them.
struct Reduced {
    quotient: [u16; LIMBS],
    remainder: [u16; LIMBS],
    carries: [u32; CARRIES],
}

impl Reduced {
    /// Limb `i` of the carries, in the order of their columns.
    fn carry_limb(&self, i: usize) -> u16 {
        (self.carries[i / CARRY_LIMBS] >> (LIMB_BITS * (i % CARRY_LIMBS))) as u16
    }
}

/// The number of 16-bit digits of a total: sixteen columns 32 bits apart, the highest below 2^64.
const DIGITS: usize = 2 * COLUMNS + 2;

/// Divides by r, bit by bit. A quotient of more than 256 bits is cut; no honest witness has one.
fn reduce(total: &[u64; COLUMNS]) -> Reduced {
    let mut digits = [0u16; DIGITS];
    let mut carry = 0u128;
    for (column, pair) in digits.chunks_exact_mut(2).enumerate() {
        carry += u128::from(total.get(column).copied().unwrap_or(0));
        pair.copy_from_slice(&[carry as u16, (carry >> LIMB_BITS) as u16]);
        carry >>= COLUMN_BITS;
    }
    let mut quotient = [0; LIMBS];
    let mut remainder = [0; LIMBS];
    for bit in (0..DIGITS * LIMB_BITS).rev() {
        let next = digits[bit / LIMB_BITS] >> (bit % LIMB_BITS) & 1;
        // The remainder is below r < 2^255, so doubling it does not lose a bit.
        let mut carried = next;
        for limb in &mut remainder {
            (*limb, carried) = (*limb << 1 | carried, *limb >> (LIMB_BITS - 1));
        }
        if remainder.iter().rev().ge(ORDER.iter().rev()) {
            let mut borrow = false;
            for (limb, order) in remainder.iter_mut().zip(ORDER) {
                let (difference, below) = limb.overflowing_sub(order);
                let (difference, far_below) = difference.overflowing_sub(u16::from(borrow));
                (*limb, borrow) = (difference, below | far_below);
            }
            if bit < LIMBS * LIMB_BITS {
                quotient[bit / LIMB_BITS] |= 1 << (bit % LIMB_BITS);
            }
        }
    }
    let carries = carries(total, &quotient, &remainder);
    Reduced { quotient, remainder, carries }
}

/// The carries out of all columns but the last, with the offset added.
fn carries(
    total: &[u64; COLUMNS],
    quotient: &[u16; LIMBS],
    remainder: &[u16; LIMBS],
) -> [u32; CARRIES] {
    let mut carry = 0i128;
    core::array::from_fn(|column| {
        carry += i128::from(total[column]);
        for (limb, value) in quotient.iter().enumerate() {
            carry -= i128::from(*value) * i128::from(order_weight(column, limb));
        }
        if column < LIMBS / 2 {
            carry -= i128::from(remainder[2 * column]);
            carry -= i128::from(remainder[2 * column + 1]) << LIMB_BITS;
        }
        carry >>= COLUMN_BITS;
        (carry + i128::from(CARRY_OFFSET)) as u32
    })
}
