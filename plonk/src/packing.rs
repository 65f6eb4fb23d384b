//! How a statement's values are packed into the public inputs of its Groth16 proof.
//!
//! A verifier on L1 pays for every public input, so several values share an input. The author of a
//! statement gives every value a place. The wrap checks that every value fits into the width of its
//! place: without this check two statements could have the same packed inputs.

/// One value's place: the packed input, the value's lowest bit in that input, and the value's width
/// in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The packed input, counted from 0.
    pub input: usize,
    /// The lowest bit of the value in that input.
    pub shift: usize,
    /// The largest number of bits of the value.
    pub bits: usize,
}

/// The places of all values that an inner proof states, in the proof's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packing {
    places: &'static [Place],
    inputs: usize,
}

impl Packing {
    /// A packing into `inputs` public inputs.
    ///
    /// The caller makes sure that no two places overlap, that every place ends within 253 bits
    /// (below the scalar field's modulus), and that every `input` is below `inputs`. This function
    /// does not check the places: under overlapping or longer places two statements could have the
    /// same packed inputs.
    pub const fn new(places: &'static [Place], inputs: usize) -> Self {
        Self { places, inputs }
    }

    /// The number of values that the inner proof states.
    pub const fn values(&self) -> usize {
        self.places.len()
    }

    /// The number of public inputs of the Groth16 proof.
    pub const fn inputs(&self) -> usize {
        self.inputs
    }

    /// The place of each value, in the proof's order.
    pub const fn places(&self) -> &'static [Place] {
        self.places
    }
}
