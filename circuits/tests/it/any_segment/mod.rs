//! A leaf circuit that proves any segment, so that joins can be tested without real leaves.

use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, WitnessWrite};
use sheaf_circuits::segment::{SEGMENT_INPUTS, Segment};
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::Digest;
use sheaf_plonk::proof::{Builder, Circuit, Proof, config, element};

pub(crate) struct AnySegment {
    pub circuit: Circuit,
    inputs: [Target; SEGMENT_INPUTS],
}

impl AnySegment {
    /// Circuits with different marks have different verifier data and the same shape.
    pub(crate) fn build(mark: u64) -> Self {
        let mut builder = Builder::new(config());
        let inputs = builder.add_virtual_public_input_arr();
        // Products with 0 and 1 take no row, so that such marks would change the shape.
        let mark = builder.constant(element(Fe::from_u64(mark + 2)));
        builder.mul(mark, inputs[0]);
        Self { circuit: builder.build(), inputs }
    }

    pub(crate) fn prove(&self, segment: Segment) -> Proof {
        let mut witness = PartialWitness::new();
        let elements = segment.from.0.into_iter().chain(segment.to.0);
        for (target, value) in self.inputs.iter().zip(elements) {
            witness.set_target(*target, element(value)).expect("set once");
        }
        self.circuit.prove(witness).expect("nothing is constrained")
    }
}

pub(crate) fn digest(first: u64) -> Digest {
    Digest([0, 1, 2, 3].map(|i| Fe::from_u64(first + i)))
}
