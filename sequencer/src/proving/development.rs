//! The verifier of development proofs. The operator must ask for it by name, and it refuses every
//! chain except local test chains.

use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::domain::LOCAL_CHAIN_ID;
use sheaf_ledger::public_values::PublicValues;
use sheaf_wire::{ProofStep, TreeStep, development};
use thiserror::Error;

use super::ProofVerifier;

/// A verifier that accepts development proofs, which prove nothing.
#[derive(Debug, Clone, Copy)]
pub struct DevelopmentVerifier(());

/// The error when development proofs are asked for on a chain that is no local test chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("development proofs are refused on chain {chain_id}: they are for {} only", LOCAL_CHAIN_ID)]
pub struct NotADevelopmentChain {
    /// The chain id that was asked for.
    pub chain_id: u64,
}

impl DevelopmentVerifier {
    /// The verifier for the local test chains' id, `development::CHAIN_ID`.
    ///
    /// # Errors
    /// `NotADevelopmentChain` for every other chain id.
    pub fn new(chain_id: u64) -> Result<Self, NotADevelopmentChain> {
        if chain_id == LOCAL_CHAIN_ID {
            Ok(Self(()))
        } else {
            Err(NotADevelopmentChain { chain_id })
        }
    }
}

impl ProofVerifier for DevelopmentVerifier {
    fn circuits(&self) -> [u8; 32] {
        development::CIRCUITS
    }

    fn steps(&self, _batch: &SealedBatch) -> Vec<TreeStep> {
        development::steps()
    }

    fn verify(
        &self,
        step: ProofStep,
        batch: &SealedBatch,
        data_reference: DataReference,
        proof: &[u8],
    ) -> bool {
        let values = PublicValues::of(batch, data_reference);
        step == ProofStep::Wrap && proof == development::proof_of(&values)
    }

    fn public_inputs(&self, batch: &SealedBatch, data_reference: DataReference) -> Vec<[u8; 32]> {
        PublicValues::of(batch, data_reference).to_packed_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chain_but_the_local_one_is_refused() {
        assert!(DevelopmentVerifier::new(31_337).is_ok());
        for chain_id in [0, 1, 31_336, 11_155_111] {
            let refused = DevelopmentVerifier::new(chain_id).map(|_| ());
            assert_eq!(refused, Err(NotADevelopmentChain { chain_id }));
        }
    }
}
