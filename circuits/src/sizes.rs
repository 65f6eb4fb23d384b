//! The sizes of the circuits, which decide how much one batch may contain.

use sheaf_wire::LeafKind;

/// The size of one kind's circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindSize {
    /// Rows of the leaf circuit, as a power of two.
    pub degree_bits: usize,
    /// Levels of joins above the leaves.
    pub levels: u32,
}

/// The heights of the tables of a chunk of entries, as powers of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heights {
    /// Entries of a chunk.
    pub entries: usize,
    /// Touched slots of a chunk at most.
    pub slots: usize,
    /// Nodes above touched slots at most.
    pub tree: usize,
    /// Permutations at most.
    pub permutations: usize,
    /// Signatures of a chunk at most.
    pub signatures: usize,
    /// Steps of scalar multiplications at most, 21 for each signature.
    pub ladder: usize,
}

/// The heights of the tables under the two circuits for entries. Both circuits have one shape, so
/// that one join takes proofs of both: 2^`degree_bits` rows, and one set of gates, because FRI
/// folds both from height to height by the same steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSizes {
    /// Heights for a last chunk of few entries.
    pub small: Heights,
    /// Heights for every other chunk.
    pub full: Heights,
}

/// What proves a chunk of entries, and the signatures that the entries owe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryLeafSizes {
    /// One leaf circuit has all entries of a chunk in its rows. Signatures have circuits of this
    /// size of their own.
    Rows { signature: KindSize },
    /// Two leaf circuits, which need a level of joins, verify proofs over tables. The tables have
    /// the signatures, too.
    Tables(TableSizes),
}

/// The sizes of all circuits, which decide the whole tree of circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitSizes {
    /// Rows and joins of the circuits for entries.
    pub entry: KindSize,
    /// What these leaf circuits are.
    pub entry_leaves: EntryLeafSizes,
    /// Rows and joins of the circuits for words.
    pub data: KindSize,
}

impl CircuitSizes {
    /// Rows and joins of a kind's circuits; `None` for a kind without circuits.
    pub const fn of(&self, kind: LeafKind) -> Option<KindSize> {
        match (kind, self.entry_leaves) {
            (LeafKind::Entry, _) => Some(self.entry),
            (LeafKind::Signature, EntryLeafSizes::Rows { signature }) => Some(signature),
            (LeafKind::Signature, EntryLeafSizes::Tables(_)) => None,
            (LeafKind::Data, _) => Some(self.data),
        }
    }

    /// The tables under the leaf circuits for entries, if there are tables.
    pub const fn tables(&self) -> Option<TableSizes> {
        match self.entry_leaves {
            EntryLeafSizes::Rows { .. } => None,
            EntryLeafSizes::Tables(tables) => Some(tables),
        }
    }
}

/// Sizes for production: up to 27 leaves of entries, each of 1,268 to 8,192 with at most 3,120
/// signatures, and 9 leaves of 4,812 words, more than the words of six blobs need
/// (docs/decisions/0014-blobs.md, docs/decisions/0017-tables.md).
pub const PRODUCTION: CircuitSizes = CircuitSizes {
    entry: KindSize { degree_bits: 15, levels: 3 },
    entry_leaves: EntryLeafSizes::Tables(TableSizes {
        small: Heights {
            entries: 9,
            slots: 9,
            tree: 12,
            permutations: 13,
            signatures: 9,
            ladder: 12,
        },
        full: Heights {
            entries: 13,
            slots: 13,
            tree: 16,
            permutations: 17,
            signatures: 13,
            ladder: 16,
        },
    }),
    data: KindSize { degree_bits: 14, levels: 2 },
};

/// Sizes for development and demonstrations: batches of a few transactions, proven on one machine.
pub const SMALL: CircuitSizes = CircuitSizes {
    entry: KindSize { degree_bits: 12, levels: 1 },
    entry_leaves: EntryLeafSizes::Rows { signature: KindSize { degree_bits: 12, levels: 1 } },
    data: KindSize { degree_bits: 12, levels: 0 },
};
