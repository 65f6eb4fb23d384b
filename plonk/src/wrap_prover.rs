//! The prover of the last step: from a batch proof over the outer proof to the Groth16 proof.
//!
//! The prover keeps the proving key in memory, some 600 MB.

use std::io::{Read, Write};
use std::sync::Arc;

use ark_std::rand::{CryptoRng, RngCore};
use sha3::{Digest as _, Keccak256};

use crate::ceremony::constraints::Constraints;
use crate::error::Error;
use crate::groth16::{self, ProvingKey, VerifyingKey, Word, WrapProof};
use crate::outer::{InnerProof, OuterCircuit, OuterProof};
use crate::packing::Packing;
use crate::verifier_data::VerifierData;
use crate::wrap::{OuterVerifier, Outline, WrapCircuit};

/// Opens the stored proving key for reading.
pub type OpenKey = Box<dyn Fn() -> std::io::Result<Box<dyn Read>> + Send + Sync>;

/// A stored proving key, and the digests that it must match.
pub struct StoredProvingKey {
    /// Opens the key for reading.
    pub open: OpenKey,
    /// keccak256 of the stored bytes, as [`WrapProver::write_key`] returned it.
    pub digest: Word,
    /// The [digest](WrapProver::outer_digest) of the outer circuit for which the key was made.
    pub outer: Word,
    /// The [digest](WrapProver::wrap_digest) of the constraints for which the key was made.
    pub wrap: Word,
}

/// The prover of outer proofs and Groth16 proofs for one batch circuit.
pub struct WrapProver {
    outer: Outer,
    key: ProvingKey,
}

/// The outer circuit, the constants that the wrap takes from it, and the outline of the wrap's
/// constraints.
struct Outer {
    circuit: OuterCircuit,
    verifier: Arc<OuterVerifier>,
    outline: Outline,
}

impl Outer {
    /// Builds the outer circuit and outlines the wrap.
    ///
    /// # Errors
    /// [`Error::PublicInputs`] when the batch circuit states another number of values than
    /// `packing` places; [`Error::OuterTooLarge`] when recursions do not shrink the batch proof
    /// enough; [`Error::UnsupportedGate`] and [`Error::UnsupportedShape`] when the wrap cannot
    /// verify the outer circuit; [`Error::Synthesis`] when arkworks refuses a constraint.
    fn build(packing: &Packing, batch: &VerifierData) -> Result<Self, Error> {
        let circuit = OuterCircuit::build(packing, &batch.common, &batch.verifier_only)?;
        let verifier = OuterVerifier::new(packing, circuit.common(), circuit.verifier_only())?;
        let verifier = Arc::new(verifier);
        let outline = WrapCircuit::for_setup(Arc::clone(&verifier)).outline()?;
        Ok(Self { circuit, verifier, outline })
    }

    /// Compares circuit and constraints with those for which a stored key was made.
    ///
    /// # Errors
    /// [`Error::OtherOuter`] when the circuit differs; [`Error::OtherWrap`] when the constraints
    /// differ.
    fn check(&self, stored: &StoredProvingKey) -> Result<(), Error> {
        if self.digest() != stored.outer {
            return Err(Error::OtherOuter);
        }
        if self.outline.digest != stored.wrap {
            return Err(Error::OtherWrap);
        }
        Ok(())
    }

    /// keccak256 over shape and verifier data, each after its length in bytes as a big-endian
    /// 64-bit integer.
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

/// The outer circuit and the wrap for one batch circuit, before they have a key.
pub struct KeylessWrap {
    outer: Outer,
}

impl KeylessWrap {
    /// Builds the outer circuit for a batch circuit.
    ///
    /// # Errors
    /// [`Error::PublicInputs`] when the batch circuit states another number of values than
    /// `packing` places; [`Error::OuterTooLarge`] when recursions do not shrink the batch proof
    /// enough; [`Error::UnsupportedGate`] and [`Error::UnsupportedShape`] when the wrap cannot
    /// verify the outer circuit; [`Error::Synthesis`] when the constraints cannot be generated.
    pub fn build(packing: &Packing, batch: &VerifierData) -> Result<Self, Error> {
        Ok(Self { outer: Outer::build(packing, batch)? })
    }

    /// The wrap's matrices, for a ceremony.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the constraints cannot be generated.
    pub fn constraints(&self) -> Result<Constraints, Error> {
        Constraints::new(WrapCircuit::for_setup(Arc::clone(&self.outer.verifier)))
    }

    /// Draws a new proving key. Anyone who knows the generator's state can forge proofs under it.
    ///
    /// # Errors
    /// [`Error::Synthesis`] when the constraints cannot be generated; [`Error::WeakKey`] when the
    /// drawn key is degenerate.
    pub fn set_up(self, rng: &mut (impl RngCore + CryptoRng)) -> Result<WrapProver, Error> {
        let key = groth16::setup(Arc::clone(&self.outer.verifier), rng)?;
        Ok(WrapProver { outer: self.outer, key })
    }

    /// Takes a key that was checked against [`KeylessWrap::constraints`].
    ///
    /// # Errors
    /// [`Error::WeakKey`] when proofs can be forged under the key, as before any contribution.
    pub fn with_key(self, key: ProvingKey) -> Result<WrapProver, Error> {
        groth16::check_verifying_key(&key.vk)?;
        Ok(WrapProver { outer: self.outer, key })
    }
}

impl WrapProver {
    /// Builds the outer circuit for a batch circuit and reads a stored proving key.
    ///
    /// `progress` is called with the name of each part before the part begins: `outer`, then
    /// `proving key`.
    ///
    /// # Errors
    /// The errors of [`KeylessWrap::build`]. [`Error::WeakKey`] when the stored verifying key would
    /// accept forged proofs; [`Error::OtherOuter`] or [`Error::OtherWrap`] when the key was
    /// made for another outer circuit or for other constraints; [`Error::ProvingKey`] when the key
    /// cannot be opened; [`Error::KeyEncoding`] when the bytes cannot be read or decoded;
    /// [`Error::KeyDigest`] when the bytes have another digest than `stored.digest`.
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

    /// The verifying key that belongs to the proving key.
    pub fn verifying_key(&self) -> &VerifyingKey {
        &self.key.vk
    }

    /// keccak256 over the outer circuit's shape and verifier data.
    pub fn outer_digest(&self) -> Word {
        self.outer.digest()
    }

    /// The digest of the wrap's constraints ([`Outline::digest`]).
    pub const fn wrap_digest(&self) -> Word {
        self.outer.outline.digest
    }

    /// Writes the proving key, uncompressed, and returns keccak256 of the written bytes.
    ///
    /// # Errors
    /// [`Error::KeyEncoding`] with the writer's error.
    pub fn write_key(&self, writer: impl Write) -> Result<Word, Error> {
        groth16::write_proving_key(&self.key, writer)
    }

    /// Proves the statement of a batch proof again, under the outer configuration.
    ///
    /// # Errors
    /// [`Error::Witness`] when the batch proof does not verify.
    pub fn outer(&self, batch: &InnerProof) -> Result<OuterProof, Error> {
        self.outer.circuit.prove(batch)
    }

    /// Makes the Groth16 proof that an outer proof is valid.
    ///
    /// # Errors
    /// [`Error::OuterShape`] when the outer proof has another shape than the outer circuit's
    /// proofs; [`Error::Unsatisfied`] when the outer proof does not verify; [`Error::Synthesis`]
    /// when the constraints cannot be generated.
    pub fn groth16(
        &self,
        outer: OuterProof,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<WrapProof, Error> {
        let verifier = Arc::clone(&self.outer.verifier);
        groth16::prove(&self.key, verifier, Arc::new(outer), rng)
    }

    /// The number of constraints of the wrap.
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
