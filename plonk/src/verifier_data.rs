//! What verifying a circuit's proofs needs: its shape and verifier data, as bytes and by digest.
//!
//! It is small (some kilobytes a circuit) where the circuit itself takes seconds and hundreds of
//! megabytes, so it is stored with the keys: the sequencer verifies with it, and a circuit is built
//! from that of the circuits below it. Provers' data are not stored. A circuit of 2^16 rows builds
//! in ten seconds on two cores; its tables alone are 80 columns, 8 times extended, with their
//! Merkle tree: 400 MB that would have to be read, hashed and parsed with a serialiser for every
//! witness generator, to win less than the batch's own age while the worker builds.

use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::types::Field;
use plonky2::gates::gate::GateRef;
use plonky2::hash::hash_types::HashOut;
use plonky2::plonk::circuit_data::VerifierCircuitData;
use plonky2::plonk::vars::EvaluationVars;
use plonky2::util::serialization::GateSerializer;
use sha3::digest::{ExtendableOutput, Update, XofReader};
use sha3::{Digest as _, Keccak256, Shake256};

use crate::error::Error;
use crate::proof::{C, D, F, Shape};

/// Shape and verifier data of one circuit.
pub type VerifierData = VerifierCircuitData<F, C, D>;

/// The bytes that `read` takes.
///
/// # Panics
/// When the circuit has a gate that is none of `gates`.
pub fn write(data: &VerifierData, gates: &impl GateSerializer<F, D>) -> Vec<u8> {
    data.to_bytes(gates).expect("writing to memory, and every gate used is a known one")
}

/// Reads what `write` wrote. Bytes from elsewhere may give anything: the caller has to know their
/// digest.
///
/// # Errors
/// `VerifierData` when they cannot be read.
pub fn read(bytes: Vec<u8>, gates: &impl GateSerializer<F, D>) -> Result<VerifierData, Error> {
    VerifierData::from_bytes(bytes, gates).map_err(|_| Error::VerifierData)
}

/// keccak256 over circuits in turn: shape, verifier data and gates, each behind its length.
pub fn digest_of<'a>(circuits: impl IntoIterator<Item = &'a VerifierData>) -> [u8; 32] {
    let mut keccak = Keccak256::new();
    for VerifierData { verifier_only, common } in circuits {
        let shape = serde_json::to_vec(common).expect("a shape is plain data");
        let verifier = verifier_only.to_bytes().expect("writing to memory");
        let values = common.gates.iter().flat_map(|gate| gate_values(gate, common));
        let coefficients = values.flat_map(|value| value.0);
        let gates = coefficients
            .flat_map(|value| crate::proof::fe(value).canonical().to_le_bytes())
            .collect();
        for part in [shape, verifier, gates] {
            sha3::Digest::update(&mut keccak, (part.len() as u64).to_be_bytes());
            sha3::Digest::update(&mut keccak, part);
        }
    }
    keccak.finalize().into()
}

/// The values of a gate's constraints at a point that its name decides.
///
/// A shape names its gates, but not what they compute: that is this program's code. Two polynomials
/// that agree at a random point are the same, so a program whose gates compute something else finds
/// another digest of the same stored verifier data.
pub fn gate_values(gate: &GateRef<F, D>, shape: &Shape) -> Vec<QuadraticExtension<F>> {
    let mut point = Shake256::default();
    point.update(gate.0.id().as_bytes());
    let mut point = point.finalize_xof();
    let mut element = || {
        let mut word = [0; 8];
        point.read(&mut word);
        F::from_noncanonical_u64(u64::from_le_bytes(word))
    };
    let public_inputs_hash = HashOut { elements: core::array::from_fn(|_| element()) };
    let mut elements = |count: usize| -> Vec<QuadraticExtension<F>> {
        (0..count).map(|_| QuadraticExtension([element(), element()])).collect()
    };
    let local_constants = elements(shape.config.num_constants.max(gate.0.num_constants()));
    let local_wires = elements(shape.config.num_wires);
    gate.0.eval_unfiltered(EvaluationVars {
        local_constants: &local_constants,
        local_wires: &local_wires,
        public_inputs_hash: &public_inputs_hash,
    })
}

#[cfg(test)]
mod tests {
    use plonky2::util::serialization::DefaultGateSerializer;

    use super::*;
    use crate::gates::rules::{RowRules, RulesGate};
    use crate::gates::value::{Known, Value};
    use crate::gates::wires::Nothing;
    use crate::gates::wires::wires;
    use crate::proof::{Builder, config};

    wires! {
        /// One column.
        Column {
            /// Its value.
            value: 1,
        }
    }

    /// A row whose output is its input, `FACTOR` times.
    #[derive(Clone, Copy, Debug, Default)]
    struct Multiple<const FACTOR: u64>;

    impl<const FACTOR: u64> RowRules for Multiple<FACTOR> {
        const NAME: &'static str = "Multiple";
        const STAGES: &'static [usize] = &[1];
        type Inputs<V: Copy> = Column<V>;
        type Outputs<V: Copy> = Column<V>;
        type Hints<V: Copy> = Nothing<V>;

        fn hints(_: &Column<Known>) -> Nothing<Known> {
            Nothing { none: [] }
        }

        fn evaluate<V: Value>(
            inputs: &Column<V>,
            _: &Nothing<V>,
            _: &mut impl FnMut(V),
        ) -> Column<V> {
            Column { value: inputs.value.map(|value| value.times(F::from_canonical_u64(FACTOR))) }
        }
    }

    /// A circuit of one row. Its proofs' shape and its verifier data do not depend on `FACTOR`.
    fn circuit<const FACTOR: u64>() -> VerifierData {
        let mut builder = Builder::new(config());
        builder.add_gate(RulesGate::<Multiple<FACTOR>>::new(), vec![]);
        builder.build::<C>().verifier_data()
    }

    #[test]
    fn a_digest_names_what_gates_compute() {
        let (two, three) = (circuit::<2>(), circuit::<3>());
        assert_eq!(two, three, "nothing else tells them apart");
        assert_eq!(digest_of([&two]), digest_of([&circuit::<2>()]));
        assert_ne!(digest_of([&two]), digest_of([&three]));
    }

    #[test]
    fn bytes_that_are_none_are_refused() {
        let refused = read(vec![1, 2, 3], &DefaultGateSerializer);
        assert!(matches!(refused, Err(Error::VerifierData)));
    }
}
