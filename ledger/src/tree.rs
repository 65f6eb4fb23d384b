//! The slot tree: every slot and every node above it, in flat arrays.
//!
//! Slots have consecutive indices, so each level is a vector without holes, and every node to the
//! right of the vector is the root of an empty subtree. A batch of updates hashes each shared node
//! once. The tree has the latest state only, and does not depend on entries.

use std::sync::OnceLock;

use rayon::prelude::*;
use sheaf_crypto::hash::{Digest, hash_node, hash_nodes};

use crate::apply::Siblings;
use crate::limits::TREE_DEPTH;
use crate::rule_error::RuleError;
use crate::slot::{self, HASHES_PER_TASK, Leaf, Slot};
use crate::state_view::StateView;
use crate::tree_update::TreeUpdate;

/// A full vector grows by its length divided by this number, so that memory follows the slots.
const GROWTH_DIVISOR: usize = 8;

/// The root of an empty subtree of each height, from the unopened leaf up to the whole tree.
pub fn empty_subtrees() -> &'static [Digest; TREE_DEPTH + 1] {
    static EMPTY: OnceLock<[Digest; TREE_DEPTH + 1]> = OnceLock::new();
    EMPTY.get_or_init(|| {
        let mut empty = [Digest::ZERO; TREE_DEPTH + 1];
        for height in 0..TREE_DEPTH {
            empty[height + 1] = hash_node(&empty[height], &empty[height]);
        }
        empty
    })
}

/// The slots of a rollup under a binary Merkle tree 32 levels deep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotTree {
    slots: Vec<Slot>,
    /// By height: digests of leaves first, the root last. A level ends with its last node that is
    /// above an open slot.
    levels: Vec<Vec<Digest>>,
}

impl SlotTree {
    /// The tree before the first slot is opened.
    pub fn new() -> Self {
        Self { slots: Vec::new(), levels: vec![Vec::new(); TREE_DEPTH + 1] }
    }

    /// The tree over these slots, from index 0.
    pub fn from_slots(slots: Vec<Slot>) -> Self {
        let mut level = slot::leaves(&slots);
        let mut levels = Vec::with_capacity(TREE_DEPTH + 1);
        for empty in &empty_subtrees()[..TREE_DEPTH] {
            let parents = parents_of(&level, empty);
            levels.push(level);
            level = parents;
        }
        levels.push(level);
        Self { slots, levels }
    }

    /// The digest of the whole tree.
    pub fn root(&self) -> Digest {
        self.node(TREE_DEPTH, 0)
    }

    /// The number of open slots, which is also the index of the next slot.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether no slot is open.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// The open slots in order.
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The leaf at the index `slot`.
    pub fn get(&self, slot: u32) -> Leaf {
        self.slots.get(slot as usize).copied()
    }

    /// The node at `height` above the leaves, `index` from the left.
    ///
    /// # Panics
    /// When `height` is above 32.
    pub fn node(&self, height: usize, index: u32) -> Digest {
        let kept = self.levels[height].get(index as usize);
        kept.copied().unwrap_or(empty_subtrees()[height])
    }

    /// The path of the slot: its siblings, from the leaf's own up to the root's child.
    pub fn path(&self, slot: u32) -> Siblings {
        core::array::from_fn(|height| self.node(height, (slot >> height) ^ 1))
    }

    /// Writes the leaves and nodes of an update. Hashes nothing: making the update has hashed every
    /// node that changes.
    ///
    /// # Errors
    /// `RootMismatch` if the update was made over another tree. This tree is then unchanged.
    pub fn update(&mut self, update: &TreeUpdate) -> Result<(), RuleError> {
        let (expected, found) = (update.before(), self.root());
        if expected != found {
            return Err(RuleError::RootMismatch { expected, found });
        }
        write(&mut self.slots, update.slots());
        for (level, nodes) in self.levels.iter_mut().zip(update.levels()) {
            write(level, nodes);
        }
        Ok(())
    }
}

impl StateView for SlotTree {
    fn root(&self) -> Digest {
        self.root()
    }

    fn next_slot(&self) -> u64 {
        self.len() as u64
    }

    fn leaf(&self, slot: u32) -> Result<Leaf, RuleError> {
        Ok(self.get(slot))
    }

    fn node(&self, height: usize, index: u32) -> Digest {
        self.node(height, index)
    }
}

impl Default for SlotTree {
    fn default() -> Self {
        Self::new()
    }
}

/// The level above a whole level; `empty` completes the last pair.
fn parents_of(level: &[Digest], empty: &Digest) -> Vec<Digest> {
    let mut parents = vec![Digest::ZERO; level.len().div_ceil(2)];
    let pairs = level.len() / 2;
    level[..2 * pairs]
        .par_chunks(2 * HASHES_PER_TASK)
        .zip(parents[..pairs].par_chunks_mut(HASHES_PER_TASK))
        .for_each(|(children, parents)| hash_nodes(children, parents));
    if let (Some(parent), Some(last)) = (parents.get_mut(pairs), level.get(2 * pairs)) {
        *parent = hash_node(last, empty);
    }
    parents
}

/// Overwrites elements at ascending indices, and appends the elements beyond the end in sequence.
fn write<T: Copy>(vector: &mut Vec<T>, updates: &[(u32, T)]) {
    for &(index, value) in updates {
        match vector.get_mut(index as usize) {
            Some(element) => *element = value,
            None => {
                if vector.len() == vector.capacity() {
                    vector.reserve_exact(vector.len() / GROWTH_DIVISOR + 1);
                }
                vector.push(value);
            }
        }
    }
}
