//! Poseidon over BN254 as constraints.
//!
//! 1. The outputs are the permutation of the inputs, with the parameters that the native hasher
//!    uses: each S-box is y = x⁵ in three constraints, all else is linear.
//!
//! The input of every S-box after the first round is a fixed linear combination of earlier S-box
//! outputs. These combinations are computed once for each width and stored as a template.

use std::sync::OnceLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};

use super::builder::{Builder, Linear};
use crate::bn254::{
    NODE_WIDTH, PoseidonParameters, SPONGE_WIDTH, node_parameters, sponge_parameters,
};

/// A constant plus coefficients of S-box outputs, by their index.
#[derive(Clone)]
struct Combination {
    constant: Fr,
    terms: Vec<(usize, Fr)>,
}

/// The permutation with its linear layers multiplied out.
struct Template {
    /// Constants of the first round, whose S-boxes read the inputs.
    first: Vec<Fr>,
    /// Inputs of all S-boxes after the first round.
    inputs: Vec<Combination>,
    /// The outputs of the permutation.
    outputs: Vec<Combination>,
}

impl Combination {
    fn zero() -> Self {
        Self { constant: Fr::ZERO, terms: Vec::new() }
    }

    fn single(index: usize) -> Self {
        Self { constant: Fr::ZERO, terms: vec![(index, Fr::ONE)] }
    }

    fn add_scaled(&mut self, factor: Fr, other: &Self) {
        self.constant += factor * other.constant;
        for (index, coefficient) in &other.terms {
            match self.terms.iter_mut().find(|(known, _)| known == index) {
                Some((_, sum)) => *sum += factor * coefficient,
                None => self.terms.push((*index, factor * coefficient)),
            }
        }
    }
}

fn apply<const T: usize>(matrix: &[[Fr; T]; T], state: &[Combination]) -> Vec<Combination> {
    matrix.iter().map(|row| dot(row, state)).collect()
}

fn dot<const T: usize>(row: &[Fr; T], state: &[Combination]) -> Combination {
    let mut sum = Combination::zero();
    for (coefficient, element) in row.iter().zip(state) {
        sum.add_scaled(*coefficient, element);
    }
    sum
}

impl Template {
    fn new<const T: usize>(parameters: &PoseidonParameters<T>) -> Self {
        let mut template =
            Self { first: parameters.first_constants[0].to_vec(), inputs: vec![], outputs: vec![] };
        let mut state: Vec<Combination> = (0..T).map(Combination::single).collect();
        let last_first = parameters.first_constants.len() - 1;
        for (round, constants) in parameters.first_constants.iter().enumerate() {
            if round > 0 {
                template.full_sboxes(&mut state, constants);
            }
            let dense =
                if round == last_first { &parameters.before_partial } else { &parameters.mds };
            state = apply(dense, &state);
        }
        for (constant, matrix) in parameters.partial_constants.iter().zip(&parameters.sparse) {
            template.sbox(&mut state[0], *constant);
            let first = dot(&matrix.row, &state);
            let output = state[0].clone();
            for (element, coefficient) in state.iter_mut().zip(&matrix.column).skip(1) {
                element.add_scaled(*coefficient, &output);
            }
            state[0] = first;
        }
        for constants in &parameters.last_constants {
            template.full_sboxes(&mut state, constants);
            state = apply(&parameters.mds, &state);
        }
        template.outputs = state;
        template
    }

    fn full_sboxes(&mut self, state: &mut [Combination], constants: &[Fr]) {
        for (element, constant) in state.iter_mut().zip(constants) {
            self.sbox(element, *constant);
        }
    }

    fn sbox(&mut self, element: &mut Combination, constant: Fr) {
        let index = self.first.len() + self.inputs.len();
        let mut input = std::mem::replace(element, Combination::single(index));
        input.constant += constant;
        self.inputs.push(input);
    }

    fn permute(&self, builder: &mut Builder, inputs: &[Linear]) -> Vec<Linear> {
        let mut powers = Vec::with_capacity(self.first.len() + self.inputs.len());
        for (input, constant) in inputs.iter().zip(&self.first) {
            let mut input = input.clone();
            input.add_constant(*constant);
            powers.push(fifth_power(builder, &input));
        }
        for combination in &self.inputs {
            let input = evaluate(combination, &powers);
            powers.push(fifth_power(builder, &input));
        }
        self.outputs.iter().map(|combination| evaluate(combination, &powers)).collect()
    }
}

fn evaluate(combination: &Combination, powers: &[Linear]) -> Linear {
    let mut sum = Linear::constant(combination.constant);
    for (index, coefficient) in &combination.terms {
        sum.add_scaled(*coefficient, &powers[*index]);
    }
    sum
}

fn fifth_power(builder: &mut Builder, x: &Linear) -> Linear {
    let square = builder.multiply(x, x);
    let fourth = builder.multiply(&square, &square);
    builder.multiply(&fourth, x)
}

/// The two-to-one compression: the digest of a Merkle node from the digests of its children.
pub(crate) fn compress(builder: &mut Builder, left: Linear, right: Linear) -> Linear {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| Template::new(node_parameters()));
    let inputs: [Linear; NODE_WIDTH] = [Linear::zero(), left, right];
    template.permute(builder, &inputs).swap_remove(0)
}

/// The permutation of the leaf hash's and the transcript's `SPONGE_WIDTH` lanes.
pub(crate) fn permute_sponge(builder: &mut Builder, inputs: &[Linear]) -> Vec<Linear> {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    let template = TEMPLATE.get_or_init(|| Template::new(sponge_parameters()));
    assert_eq!(inputs.len(), SPONGE_WIDTH);
    template.permute(builder, inputs)
}

#[cfg(test)]
mod tests {
    use ark_relations::gr1cs::ConstraintSystem;

    use super::*;
    use crate::bn254;
    use crate::wrap::builder::tests::gadget::Gadget;

    /// With one of the three constraints missing, a power could be anything.
    #[test]
    fn fifth_power_follows_from_its_base() {
        let (gadget, x) = Gadget::build(|builder| {
            let x = builder.witness(Fr::from(3u64));
            let power = fifth_power(builder, &x);
            assert_eq!(power.value(), Fr::from(243u64));
            x
        });
        assert_eq!(gadget.freedom(&[&x]), 0);
        assert_eq!(gadget.freedom(&[]), 1, "the base is free");
    }

    #[test]
    fn permutations_follow_from_their_inputs() {
        let (node, [left, right]) = Gadget::build(|builder| {
            let inputs = [3u64, 5].map(|value| builder.witness(Fr::from(value)));
            let [left, right] = inputs.clone();
            compress(builder, left, right);
            inputs
        });
        assert_eq!(node.freedom(&[&left, &right]), 0);
        assert_eq!(node.freedom(&[&left]), 1, "an input is free");

        let (sponge, inputs) = Gadget::build(|builder| {
            let inputs: Vec<Linear> =
                (1..=SPONGE_WIDTH as u64).map(|value| builder.witness(Fr::from(value))).collect();
            permute_sponge(builder, &inputs);
            inputs
        });
        assert_eq!(sponge.freedom(&inputs.iter().collect::<Vec<_>>()), 0);
    }

    #[test]
    fn permutations_are_the_native_ones() {
        let mut builder = Builder::new(ConstraintSystem::new_ref());
        let inputs: [Linear; SPONGE_WIDTH] =
            std::array::from_fn(|i| builder.witness(Fr::from(i as u64 * 3 + 1)));
        let mut native = inputs.each_ref().map(Linear::value);
        bn254::permute(sponge_parameters(), &mut native);
        let outputs = permute_sponge(&mut builder, &inputs);
        assert_eq!(outputs.iter().map(Linear::value).collect::<Vec<_>>(), native);

        let node = compress(&mut builder, inputs[1].clone(), inputs[2].clone());
        assert_eq!(node.value(), bn254::compress(inputs[1].value(), inputs[2].value()));
        assert_eq!(builder.finish().expect("no fault").len(), 0);
    }
}
