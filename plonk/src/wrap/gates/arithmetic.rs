//! Constraints of the gates for sums and products, for constants, and for the public inputs' hash.

use super::GateInputs;
use crate::wrap::builder::Builder;
use crate::wrap::extension::{Ext, algebra_minus, algebra_plus};

/// Wires of one base operation: two factors, an addend, the output.
const BASE_WIRES: usize = 4;
/// Wires of one extension operation.
const EXTENSION_WIRES: usize = 8;
/// Wires of one extension product.
const PRODUCT_WIRES: usize = 6;

/// output − (c₀·x·y + c₁·z).
pub(super) fn base(builder: &mut Builder, inputs: &GateInputs, operations: usize) -> Vec<Ext> {
    let constants = inputs.constants;
    (0..operations)
        .map(|i| {
            let wires = &inputs.wires[BASE_WIRES * i..BASE_WIRES * (i + 1)];
            let product = builder.ext_mul(&wires[0], &wires[1]);
            let product = builder.ext_mul(&product, &constants[0]);
            let addend = builder.ext_mul(&wires[2], &constants[1]);
            wires[3].minus(&product.plus(&addend))
        })
        .collect()
}

/// output − (c₀·x·y + c₁·z) over the extension algebra.
pub(super) fn extension(builder: &mut Builder, inputs: &GateInputs, operations: usize) -> Vec<Ext> {
    let constants = inputs.constants;
    (0..operations)
        .flat_map(|i| {
            let start = EXTENSION_WIRES * i;
            let product = builder.algebra_mul(&inputs.algebra(start), &inputs.algebra(start + 2));
            let product = builder.algebra_scale(&product, &constants[0]);
            let addend = builder.algebra_scale(&inputs.algebra(start + 4), &constants[1]);
            algebra_minus(&inputs.algebra(start + 6), &algebra_plus(&product, &addend))
        })
        .collect()
}

/// output − c₀·x·y over the extension algebra.
pub(super) fn extension_product(
    builder: &mut Builder,
    inputs: &GateInputs,
    operations: usize,
) -> Vec<Ext> {
    (0..operations)
        .flat_map(|i| {
            let start = PRODUCT_WIRES * i;
            let product = builder.algebra_mul(&inputs.algebra(start), &inputs.algebra(start + 2));
            let product = builder.algebra_scale(&product, &inputs.constants[0]);
            algebra_minus(&inputs.algebra(start + 4), &product)
        })
        .collect()
}

/// Σ limbᵢ·2ⁱ − sum, then limb·(limb − 1) for each limb.
pub(super) fn binary_sum(builder: &mut Builder, inputs: &GateInputs, limbs: usize) -> Vec<Ext> {
    let (sum, limbs) = (&inputs.wires[0], &inputs.wires[1..=limbs]);
    let mut computed = Ext::zero();
    for (i, limb) in limbs.iter().enumerate() {
        computed.add_scaled(1 << i, limb);
    }
    let mut constraints = vec![computed.minus(sum)];
    for limb in limbs {
        constraints.push(builder.ext_mul(limb, &limb.minus_constant(1)));
    }
    constraints
}

/// constant − wire, for each constant.
pub(super) fn constants(inputs: &GateInputs, constants: usize) -> Vec<Ext> {
    (0..constants).map(|i| inputs.constants[i].minus(&inputs.wires[i])).collect()
}

/// wire − element, for each element of the public inputs' hash.
pub(super) fn public_input(inputs: &GateInputs) -> Vec<Ext> {
    inputs
        .wires
        .iter()
        .zip(inputs.public_inputs_hash)
        .map(|(wire, hash)| wire.minus(&Ext::from_base(hash.clone())))
        .collect()
}
