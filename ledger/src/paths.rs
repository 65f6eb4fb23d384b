//! The paths of a sealed batch: each entry with the leaf and the path before that entry, which is
//! the witness of the entry circuit.
//!
//! Only provers need paths. An entry that changes a leaf hashes that leaf's way to the root anew,
//! 32 nodes; entries that are passed over share their nodes, as one update of the tree does.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use sheaf_crypto::hash::{Digest, hash_node};

use crate::apply::Touch;
use crate::batch::SealedBatch;
use crate::entry::Entry;
use crate::limits::TREE_DEPTH;
use crate::machine::Machine;
use crate::multiproof::PartialTree;
use crate::rule_error::RuleError;
use crate::slot::{Leaf, leaf_digest};
use crate::state_view::StateView;
use crate::step::Stepped;
use crate::tree_update::TreeUpdate;

/// The part of the slot tree that a batch touches, as it is after some of the entries.
#[derive(Debug)]
struct Current {
    before: Arc<PartialTree>,
    root: Digest,
    next_slot: u64,
    /// Every leaf touched so far.
    leaves: HashMap<u32, Leaf>,
    /// Every node changed so far, by height and index.
    nodes: HashMap<(usize, u32), Digest>,
}

impl StateView for Current {
    fn root(&self) -> Digest {
        self.root
    }

    fn next_slot(&self) -> u64 {
        self.next_slot
    }

    fn leaf(&self, slot: u32) -> Result<Leaf, RuleError> {
        self.leaves.get(&slot).map_or_else(|| self.before.leaf(slot), |leaf| Ok(*leaf))
    }

    fn node(&self, height: usize, index: u32) -> Digest {
        let changed = self.nodes.get(&(height, index)).copied();
        changed.unwrap_or_else(|| self.before.node(height, index))
    }
}

impl Current {
    /// Writes a leaf and hashes its way to the root.
    fn write(&mut self, slot: u32, leaf: Leaf, siblings: &[Digest; TREE_DEPTH]) {
        self.leaves.insert(slot, leaf);
        let digest = leaf_digest(&leaf);
        self.root = siblings.iter().enumerate().fold(digest, |node, (height, sibling)| {
            let index = slot >> height;
            self.nodes.insert((height, index), node);
            let (left, right) = if index & 1 == 1 { (sibling, &node) } else { (&node, sibling) };
            hash_node(left, right)
        });
    }

    /// Hashes the ways of leaves that were written, each node once.
    fn hash(&mut self, slots: &BTreeSet<u32>) {
        let update = TreeUpdate::new(self, slots.iter().map(|slot| (*slot, self.leaves[slot])));
        let update = update.expect("a machine opens slots one after the other, and closes none");
        for (height, level) in update.levels().iter().enumerate().take(TREE_DEPTH) {
            self.nodes.extend(level.iter().map(|(index, node)| ((height, *index), *node)));
        }
        self.root = update.root();
    }
}

/// The entries of a sealed batch in their order, from the first on.
#[derive(Debug)]
pub(crate) struct PathWalk<'a> {
    left: &'a [Entry],
    machine: Machine,
    current: Current,
}

impl<'a> PathWalk<'a> {
    /// The walk before the batch's first entry.
    pub(crate) fn new(batch: &'a SealedBatch) -> Self {
        let Machine { root, next_slot, .. } = batch.before;
        let before = batch.tree_before();
        let (leaves, nodes) = (HashMap::new(), HashMap::new());
        let current = Current { before, root, next_slot, leaves, nodes };
        Self { left: &batch.entries, machine: batch.before, current }
    }

    /// The machine before the next entry.
    pub(crate) const fn machine(&self) -> Machine {
        Machine { root: self.current.root, ..self.machine }
    }

    /// Passes over at most `count` entries without their paths.
    pub(crate) fn skip(&mut self, count: usize) {
        let mut changed = BTreeSet::new();
        for entry in self.next(count) {
            let (_, stepped) = self.step(entry);
            self.current.leaves.insert(entry.slot(), stepped.leaf);
            changed.insert(entry.slot());
        }
        self.current.hash(&changed);
        self.current.next_slot = self.machine.next_slot;
    }

    /// At most `count` entries with their paths.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Touch> {
        let touches = self.next(count).iter().map(|entry| self.touch(entry)).collect();
        self.current.next_slot = self.machine.next_slot;
        touches
    }

    fn touch(&mut self, entry: &Entry) -> Touch {
        let (slot, (leaf, stepped)) = (entry.slot(), self.step(entry));
        let siblings = Box::new(core::array::from_fn(|height| {
            self.current.node(height, (slot >> height) ^ 1)
        }));
        if stepped.leaf != leaf {
            self.current.write(slot, stepped.leaf, &siblings);
        }
        Touch { entry: *entry, leaf, siblings }
    }

    fn next(&mut self, count: usize) -> &'a [Entry] {
        let (next, left) = self.left.split_at(count.min(self.left.len()));
        self.left = left;
        next
    }

    /// The leaf before an entry, and the entry's results.
    fn step(&mut self, entry: &Entry) -> (Leaf, Stepped) {
        let leaf = self.current.leaf(entry.slot());
        let leaf = leaf.expect("the multiproof has each touched slot");
        let stepped = self.machine.step(entry, &leaf);
        (leaf, stepped.expect("the entries of a sealed batch satisfy the rules"))
    }
}
