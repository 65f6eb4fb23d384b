//! What proves a step: the circuits, which the binary provides, or the check that stands for them
//! on a development chain.

use std::fmt;

use sheaf_wire::development::{self, DevelopmentError};
use sheaf_wire::{DataMode, JobInputs, ProofStep};
use thiserror::Error;

/// Proves single steps. Proofs that it returns have been verified by it.
pub trait StepProver: Send + Sync + fmt::Debug + 'static {
    /// The digest of its circuits; the sequencer gives work only to its own.
    fn circuits(&self) -> [u8; 32];

    /// Proves a step of a batch, whose data words travel in this mode, from the step's inputs. It
    /// may take minutes and use every core.
    ///
    /// # Errors
    /// When the inputs do not belong to the step, or cannot be proven.
    fn prove(
        &self,
        step: ProofStep,
        inputs: &JobInputs,
        data_mode: DataMode,
    ) -> Result<Vec<u8>, StepError>;
}

/// Why a step was not proven.
#[derive(Debug, Error)]
pub enum StepError {
    #[error("the step {step} is not one of these circuits'")]
    UnknownStep { step: ProofStep },
    #[error("the inputs of {step} cannot be read")]
    Inputs { step: ProofStep },
    #[error("{step} cannot be proven")]
    Unprovable { step: ProofStep, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("the witness breaks a rule")]
    Development(#[from] DevelopmentError),
}

/// Checks witnesses with the ledger instead of proving them. What it returns convinces only a
/// sequencer and a contract that were asked by name to believe it.
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
        data_mode: DataMode,
    ) -> Result<Vec<u8>, StepError> {
        match step {
            ProofStep::Wrap => Ok(development::prove(&inputs.witness, data_mode)?),
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
        let refused = DevelopmentProver.prove(ProofStep::Batch, &inputs, DataMode::Calldata);
        assert!(matches!(refused, Err(StepError::UnknownStep { step: ProofStep::Batch })));
    }

    #[test]
    fn a_witness_that_is_none_is_refused() {
        let inputs = JobInputs { witness: vec![1, 2, 3], proofs: Vec::new() };
        let refused = DevelopmentProver.prove(ProofStep::Wrap, &inputs, DataMode::Calldata);
        assert!(matches!(refused, Err(StepError::Development(_))));
    }
}
