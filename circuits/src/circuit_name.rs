//! The circuits below the outer one, by name.

use std::fmt;

use sheaf_wire::{LeafKind, ProofStep};

use crate::kinds::Kinds;
use crate::sizes::CircuitSizes;

/// The name of one circuit of a tree; its text is used in messages and on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CircuitName {
    /// `entry`: proves chunks of one kind.
    Leaf(LeafKind),
    /// `entry-small`: proves a last chunk of few entries, where the leaves of entries are over
    /// tables.
    SmallEntry,
    /// `join-entry-0`: joins proofs of the level below; level 0 joins leaves.
    Join { kind: LeafKind, level: u32 },
    /// `batch`: the kinds agree.
    Batch,
}

impl CircuitName {
    /// All circuits of a tree, each after the circuits whose proofs it verifies.
    pub fn all(sizes: &CircuitSizes) -> Vec<Self> {
        let kinds = Kinds::<()>::ALL.into_iter();
        let kinds = kinds.filter_map(|kind| sizes.of(kind).map(|size| (kind, size)));
        let leaves = kinds.clone().map(|(kind, _)| Self::Leaf(kind));
        let leaves = leaves.chain(sizes.tables().map(|_| Self::SmallEntry));
        let joins = kinds
            .flat_map(|(kind, size)| (0..size.levels).map(move |level| Self::Join { kind, level }));
        leaves.chain(joins).chain([Self::Batch]).collect()
    }

    /// The circuit that proves a step where no other does, too; `None` for the wrap. A chunk of
    /// entries may be the small circuit's (`ProofTree::circuit`).
    pub const fn of(step: ProofStep) -> Option<Self> {
        match step {
            ProofStep::Leaf { kind, chunk: _ } => Some(Self::Leaf(kind)),
            ProofStep::Join { kind, level, index: _ } => Some(Self::Join { kind, level }),
            ProofStep::Batch => Some(Self::Batch),
            ProofStep::Wrap => None,
        }
    }

    /// The circuit of a kind at a height: 0 for the leaf, 1 for the lowest join.
    pub const fn at_height(kind: LeafKind, height: u32) -> Self {
        match height.checked_sub(1) {
            None => Self::Leaf(kind),
            Some(level) => Self::Join { kind, level },
        }
    }
}

impl fmt::Display for CircuitName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leaf(kind) => write!(formatter, "{kind}"),
            Self::SmallEntry => formatter.write_str("entry-small"),
            Self::Join { kind, level } => write!(formatter, "join-{kind}-{level}"),
            Self::Batch => formatter.write_str("batch"),
        }
    }
}
