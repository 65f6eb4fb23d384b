//! Constraints of the gates that evaluate polynomials by Horner's rule, and of exponentiation.

use super::GateInputs;
use crate::wrap::builder::Builder;
use crate::wrap::extension::{Algebra, Ext, algebra_minus, algebra_plus};

/// The first wire of the coefficients, after the output, α and the old accumulator.
const START: usize = 6;

/// accᵢ₋₁·α + coefficientᵢ − accᵢ; the last accumulator is the output in wires 0 and 1.
fn steps(
    builder: &mut Builder,
    inputs: &GateInputs,
    coefficients: Vec<Algebra>,
    first_accumulator: usize,
) -> Vec<Ext> {
    let alpha = inputs.algebra(2);
    let mut accumulator = inputs.algebra(4);
    let last = coefficients.len() - 1;
    let mut constraints = Vec::with_capacity(2 * coefficients.len());
    for (i, coefficient) in coefficients.iter().enumerate() {
        let next = inputs.algebra(if i == last { 0 } else { first_accumulator + 2 * i });
        let product = builder.algebra_mul(&accumulator, &alpha);
        constraints.extend(algebra_minus(&algebra_plus(&product, coefficient), &next));
        accumulator = next;
    }
    constraints
}

pub(super) fn base(builder: &mut Builder, inputs: &GateInputs, count: usize) -> Vec<Ext> {
    let coefficients = (0..count).map(|i| [inputs.wires[START + i].clone(), Ext::zero()]).collect();
    steps(builder, inputs, coefficients, START + count)
}

pub(super) fn extension(builder: &mut Builder, inputs: &GateInputs, count: usize) -> Vec<Ext> {
    let coefficients = (0..count).map(|i| inputs.algebra(START + 2 * i)).collect();
    steps(builder, inputs, coefficients, START + 2 * count)
}

/// Square-and-multiply from the highest bit. The wires are base, bits, output and intermediates, in
/// this order.
pub(super) fn exponentiation(builder: &mut Builder, inputs: &GateInputs, bits: usize) -> Vec<Ext> {
    let base = &inputs.wires[0];
    let (output, intermediates) = (&inputs.wires[1 + bits], &inputs.wires[2 + bits..2 + 2 * bits]);
    let mut constraints = Vec::with_capacity(bits + 1);
    for (i, intermediate) in intermediates.iter().enumerate() {
        let bit = &inputs.wires[bits - i];
        // bit·base + 1 − bit
        let factor = builder.ext_mul(bit, &base.minus_constant(1));
        let factor = factor.plus(&Ext::constant(1));
        let computed = if i == 0 {
            factor
        } else {
            let square = builder.ext_mul(&intermediates[i - 1], &intermediates[i - 1]);
            let square = builder.ext_reduce(&square);
            builder.ext_mul(&square, &factor)
        };
        constraints.push(computed.minus(intermediate));
    }
    constraints.push(output.minus(&intermediates[bits - 1]));
    constraints
}
