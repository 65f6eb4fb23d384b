//! Constraints of the gate that picks an element of a list by its index.

use super::GateInputs;
use crate::wrap::builder::Builder;
use crate::wrap::extension::Ext;

/// Parameters of the gate: lists of 2^bits items, copies of the operation in a row, and constants
/// that the row has room for beside the copies.
pub(super) struct Shape {
    pub(super) bits: usize,
    pub(super) copies: usize,
    pub(super) extra_constants: usize,
}

pub(super) fn constraints(builder: &mut Builder, inputs: &GateInputs, shape: &Shape) -> Vec<Ext> {
    let Shape { bits, copies, extra_constants } = *shape;
    let list = 1 << bits;
    let first_extra = (2 + list) * copies;
    let mut constraints = Vec::new();
    for copy in 0..copies {
        let start = (2 + list) * copy;
        let (index, claimed) = (&inputs.wires[start], &inputs.wires[start + 1]);
        let first_bit = first_extra + extra_constants + copy * bits;
        let bit_wires = &inputs.wires[first_bit..first_bit + bits];

        let mut rebuilt = Ext::zero();
        for (i, bit) in bit_wires.iter().enumerate() {
            constraints.push(builder.ext_mul(bit, &bit.minus_constant(1)));
            rebuilt.add_scaled(1 << i, bit);
        }
        constraints.push(rebuilt.minus(index));

        let mut items = inputs.wires[start + 2..start + 2 + list].to_vec();
        for bit in bit_wires {
            items = items
                .chunks(2)
                .map(|pair| builder.ext_mul(bit, &pair[1].minus(&pair[0])).plus(&pair[0]))
                .collect();
        }
        constraints.push(items[0].minus(claimed));
    }
    for i in 0..extra_constants {
        constraints.push(inputs.constants[i].minus(&inputs.wires[first_extra + i]));
    }
    constraints
}
