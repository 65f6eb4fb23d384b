//! The recorder: runs entries one by one over a state that stays as it was, and keeps for each the
//! leaf and the path at its moment. This is the witness of the entry circuit.
//!
//! It hashes each path once; that the result equals the batched update of the tree is checked
//! where batches are sealed.

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

/// The state before a batch, whole or as much of it as the batch touches.
pub trait StateView {
    fn root(&self) -> Digest;

    fn next_slot(&self) -> u64;

    /// # Errors
    /// `SlotNotRecorded` where the view does not hold the slot.
    fn leaf(&self, slot: u32) -> Result<Leaf, RuleError>;

    /// The node at `height` above the leaves, `index` from the left. Asked only for nodes beside
    /// the path of a slot whose leaf the view holds.
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

/// Entries run over a view of the state before them.
#[derive(Debug, Clone)]
pub struct Recorder<'a, V> {
    view: &'a V,
    before: Machine,
    machine: Machine,
    touches: Vec<Touch>,
    /// Every leaf touched so far, as it is now.
    leaves: BTreeMap<u32, Leaf>,
    /// Every node changed so far, as it is now, by height and index.
    nodes: HashMap<(usize, u32), Digest>,
}

/// Entries that keep the rules, not yet recorded.
pub(crate) struct Planned {
    steps: Vec<(Entry, Leaf, Stepped)>,
    machine: Machine,
}

impl Planned {
    /// The machine after the entries, but for its root.
    pub(crate) const fn machine(&self) -> &Machine {
        &self.machine
    }

    pub(crate) fn stepped(&self) -> impl Iterator<Item = &Stepped> {
        self.steps.iter().map(|(_, _, stepped)| stepped)
    }
}

impl<'a, V: StateView> Recorder<'a, V> {
    /// Stands before the first entry of a batch.
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

    /// What was recorded, in order, and each slot touched with its leaf as it is now, which is the
    /// update that the tree needs.
    pub fn finish(self) -> (Vec<Touch>, BTreeMap<u32, Leaf>) {
        (self.touches, self.leaves)
    }

    /// The leaf of a slot as it is now.
    ///
    /// # Errors
    /// `SlotNotRecorded` where the view does not hold the slot.
    pub fn leaf(&self, slot: u32) -> Result<Leaf, RuleError> {
        self.leaves.get(&slot).map_or_else(|| self.view.leaf(slot), |leaf| Ok(*leaf))
    }

    /// Runs entries without keeping anything.
    ///
    /// # Errors
    /// As `Machine::step` and `leaf`.
    pub(crate) fn plan(&self, entries: &[Entry]) -> Result<Planned, RuleError> {
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
        Ok(Planned { steps, machine })
    }

    /// Keeps what was planned, and moves the root entry by entry.
    pub(crate) fn commit(&mut self, planned: Planned) {
        let mut root = self.machine.root;
        for (entry, leaf, stepped) in planned.steps {
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
        self.machine = Machine { root, ..planned.machine };
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
