//! Leaf circuits behind one face: what a chunk of any kind is proven by.

use plonky2::plonk::circuit_data::VerifierCircuitData;
use sheaf_jobs::LeafKind;
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::binding::{Challenge, Evaluation, challenge, evaluate};
use sheaf_ledger::limits::{DATA_WORDS_MAX, L1_WORDS_MAX};

use crate::batch::BatchStatement;
use crate::data::{self, DataCircuit};
use crate::entry::circuit::EntryCircuit;
use crate::error::Error;
use crate::kinds::Kinds;
use crate::proof::{C, Circuit, D, F, Path, Proof};
use crate::signature::circuit::SignatureCircuit;

/// A batch and the point at which its words are evaluated.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// The batch.
    pub batch: &'a SealedBatch,
    /// z, which depends on where the data words are published.
    pub z: Challenge,
}

impl<'a> Work<'a> {
    /// The work on a batch whose data words are published as calldata.
    pub fn calldata(batch: &'a SealedBatch) -> Self {
        Self { batch, z: challenge(&batch.calldata_header()) }
    }

    /// The evaluation of all words at z.
    pub fn evaluation(&self) -> Evaluation {
        evaluate(&self.batch.l1_words, &self.batch.data_words, &self.z)
    }

    /// What the batch proof states.
    pub fn statement(&self) -> BatchStatement {
        let Self { batch, z } = *self;
        BatchStatement { before: batch.before, after: batch.after, z, y: self.evaluation() }
    }
}

/// The leaf circuits of all kinds.
pub struct Leaves {
    entry: EntryCircuit,
    signature: SignatureCircuit,
    data: DataCircuit,
}

impl Leaves {
    /// Builds one circuit of each kind, of 2^`degree_bits` rows.
    ///
    /// # Errors
    /// `TooSmall` when a circuit would hold nothing.
    pub fn build(degree_bits: Kinds<usize>, mut progress: impl FnMut(&str)) -> Result<Self, Error> {
        let items = degree_bits.map(|kind, bits| (capacity_for(kind, bits), bits));
        let nonzero = |(items, degree_bits): (usize, usize)| {
            if items == 0 { Err(Error::TooSmall { degree_bits }) } else { Ok(items) }
        };
        let Kinds { entry, signature, data } = items;
        let [entry, signature, data] = [nonzero(entry)?, nonzero(signature)?, nonzero(data)?];
        progress("entry");
        let entry = EntryCircuit::build(entry);
        progress("signature");
        let signature = SignatureCircuit::build(signature);
        progress("data");
        let data = DataCircuit::build(data);
        Ok(Self { entry, signature, data })
    }

    /// The circuit of a kind.
    pub const fn circuit(&self, kind: LeafKind) -> &Circuit {
        match kind {
            LeafKind::Entry => &self.entry.data,
            LeafKind::Signature => &self.signature.data,
            LeafKind::Data => &self.data.circuit,
        }
    }

    /// The verifier data of a kind.
    pub fn verifier_data(&self, kind: LeafKind) -> VerifierCircuitData<F, C, D> {
        self.circuit(kind).verifier_data()
    }

    /// Items of a chunk of a kind.
    pub fn capacity(&self, kind: LeafKind) -> usize {
        match kind {
            LeafKind::Entry => self.entry.capacity(),
            LeafKind::Signature => self.signature.capacity(),
            LeafKind::Data => self.data.capacity(),
        }
    }

    /// Proves one chunk. The proof is not verified here.
    ///
    /// # Errors
    /// `UnknownStep` when there is no such chunk; the circuit's own.
    pub fn prove(&self, work: &Work<'_>, kind: LeafKind, chunk: usize) -> Result<Proof, Error> {
        let capacity = self.capacity(kind);
        match kind {
            LeafKind::Entry => {
                let chunks = work.batch.entry_chunks(capacity);
                let chunk = chunks.get(chunk).ok_or(Error::UnknownStep)?;
                self.entry.prove(&chunk.before, &chunk.touches)
            }
            LeafKind::Signature => {
                let chunks = work.batch.signature_chunks(capacity);
                let chunk = chunks.get(chunk).ok_or(Error::UnknownStep)?;
                self.signature.prove(chunk)
            }
            LeafKind::Data => {
                let chunks = work.batch.data_chunks(capacity, work.z);
                self.data.prove(chunks.get(chunk).ok_or(Error::UnknownStep)?)
            }
        }
    }

    /// The path that each chunk of a kind proves, in order.
    pub fn paths(&self, work: &Work<'_>, kind: LeafKind) -> Vec<Path> {
        let capacity = self.capacity(kind);
        match kind {
            LeafKind::Entry => {
                let chunks = work.batch.entry_chunks(capacity);
                chunks
                    .iter()
                    .map(|c| Path { from: c.before.digest(), to: c.after.digest() })
                    .collect()
            }
            LeafKind::Signature => {
                let chunks = work.batch.signature_chunks(capacity);
                chunks.iter().map(|chunk| Path { from: chunk.before, to: chunk.after }).collect()
            }
            LeafKind::Data => {
                let chunks = work.batch.data_chunks(capacity, work.z);
                chunks
                    .iter()
                    .map(|c| Path { from: c.before.digest(), to: c.after.digest() })
                    .collect()
            }
        }
    }
}

/// Below this the circuits' fixed rows fill a leaf.
const MIN_DEGREE_BITS: usize = 8;

/// Items of a kind that fit into 2^`degree_bits` rows, and no more than a batch can have; 0 when
/// the rows are too few.
pub fn capacity_for(kind: LeafKind, degree_bits: usize) -> usize {
    if degree_bits < MIN_DEGREE_BITS {
        return 0;
    }
    let (fits, most) = match kind {
        LeafKind::Entry => (EntryCircuit::capacity_for(degree_bits), DATA_WORDS_MAX),
        LeafKind::Signature => (SignatureCircuit::capacity_for(degree_bits), DATA_WORDS_MAX),
        LeafKind::Data => {
            (data::capacity_for(degree_bits).unwrap_or(0), DATA_WORDS_MAX + L1_WORDS_MAX)
        }
    };
    fits.min(most as usize)
}
