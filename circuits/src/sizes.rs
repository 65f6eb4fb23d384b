//! The sizes of the circuits, which decide how much one batch may contain.

use crate::kinds::Kinds;

/// The size of one kind's circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindSize {
    /// Rows of the leaf circuit, as a power of two.
    pub degree_bits: usize,
    /// Levels of joins above it.
    pub levels: u32,
}

/// The sizes that decide the whole tree.
pub type CircuitSizes = Kinds<KindSize>;

/// Sizes that bear the largest batch: 4,096 entries, 2,298 signatures, 4,812 words, which is more
/// than a batch whose words go as calldata has (docs/decisions/0003-stored-circuits.md).
pub const PRODUCTION: CircuitSizes = Kinds {
    entry: KindSize { degree_bits: 15, levels: 3 },
    signature: KindSize { degree_bits: 15, levels: 1 },
    data: KindSize { degree_bits: 14, levels: 0 },
};

/// Sizes for a machine and a demonstration of a few transactions at a time.
pub const SMALL: CircuitSizes = Kinds {
    entry: KindSize { degree_bits: 12, levels: 1 },
    signature: KindSize { degree_bits: 12, levels: 1 },
    data: KindSize { degree_bits: 12, levels: 0 },
};
