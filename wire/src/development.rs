//! Development proofs: a batch whose witness was checked rather than proven.
//!
//! For devnets and for tests that need hundreds of batches. A development proof convinces nobody
//! but a contract that was deployed to believe it; where it may be used at all, sequencer and
//! contract decide, each for itself. It has the form of a Groth16 proof, eight words: the hash of
//! what it claims, and seven empty ones.

use sha3::{Digest, Keccak256};
use sheaf_crypto::key::DecodedKey;
use sheaf_crypto::signature_batch::{Claim, verify_all};
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::public_values::PublicValues;
use sheaf_ledger::rule_error::RuleError;
use thiserror::Error;

use crate::step::{PlannedStep, ProofStep};

/// What stands for the circuits' digest: workers and sequencers that build circuits never have it.
pub const CIRCUITS: [u8; 32] = *b"sheaf development, no circuits  ";

/// Bytes of a development proof: as many as L1 expects.
pub const PROOF_BYTES: usize = 256;

/// What a development proof hashes before the inputs.
pub const PROOF_NAME: &[u8] = b"Sheaf development proof";

/// Why a batch gets no development proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DevelopmentError {
    #[error(transparent)]
    Rule(#[from] RuleError),
    #[error("signature {index} of the batch does not fit its key and message")]
    WrongSignature { index: usize },
}

/// The one step of a development proof.
pub fn plan() -> Vec<PlannedStep> {
    vec![PlannedStep { step: ProofStep::Wrap, needs: Vec::new() }]
}

/// Checks a witness as it was stored and makes the development proof of its batch, whose data words
/// travel in this mode. That its entries keep every
/// rule, reading it checks; its signatures are checked here.
///
/// # Errors
/// The rule that the witness breaks, or the first signature that does not hold.
pub fn prove(witness: &[u8], data_mode: DataMode) -> Result<Vec<u8>, DevelopmentError> {
    let batch = SealedBatch::from_bytes(witness)?;
    let mut claims = Vec::with_capacity(batch.signatures.len());
    for (index, signed) in batch.signatures.iter().enumerate() {
        let wrong = |_| DevelopmentError::WrongSignature { index };
        let key = DecodedKey::new(signed.key).map_err(wrong)?;
        claims.push(Claim { key, message: signed.message, signature: signed.signature });
    }
    match verify_all(&claims).into_iter().position(|holds| !holds) {
        Some(index) => Err(DevelopmentError::WrongSignature { index }),
        None => Ok(proof_of(&PublicValues::of(&batch, data_mode))),
    }
}

/// The development proof of a batch: keccak256 over the name of such proofs and the packed public
/// inputs, then seven empty words. `contracts/src/development/` expects the same.
pub fn proof_of(values: &PublicValues) -> Vec<u8> {
    let mut keccak = Keccak256::new();
    keccak.update(PROOF_NAME);
    for input in values.to_packed_bytes() {
        keccak.update(input);
    }
    let mut proof = keccak.finalize().to_vec();
    proof.resize(PROOF_BYTES, 0);
    proof
}
