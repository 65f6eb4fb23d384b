//! How a statement's values are packed into the public inputs of its Groth16 proof.
//!
//! A verifier on L1 pays for every public input, so several values share an input. Whoever states
//! something says where each value goes; the wrap checks that every value has the width of its
//! place, without which two statements could pack alike.

/// One value's place: which packed input, at which bit, and how many bits the value may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The packed input, counted from 0.
    pub input: usize,
    /// The lowest bit of the value in that input.
    pub shift: usize,
    /// Bits that the value may have.
    pub bits: usize,
}

/// The places of all values that an inner proof states, in the proof's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packing {
    places: &'static [Place],
    inputs: usize,
}

impl Packing {
    /// A packing into `inputs` public inputs. Places that overlap would let two statements pack
    /// alike: the caller answers for that.
    pub const fn new(places: &'static [Place], inputs: usize) -> Self {
        Self { places, inputs }
    }

    /// Values that the inner proof states.
    pub const fn values(&self) -> usize {
        self.places.len()
    }

    /// Public inputs of the Groth16 proof.
    pub const fn inputs(&self) -> usize {
        self.inputs
    }

    /// The place of each value, in the proof's order.
    pub const fn places(&self) -> &'static [Place] {
        self.places
    }
}
