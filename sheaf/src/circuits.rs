//! Adapters: the circuits as the `StepProver` of a worker and the `ProofVerifier` of a sequencer.
//!
//! Neither `sheaf-prover` nor `sheaf-sequencer` depends on the circuits; the program joins them
//! here.

use std::fmt;

use alloy::primitives::U256;
use sheaf_circuits::error::Error;
use sheaf_circuits::keys::{Provers, Verifiers, VerifyingKeyWords};
use sheaf_circuits::kinds::Kinds;
use sheaf_contracts::Groth16Verifier;
use sheaf_contracts::chain_limits::ChainLimits;
use sheaf_contracts::deployment::VerifierKey;
use sheaf_ledger::public_values::PublicValues;
use sheaf_ledger::{DataMode, DataReference, SealedBatch};
use sheaf_prover::{StepError, StepProver};
use sheaf_sequencer::proving::{BatchLimits, ProofVerifier};
use sheaf_wire::{JobInputs, ProofStep, TreeStep};

/// Proves steps with the real circuits.
pub(crate) struct CircuitProver(pub Provers);

impl fmt::Debug for CircuitProver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CircuitProver")
    }
}

impl CircuitProver {
    /// Builds every circuit and reads the proving key, unless that is done, in the order in which
    /// the steps of a batch use them: leaves come first.
    ///
    /// # Errors
    /// When the stored keys are not those of this program.
    pub(crate) fn warm_up(&self) -> Result<(), Error> {
        self.0.build_all(|name| tracing::info!(name, "building"))
    }
}

impl StepProver for CircuitProver {
    fn circuits(&self) -> [u8; 32] {
        self.0.verifiers().digest()
    }

    fn prove(
        &self,
        step: ProofStep,
        inputs: &JobInputs,
        data_reference: DataReference,
    ) -> Result<Vec<u8>, StepError> {
        self.0
            .prove(step, inputs, data_reference)
            .map_err(|source| StepError::Unprovable { step, source: Box::new(source) })
    }
}

/// Verifies the proofs of steps with the verifier data of the real circuits.
pub(crate) struct CircuitVerifier(pub Verifiers);

impl fmt::Debug for CircuitVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CircuitVerifier")
    }
}

impl ProofVerifier for CircuitVerifier {
    fn circuits(&self) -> [u8; 32] {
        self.0.digest()
    }

    fn limits(&self, data_mode: DataMode, chain: ChainLimits) -> BatchLimits {
        let Kinds { entry, signature, data } = self.0.most_items();
        BatchLimits { entries: entry, signatures: signature, words: data, data_mode, chain }
    }

    fn steps(&self, batch: &SealedBatch) -> Vec<TreeStep> {
        self.0.steps(batch).expect("sealing asks for no batch beyond the limits")
    }

    fn verify(
        &self,
        step: ProofStep,
        batch: &SealedBatch,
        data_reference: DataReference,
        proof: &[u8],
    ) -> bool {
        match self.0.verify(step, batch, data_reference, proof) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%step, %error, "a proof is refused");
                false
            }
        }
    }

    fn public_inputs(&self, batch: &SealedBatch, data_reference: DataReference) -> Vec<[u8; 32]> {
        PublicValues::of(batch, data_reference).to_packed_bytes().to_vec()
    }
}

/// A Groth16 verifying key in the form that the constructor of the verifier contract takes.
pub(crate) fn contract_key(words: &VerifyingKeyWords) -> VerifierKey {
    let VerifyingKeyWords { alpha, beta, gamma, delta, inputs } = words;
    VerifierKey::Groth16(Box::new(Groth16Verifier::Key {
        alpha: alpha.map(U256::from_be_bytes),
        beta: beta.map(U256::from_be_bytes),
        gamma: gamma.map(U256::from_be_bytes),
        delta: delta.map(U256::from_be_bytes),
        points: inputs.iter().flatten().copied().map(U256::from_be_bytes).collect(),
    }))
}
