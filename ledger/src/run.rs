//! A run of entries over the state before a batch, which stays unchanged: the machine and the
//! touched leaves after each entry. Nothing is hashed above the leaves.

use std::collections::{BTreeMap, HashMap};

use crate::domain::Domain;
use crate::entry::Entry;
use crate::machine::Machine;
use crate::rule_error::RuleError;
use crate::slot::Leaf;
use crate::state_view::StateView;
use crate::step::Stepped;

/// The entries of a batch so far, over a view of the state before the batch.
#[derive(Debug, Clone)]
pub(crate) struct Run<'a, V> {
    view: &'a V,
    before: Machine,
    /// The machine after the last entry, with the root before the first.
    machine: Machine,
    /// Every leaf touched so far, as it is after the last entry.
    leaves: BTreeMap<u32, Leaf>,
}

/// Entries that satisfy the rules and are not committed yet, with their results.
pub(crate) struct Rehearsed {
    steps: Vec<(u32, Stepped)>,
    machine: Machine,
}

impl Rehearsed {
    /// The machine after the entries, with the root before the batch.
    pub(crate) const fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The results of the entries, in order.
    pub(crate) fn stepped(&self) -> impl Iterator<Item = &Stepped> {
        self.steps.iter().map(|(_, stepped)| stepped)
    }
}

impl<'a, V: StateView> Run<'a, V> {
    /// The run before the first entry of a batch. `timestamp` is the time of every entry, in Unix
    /// seconds.
    pub(crate) fn new(view: &'a V, domain: Domain, timestamp: u32) -> Self {
        let before = Machine::start(view.root(), view.next_slot(), domain, timestamp);
        Self { view, before, machine: before, leaves: BTreeMap::new() }
    }

    /// The machine before the first entry.
    pub(crate) const fn before(&self) -> &Machine {
        &self.before
    }

    /// The machine after the last entry, with the root before the first.
    pub(crate) const fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Every touched slot with its leaf after the last entry.
    pub(crate) fn finish(self) -> BTreeMap<u32, Leaf> {
        self.leaves
    }

    /// The leaf of a slot after the last entry.
    ///
    /// # Errors
    /// `SlotNotRecorded` if the view does not contain the slot.
    pub(crate) fn leaf(&self, slot: u32) -> Result<Leaf, RuleError> {
        self.leaves.get(&slot).map_or_else(|| self.view.leaf(slot), |leaf| Ok(*leaf))
    }

    /// Runs entries after those that are committed, and changes nothing.
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
            steps.push((slot, stepped));
        }
        Ok(Rehearsed { steps, machine })
    }

    /// Commits entries that were rehearsed after the last committed entry.
    pub(crate) fn commit(&mut self, rehearsed: Rehearsed) {
        self.leaves.extend(rehearsed.steps.iter().map(|(slot, stepped)| (*slot, stepped.leaf)));
        self.machine = rehearsed.machine;
    }
}
