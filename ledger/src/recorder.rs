//! The recorder: runs entries one by one and keeps, for each entry, the leaf and the path before
//! that entry. The result is the witness of the entry circuit. The state before the batch stays
//! unchanged.
//!
//! An entry that changes a leaf hashes that leaf's way to the root once. `SealedBatch::update`
//! checks that the resulting root equals the root of one batched update of the tree.

use sheaf_crypto::hash::{Digest, hash_node};
use std::collections::{BTreeMap, HashMap};

use crate::apply::Touch;
use crate::domain::Domain;
use crate::entry::Entry;
use crate::limits::TREE_DEPTH;
use crate::machine::Machine;
use crate::rule_error::RuleError;
use crate::slot::{Leaf, leaf_digest};
use crate::step::Stepped;
use crate::tree::SlotTree;

/// The state before a batch: all of it, or the part that the batch touches.
pub trait StateView {
    /// The root of the slot tree.
    fn root(&self) -> Digest;

    /// The index that the next Open takes.
    fn next_slot(&self) -> u64;

    /// The leaf of a slot.
    ///
    /// # Errors
    /// `SlotNotRecorded` if the view does not contain the slot.
    fn leaf(&self, slot: u32) -> Result<Leaf, RuleError>;

    /// The node at `height` above the leaves, `index` from the left. A view may panic for a node
    /// that is not a sibling on the path of a slot in the view.
    fn node(&self, height: usize, index: u32) -> Digest;
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

/// Runs the entries of a batch over a view of the state before the batch.
#[derive(Debug, Clone)]
pub struct Recorder<'a, V> {
    view: &'a V,
    before: Machine,
    machine: Machine,
    touches: Vec<Touch>,
    /// Every leaf touched so far, as it is after the last entry.
    leaves: BTreeMap<u32, Leaf>,
    /// Every node changed so far, as it is after the last entry, by height and index.
    nodes: HashMap<(usize, u32), Digest>,
}

/// Entries that satisfy the rules and are not committed yet, with their results.
pub(crate) struct Rehearsed {
    steps: Vec<(Entry, Leaf, Stepped)>,
    machine: Machine,
}

impl Rehearsed {
    /// The machine after the entries, except for its root, which is that before the entries.
    pub(crate) const fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(crate) fn stepped(&self) -> impl Iterator<Item = &Stepped> {
        self.steps.iter().map(|(_, _, stepped)| stepped)
    }
}

impl<'a, V: StateView> Recorder<'a, V> {
    /// A recorder before the first entry of a batch. `timestamp` is the batch's time, in Unix
    /// seconds.
    pub fn new(view: &'a V, domain: Domain, timestamp: u32) -> Self {
        let before = Machine::start(view.root(), view.next_slot(), domain, timestamp);
        let (touches, leaves, nodes) = (Vec::new(), BTreeMap::new(), HashMap::new());
        Self { view, before, machine: before, touches, leaves, nodes }
    }

    /// The machine before the first entry.
    pub const fn before(&self) -> &Machine {
        &self.before
    }

    /// The machine after the last entry.
    pub const fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Every entry with its leaf and path, in order, and every touched slot with its leaf after the
    /// last entry. The touched slots are the update that the tree needs.
    pub fn finish(self) -> (Vec<Touch>, BTreeMap<u32, Leaf>) {
        (self.touches, self.leaves)
    }

    /// The leaf of a slot after the last entry.
    ///
    /// # Errors
    /// `SlotNotRecorded` if the view does not contain the slot.
    pub fn leaf(&self, slot: u32) -> Result<Leaf, RuleError> {
        self.leaves.get(&slot).map_or_else(|| self.view.leaf(slot), |leaf| Ok(*leaf))
    }

    /// Runs entries without changing the recorder.
    ///
    /// # Errors
    /// The errors of `Machine::step` and `leaf`.
    pub(crate) fn rehearse(&self, entries: &[Entry]) -> Result<Rehearsed, RuleError> {
        let mut machine = self.machine;
        let mut leaves: HashMap<u32, Leaf> = HashMap::new();
        let mut steps = Vec::with_capacity(entries.len());
        for entry in entries {
            let slot = entry.slot();
            let leaf = leaves.get(&slot).map_or_else(|| self.leaf(slot), |leaf| Ok(*leaf))?;
            let stepped = machine.step(entry, &leaf)?;
            leaves.insert(slot, stepped.leaf);
            steps.push((*entry, leaf, stepped));
        }
        Ok(Rehearsed { steps, machine })
    }

    /// Keeps the entries that were run, and updates the root entry by entry.
    pub(crate) fn commit(&mut self, rehearsed: Rehearsed) {
        let mut root = self.machine.root;
        for (entry, leaf, stepped) in rehearsed.steps {
            let slot = entry.slot();
            let siblings = Box::new(core::array::from_fn(|height| {
                let index = (slot >> height) ^ 1;
                let changed = self.nodes.get(&(height, index)).copied();
                changed.unwrap_or_else(|| self.view.node(height, index))
            }));
            if stepped.leaf != leaf {
                root = self.write_path(slot, leaf_digest(&stepped.leaf), &siblings);
            }
            self.leaves.insert(slot, stepped.leaf);
            self.touches.push(Touch { entry, leaf, siblings });
        }
        self.machine = Machine { root, ..rehearsed.machine };
    }

    fn write_path(&mut self, slot: u32, leaf: Digest, siblings: &[Digest; TREE_DEPTH]) -> Digest {
        siblings.iter().enumerate().fold(leaf, |node, (height, sibling)| {
            let index = slot >> height;
            self.nodes.insert((height, index), node);
            let (left, right) = if index & 1 == 1 { (sibling, &node) } else { (&node, sibling) };
            hash_node(left, right)
        })
    }
}
