//! The shape and the verifier data of a circuit, as bytes and by digest: all that a verifier of the
//! circuit's proofs needs.
//!
//! Shape and verifier data are small, some kilobytes a circuit, and are stored with the keys. The
//! sequencer verifies proofs with them, and a circuit is built from the shapes and verifier data of
//! the circuits that it verifies.
//!
//! Prover data are not stored. A circuit of 2^16 rows builds in ten seconds on two cores. Its
//! tables alone are 80 columns, extended 8 times, with their Merkle tree: 400 MB that would have to
//! be read, hashed and parsed, with a serialiser for every witness generator. That would only save
//! a build that runs while the first batch is still open (docs/decisions/0003-stored-circuits.md).

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

/// Encodes shape and verifier data as the bytes that [`read`] decodes.
///
/// # Panics
/// When the circuit contains a gate that `gates` does not know.
pub fn write(data: &VerifierData, gates: &impl GateSerializer<F, D>) -> Vec<u8> {
    data.to_bytes(gates).expect("writing to memory, and every gate used is a known one")
}

/// Decodes the bytes that [`write()`] made.
///
/// Other bytes may decode to verifier data of any circuit, so the caller compares [`digest_of`]
/// with a digest from a trusted source.
///
/// # Errors
/// [`Error::VerifierData`] when the bytes cannot be decoded or name a gate that `gates` does not
/// know.
pub fn read(bytes: Vec<u8>, gates: &impl GateSerializer<F, D>) -> Result<VerifierData, Error> {
    VerifierData::from_bytes(bytes, gates).map_err(|_| Error::VerifierData)
}

/// keccak256 over the circuits in their order. Each circuit contributes its shape as JSON, its
/// verifier data and samples of its gates' constraints. The length of each part, in bytes and as a
/// big-endian 64-bit integer, precedes the part.
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

/// The values of a gate's constraints at a point hashed from the gate's name.
///
/// A shape names its gates but does not contain their constraints, which are code of this program.
/// Different polynomials differ at a random point except with a negligible chance. So a program
/// whose gates have the same names and other constraints computes another digest.
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
