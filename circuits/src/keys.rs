//! Keys: every circuit of a rollup and the Groth16 key above them, as those who prove and those who
//! verify need them. Where keys are kept is the caller's business; here they are made, named by one
//! digest, and used on bytes.
//!
//! Stored keys are used at once: nothing is built to verify, and a prover builds a circuit, or
//! reads the proving key, when the first step wants it. [`Provers::build_all`] does it beforehand.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use ark_std::rand::SeedableRng;
use ark_std::rand::rngs::StdRng;
use sha3::{Digest as _, Keccak256};
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::public_values::PublicValues;
use sheaf_plonk::error::Error as PlonkError;
use sheaf_plonk::groth16;
use sheaf_plonk::groth16::{PROOF_WORDS, VerifyingKey, Word, WrapProof};
use sheaf_plonk::outer::OuterProof;
use sheaf_plonk::proof::Proof;
use sheaf_plonk::wrap_prover::WrapProver;
use sheaf_wire::{JobInputs, PlannedStep, ProofStep};

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

/// What verifies every step of a batch.
pub struct Verifiers {
    circuits: Arc<Circuits>,
    key: VerifyingKey,
    digest: [u8; 32],
}

impl Verifiers {
    /// Joins circuits and the verifying key above them.
    ///
    /// # Errors
    /// `WeakKey` for a key under which proofs can be forged, or with another number of inputs.
    pub fn new(circuits: Arc<Circuits>, key: VerifyingKey) -> Result<Self, Error> {
        if key.gamma_abc_g1.len() != GROTH16_INPUTS + 1 {
            return Err(PlonkError::WeakKey { reason: "number of inputs" }.into());
        }
        let digest = digest_of(&circuits, &VerifyingKeyWords::encode(&key)?);
        Ok(Self { circuits, key, digest })
    }

    /// What names circuits and key together: workers, sequencer and contract must agree on it.
    pub const fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The verifying key as the contract takes it.
    ///
    /// # Errors
    /// `WeakKey`.
    pub fn verifying_key(&self) -> Result<VerifyingKeyWords, Error> {
        Ok(VerifyingKeyWords::encode(&self.key)?)
    }

    /// Entries, signatures and words of the largest batch that the circuits bear.
    pub fn most_items(&self) -> Kinds<usize> {
        self.circuits.capacities().as_ref().map(|_, capacity| capacity.items())
    }

    /// The steps that prove a batch.
    ///
    /// # Errors
    /// `TooManyLeaves` when the batch is larger than the circuits bear.
    pub fn plan(&self, batch: &SealedBatch) -> Result<Vec<PlannedStep>, Error> {
        Ok(self.circuits.plan(batch)?.steps())
    }

    /// Checks the bytes of a step's proof against what the batch implies.
    ///
    /// # Errors
    /// When they are no proof, or prove something else.
    pub fn verify(
        &self,
        step: ProofStep,
        batch: &SealedBatch,
        data_mode: DataMode,
        proof: &[u8],
    ) -> Result<(), Error> {
        match step {
            ProofStep::Wrap => {
                let proof = wrap_proof(proof)?;
                let inputs = groth16_inputs(&PublicValues::of(batch, data_mode));
                Ok(groth16::verify(&self.key, &inputs, &proof)?)
            }
            ProofStep::Leaf { .. } | ProofStep::Join { .. } | ProofStep::Batch => {
                let proof = self.circuits.read_proof(step, proof.to_vec())?;
                self.circuits.verify(&Work::new(batch, data_mode), step, &proof)
            }
        }
    }
}

/// What proves every step of a batch.
pub struct Provers {
    verifiers: Verifiers,
    wrap: Wrap,
}

/// The last step's prover: made, or to be made of what is stored.
enum Wrap {
    Made(Arc<WrapProver>),
    Stored { key: StoredProvingKey, prover: Mutex<Option<Arc<WrapProver>>> },
}

impl Provers {
    /// Makes a Groth16 key above circuits. Its secrets are drawn and forgotten on this machine:
    /// whoever runs it could have kept them, so the key is for development.
    ///
    /// # Errors
    /// When a circuit cannot be built.
    pub fn set_up(
        circuits: Arc<Circuits>,
        seed: [u8; 32],
        progress: impl Fn(&str),
    ) -> Result<Self, Error> {
        let mut rng = StdRng::from_seed(seed);
        let wrap =
            WrapProver::set_up((&PACKING, &circuits.batch_verifier_data()), &mut rng, progress)?;
        let verifiers = Verifiers::new(circuits, wrap.verifying_key().clone())?;
        Ok(Self { verifiers, wrap: Wrap::Made(Arc::new(wrap)) })
    }

    /// Proves with stored keys. Nothing is built or read yet: [`Provers::build_all`] does, or the
    /// first proof that needs it.
    pub const fn stored(verifiers: Verifiers, key: StoredProvingKey) -> Self {
        Self { verifiers, wrap: Wrap::Stored { key, prover: Mutex::new(None) } }
    }

    /// Builds every circuit and reads the proving key, unless that is done; `progress` is told the
    /// name of each before.
    ///
    /// # Errors
    /// `OtherCircuit`, `OtherOuter`, `OtherWrap` and `OtherVerifyingKey` when the stored keys are
    /// not those of this program; `ProvingKey` and `KeyDigest` when the proving key is not the
    /// stored one.
    pub fn build_all(&self, progress: impl Fn(&str)) -> Result<(), Error> {
        self.verifiers.circuits.build_all(&progress)?;
        self.wrap_prover(progress).map(|_| ())
    }

    /// What verifies what these prove.
    pub const fn verifiers(&self) -> &Verifiers {
        &self.verifiers
    }

    /// What names the circuit that the proving key is for.
    ///
    /// # Errors
    /// As [`Provers::build_all`].
    pub fn outer_digest(&self) -> Result<Word, Error> {
        Ok(self.wrap_prover(|_| ())?.outer_digest())
    }

    /// What names the constraints that the proving key is for.
    ///
    /// # Errors
    /// As [`Provers::build_all`].
    pub fn wrap_digest(&self) -> Result<Word, Error> {
        Ok(self.wrap_prover(|_| ())?.wrap_digest())
    }

    /// Writes the proving key and returns its digest.
    ///
    /// # Errors
    /// The writer's; as [`Provers::build_all`].
    pub fn write_proving_key(&self, writer: impl Write) -> Result<Word, Error> {
        Ok(self.wrap_prover(|_| ())?.write_key(writer)?)
    }

    /// Writes the verifying key and returns its digest.
    ///
    /// # Errors
    /// The writer's.
    pub fn write_verifying_key(&self, writer: impl Write) -> Result<Word, Error> {
        Ok(groth16::write_verifying_key(&self.verifiers.key, writer)?)
    }

    /// Proves a step from its inputs and checks the proof.
    ///
    /// # Errors
    /// When the inputs do not belong to the step, or a circuit refuses them.
    pub fn prove(
        &self,
        step: ProofStep,
        inputs: &JobInputs,
        data_mode: DataMode,
    ) -> Result<Vec<u8>, Error> {
        let batch = SealedBatch::from_bytes(&inputs.witness)?;
        let proof = match step {
            ProofStep::Wrap => self.wrap(inputs)?,
            ProofStep::Leaf { .. } | ProofStep::Join { .. } | ProofStep::Batch => {
                let proofs = self.inputs(step, &batch, inputs)?;
                let work = Work::new(&batch, data_mode);
                // The circuits verify what they prove.
                return Ok(self.verifiers.circuits.prove(&work, step, &proofs)?.to_bytes());
            }
        };
        self.verifiers.verify(step, &batch, data_mode, &proof)?;
        Ok(proof)
    }

    fn inputs(
        &self,
        step: ProofStep,
        batch: &SealedBatch,
        inputs: &JobInputs,
    ) -> Result<Vec<Proof>, Error> {
        let circuits = &self.verifiers.circuits;
        let needs = circuits.plan(batch)?.needs(step);
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
    /// `ProofBytes`; `Witness` when the batch proof is not valid; as [`Provers::build_all`].
    pub fn outer(&self, batch: &[u8]) -> Result<OuterProof, Error> {
        let batch = self.verifiers.circuits.read_proof(ProofStep::Batch, batch.to_vec())?;
        Ok(self.wrap_prover(|_| ())?.outer(&batch)?)
    }

    /// The second part of the wrap: the Groth16 proof of an outer proof, as L1 takes it. It is not
    /// verified here.
    ///
    /// # Errors
    /// When the outer proof is of another shape or not valid; as [`Provers::build_all`].
    pub fn groth16(&self, outer: OuterProof) -> Result<Vec<u8>, Error> {
        let mut rng = StdRng::from_seed(rand::random());
        let WrapProof(words) = self.wrap_prover(|_| ())?.groth16(outer, &mut rng)?;
        Ok(words.concat())
    }

    /// Constraints of the wrap.
    ///
    /// # Errors
    /// As [`Provers::build_all`].
    pub fn wrap_constraints(&self) -> Result<usize, Error> {
        Ok(self.wrap_prover(|_| ())?.constraints())
    }

    /// The last step's prover, made by whoever asks first while the others wait.
    fn wrap_prover(&self, progress: impl Fn(&str)) -> Result<Arc<WrapProver>, Error> {
        let (key, prover) = match &self.wrap {
            Wrap::Made(prover) => return Ok(Arc::clone(prover)),
            Wrap::Stored { key, prover } => (key, prover),
        };
        // Whoever panicked while holding the lock has put nothing there.
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

/// Builds all circuits below the outer one.
///
/// # Errors
/// `TooSmall` when a leaf circuit would hold nothing.
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
