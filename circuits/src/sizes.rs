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

/// The sizes of all kinds' circuits, which decide the whole tree of circuits.
pub type CircuitSizes = Kinds<KindSize>;

/// Sizes for production: up to 81 leaves of 419 entries, 27 leaves of 1,149 signatures and 9 leaves
/// of 4,812 words, more than the words of six blobs need (docs/decisions/0014-blobs.md).
pub const PRODUCTION: CircuitSizes = Kinds {
    entry: KindSize { degree_bits: 15, levels: 4 },
    signature: KindSize { degree_bits: 15, levels: 3 },
    data: KindSize { degree_bits: 14, levels: 2 },
};

/// Sizes for development and demonstrations: batches of a few transactions, proven on one machine.
pub const SMALL: CircuitSizes = Kinds {
    entry: KindSize { degree_bits: 12, levels: 1 },
    signature: KindSize { degree_bits: 12, levels: 1 },
    data: KindSize { degree_bits: 12, levels: 0 },
};
