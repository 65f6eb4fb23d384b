//! Constraints of the Goldilocks Poseidon gates.
//!
//! The gate has a wire for every S-box input after the first round; the S-box inputs of the first
//! round are linear in the gate's input wires. So the state between S-boxes is a linear function of
//! seventh powers of such inputs. This file computes the function in the plain form of the
//! permutation, whose coefficients are small; plonky2 computes the same function in a factored
//! form.

use plonky2::hash::poseidon::{
    ALL_ROUND_CONSTANTS, HALF_N_FULL_ROUNDS, N_PARTIAL_ROUNDS, SPONGE_WIDTH,
};

use super::GateInputs;
use crate::wrap::builder::Builder;
use crate::wrap::extension::Ext;
use crate::wrap::goldilocks::REDUCED_BITS;
use crate::wrap::poseidon_goldilocks::mds_entry;

/// The wire that says whether the first two groups of four inputs are swapped.
const SWAP: usize = 2 * SPONGE_WIDTH;
/// The first of four wires with swap·(right − left).
const DELTA: usize = SWAP + 1;
/// The first wire of the S-box inputs of the first full rounds, without the very first round.
const FIRST_FULL: usize = DELTA + 4;
/// The first wire of the S-box inputs of the partial rounds.
const PARTIAL: usize = FIRST_FULL + SPONGE_WIDTH * (HALF_N_FULL_ROUNDS - 1);
/// The first wire of the S-box inputs of the last full rounds.
const LAST_FULL: usize = PARTIAL + N_PARTIAL_ROUNDS;

type State = [Ext; SPONGE_WIDTH];

fn seventh_power(builder: &mut Builder, x: &Ext) -> Ext {
    let square = builder.ext_mul(x, x);
    let cube = builder.ext_mul(&square, x);
    let cube = builder.ext_reduce(&cube);
    let sixth = builder.ext_mul(&cube, &cube);
    builder.ext_mul(&sixth, x)
}

fn mds_layer(state: &State) -> State {
    std::array::from_fn(|row| {
        let mut sum = Ext::zero();
        for (column, element) in state.iter().enumerate() {
            sum.add_scaled(mds_entry(row, column), element);
        }
        sum.compacted()
    })
}

fn add_constant(element: &mut Ext, round: usize, index: usize) {
    *element = element.plus(&Ext::constant(ALL_ROUND_CONSTANTS[round * SPONGE_WIDTH + index]));
}

/// The inputs with the swap applied. Adds the constraints on swap and deltas to `out`.
fn swapped_inputs(builder: &mut Builder, inputs: &GateInputs, out: &mut Vec<Ext>) -> State {
    let swap = &inputs.wires[SWAP];
    out.push(builder.ext_mul(swap, &swap.minus_constant(1)));
    let mut state: State = std::array::from_fn(|i| inputs.wires[i].clone());
    for i in 0..4 {
        let delta = &inputs.wires[DELTA + i];
        let difference = inputs.wires[i + 4].minus(&inputs.wires[i]);
        out.push(builder.ext_mul(swap, &difference).minus(delta));
        state[i] = inputs.wires[i].plus(delta);
        state[i + 4] = inputs.wires[i + 4].minus(delta);
    }
    state
}

/// A full round. The S-boxes read the given wires, and `out` gets each wire's difference from the
/// state. Without wires, as in the first round, the S-boxes read the state itself.
fn full_round(
    builder: &mut Builder,
    state: &mut State,
    (round, wires): (usize, Option<&[Ext]>),
    out: &mut Vec<Ext>,
) {
    for (i, element) in state.iter_mut().enumerate() {
        add_constant(element, round, i);
        let input = match wires {
            Some(wires) => {
                out.push(element.minus(&wires[i]));
                wires[i].clone()
            }
            None => builder.ext_fit(element, REDUCED_BITS),
        };
        *element = seventh_power(builder, &input);
    }
    *state = mds_layer(state);
}

pub(super) fn permutation(builder: &mut Builder, inputs: &GateInputs) -> Vec<Ext> {
    let mut out = Vec::new();
    let mut state = swapped_inputs(builder, inputs, &mut out);
    let wires_of = |start: usize, round: usize| {
        &inputs.wires[start + SPONGE_WIDTH * round..start + SPONGE_WIDTH * (round + 1)]
    };

    for round in 0..HALF_N_FULL_ROUNDS {
        let wires = (round > 0).then(|| wires_of(FIRST_FULL, round - 1));
        full_round(builder, &mut state, (round, wires), &mut out);
    }
    // After this reduction the state stays in bounds through all partial rounds: only the output of
    // each S-box is reduced again.
    state = state.map(|element| builder.ext_reduce(&element));
    for partial in 0..N_PARTIAL_ROUNDS {
        for (i, element) in state.iter_mut().enumerate() {
            add_constant(element, HALF_N_FULL_ROUNDS + partial, i);
        }
        let input = &inputs.wires[PARTIAL + partial];
        out.push(state[0].minus(input));
        let power = seventh_power(builder, input);
        state[0] = builder.ext_reduce(&power);
        state = mds_layer(&state);
    }
    for round in 0..HALF_N_FULL_ROUNDS {
        let wires = wires_of(LAST_FULL, round);
        let number = HALF_N_FULL_ROUNDS + N_PARTIAL_ROUNDS + round;
        full_round(builder, &mut state, (number, Some(wires)), &mut out);
    }
    for (i, element) in state.iter().enumerate() {
        out.push(element.minus(&inputs.wires[SPONGE_WIDTH + i]));
    }
    out
}

/// output − MDS·input over the extension algebra.
pub(super) fn mds(inputs: &GateInputs) -> Vec<Ext> {
    let part = |component: usize| {
        mds_layer(&std::array::from_fn(|i| inputs.wires[2 * i + component].clone()))
    };
    let computed = [part(0), part(1)];
    let mut constraints = Vec::with_capacity(2 * SPONGE_WIDTH);
    for i in 0..SPONGE_WIDTH {
        for (component, layer) in computed.iter().enumerate() {
            let output = &inputs.wires[2 * (SPONGE_WIDTH + i) + component];
            constraints.push(output.minus(&layer[i]));
        }
    }
    constraints
}
