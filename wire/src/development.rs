//! Development proofs: a batch whose witness was checked rather than proven.
//!
//! Development proofs are for devnets and for tests that need hundreds of batches. Only a contract
//! that was deployed for development accepts them. Sequencer and contract each check that the chain
//! is a local test chain. A development proof has the form of a Groth16 proof, eight words: the
//! first is the hash of its claim, the other seven are zero.

use sha3::{Digest, Keccak256};
use sheaf_crypto::key::DecodedKey;
use sheaf_crypto::signature_batch::{Claim, verify_all};
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::public_values::PublicValues;
use sheaf_ledger::rule_error::RuleError;
use thiserror::Error;

use crate::step::{ProofStep, TreeStep};

/// The value in place of the circuits' digest. No real circuits have this digest.
pub const CIRCUITS: [u8; 32] = *b"sheaf development, no circuits  ";

/// Bytes of a development proof: as many as L1 expects of a Groth16 proof.
pub const PROOF_BYTES: usize = 256;

/// The bytes that a development proof hashes before the public inputs.
pub const PROOF_NAME: &[u8] = b"Sheaf development proof";

/// Why a batch gets no development proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DevelopmentError {
    #[error(transparent)]
    Rule(#[from] RuleError),
    #[error("signature {index} of the batch does not fit its key and message")]
    WrongSignature { index: usize },
}

/// The only step of a development proof: `wrap`, which needs no other proof.
pub fn steps() -> Vec<TreeStep> {
    vec![TreeStep { step: ProofStep::Wrap, needs: Vec::new() }]
}

/// Checks a stored witness and makes the development proof of its batch, whose data words have
/// this reference on L1. Reading the witness checks every rule of its entries; this function checks its signatures.
///
/// # Errors
/// `Rule` with the rule that the witness breaks; `WrongSignature` with the index of the first
/// signature that is not valid.
pub fn prove(witness: &[u8], data_reference: DataReference) -> Result<Vec<u8>, DevelopmentError> {
    let batch = SealedBatch::from_bytes(witness)?;
    let mut claims = Vec::with_capacity(batch.signatures.len());
    for (index, signed) in batch.signatures.iter().enumerate() {
        let wrong = |_| DevelopmentError::WrongSignature { index };
        let key = DecodedKey::new(signed.key).map_err(wrong)?;
        claims.push(Claim { key, message: signed.message, signature: signed.signature });
    }
    match verify_all(&claims).into_iter().position(|is_valid| !is_valid) {
        Some(index) => Err(DevelopmentError::WrongSignature { index }),
        None => Ok(proof_of(&PublicValues::of(&batch, data_reference))),
    }
}

/// The development proof of a batch, `PROOF_BYTES` bytes: keccak256 over `PROOF_NAME` and the
/// packed public inputs, then seven words of zeros. The contract in `contracts/src/development/`
/// expects the same.
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
