//! A small circuit with the public inputs of a batch, for tests and measurements of the wrap. The
//! cost and the statement of the wrap do not depend on what the batch circuit proves.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::CircuitData;
use sheaf_circuits::public_values::{PUBLIC_VALUES, PublicValues};
use sheaf_plonk::outer::{D, InnerConfig, InnerProof};
use sheaf_plonk::proof::config;

type F = GoldilocksField;

/// Hashes that link `pre` to `post`.
const HASHES: usize = 8;

pub(crate) struct DevelopmentBatch {
    pub data: CircuitData<F, InnerConfig, D>,
    inputs: Vec<Target>,
}

impl DevelopmentBatch {
    /// A circuit whose `post` is a chain of hashes of `pre` and `chains`, other values free.
    pub(crate) fn build() -> Self {
        Self::build_marked(2)
    }

    /// Circuits with different marks have different verifier data and the same shape. A mark is a
    /// factor in a row of its own, which it would not have for 0 and 1.
    pub(crate) fn build_marked(mark: u64) -> Self {
        let mut builder = CircuitBuilder::<F, D>::new(config());
        let inputs = builder.add_virtual_targets(PUBLIC_VALUES - 4);
        let (pre, rest) = inputs.split_at(4);
        let mark = builder.constant(F::from_canonical_u64(mark));
        builder.mul(mark, pre[0]);
        let mut state = [pre, &rest[..4]].concat();
        for _ in 0..HASHES {
            let hash = builder.hash_n_to_hash_no_pad::<PoseidonHash>(state.clone());
            state[..4].copy_from_slice(&hash.elements);
        }
        let public = [pre, &state[..4], rest].concat();
        builder.register_public_inputs(&public);
        Self { data: builder.build::<InnerConfig>(), inputs }
    }

    /// A proof of some values; `seed` varies them.
    pub(crate) fn prove(&self, seed: u64) -> (PublicValues, InnerProof) {
        let mut free = PublicValues {
            pre: [seed, 2, 3, F::NEG_ONE.0],
            chains: [9, 10, 11, 12],
            z: [13, (1 << 62) - 1, 15, 16],
            y: [17, 18, 19, 20, 101],
            timestamp: u32::MAX,
            l1_words: 23,
            ..PublicValues::default()
        };
        let elements = free.to_elements();
        let mut witness = PartialWitness::new();
        for (target, value) in self.inputs.iter().zip(elements[..4].iter().chain(&elements[8..])) {
            witness
                .set_target(*target, F::from_canonical_u64(*value))
                .expect("each target is set once");
        }
        let proof = self.data.prove(witness).expect("the circuit has no failing witness");
        for (element, value) in free.post.iter_mut().zip(&proof.public_inputs[4..8]) {
            *element = value.0;
        }
        (free, proof)
    }
}
