//! Constraints of the gate that interpolates a polynomial from its values on a coset and evaluates
//! the polynomial at a point, in barycentric form.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::{Field, PrimeField64};

use super::GateInputs;
use crate::wrap::builder::Builder;
use crate::wrap::extension::{Algebra, Ext, algebra_minus, algebra_plus};

/// The first wire of each of the gate's values, as plonky2 lays them out.
pub(super) struct Layout {
    subgroup_bits: usize,
    degree: usize,
    points: usize,
    intermediates: usize,
}

impl Layout {
    pub(super) fn new(subgroup_bits: usize, degree: usize) -> Self {
        let points = 1 << subgroup_bits;
        Self { subgroup_bits, degree, points, intermediates: (points - 2) / (degree - 1) }
    }

    fn value(&self, point: usize) -> usize {
        1 + 2 * point
    }

    fn evaluation_point(&self) -> usize {
        1 + 2 * self.points
    }

    fn evaluation_value(&self) -> usize {
        self.evaluation_point() + 2
    }

    fn intermediate_evaluation(&self, i: usize) -> usize {
        self.evaluation_value() + 2 + 2 * i
    }

    fn intermediate_product(&self, i: usize) -> usize {
        self.intermediate_evaluation(self.intermediates + i)
    }

    fn shifted_point(&self) -> usize {
        self.intermediate_evaluation(2 * self.intermediates)
    }

    fn shift_inverse(&self) -> usize {
        self.shifted_point() + 2
    }
}

pub(super) fn constraints(
    builder: &mut Builder,
    inputs: &GateInputs,
    layout: &Layout,
    weights: &[u64],
) -> Vec<Ext> {
    let shift = &inputs.wires[0];
    let shift_inverse = &inputs.wires[layout.shift_inverse()];
    let shifted = inputs.algebra(layout.shifted_point());

    let unit = builder.ext_mul(shift, shift_inverse);
    let mut constraints = vec![unit.minus_constant(1)];
    let scaled = builder.algebra_scale(&shifted, shift);
    constraints.extend(algebra_minus(&inputs.algebra(layout.evaluation_point()), &scaled));

    let domain = GoldilocksField::two_adic_subgroup(layout.subgroup_bits);
    let mut state = ([Ext::zero(), Ext::zero()], [Ext::constant(1), Ext::zero()]);
    let mut start = 0;
    for segment in 0..=layout.intermediates {
        let end = (1 + (layout.degree - 1) * (segment + 1)).min(layout.points);
        for point in start..end {
            let value = inputs.algebra(layout.value(point));
            let weighted = [value[0].scaled(weights[point]), value[1].scaled(weights[point])];
            let term =
                [shifted[0].minus_constant(domain[point].to_canonical_u64()), shifted[1].clone()];
            state = step(builder, &state, &weighted, &term);
        }
        start = end;
        if segment < layout.intermediates {
            let evaluation = inputs.algebra(layout.intermediate_evaluation(segment));
            let product = inputs.algebra(layout.intermediate_product(segment));
            constraints.extend(algebra_minus(&evaluation, &state.0));
            constraints.extend(algebra_minus(&product, &state.1));
            state = (evaluation, product);
        }
    }
    constraints.extend(algebra_minus(&inputs.algebra(layout.evaluation_value()), &state.0));
    constraints
}

/// One point of the coset: (e, p) becomes (e·term + weighted·p, p·term). Both are reduced, so that
/// the sums of the next point stay in bounds.
fn step(
    builder: &mut Builder,
    state: &(Algebra, Algebra),
    weighted: &Algebra,
    term: &Algebra,
) -> (Algebra, Algebra) {
    let carried = builder.algebra_mul(&state.0, term);
    let added = builder.algebra_mul(weighted, &state.1);
    let evaluation = algebra_plus(&carried, &added);
    let product = builder.algebra_mul(&state.1, term);
    (
        evaluation.map(|part| builder.ext_reduce(&part)),
        product.map(|part| builder.ext_reduce(&part)),
    )
}
