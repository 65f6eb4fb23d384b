//! The sizes of the circuits, which decide how much one batch may contain.

use crate::kinds::Kinds;

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

/// The sizes of all kinds' circuits, which decide the whole tree of circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitSizes {
    /// Rows and joins of each kind.
    pub kinds: Kinds<KindSize>,
    /// The tables under the leaf circuits for entries, which then need a level of joins; `None`
    /// where one leaf circuit has all entries of a chunk in its rows.
    pub tables: Option<TableSizes>,
}

/// Sizes for production: up to 27 leaves of entries, each of 1,125 to 4,096, 27 leaves of 1,149
/// signatures and 9 leaves of 4,812 words, more than the words of six blobs need
/// (docs/decisions/0014-blobs.md, docs/decisions/0017-tables.md).
pub const PRODUCTION: CircuitSizes = CircuitSizes {
    kinds: Kinds {
        entry: KindSize { degree_bits: 15, levels: 3 },
        signature: KindSize { degree_bits: 15, levels: 3 },
        data: KindSize { degree_bits: 14, levels: 2 },
    },
    tables: Some(TableSizes {
        small: Heights { entries: 8, slots: 8, tree: 12, permutations: 13 },
        full: Heights { entries: 12, slots: 12, tree: 16, permutations: 17 },
    }),
};

/// Sizes for development and demonstrations: batches of a few transactions, proven on one machine.
pub const SMALL: CircuitSizes = CircuitSizes {
    kinds: Kinds {
        entry: KindSize { degree_bits: 12, levels: 1 },
        signature: KindSize { degree_bits: 12, levels: 1 },
        data: KindSize { degree_bits: 12, levels: 0 },
    },
    tables: None,
};
