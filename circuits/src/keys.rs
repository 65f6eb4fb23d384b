//! Keys: the circuits of a rollup and the Groth16 key above them. [`Verifiers`] is the part that
//! verifies, [`Provers`] the part that proves as well.
//!
//! This module makes keys, names them by one digest, and proves and verifies with them, proofs as
//! bytes. The caller decides where keys are stored.
//!
//! Verifying builds no circuit. Proving builds a circuit, or reads the proving key, when the first
//! step needs it; [`Provers::build_all`] does both in advance.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use ark_std::rand::SeedableRng;
use ark_std::rand::rngs::StdRng;
use sha3::{Digest as _, Keccak256};
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::public_values::PublicValues;
use sheaf_plonk::error::Error as PlonkError;
use sheaf_plonk::groth16;
use sheaf_plonk::groth16::{PROOF_WORDS, VerifyingKey, Word, WrapProof};
use sheaf_plonk::outer::OuterProof;
use sheaf_plonk::proof::Proof;
use sheaf_plonk::wrap_prover::{KeylessWrap, WrapProver};
use sheaf_wire::{JobInputs, ProofStep, TreeStep};

use crate::circuits::Circuits;
use crate::error::Error;
use crate::kinds::Kinds;
use crate::leaf::Work;
use crate::public_values::{GROTH16_INPUTS, PACKING, groth16_inputs};
use crate::sizes::CircuitSizes;

pub use sheaf_plonk::groth16::{VerifyingKeyWords, read_verifying_key};
pub use sheaf_plonk::wrap_prover::{OpenKey, StoredProvingKey};

/// Bytes of a wrapped proof.
const WRAP_PROOF_BYTES: usize = 32 * PROOF_WORDS;

/// The verifier data and the verifying key with which every step of a batch is verified.
pub struct Verifiers {
    circuits: Arc<Circuits>,
    key: VerifyingKey,
    digest: [u8; 32],
}

impl Verifiers {
    /// Combines circuits and the verifying key above them.
    ///
    /// # Errors
    /// `WeakKey` for a key under which proofs can be forged, or with another number of inputs than
    /// [`GROTH16_INPUTS`].
    pub fn new(circuits: Arc<Circuits>, key: VerifyingKey) -> Result<Self, Error> {
        if key.gamma_abc_g1.len() != GROTH16_INPUTS + 1 {
            return Err(PlonkError::WeakKey { reason: "number of inputs" }.into());
        }
        let digest = digest_of(&circuits, &VerifyingKeyWords::encode(&key)?);
        Ok(Self { circuits, key, digest })
    }

    /// The digest that names circuits and verifying key together, on which sequencer and workers
    /// must agree. The contract names the verifying key alone (`keyHash`).
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The verifying key as the contract takes it.
    ///
    /// # Errors
    /// `WeakKey` for a key under which proofs can be forged, which [`Verifiers::new`] refuses too.
    pub fn verifying_key(&self) -> Result<VerifyingKeyWords, Error> {
        Ok(VerifyingKeyWords::encode(&self.key)?)
    }

    /// The most entries, signatures and words of a batch that the circuits can prove.
    pub fn most_items(&self) -> Kinds<usize> {
        self.circuits.capacities().as_ref().map(|_, capacity| capacity.items())
    }

    /// The steps that prove a batch.
    ///
    /// # Errors
    /// `TooManyLeaves` when the batch exceeds the circuits' capacity.
    pub fn steps(&self, batch: &SealedBatch) -> Result<Vec<TreeStep>, Error> {
        Ok(self.circuits.proof_tree(batch)?.steps())
    }

    /// Checks that bytes are a valid proof of this step of this batch.
    ///
    /// # Errors
    /// For the wrap: `WrapLength` for another number of bytes than a Groth16 proof has, `Point` for
    /// coordinates of no point of the group, `WrapRefused` when the proof does not verify. For
    /// every other step: `ProofBytes` for bytes that are no proof of the step's circuit, and the
    /// errors of [`Circuits::verify`].
    pub fn verify(
        &self,
        step: ProofStep,
        batch: &SealedBatch,
        data_reference: DataReference,
        proof: &[u8],
    ) -> Result<(), Error> {
        match step {
            ProofStep::Wrap => {
                let proof = wrap_proof(proof)?;
                let inputs = groth16_inputs(&PublicValues::of(batch, data_reference));
                Ok(groth16::verify(&self.key, &inputs, &proof)?)
            }
            ProofStep::Leaf { .. } | ProofStep::Join { .. } | ProofStep::Batch => {
                let proof = self.circuits.read_proof(step, proof.to_vec())?;
                self.circuits.verify(&Work::new(batch, data_reference), step, &proof)
            }
        }
    }
}

/// The circuits and the proving key with which every step of a batch is proven.
pub struct Provers {
    verifiers: Verifiers,
    wrap: Wrap,
}

/// The prover of the wrap: made already, or to be made from the stored proving key.
enum Wrap {
    Made(Arc<WrapProver>),
    Stored { key: StoredProvingKey, prover: Mutex<Option<Arc<WrapProver>>> },
}

impl Provers {
    /// Makes a Groth16 key above circuits. Calls `progress` with the name of each part before the
    /// part is made. The key's secrets follow from `seed`, and anybody who knows them can forge
    /// proofs, so the key is for development. What this function keeps of the seed and of the
    /// generator is overwritten; copies that arkworks makes are not.
    ///
    /// # Errors
    /// `OuterTooLarge`, `UnsupportedGate`, `UnsupportedShape` and `Synthesis` when the outer
    /// circuit or the wrap cannot be built above these circuits; `WeakKey` for a degenerate draw.
    pub fn set_up(
        circuits: Arc<Circuits>,
        seed: &[u8; 32],
        progress: impl Fn(&str),
    ) -> Result<Self, Error> {
        progress("outer");
        let wrap = KeylessWrap::build(&PACKING, &circuits.batch_verifier_data())?;
        progress("groth16");
        let mut rng = StdRng::from_seed(*seed);
        let wrap = wrap.set_up(&mut rng);
        // The generator cannot overwrite its state; another state takes its place.
        rng = StdRng::from_seed([0; 32]);
        std::hint::black_box(&rng);
        Self::made(circuits, wrap?)
    }

    /// Combines circuits and the prover of the wrap above them.
    pub(crate) fn made(circuits: Arc<Circuits>, wrap: WrapProver) -> Result<Self, Error> {
        let verifiers = Verifiers::new(circuits, wrap.verifying_key().clone())?;
        Ok(Self { verifiers, wrap: Wrap::Made(Arc::new(wrap)) })
    }

    /// Proves with stored keys. Nothing is built or read here: [`Provers::build_all`] or the first
    /// proof that needs a circuit or the proving key does so.
    pub const fn stored(verifiers: Verifiers, key: StoredProvingKey) -> Self {
        Self { verifiers, wrap: Wrap::Stored { key, prover: Mutex::new(None) } }
    }

    /// Builds every circuit and reads the proving key, unless that is done. Calls `progress` with
    /// the name of every circuit below the outer one, also where that circuit is built already, and
    /// with the names of outer circuit and proving key before these are built and read.
    ///
    /// # Errors
    /// `OtherCircuit`, `OtherOuter` and `OtherWrap` when the keys were made for other circuits than
    /// this program's. For the stored proving key: `ProvingKey` when it cannot be opened,
    /// `KeyEncoding` when it cannot be read, `KeyDigest` when it has another digest than expected,
    /// `WeakKey` when proofs could be forged under it, `OtherVerifyingKey` when it contains another
    /// verifying key. The outer circuit and the wrap fail as in [`Provers::set_up`].
    pub fn build_all(&self, progress: impl Fn(&str)) -> Result<(), Error> {
        self.verifiers.circuits.build_all(&progress)?;
        self.wrap_prover(progress).map(|_| ())
    }

    /// The verifiers of these provers' proofs.
    pub const fn verifiers(&self) -> &Verifiers {
        &self.verifiers
    }

    /// The digest that names the outer circuit for which the proving key was made.
    ///
    /// # Errors
    /// As [`Provers::build_all`].
    pub fn outer_digest(&self) -> Result<Word, Error> {
        Ok(self.wrap_prover(|_| ())?.outer_digest())
    }

    /// The digest that names the wrap's constraints for which the proving key was made.
    ///
    /// # Errors
    /// As [`Provers::build_all`].
    pub fn wrap_digest(&self) -> Result<Word, Error> {
        Ok(self.wrap_prover(|_| ())?.wrap_digest())
    }

    /// Writes the proving key, uncompressed, and returns keccak256 of the bytes written.
    ///
    /// # Errors
    /// `KeyEncoding` with the writer's error; as [`Provers::build_all`].
    pub fn write_proving_key(&self, writer: impl Write) -> Result<Word, Error> {
        Ok(self.wrap_prover(|_| ())?.write_key(writer)?)
    }

    /// Writes the verifying key, uncompressed, and returns keccak256 of the bytes written.
    ///
    /// # Errors
    /// `KeyEncoding` with the writer's error.
    pub fn write_verifying_key(&self, writer: impl Write) -> Result<Word, Error> {
        Ok(groth16::write_verifying_key(&self.verifiers.key, writer)?)
    }

    /// Proves a step from its inputs and verifies the proof, which is returned as bytes.
    ///
    /// # Errors
    /// `Rule` when the witness is not the bytes of a batch that keeps the rules; `InputProofs` for
    /// another number of proofs than the step needs; `ProofBytes` for bytes that are no proof of
    /// the needed step. For the wrap also as [`Provers::outer`], [`Provers::groth16`] and
    /// [`Verifiers::verify`], for every other step as [`Circuits::prove`].
    pub fn prove(
        &self,
        step: ProofStep,
        inputs: &JobInputs,
        data_reference: DataReference,
    ) -> Result<Vec<u8>, Error> {
        let batch = SealedBatch::from_bytes(&inputs.witness)?;
        let proof = match step {
            ProofStep::Wrap => self.wrap(inputs)?,
            ProofStep::Leaf { .. } | ProofStep::Join { .. } | ProofStep::Batch => {
                let proofs = self.inputs(step, &batch, inputs)?;
                let work = Work::new(&batch, data_reference);
                // The circuits verify what they prove.
                return Ok(self.verifiers.circuits.prove(&work, step, &proofs)?.to_bytes());
            }
        };
        self.verifiers.verify(step, &batch, data_reference, &proof)?;
        Ok(proof)
    }

    fn inputs(
        &self,
        step: ProofStep,
        batch: &SealedBatch,
        inputs: &JobInputs,
    ) -> Result<Vec<Proof>, Error> {
        let circuits = &self.verifiers.circuits;
        let needs = circuits.proof_tree(batch)?.needs(step)?;
        let (expected, found) = (needs.len(), inputs.proofs.len());
        if expected != found {
            return Err(Error::InputProofs { expected, found });
        }
        let read = |(step, bytes): (ProofStep, &Vec<u8>)| circuits.read_proof(step, bytes.clone());
        needs.into_iter().zip(&inputs.proofs).map(read).collect()
    }

    fn wrap(&self, inputs: &JobInputs) -> Result<Vec<u8>, Error> {
        let [batch] = inputs.proofs.as_slice() else {
            return Err(Error::InputProofs { expected: 1, found: inputs.proofs.len() });
        };
        self.groth16(self.outer(batch)?)
    }

    /// The first part of the wrap: the outer proof of a batch proof.
    ///
    /// # Errors
    /// `ProofBytes` for bytes that are no proof of the batch circuit; `Witness` when the batch
    /// proof is not valid; as [`Provers::build_all`].
    pub fn outer(&self, batch: &[u8]) -> Result<OuterProof, Error> {
        let batch = self.verifiers.circuits.read_proof(ProofStep::Batch, batch.to_vec())?;
        Ok(self.wrap_prover(|_| ())?.outer(&batch)?)
    }

    /// The second part of the wrap: the Groth16 proof of an outer proof, as L1 takes it. The
    /// Groth16 proof is not verified here.
    ///
    /// # Errors
    /// `OuterShape` for an outer proof of another shape; `Unsatisfied` for an outer proof that is
    /// not valid; as [`Provers::build_all`].
    pub fn groth16(&self, outer: OuterProof) -> Result<Vec<u8>, Error> {
        let mut rng = StdRng::from_seed(rand::random());
        let WrapProof(words) = self.wrap_prover(|_| ())?.groth16(outer, &mut rng)?;
        Ok(words.concat())
    }

    /// The number of the wrap's constraints.
    ///
    /// # Errors
    /// As [`Provers::build_all`].
    pub fn wrap_constraints(&self) -> Result<usize, Error> {
        Ok(self.wrap_prover(|_| ())?.constraints())
    }

    /// The prover of the wrap. The first caller makes it; other threads wait until it is made.
    fn wrap_prover(&self, progress: impl Fn(&str)) -> Result<Arc<WrapProver>, Error> {
        let (key, prover) = match &self.wrap {
            Wrap::Made(prover) => return Ok(Arc::clone(prover)),
            Wrap::Stored { key, prover } => (key, prover),
        };
        // A thread that panicked under this lock has stored no prover, so the lock is still good.
        let mut prover = prover.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(prover) = prover.as_ref() {
            return Ok(Arc::clone(prover));
        }
        let batch = self.verifiers.circuits.batch_verifier_data();
        let read = WrapProver::read((&PACKING, &batch), key, progress)?;
        if *read.verifying_key() != self.verifiers.key {
            return Err(Error::OtherVerifyingKey);
        }
        Ok(Arc::clone(prover.insert(Arc::new(read))))
    }
}

/// Builds all circuits below the outer one, and calls `progress` with the name of each before it is
/// built.
///
/// # Errors
/// `TooSmall` when a leaf circuit has no room for a single item.
pub fn build_circuits(
    sizes: &CircuitSizes,
    progress: impl Fn(&str),
) -> Result<Arc<Circuits>, Error> {
    Ok(Arc::new(Circuits::build(sizes, progress)?))
}

fn wrap_proof(bytes: &[u8]) -> Result<WrapProof, Error> {
    let wrong = || Error::WrapLength { expected: WRAP_PROOF_BYTES, found: bytes.len() };
    let (words, []) = bytes.as_chunks::<32>() else { return Err(wrong()) };
    Ok(WrapProof(words.try_into().map_err(|_| wrong())?))
}

/// keccak256 over the circuits' digest and the verifying key.
fn digest_of(circuits: &Circuits, key: &VerifyingKeyWords) -> [u8; 32] {
    let VerifyingKeyWords { alpha, beta, gamma, delta, inputs } = key;
    let mut keccak = Keccak256::new();
    keccak.update(circuits.digest());
    for word in alpha.iter().chain(beta).chain(gamma).chain(delta).chain(inputs.iter().flatten()) {
        keccak.update(word);
    }
    keccak.finalize().into()
}
