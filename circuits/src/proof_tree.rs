//! Which proofs a batch takes, and which proofs each of these proofs needs.
//!
//! The leaves of one kind are numbered in the order of their chunks. A join takes three neighbours
//! of the level below; the last join of a level takes the rest. The batch circuit verifies the join
//! that has all leaves of a kind, of whichever level: a kind has the levels that its leaves need,
//! and at least one if it has joins at all. A kind without leaves has no proofs. This module
//! computes with counts and sizes; it uses no circuit and no proof.

use core::ops::Range;

use sheaf_wire::{LeafKind, ProofStep, TreeStep};

use crate::circuit_name::CircuitName;
use crate::error::Error;
use crate::join::ARITY;
use crate::kinds::Kinds;

/// How many items the proofs of one kind can cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindCapacity {
    /// The items that every leaf proof has room for.
    pub leaf: usize,
    /// Levels of joins.
    pub levels: u32,
}

impl KindCapacity {
    /// The items that all leaves that can be joined have room for.
    pub const fn items(&self) -> usize {
        self.leaf * leaves_below(self.levels)
    }
}

/// Adjacent leaves of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub kind: LeafKind,
    pub leaves: Range<usize>,
}

/// The leaf proofs of one batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafProofs {
    /// How many leaf proofs each kind has, at least one if the kind has circuits.
    pub counts: Kinds<usize>,
    /// The chunk of entries that the small circuit proves, if there is one.
    pub small_entry: Option<usize>,
}

/// The steps of one batch, as the leaf proofs of each kind and the height of the last join above
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProofTree {
    leaves: LeafProofs,
    heights: Kinds<u32>,
}

impl ProofTree {
    /// The steps of a batch that has these leaf proofs, by circuits with so many levels of joins.
    ///
    /// # Errors
    /// `TooManyLeaves` when a kind has more leaves than its levels of joins can join.
    pub fn new(leaves: LeafProofs, levels: Kinds<u32>) -> Result<Self, Error> {
        let height = |kind| {
            let (found, levels) = (*leaves.counts.get(kind), *levels.get(kind));
            if found == 0 {
                return Ok(0);
            }
            let limit = leaves_below(levels);
            let enough = (levels.min(1)..=levels).find(|height| found <= leaves_below(*height));
            enough.ok_or(Error::TooManyLeaves { limit, found })
        };
        let heights = Kinds {
            entry: height(LeafKind::Entry)?,
            signature: height(LeafKind::Signature)?,
            data: height(LeafKind::Data)?,
        };
        Ok(Self { leaves, heights })
    }

    /// The number of a step's circuit among those whose proofs the step that needs it takes: which
    /// leaf of entries, or which level the last join of a kind has.
    pub(crate) fn circuit_among(&self, step: ProofStep) -> usize {
        match step {
            ProofStep::Join { kind, level, .. } if level + 1 == *self.heights.get(kind) => {
                level as usize
            }
            _ => usize::from(self.circuit(step) == Some(CircuitName::SmallEntry)),
        }
    }

    /// The circuit that proves a step; `None` for the wrap and for a step that the batch does not
    /// have.
    pub fn circuit(&self, step: ProofStep) -> Option<CircuitName> {
        let small = self.leaves.small_entry;
        match step {
            _ if !self.contains(step) => None,
            ProofStep::Leaf { kind: LeafKind::Entry, chunk } if small == Some(chunk as usize) => {
                Some(CircuitName::SmallEntry)
            }
            _ => CircuitName::of(step),
        }
    }

    /// The number of leaf proofs of a kind.
    pub const fn leaves(&self, kind: LeafKind) -> usize {
        *self.leaves.counts.get(kind)
    }

    /// All steps up to the wrap, each after the steps that it needs.
    pub fn steps(&self) -> Vec<TreeStep> {
        let mut steps = Vec::new();
        for kind in Kinds::<()>::ALL {
            for height in 0..=*self.heights.get(kind) {
                let width = self.width(kind, height);
                steps.extend((0..width).map(|index| self.tree_step(node(kind, height, index))));
            }
        }
        steps.extend([ProofStep::Batch, ProofStep::Wrap].map(|step| self.tree_step(step)));
        steps
    }

    /// Whether the batch has this step.
    pub fn contains(&self, step: ProofStep) -> bool {
        match step {
            ProofStep::Leaf { kind, chunk } => chunk < self.width(kind, 0),
            ProofStep::Join { kind, level, index } => {
                level < *self.heights.get(kind) && index < self.width(kind, level + 1)
            }
            ProofStep::Batch | ProofStep::Wrap => true,
        }
    }

    /// The steps whose proofs a step needs, in order.
    ///
    /// # Errors
    /// `UnknownStep` for a step that the batch does not have.
    pub fn needs(&self, step: ProofStep) -> Result<Vec<ProofStep>, Error> {
        if self.contains(step) { Ok(self.below(step)) } else { Err(Error::UnknownStep) }
    }

    /// As `needs`, for a step of the batch.
    fn below(&self, step: ProofStep) -> Vec<ProofStep> {
        match step {
            ProofStep::Leaf { .. } => Vec::new(),
            ProofStep::Join { kind, level, index } => {
                let (start, end) = (ARITY as u32 * index, ARITY as u32 * (index + 1));
                let end = self.width(kind, level).min(end);
                (start..end).map(|below| node(kind, level, below)).collect()
            }
            ProofStep::Batch => {
                let kinds = Kinds::<()>::ALL.into_iter().filter(|kind| self.leaves(*kind) > 0);
                kinds.map(|kind| node(kind, *self.heights.get(kind), 0)).collect()
            }
            ProofStep::Wrap => vec![ProofStep::Batch],
        }
    }

    /// The leaves that a leaf proof or a join covers; `None` for the batch proof and the wrap.
    pub(crate) fn span(&self, step: ProofStep) -> Option<Span> {
        let (kind, height, index) = match step {
            ProofStep::Leaf { kind, chunk } => (kind, 0, chunk as usize),
            ProofStep::Join { kind, level, index } => (kind, level + 1, index as usize),
            ProofStep::Batch | ProofStep::Wrap => return None,
        };
        let most = leaves_below(height);
        let (first, end) = (index * most, self.leaves(kind).min((index + 1) * most));
        Some(Span { kind, leaves: first..end })
    }

    fn tree_step(&self, step: ProofStep) -> TreeStep {
        TreeStep { step, needs: self.below(step) }
    }

    /// The number of proofs of a kind at a height: 0 for leaves, 1 for the lowest joins.
    fn width(&self, kind: LeafKind, height: u32) -> u32 {
        let width = self.leaves(kind).div_ceil(leaves_below(height));
        width.try_into().expect("a batch has at most as many leaves as words")
    }
}

/// The most leaves below a node at a height: 0 for leaves, 1 for the lowest joins.
const fn leaves_below(height: u32) -> usize {
    ARITY.pow(height)
}

/// The step at a height: a leaf or a join.
const fn node(kind: LeafKind, height: u32, index: u32) -> ProofStep {
    match height.checked_sub(1) {
        None => ProofStep::Leaf { kind, chunk: index },
        Some(level) => ProofStep::Join { kind, level, index },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn tree(leaves: [usize; 3], levels: u32) -> Result<ProofTree, Error> {
        let [entry, signature, data] = leaves;
        let counts = Kinds { entry, signature, data };
        let leaves = LeafProofs { counts, small_entry: entry.checked_sub(1) };
        ProofTree::new(leaves, counts.map(|_, _| levels))
    }

    #[test]
    fn the_small_circuit_proves_its_chunk_of_entries_alone() {
        let tree = tree([2, 2, 2], 1).expect("within reach");
        let circuit = |kind, chunk| tree.circuit(ProofStep::Leaf { kind, chunk });
        assert_eq!(circuit(LeafKind::Entry, 0), Some(CircuitName::Leaf(LeafKind::Entry)));
        assert_eq!(circuit(LeafKind::Entry, 1), Some(CircuitName::SmallEntry));
        assert_eq!(circuit(LeafKind::Data, 1), Some(CircuitName::Leaf(LeafKind::Data)));
        assert_eq!(circuit(LeafKind::Entry, 2), None);
        assert_eq!(tree.circuit(ProofStep::Batch), Some(CircuitName::Batch));
        assert_eq!(tree.circuit(ProofStep::Wrap), None);
    }

    #[test]
    fn the_last_join_of_a_level_takes_what_is_left() {
        let tree = tree([7, 1, 1], 3).expect("within reach");
        let names = |step| -> Vec<String> {
            let needs = tree.needs(step).expect("a step of the batch");
            needs.iter().map(|need| need.to_string()).collect()
        };
        let join = |kind, level, index| ProofStep::Join { kind, level, index };
        assert_eq!(names(join(LeafKind::Entry, 0, 0)), ["entry-0", "entry-1", "entry-2"]);
        assert_eq!(names(join(LeafKind::Entry, 0, 1)), ["entry-3", "entry-4", "entry-5"]);
        assert_eq!(names(join(LeafKind::Entry, 0, 2)), ["entry-6"]);
        let below = ["join-entry-0-0", "join-entry-0-1", "join-entry-0-2"];
        assert_eq!(names(join(LeafKind::Entry, 1, 0)), below);
        assert_eq!(names(join(LeafKind::Signature, 0, 0)), ["signature-0"]);
        let tops = ["join-entry-1-0", "join-signature-0-0", "join-data-0-0"];
        assert_eq!(names(ProofStep::Batch), tops);
        let among = |kind, level| tree.circuit_among(join(kind, level, 0));
        assert_eq!([among(LeafKind::Entry, 0), among(LeafKind::Entry, 1)], [0, 1]);
        assert_eq!(
            tree.span(join(LeafKind::Entry, 0, 2)),
            Some(Span { kind: LeafKind::Entry, leaves: 6..7 })
        );
        assert_eq!(
            tree.span(join(LeafKind::Entry, 1, 0)),
            Some(Span { kind: LeafKind::Entry, leaves: 0..7 })
        );
        let (entry, chunk) = (LeafKind::Entry, ProofStep::Leaf { kind: LeafKind::Data, chunk: 1 });
        let above = join(LeafKind::Signature, 1, 0);
        for absent in
            [join(entry, 0, 3), join(entry, 2, 0), join(entry, 99, u32::MAX), above, chunk]
        {
            assert!(!tree.contains(absent));
            assert!(matches!(tree.needs(absent), Err(Error::UnknownStep)), "{absent}");
        }
    }

    #[test]
    fn without_levels_the_leaves_are_the_tops() {
        let tree = tree([1, 1, 1], 0).expect("one leaf each");
        let names: Vec<String> = tree.steps().iter().map(|one| one.step.to_string()).collect();
        assert_eq!(names, ["entry-0", "signature-0", "data-0", "batch", "wrap"]);
    }

    #[test]
    fn a_kind_without_leaves_has_no_proofs() {
        let tree = tree([4, 0, 1], 2).expect("within reach");
        let needs = tree.needs(ProofStep::Batch).expect("a step of the batch");
        let names: Vec<String> = needs.iter().map(|need| need.to_string()).collect();
        assert_eq!(names, ["join-entry-1-0", "join-data-0-0"]);
        assert!(tree.steps().iter().all(|one| !one.step.to_string().contains("signature")));
        let (kind, chunk) = (LeafKind::Signature, 0);
        assert!(!tree.contains(ProofStep::Leaf { kind, chunk }));
        assert!(!tree.contains(ProofStep::Join { kind, level: 0, index: 0 }));
    }

    #[test]
    fn a_batch_beyond_the_joins_is_refused() {
        let refused = tree([1, 10, 1], 2).expect_err("ten leaves");
        assert!(matches!(refused, Error::TooManyLeaves { limit: 9, found: 10 }));
        assert!(tree([1, 9, 1], 2).is_ok());
    }

    proptest! {
        /// Each proof but the last is taken exactly once, by a step behind it.
        #[test]
        fn each_proof_is_taken_once(leaves in prop::array::uniform3(1usize..28)) {
            let steps = tree(leaves, 3).expect("within reach").steps();
            let mut waiting = HashSet::new();
            for TreeStep { step, needs } in steps {
                for need in needs {
                    prop_assert!(waiting.remove(&need), "{} needs {}", step, need);
                }
                prop_assert!(waiting.insert(step));
            }
            prop_assert_eq!(waiting, HashSet::from([ProofStep::Wrap]));
        }
    }
}
