//! A total of products brought back below 2^256, modulo the BLS12-381 scalar field's order r.
//!
//! 1. total = quotient·r + remainder over the integers: column by column, from the lowest, with
//!    a carry into the next column and none out of the last.
//!
//! The gate checks no range: quotient, remainder and the two limbs of each carry must be below
//! 2^16 each, and the total's columns below 2^58 (see `multiply_add`). Then a column of the left
//! side lies in (−2^53, 2^58 + 2^33) and 2^32·carry in [−2^56, 2^64 − 2^56): their difference is
//! less than p in size, so that equality in the field is equality of integers.
//! The remainder need not be below r. Only the canonical one has its final value accepted by L1,
//! and any other is the same residue.

use plonky2::field::extension::Extendable;
use plonky2::field::types::Field;
use plonky2::gates::gate::Gate;
use plonky2::gates::util::StridedConstraintConsumer;
use plonky2::hash::hash_types::RichField;
use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::iop::generator::{GeneratedValues, SimpleGenerator, WitnessGeneratorRef};
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartitionWitness, Witness, WitnessWrite};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::CommonCircuitData;
use plonky2::plonk::vars::{EvaluationTargets, EvaluationVars, EvaluationVarsBase};
use plonky2::util::serialization::{Buffer, IoResult, Read, Write};

use crate::gates::limbs::{LIMB_BITS, LIMBS};
use crate::gates::multiply_add::COLUMNS;

/// Carries between columns.
pub const CARRIES: usize = COLUMNS - 1;
/// Limbs of a carry, which is stored with [`CARRY_OFFSET`] added.
pub const CARRY_LIMBS: usize = 2;
/// Makes a carry's stored form non-negative; a negative carry is above −2^21.
pub const CARRY_OFFSET: u64 = 1 << 24;

const COLUMN_BITS: usize = 2 * LIMB_BITS;
const FIRST_TOTAL: usize = 0;
const FIRST_QUOTIENT: usize = FIRST_TOTAL + COLUMNS;
const FIRST_REMAINDER: usize = FIRST_QUOTIENT + LIMBS;
const FIRST_CARRY: usize = FIRST_REMAINDER + LIMBS;
const WIRES: usize = FIRST_CARRY + CARRIES * CARRY_LIMBS;

/// r in limbs of 16 bits, lowest first.
const ORDER: [u16; LIMBS] = [
    0x0001, 0x0000, 0xffff, 0xffff, 0x5bfe, 0xfffe, 0xa402, 0x53bd, 0xd805, 0x09a1, 0xd808, 0x3339,
    0x7d48, 0x299d, 0xa753, 0x73ed,
];

/// The row that reduces one total.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReduceGate;

impl ReduceGate {
    /// Wire of column `i` of the total.
    pub const fn wire_total(i: usize) -> usize {
        FIRST_TOTAL + i
    }

    /// Wire of limb `i` of the quotient.
    pub const fn wire_quotient(i: usize) -> usize {
        FIRST_QUOTIENT + i
    }

    /// Wire of limb `i` of the remainder.
    pub const fn wire_remainder(i: usize) -> usize {
        FIRST_REMAINDER + i
    }

    /// Wire of carry limb `i`: the low and the high limb of carry 0, then of carry 1, and so on.
    pub const fn wire_carry(i: usize) -> usize {
        FIRST_CARRY + i
    }
}

/// What limb `limb` of the quotient weighs in column `column` of quotient·r.
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

fn constrain<K: Field>(wires: &[K; WIRES], mut emit: impl FnMut(K)) {
    let constant = K::from_canonical_u64;
    let mut carry_in = K::ZERO;
    for column in 0..COLUMNS {
        let mut left = wires[ReduceGate::wire_total(column)] + carry_in;
        for limb in 0..LIMBS {
            let quotient = wires[ReduceGate::wire_quotient(limb)];
            left -= quotient * constant(order_weight(column, limb));
        }
        if column < LIMBS / 2 {
            left -= wires[ReduceGate::wire_remainder(2 * column)];
            left -= wires[ReduceGate::wire_remainder(2 * column + 1)] * constant(1 << LIMB_BITS);
        }
        let carry_out = if column < CARRIES {
            let [low, high] =
                [0, 1].map(|i| wires[ReduceGate::wire_carry(CARRY_LIMBS * column + i)]);
            low + high * constant(1 << LIMB_BITS) - constant(CARRY_OFFSET)
        } else {
            K::ZERO
        };
        emit(left - carry_out * constant(1 << COLUMN_BITS));
        carry_in = carry_out;
    }
}

impl<F: RichField + Extendable<D>, const D: usize> Gate<F, D> for ReduceGate {
    fn id(&self) -> String {
        "ReduceGate(BLS12-381 scalar field)".into()
    }

    fn serialize(&self, _dst: &mut Vec<u8>, _common: &CommonCircuitData<F, D>) -> IoResult<()> {
        Ok(())
    }

    fn deserialize(_src: &mut Buffer, _common: &CommonCircuitData<F, D>) -> IoResult<Self> {
        Ok(Self)
    }

    fn eval_unfiltered(&self, vars: EvaluationVars<F, D>) -> Vec<F::Extension> {
        let mut constraints = Vec::with_capacity(COLUMNS);
        let wires = core::array::from_fn(|i| vars.local_wires[i]);
        constrain(&wires, |constraint| constraints.push(constraint));
        constraints
    }

    fn eval_unfiltered_base_one(
        &self,
        vars: EvaluationVarsBase<F>,
        mut consumer: StridedConstraintConsumer<F>,
    ) {
        let wires = core::array::from_fn(|i| vars.local_wires[i]);
        constrain(&wires, |constraint| consumer.one(constraint));
    }

    fn eval_unfiltered_circuit(
        &self,
        builder: &mut CircuitBuilder<F, D>,
        vars: EvaluationTargets<D>,
    ) -> Vec<ExtensionTarget<D>> {
        let wires = vars.local_wires;
        let constant = F::from_canonical_u64;
        let mut carry_in = builder.zero_extension();
        let mut constraints = Vec::with_capacity(COLUMNS);
        for column in 0..COLUMNS {
            let mut left = builder.add_extension(wires[Self::wire_total(column)], carry_in);
            for limb in 0..LIMBS {
                let weight = order_weight(column, limb);
                if weight != 0 {
                    let quotient = wires[Self::wire_quotient(limb)];
                    left = builder.mul_const_add_extension(-constant(weight), quotient, left);
                }
            }
            if column < LIMBS / 2 {
                let [low, high] = [0, 1].map(|i| wires[Self::wire_remainder(2 * column + i)]);
                left = builder.sub_extension(left, low);
                left = builder.mul_const_add_extension(-constant(1 << LIMB_BITS), high, left);
            }
            if column < CARRIES {
                let [low, high] = [0, 1].map(|i| wires[Self::wire_carry(CARRY_LIMBS * column + i)]);
                let stored = builder.mul_const_add_extension(constant(1 << LIMB_BITS), high, low);
                carry_in = builder.add_const_extension(stored, -constant(CARRY_OFFSET));
                let weight = -constant(1 << COLUMN_BITS);
                left = builder.mul_const_add_extension(weight, carry_in, left);
            }
            constraints.push(left);
        }
        constraints
    }

    fn generators(&self, row: usize, _local_constants: &[F]) -> Vec<WitnessGeneratorRef<F, D>> {
        vec![WitnessGeneratorRef::new(ReduceGenerator { row }.adapter())]
    }

    fn num_wires(&self) -> usize {
        WIRES
    }

    fn num_constants(&self) -> usize {
        0
    }

    fn degree(&self) -> usize {
        1
    }

    fn num_constraints(&self) -> usize {
        COLUMNS
    }
}

/// Fills quotient, remainder and carries from the total.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReduceGenerator {
    row: usize,
}

impl<F: RichField + Extendable<D>, const D: usize> SimpleGenerator<F, D> for ReduceGenerator {
    fn id(&self) -> String {
        "ReduceGenerator".into()
    }

    fn dependencies(&self) -> Vec<Target> {
        (0..COLUMNS).map(|i| Target::wire(self.row, ReduceGate::wire_total(i))).collect()
    }

    fn run_once(
        &self,
        witness: &PartitionWitness<F>,
        out: &mut GeneratedValues<F>,
    ) -> anyhow::Result<()> {
        let column = |i| witness.get_target(Target::wire(self.row, ReduceGate::wire_total(i)));
        let total: [u64; COLUMNS] = core::array::from_fn(|i| column(i).to_canonical_u64());
        let Reduced { quotient, remainder, carries } = reduce(&total);
        for (i, (quotient, remainder)) in quotient.into_iter().zip(remainder).enumerate() {
            let [q, r] = [ReduceGate::wire_quotient(i), ReduceGate::wire_remainder(i)]
                .map(|wire| Target::wire(self.row, wire));
            out.set_target(q, F::from_canonical_u16(quotient))?;
            out.set_target(r, F::from_canonical_u16(remainder))?;
        }
        for (i, carry) in carries.into_iter().enumerate() {
            for (limb, value) in [carry as u16, (carry >> LIMB_BITS) as u16].iter().enumerate() {
                let wire = ReduceGate::wire_carry(CARRY_LIMBS * i + limb);
                out.set_target(Target::wire(self.row, wire), F::from_canonical_u16(*value))?;
            }
        }
        Ok(())
    }

    fn serialize(&self, dst: &mut Vec<u8>, _common: &CommonCircuitData<F, D>) -> IoResult<()> {
        dst.write_usize(self.row)
    }

    fn deserialize(src: &mut Buffer, _common: &CommonCircuitData<F, D>) -> IoResult<Self> {
        Ok(Self { row: src.read_usize()? })
    }
}

/// What the generator writes.
struct Reduced {
    quotient: [u16; LIMBS],
    remainder: [u16; LIMBS],
    carries: [u32; CARRIES],
}

/// Digits of 16 bits of a total: sixteen columns 32 bits apart, the highest below 2^64.
const DIGITS: usize = 2 * COLUMNS + 2;

/// Long division bit by bit. A quotient of more than 256 bits, which no honest witness has, is cut.
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
