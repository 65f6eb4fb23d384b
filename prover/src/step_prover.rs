//! The interface to the code that proves a step: the circuits, which the binary provides, or a
//! check of the witness, which replaces the circuits on a development chain.

use std::fmt;

use sheaf_wire::development::{self, DevelopmentError};
use sheaf_wire::{DataReference, JobInputs, ProofStep};
use thiserror::Error;

/// Proves single steps. An implementation verifies each proof before returning the proof.
pub trait StepProver: Send + Sync + fmt::Debug + 'static {
    /// The digest of the prover's circuits. The sequencer leases jobs only to workers with the
    /// digest of its own circuits.
    fn circuits(&self) -> [u8; 32];

    /// Proves a step from the step's inputs and returns the proof's bytes. `data_reference`
    /// names the batch's data words on L1. A call may take minutes and use every core.
    ///
    /// # Errors
    /// `UnknownStep` for a step that the prover has no circuit for; `Inputs`, `Unprovable` or
    /// `Development` when the inputs do not belong to the step, or cannot be proven.
    fn prove(
        &self,
        step: ProofStep,
        inputs: &JobInputs,
        data_reference: DataReference,
    ) -> Result<Vec<u8>, StepError>;
}

/// Why a step was not proven.
#[derive(Debug, Error)]
pub enum StepError {
    /// The prover has no circuit for the step.
    #[error("the step {step} is not one of these circuits'")]
    UnknownStep { step: ProofStep },
    /// The circuits refuse the inputs, or the proof did not verify; `source` has the reason.
    #[error("{step} cannot be proven")]
    Unprovable { step: ProofStep, source: Box<dyn std::error::Error + Send + Sync> },
    /// The witness cannot be read, breaks a rule of the ledger, or has a wrong signature.
    #[error("the witness breaks a rule")]
    Development(#[from] DevelopmentError),
}

/// Checks witnesses with the ledger instead of proving them. Only a sequencer and a contract that
/// were set up for development proofs accept such a proof.
#[derive(Debug, Clone, Copy, Default)]
pub struct DevelopmentProver;

impl StepProver for DevelopmentProver {
    fn circuits(&self) -> [u8; 32] {
        development::CIRCUITS
    }

    fn prove(
        &self,
        step: ProofStep,
        inputs: &JobInputs,
        data_reference: DataReference,
    ) -> Result<Vec<u8>, StepError> {
        match step {
            ProofStep::Wrap => Ok(development::prove(&inputs.witness, data_reference)?),
            ProofStep::Leaf { .. } | ProofStep::Join { .. } | ProofStep::Batch => {
                Err(StepError::UnknownStep { step })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_step_has_a_development_proof() {
        let inputs = JobInputs { witness: vec![1, 2, 3], proofs: Vec::new() };
        let refused = DevelopmentProver.prove(ProofStep::Batch, &inputs, DataReference([7; 32]));
        assert!(matches!(refused, Err(StepError::UnknownStep { step: ProofStep::Batch })));
    }

    #[test]
    fn a_witness_that_is_none_is_refused() {
        let inputs = JobInputs { witness: vec![1, 2, 3], proofs: Vec::new() };
        let refused = DevelopmentProver.prove(ProofStep::Wrap, &inputs, DataReference([7; 32]));
        assert!(matches!(refused, Err(StepError::Development(_))));
    }
}
