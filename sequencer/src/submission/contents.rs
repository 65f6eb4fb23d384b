//! What a batch's transaction brings to L1: the call of the contract, and blobs.

use alloy::eips::eip7594::BlobTransactionSidecarEip7594;
use alloy::primitives::{B256, U256, keccak256};
use alloy::sol_types::SolCall;
use rayon::prelude::*;
use sheaf_contracts::blobs;
use sheaf_ledger::binding::{BatchHeader, challenge};
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::word::Word;

use crate::l1::{ISheaf, Sheaf};
use crate::store::{Published, SealedRow};

/// Bytes of a Groth16 proof as the contract takes it: eight numbers of 32 bytes.
const PROOF_BYTES: usize = 256;

/// The call that finalises a batch, and the blobs of its transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contents {
    /// The call of the contract, ABI-encoded.
    pub input: Vec<u8>,
    /// The blobs with commitments and cell proofs; `None` for data words in calldata.
    pub sidecar: Option<BlobTransactionSidecarEip7594>,
}

/// The parts of a batch from which its transaction is made.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub row: SealedRow,
    pub published: Published,
    /// The final proof.
    pub proof: Vec<u8>,
}

impl Parts {
    /// The batch's transaction without nonce, gas and fees; `None` when a part is malformed.
    /// Committing to blobs, proving their cells and opening them takes some 250 ms of a core for
    /// each.
    pub(super) fn contents(self) -> Option<Contents> {
        let Self { row, published, proof } = self;
        let proof: &[u8; PROOF_BYTES] = proof.as_slice().try_into().ok()?;
        let (words, []) = proof.as_chunks::<32>() else { return None };
        let proof = std::array::from_fn(|index| U256::from_be_bytes(words[index]));
        let batch = ISheaf::Batch {
            number: row.number,
            postState: row.post_state.to_bytes().into(),
            chains: published.chains.to_bytes().into(),
            timestamp: row.timestamp,
        };
        match row.data_mode {
            DataMode::Calldata => {
                let Published { data_words, l1_words, .. } = published;
                let (l1_words, data) = (l1_words.into(), data_words.into());
                let call = Sheaf::finaliseCall { batch, l1Words: l1_words, data, proof };
                Some(Contents { input: call.abi_encode(), sidecar: None })
            }
            DataMode::Blobs => {
                let words = Word::stream(&published.data_words)?;
                let sidecar = blobs::sidecar(blobs::of_words(&words));
                let hashes: Vec<B256> = sidecar.versioned_hashes().collect();
                let point = point(&row, &published, blobs::reference(&hashes));
                let committed = sidecar.blobs.par_iter().zip(&sidecar.commitments);
                let opened = committed.map(|blob| blobs::open(blob, &point)).collect();
                let l1_words = published.l1_words.into();
                let call =
                    Sheaf::finaliseBlobsCall { batch, l1Words: l1_words, blobs: opened, proof };
                Some(Contents { input: call.abi_encode(), sidecar: Some(sidecar) })
            }
        }
    }
}

/// z, the point at which the contract evaluates the words.
fn point(row: &SealedRow, published: &Published, data_reference: DataReference) -> Word {
    Word(challenge(&BatchHeader {
        data_reference,
        l1_reference: keccak256(&published.l1_words).0,
        pre: row.pre_state,
        post: row.post_state,
        chains: published.chains,
        number: row.number,
        timestamp: row.timestamp,
    }))
}
