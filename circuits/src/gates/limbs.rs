//! A 256-bit integer in sixteen limbs of 16 bits and, regrouped, in four of 62 bits and one of 8.
//!
//! 1. Each limb is below 2^16: it is the sum of eight pieces of 2 bits. Seven are wires; the
//!    eighth is what the limb leaves over, divided by 2^14, so it needs no wire.
//! 2. The regrouped values are the same integer. Their bounds follow from the pieces, so that a
//!    regrouped value is below 2^62 (the last below 2^8) and no sum here reaches p.
//! 3. A row that is not enabled holds zero. The gate does not check that `enabled` is a boolean:
//!    any value but one forces zero, so nothing but one is of use to a liar.

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

/// Limbs of a 256-bit integer.
pub const LIMBS: usize = 16;
/// Bits of a limb.
pub const LIMB_BITS: usize = 16;
/// Regrouped values of the same integer.
pub const VALUES: usize = 5;
/// Bits of a regrouped value; the last has what remains, 8.
pub const VALUE_BITS: usize = 62;

const PIECE_BITS: usize = 2;
const PIECES: usize = LIMB_BITS / PIECE_BITS;
/// Pieces of a limb that stand in wires.
const HELD_PIECES: usize = PIECES - 1;
const FIRST_VALUE: usize = LIMBS;
const ENABLED: usize = FIRST_VALUE + VALUES;
const FIRST_PIECE: usize = ENABLED + 1;
const WIRES: usize = FIRST_PIECE + LIMBS * HELD_PIECES;
const CONSTRAINTS: usize = LIMBS * PIECES + 2 * VALUES;

/// The row that range-checks and regroups one 256-bit integer.
#[derive(Clone, Copy, Debug, Default)]
pub struct LimbGate;

impl LimbGate {
    /// Wire of limb `i`, lowest first.
    pub const fn wire_limb(i: usize) -> usize {
        i
    }

    /// Wire of regrouped value `i`, lowest first.
    pub const fn wire_value(i: usize) -> usize {
        FIRST_VALUE + i
    }

    /// Wire of the flag that lets the row hold anything but zero.
    pub const fn wire_enabled() -> usize {
        ENABLED
    }

    const fn wire_piece(limb: usize, piece: usize) -> usize {
        FIRST_PIECE + limb * HELD_PIECES + piece
    }
}

/// The constraints, once for the field and its extension.
fn constrain<K: Field>(wires: &[K; WIRES], mut emit: impl FnMut(K)) {
    let [one, two, three] = [1, 2, 3].map(K::from_canonical_u64);
    let top_weight = K::from_canonical_u64(1 << (PIECE_BITS * HELD_PIECES)).inverse();
    let mut pieces = [[K::ZERO; PIECES]; LIMBS];
    for (limb, pieces) in pieces.iter_mut().enumerate() {
        let mut sum = K::ZERO;
        for piece in (0..HELD_PIECES).rev() {
            pieces[piece] = wires[LimbGate::wire_piece(limb, piece)];
            sum = sum.double().double() + pieces[piece];
        }
        pieces[HELD_PIECES] = (wires[LimbGate::wire_limb(limb)] - sum) * top_weight;
        for x in *pieces {
            emit(x * (x - one) * (x - two) * (x - three));
        }
    }
    // A regrouped value starts inside limb 4k−1 and ends inside limb 4k+3, whose top k+1 pieces
    // belong to the next one.
    let shift = |bits: usize| K::from_canonical_u64(1 << bits);
    let mut carried = K::ZERO;
    for k in 0..VALUES {
        let mut value = carried;
        if k < VALUES - 1 {
            let kept = PIECES - 1 - k;
            carried = pieces[4 * k + 3][kept..]
                .iter()
                .rev()
                .fold(K::ZERO, |sum, piece| sum.double().double() + *piece);
            let limb = |i: usize| wires[LimbGate::wire_limb(4 * k + i)];
            let low = limb(3) - carried * shift(PIECE_BITS * kept);
            let joined = limb(0) + limb(1) * shift(16) + limb(2) * shift(32) + low * shift(48);
            value += joined * shift(PIECE_BITS * k);
        }
        let wire = wires[LimbGate::wire_value(k)];
        emit(wire - value);
        emit((one - wires[ENABLED]) * wire);
    }
}

impl<F: RichField + Extendable<D>, const D: usize> Gate<F, D> for LimbGate {
    fn id(&self) -> String {
        "LimbGate(16x16 bits, 62-bit values)".into()
    }

    fn serialize(&self, _dst: &mut Vec<u8>, _common: &CommonCircuitData<F, D>) -> IoResult<()> {
        Ok(())
    }

    fn deserialize(_src: &mut Buffer, _common: &CommonCircuitData<F, D>) -> IoResult<Self> {
        Ok(Self)
    }

    fn eval_unfiltered(&self, vars: EvaluationVars<F, D>) -> Vec<F::Extension> {
        let mut constraints = Vec::with_capacity(CONSTRAINTS);
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
        let mut constraints = Vec::with_capacity(CONSTRAINTS);
        let mut pieces = Vec::with_capacity(LIMBS);
        let top_weight = constant(1 << (PIECE_BITS * HELD_PIECES)).inverse();
        for limb in 0..LIMBS {
            let mut held: Vec<_> =
                (0..HELD_PIECES).map(|piece| wires[Self::wire_piece(limb, piece)]).collect();
            let sum = sum_pieces(builder, &held);
            let left = builder.sub_extension(wires[Self::wire_limb(limb)], sum);
            held.push(builder.mul_const_extension(top_weight, left));
            for &x in &held {
                // x(x−3) · (x(x−3) + 2) = x(x−1)(x−2)(x−3)
                let u = builder.arithmetic_extension(F::ONE, -constant(3), x, x, x);
                constraints.push(builder.arithmetic_extension(F::ONE, F::TWO, u, u, u));
            }
            pieces.push(held);
        }
        let mut carried = builder.zero_extension();
        for k in 0..VALUES {
            let mut value = carried;
            if k < VALUES - 1 {
                let kept = PIECES - 1 - k;
                carried = sum_pieces(builder, &pieces[4 * k + 3][kept..]);
                let limb = |i: usize| wires[Self::wire_limb(4 * k + i)];
                let split = constant(1 << (PIECE_BITS * kept));
                let mut joined = builder.mul_const_add_extension(-split, carried, limb(3));
                for i in (0..3).rev() {
                    joined = builder.mul_const_add_extension(constant(1 << 16), joined, limb(i));
                }
                let weight = constant(1 << (PIECE_BITS * k));
                value = builder.mul_const_add_extension(weight, joined, value);
            }
            let wire = wires[Self::wire_value(k)];
            constraints.push(builder.sub_extension(wire, value));
            constraints.push(builder.arithmetic_extension(
                -F::ONE,
                F::ONE,
                wires[ENABLED],
                wire,
                wire,
            ));
        }
        constraints
    }

    fn generators(&self, row: usize, _local_constants: &[F]) -> Vec<WitnessGeneratorRef<F, D>> {
        vec![WitnessGeneratorRef::new(LimbGenerator { row }.adapter())]
    }

    fn num_wires(&self) -> usize {
        WIRES
    }

    fn num_constants(&self) -> usize {
        0
    }

    fn degree(&self) -> usize {
        1 << PIECE_BITS
    }

    fn num_constraints(&self) -> usize {
        CONSTRAINTS
    }
}

/// Σ pieceᵢ·4ⁱ.
fn sum_pieces<F: RichField + Extendable<D>, const D: usize>(
    builder: &mut CircuitBuilder<F, D>,
    pieces: &[ExtensionTarget<D>],
) -> ExtensionTarget<D> {
    let (top, lower) = pieces.split_last().expect("a sum has a piece");
    lower.iter().rev().fold(*top, |sum, piece| {
        builder.mul_const_add_extension(F::from_canonical_u64(1 << PIECE_BITS), sum, *piece)
    })
}

/// Fills pieces and regrouped values from the limbs.
#[derive(Clone, Copy, Debug, Default)]
pub struct LimbGenerator {
    row: usize,
}

impl<F: RichField + Extendable<D>, const D: usize> SimpleGenerator<F, D> for LimbGenerator {
    fn id(&self) -> String {
        "LimbGenerator".into()
    }

    fn dependencies(&self) -> Vec<Target> {
        (0..LIMBS).map(|i| Target::wire(self.row, LimbGate::wire_limb(i))).collect()
    }

    fn run_once(
        &self,
        witness: &PartitionWitness<F>,
        out: &mut GeneratedValues<F>,
    ) -> anyhow::Result<()> {
        let limb = |i| witness.get_target(Target::wire(self.row, LimbGate::wire_limb(i)));
        // A limb that is too wide is cut here, and the constraints then refuse the row.
        let limbs: [u16; LIMBS] = core::array::from_fn(|i| limb(i).to_canonical_u64() as u16);
        for (i, limb) in limbs.iter().enumerate() {
            for piece in 0..HELD_PIECES {
                let bits = (limb >> (PIECE_BITS * piece)) & 3;
                let wire = Target::wire(self.row, LimbGate::wire_piece(i, piece));
                out.set_target(wire, F::from_canonical_u16(bits))?;
            }
        }
        for (i, value) in values_of_limbs(&limbs).into_iter().enumerate() {
            let wire = Target::wire(self.row, LimbGate::wire_value(i));
            out.set_target(wire, F::from_canonical_u64(value))?;
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

/// The same integer in four values of 62 bits and one of 8.
pub fn values_of_limbs(limbs: &[u16; LIMBS]) -> [u64; VALUES] {
    core::array::from_fn(|k| {
        let start = VALUE_BITS * k;
        let end = (start + VALUE_BITS).min(LIMBS * LIMB_BITS);
        (start..end).fold(0, |value, bit| {
            let set = u64::from(limbs[bit / LIMB_BITS] >> (bit % LIMB_BITS) & 1);
            value | set << (bit - start)
        })
    })
}

/// Sixteen limbs out of values of 62 bits, lowest first; bits above the 256th are dropped.
pub fn limbs_of_values(values: &[u64]) -> [u16; LIMBS] {
    let mut limbs = [0; LIMBS];
    for (k, value) in values.iter().enumerate() {
        for bit in 0..VALUE_BITS {
            let at = VALUE_BITS * k + bit;
            if at < LIMBS * LIMB_BITS {
                limbs[at / LIMB_BITS] |= ((value >> bit & 1) as u16) << (at % LIMB_BITS);
            }
        }
    }
    limbs
}
