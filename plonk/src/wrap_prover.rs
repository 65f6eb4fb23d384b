//! The prover of the last step: from a batch proof over the outer proof to the Groth16 proof.
//!
//! It holds most of what a worker's memory goes for: a proving key of some 600 MB.

use std::io::{Read, Write};
use std::sync::Arc;

use ark_std::rand::{CryptoRng, RngCore};
use sha3::{Digest as _, Keccak256};

use crate::error::Error;
use crate::groth16::{self, ProvingKey, VerifyingKey, Word, WrapProof};
use crate::outer::{InnerProof, OuterCircuit, OuterProof};
use crate::packing::Packing;
use crate::verifier_data::VerifierData;
use crate::wrap::{OuterVerifier, Outline, WrapCircuit};

/// Opens the stored proving key for reading.
pub type OpenKey = Box<dyn Fn() -> std::io::Result<Box<dyn Read>> + Send + Sync>;

/// A proving key that somebody keeps.
pub struct StoredProvingKey {
    /// How to read it.
    pub open: OpenKey,
    /// Its digest, as `Provers::write_proving_key` returned it.
    pub digest: Word,
    /// What `Provers::outer_digest` returned: the circuit that the key is for.
    pub outer: Word,
    /// What `Provers::wrap_digest` returned: the constraints that the key is for.
    pub wrap: Word,
}

/// The outer circuit and the Groth16 key above it.
pub struct WrapProver {
    outer: Outer,
    key: ProvingKey,
}

/// The outer circuit, its verifier as the wrap has it, and what the wrap's constraints are.
struct Outer {
    circuit: OuterCircuit,
    verifier: Arc<OuterVerifier>,
    outline: Outline,
}

impl Outer {
    fn build(packing: &Packing, batch: &VerifierData) -> Result<Self, Error> {
        let circuit = OuterCircuit::build(packing, &batch.common, &batch.verifier_only)?;
        let verifier = OuterVerifier::new(packing, circuit.common(), circuit.verifier_only())?;
        let verifier = Arc::new(verifier);
        let outline = WrapCircuit::for_setup(Arc::clone(&verifier)).outline()?;
        Ok(Self { circuit, verifier, outline })
    }

    /// Compares circuit and constraints with those that a key was made for.
    fn check(&self, stored: &StoredProvingKey) -> Result<(), Error> {
        if self.digest() != stored.outer {
            return Err(Error::OtherOuter);
        }
        if self.outline.digest != stored.wrap {
            return Err(Error::OtherWrap);
        }
        Ok(())
    }

    /// keccak256 over shape and verifier data.
    fn digest(&self) -> Word {
        let shape = serde_json::to_vec(self.circuit.common()).expect("a shape is plain data");
        let verifier = self.circuit.verifier_only().to_bytes().expect("writing to memory");
        let mut keccak = Keccak256::new();
        for part in [shape, verifier] {
            keccak.update((part.len() as u64).to_be_bytes());
            keccak.update(part);
        }
        keccak.finalize().into()
    }
}

impl WrapProver {
    /// Draws a key.
    pub fn set_up(
        (packing, batch): (&Packing, &VerifierData),
        rng: &mut (impl RngCore + CryptoRng),
        progress: impl Fn(&str),
    ) -> Result<Self, Error> {
        progress("outer");
        let outer = Outer::build(packing, batch)?;
        progress("groth16");
        let key = groth16::setup(Arc::clone(&outer.verifier), rng)?;
        Ok(Self { outer, key })
    }

    /// Reads a stored key.
    pub fn read(
        (packing, batch): (&Packing, &VerifierData),
        stored: &StoredProvingKey,
        progress: impl Fn(&str),
    ) -> Result<Self, Error> {
        progress("outer");
        let outer = Outer::build(packing, batch)?;
        outer.check(stored)?;
        progress("proving key");
        let reader = (stored.open)().map_err(|source| Error::ProvingKey { source })?;
        let key = groth16::read_proving_key(reader, &stored.digest)?;
        Ok(Self { outer, key })
    }

    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.key.vk
    }

    pub fn outer_digest(&self) -> Word {
        self.outer.digest()
    }

    pub const fn wrap_digest(&self) -> Word {
        self.outer.outline.digest
    }

    pub fn write_key(&self, writer: impl Write) -> Result<Word, Error> {
        groth16::write_proving_key(&self.key, writer)
    }

    /// The outer proof of a batch proof.
    pub fn outer(&self, batch: &InnerProof) -> Result<OuterProof, Error> {
        self.outer.circuit.prove(batch)
    }

    /// The Groth16 proof of an outer proof.
    pub fn groth16(
        &self,
        outer: OuterProof,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<WrapProof, Error> {
        let verifier = Arc::clone(&self.outer.verifier);
        groth16::prove(&self.key, verifier, Arc::new(outer), rng)
    }

    /// Constraints that the Groth16 proof is about.
    pub fn constraints(&self) -> usize {
        self.outer.outline.constraints()
    }
}

#[cfg(test)]
mod tests {
    use plonky2::plonk::circuit_builder::CircuitBuilder;

    use super::*;
    use crate::packing::Place;
    use crate::proof::{Circuit, config};

    /// Two values in one input.
    const PACKING: Packing = Packing::new(
        &[Place { input: 0, shift: 0, bits: 32 }, Place { input: 0, shift: 32, bits: 32 }],
        1,
    );

    /// A key for the outer circuit above some circuit with these public values.
    fn outer_and_key() -> (Outer, StoredProvingKey) {
        let mut builder = CircuitBuilder::new(config());
        let values = builder.add_virtual_targets(PACKING.values());
        builder.register_public_inputs(&values);
        let batch: Circuit = builder.build();
        let outer =
            Outer::build(&PACKING, &batch.verifier_data()).expect("a circuit with these values");
        let key = StoredProvingKey {
            open: Box::new(|| unreachable!("the key is not opened")),
            digest: [0; 32],
            outer: outer.digest(),
            wrap: outer.outline.digest,
        };
        (outer, key)
    }

    /// Changed wrap code makes other constraints above the same outer circuit.
    #[test]
    fn a_key_for_other_constraints_is_refused_and_the_own_accepted() {
        let (outer, own) = outer_and_key();
        assert!(outer.check(&own).is_ok());
        let mut wrap = own.wrap;
        wrap[31] ^= 1;
        let other = StoredProvingKey { wrap, ..own };
        assert!(matches!(outer.check(&other), Err(Error::OtherWrap)));
        let other = StoredProvingKey { outer: [1; 32], ..other };
        assert!(matches!(outer.check(&other), Err(Error::OtherOuter)));
    }
}
