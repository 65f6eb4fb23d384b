//! The leaf circuits of all three kinds behind one interface, which proves a chunk of any kind.

use std::sync::OnceLock;

use sheaf_crypto::hash::Digest;
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::binding::{Challenge, Evaluation, challenge, evaluate};
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::limits::{DATA_WORDS_MAX, L1_WORDS_MAX};
use sheaf_ledger::machine::Machine;
use sheaf_plonk::proof::{Circuit, Proof};
use sheaf_wire::LeafKind;

use crate::batch::BatchStatement;
use crate::data::chain_walk::STEPS;
use crate::data::{self, DataCircuit};
use crate::entry::circuit::EntryCircuit;
use crate::entry_chunks::EntrySizes;
use crate::entry_leaves::{EntryLeaves, LeafSize};
use crate::error::Error;
use crate::kinds::Kinds;
use crate::proof_tree::LeafProofs;
use crate::segment::Segment;
use crate::signature::circuit::SignatureCircuit;
use crate::sizes::{CircuitSizes, EntryLeafSizes, KindSize};

/// A batch and the point at which its words are evaluated.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// The batch.
    pub batch: &'a SealedBatch,
    /// The point z, which depends on the data reference.
    pub z: Challenge,
}

impl<'a> Work<'a> {
    /// The work on a batch whose data words have this reference on L1.
    pub fn new(batch: &'a SealedBatch, data_reference: DataReference) -> Self {
        Self { batch, z: challenge(&batch.header(data_reference)) }
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

/// The leaf circuits of all kinds. Each circuit is built once, at its first use.
pub struct Leaves {
    capacities: Kinds<usize>,
    entry: EntryLeaves,
    /// Whether signatures have a circuit, because no leaf of entries proves them.
    has_signatures: bool,
    signature: OnceLock<SignatureCircuit>,
    data: OnceLock<DataCircuit>,
}

impl Leaves {
    /// Circuits of these sizes, none of them built yet.
    ///
    /// # Errors
    /// `TooSmall` when a circuit has no room for a single item; `Unjoined` for tables without a
    /// level of joins.
    pub fn new(sizes: &CircuitSizes) -> Result<Self, Error> {
        let capacity = |kind, KindSize { degree_bits, levels: _ }| match degree_bits {
            bits if capacity_for(kind, bits) == 0 => Err(Error::TooSmall { degree_bits }),
            bits => Ok(capacity_for(kind, bits)),
        };
        let rows = capacity(LeafKind::Entry, sizes.entry)?;
        let (entry_sizes, signature) = match sizes.entry_leaves {
            EntryLeafSizes::Rows { signature } => {
                (EntrySizes::Rows(rows), capacity(LeafKind::Signature, signature)?)
            }
            EntryLeafSizes::Tables(_) if sizes.entry.levels == 0 => return Err(Error::Unjoined),
            // An entry owes one signature at most.
            EntryLeafSizes::Tables(tables) => {
                let entries = EntrySizes::Tables(tables);
                (entries, entries.least())
            }
        };
        let data = capacity(LeafKind::Data, sizes.data)?;
        let capacities = Kinds { entry: entry_sizes.least(), signature, data };
        let has_signatures = sizes.of(LeafKind::Signature).is_some();
        let entry = EntryLeaves::new(entry_sizes, sizes.entry.degree_bits);
        let (signature, data) = (OnceLock::new(), OnceLock::new());
        Ok(Self { capacities, entry, has_signatures, signature, data })
    }

    /// The circuit of a kind, built if it is not.
    pub fn circuit(&self, kind: LeafKind) -> &Circuit {
        match kind {
            LeafKind::Entry => self.entry.circuit(LeafSize::Full),
            LeafKind::Signature => &self.signature().data,
            LeafKind::Data => &self.data().circuit,
        }
    }

    /// The circuit for a last chunk of few entries, built if it is not; where the leaves are not
    /// over tables, the circuit of every chunk.
    pub fn small_entry(&self) -> &Circuit {
        self.entry.circuit(LeafSize::Small)
    }

    /// The items that every chunk of a kind has room for. Signatures that the leaves of entries
    /// prove have the room of these entries.
    pub const fn capacity(&self, kind: LeafKind) -> usize {
        *self.capacities.get(kind)
    }

    fn signature(&self) -> &SignatureCircuit {
        self.signature.get_or_init(|| SignatureCircuit::build(self.capacities.signature))
    }

    fn data(&self) -> &DataCircuit {
        self.data.get_or_init(|| DataCircuit::build(self.capacities.data))
    }

    /// The leaf proofs of a batch. A kind without items still has one, which proves that there are
    /// none; a kind without circuits has none.
    ///
    /// # Errors
    /// `Capacity` when a transaction exceeds that of a leaf.
    pub fn proofs(&self, batch: &SealedBatch) -> Result<LeafProofs, Error> {
        let chunks = self.entry.chunks(batch)?;
        let items = batch.data_words.len() + batch.l1_words.len();
        let leaves = |kind, items: usize| items.div_ceil(self.capacity(kind)).max(1);
        let signatures =
            self.has_signatures.then(|| leaves(LeafKind::Signature, batch.signatures.len()));
        let counts = Kinds {
            entry: chunks.ends().len().max(1),
            signature: signatures.unwrap_or(0),
            data: leaves(LeafKind::Data, items),
        };
        Ok(LeafProofs { counts, small_entry: chunks.small() })
    }

    /// Proves one chunk. The circuit verifies the proof; what the proof states is not compared here
    /// with the chunk's segment.
    ///
    /// # Errors
    /// `UnknownStep` when the batch has no such chunk; `Capacity` when a transaction exceeds that
    /// of a leaf; the errors of the circuit's `prove`.
    pub fn prove(&self, work: &Work<'_>, kind: LeafKind, chunk: usize) -> Result<Proof, Error> {
        let capacity = self.capacity(kind);
        match kind {
            LeafKind::Entry => self.entry.prove(work.batch, chunk),
            LeafKind::Signature => {
                let chunks = work.batch.signature_chunks(capacity);
                let chunk = chunks.get(chunk).ok_or(Error::UnknownStep)?;
                self.signature().prove(chunk)
            }
            LeafKind::Data => {
                let chunks = work.batch.data_chunks(capacity, work.z);
                self.data().prove(chunks.get(chunk).ok_or(Error::UnknownStep)?)
            }
        }
    }

    /// The segment of each chunk of a kind, in order.
    ///
    /// # Errors
    /// `Capacity` when a transaction exceeds that of a leaf.
    pub fn segments(&self, work: &Work<'_>, kind: LeafKind) -> Result<Vec<Segment>, Error> {
        let capacity = self.capacity(kind);
        Ok(match kind {
            LeafKind::Entry => {
                let chunks = self.entry.chunks(work.batch)?;
                let machines = work.batch.entry_machines(chunks.ends());
                let proven = |machine: Machine| {
                    if self.has_signatures { machine } else { machine.without_signatures() }
                };
                let ends: Vec<Digest> =
                    machines.into_iter().map(|machine| proven(machine).digest()).collect();
                ends.windows(2).map(|pair| Segment { from: pair[0], to: pair[1] }).collect()
            }
            LeafKind::Signature => {
                let chunks = work.batch.signature_chunks(capacity);
                chunks.iter().map(|chunk| Segment { from: chunk.before, to: chunk.after }).collect()
            }
            LeafKind::Data => {
                let chunks = work.batch.data_chunks(capacity, work.z);
                chunks
                    .iter()
                    .map(|c| Segment { from: c.before.digest(), to: c.after.digest() })
                    .collect()
            }
        })
    }
}

/// The rows of the smallest leaf circuit, as a power of two. In smaller circuits the fixed rows
/// leave room for few items or none.
const MIN_DEGREE_BITS: usize = 8;

/// The items of a kind that fit into 2^`degree_bits` rows, at most as many as a batch can have; 0
/// when the rows are too few.
pub fn capacity_for(kind: LeafKind, degree_bits: usize) -> usize {
    if degree_bits < MIN_DEGREE_BITS {
        return 0;
    }
    let (fits, most) = match kind {
        LeafKind::Entry => (EntryCircuit::capacity_for(degree_bits), DATA_WORDS_MAX),
        LeafKind::Signature => (SignatureCircuit::capacity_for(degree_bits), DATA_WORDS_MAX),
        LeafKind::Data => {
            // The circuit has whole rows of steps.
            let most = (DATA_WORDS_MAX + L1_WORDS_MAX).next_multiple_of(STEPS as u32);
            (data::capacity_for(degree_bits).unwrap_or(0), most)
        }
    };
    fits.min(most as usize)
}
