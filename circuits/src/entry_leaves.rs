//! The leaf circuits for entries: one whose rows have the entries, or two that verify proofs over
//! tables.

use std::sync::OnceLock;

use sheaf_ledger::batch::SealedBatch;
use sheaf_plonk::proof::{Circuit, Proof};

use crate::entry::circuit::EntryCircuit;
use crate::entry_chunks::{EntryChunks, EntrySizes};
use crate::entry_tables::circuit::EntryTablesCircuit;
use crate::error::Error;

/// Which of two leaf circuits over tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeafSize {
    /// The circuit for a last chunk of few entries.
    Small,
    /// The circuit for every other chunk.
    Full,
}

/// The leaf circuits. Each is built once, at its first use.
pub(crate) struct EntryLeaves {
    sizes: EntrySizes,
    degree_bits: usize,
    rows: OnceLock<EntryCircuit>,
    full: OnceLock<EntryTablesCircuit>,
    small: OnceLock<EntryTablesCircuit>,
}

/// A leaf circuit that is built.
enum Leaf<'a> {
    Rows(&'a EntryCircuit),
    Tables(&'a EntryTablesCircuit),
}

impl EntryLeaves {
    /// Circuits of 2^`degree_bits` rows, none of them built yet.
    pub(crate) fn new(sizes: EntrySizes, degree_bits: usize) -> Self {
        let (rows, full, small) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { sizes, degree_bits, rows, full, small }
    }

    /// The chunks of a batch's entries.
    ///
    /// # Errors
    /// `Capacity` when a transaction exceeds that of a leaf.
    pub(crate) fn chunks(&self, batch: &SealedBatch) -> Result<EntryChunks, Error> {
        EntryChunks::new(&batch.entries, &self.sizes)
    }

    /// A circuit, built if it is not. Without tables there is one, whatever the size.
    pub(crate) fn circuit(&self, size: LeafSize) -> &Circuit {
        match self.leaf(size) {
            Leaf::Rows(circuit) => &circuit.data,
            Leaf::Tables(circuit) => &circuit.data,
        }
    }

    /// Proves one chunk. The circuit verifies the proof.
    ///
    /// # Errors
    /// `UnknownStep` when the batch has no such chunk; `Capacity` when a transaction exceeds that
    /// of a leaf; the errors of the circuit's `prove`.
    pub(crate) fn prove(&self, batch: &SealedBatch, chunk: usize) -> Result<Proof, Error> {
        let chunks = self.chunks(batch)?;
        let range = chunks.range(chunk).ok_or(Error::UnknownStep)?;
        let entries = batch.entry_chunk(range).ok_or(Error::UnknownStep)?;
        let is_small = chunks.small() == Some(chunk);
        match self.leaf(if is_small { LeafSize::Small } else { LeafSize::Full }) {
            Leaf::Rows(circuit) => circuit.prove(&entries.before, &entries.touches),
            Leaf::Tables(circuit) => circuit.prove(&entries),
        }
    }

    fn leaf(&self, size: LeafSize) -> Leaf<'_> {
        let built = |heights| EntryTablesCircuit::build(heights, self.degree_bits);
        match (self.sizes, size) {
            (EntrySizes::Rows(capacity), _) => {
                Leaf::Rows(self.rows.get_or_init(|| EntryCircuit::build(capacity)))
            }
            (EntrySizes::Tables(tables), LeafSize::Full) => {
                Leaf::Tables(self.full.get_or_init(|| built(tables.full)))
            }
            (EntrySizes::Tables(tables), LeafSize::Small) => {
                Leaf::Tables(self.small.get_or_init(|| built(tables.small)))
            }
        }
    }
}
