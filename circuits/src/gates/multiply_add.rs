//! One product of two 256-bit integers, added to a running total without carrying.
//!
//! 1. Each of the sixteen columns of the total, which weigh 2^(32·i), grows by its part of a·b: the
//!    products of 16-bit limbs that weigh 2^(32·i) and 2^(32·i + 16).
//!
//! The gate checks no range. Limbs below 2^16 make a column grow by less than 2^52.01, so that
//! [`MAX_PRODUCTS`] products stay below 2^58 and no column wraps.

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

/// Columns of an unreduced total, each 32 bits apart.
pub const COLUMNS: usize = LIMBS;
/// Products that a total may hold before it is reduced.
pub const MAX_PRODUCTS: usize = 32;

const FIRST_LEFT: usize = 0;
const FIRST_RIGHT: usize = FIRST_LEFT + LIMBS;
const FIRST_BEFORE: usize = FIRST_RIGHT + LIMBS;
const FIRST_AFTER: usize = FIRST_BEFORE + COLUMNS;
const WIRES: usize = FIRST_AFTER + COLUMNS;

/// The row that adds one product to a total.
#[derive(Clone, Copy, Debug, Default)]
pub struct MultiplyAddGate;

impl MultiplyAddGate {
    /// Wire of limb `i` of the first factor.
    pub const fn wire_left(i: usize) -> usize {
        FIRST_LEFT + i
    }

    /// Wire of limb `i` of the second factor.
    pub const fn wire_right(i: usize) -> usize {
        FIRST_RIGHT + i
    }

    /// Wire of column `i` of the total before.
    pub const fn wire_before(i: usize) -> usize {
        FIRST_BEFORE + i
    }

    /// Wire of column `i` of the total after.
    pub const fn wire_after(i: usize) -> usize {
        FIRST_AFTER + i
    }
}

/// What the product adds to each column.
fn columns_of_product<K: Field>(left: &[K], right: &[K]) -> [K; COLUMNS] {
    let mut halves = [K::ZERO; 2 * COLUMNS];
    for (i, a) in left.iter().enumerate() {
        for (j, b) in right.iter().enumerate() {
            halves[i + j] += *a * *b;
        }
    }
    let weight = K::from_canonical_u64(1 << LIMB_BITS);
    core::array::from_fn(|i| halves[2 * i] + weight * halves[2 * i + 1])
}

fn constrain<K: Field>(wires: &[K; WIRES], mut emit: impl FnMut(K)) {
    let product =
        columns_of_product(&wires[FIRST_LEFT..FIRST_RIGHT], &wires[FIRST_RIGHT..FIRST_BEFORE]);
    for (i, part) in product.into_iter().enumerate() {
        let before = wires[MultiplyAddGate::wire_before(i)];
        emit(wires[MultiplyAddGate::wire_after(i)] - before - part);
    }
}

impl<F: RichField + Extendable<D>, const D: usize> Gate<F, D> for MultiplyAddGate {
    fn id(&self) -> String {
        "MultiplyAddGate(16x16 bits)".into()
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
        let half = |builder: &mut CircuitBuilder<F, D>, weight: usize, from| {
            let mut sum = from;
            for i in weight.saturating_sub(LIMBS - 1)..LIMBS.min(weight + 1) {
                let (a, b) = (wires[Self::wire_left(i)], wires[Self::wire_right(weight - i)]);
                sum = builder.mul_add_extension(a, b, sum);
            }
            sum
        };
        (0..COLUMNS)
            .map(|i| {
                let low = half(builder, 2 * i, wires[Self::wire_before(i)]);
                let zero = builder.zero_extension();
                let high = half(builder, 2 * i + 1, zero);
                let weight = F::from_canonical_u64(1 << LIMB_BITS);
                let after = builder.mul_const_add_extension(weight, high, low);
                builder.sub_extension(wires[Self::wire_after(i)], after)
            })
            .collect()
    }

    fn generators(&self, row: usize, _local_constants: &[F]) -> Vec<WitnessGeneratorRef<F, D>> {
        vec![WitnessGeneratorRef::new(MultiplyAddGenerator { row }.adapter())]
    }

    fn num_wires(&self) -> usize {
        WIRES
    }

    fn num_constants(&self) -> usize {
        0
    }

    fn degree(&self) -> usize {
        2
    }

    fn num_constraints(&self) -> usize {
        COLUMNS
    }
}

/// Fills the total after.
#[derive(Clone, Copy, Debug, Default)]
pub struct MultiplyAddGenerator {
    row: usize,
}

impl<F: RichField + Extendable<D>, const D: usize> SimpleGenerator<F, D> for MultiplyAddGenerator {
    fn id(&self) -> String {
        "MultiplyAddGenerator".into()
    }

    fn dependencies(&self) -> Vec<Target> {
        (FIRST_LEFT..FIRST_AFTER).map(|wire| Target::wire(self.row, wire)).collect()
    }

    fn run_once(
        &self,
        witness: &PartitionWitness<F>,
        out: &mut GeneratedValues<F>,
    ) -> anyhow::Result<()> {
        let wires: [F; FIRST_AFTER] =
            core::array::from_fn(|wire| witness.get_target(Target::wire(self.row, wire)));
        let product = columns_of_product(&wires[..FIRST_RIGHT], &wires[FIRST_RIGHT..FIRST_BEFORE]);
        for (i, part) in product.into_iter().enumerate() {
            let after = Target::wire(self.row, MultiplyAddGate::wire_after(i));
            out.set_target(after, wires[MultiplyAddGate::wire_before(i)] + part)?;
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
