//! A run of entries over the state before a batch, which stays unchanged: the machine and the
//! touched leaves after each entry. Nothing is hashed.

use std::collections::BTreeMap;

use crate::domain::Domain;
use crate::entry::Entry;
use crate::machine::Machine;
use crate::rule_error::RuleError;
use crate::slot::Leaf;
use crate::state_view::StateView;
use crate::step::Ruled;

/// The entries of a batch so far, over a view of the state before the batch.
#[derive(Debug, Clone)]
pub(crate) struct Run<'a, V> {
    view: &'a V,
    before: Machine,
    /// The machine after the last entry, with the root and the digests before the first.
    machine: Machine,
    /// Every leaf touched so far, as it is after the last entry.
    leaves: BTreeMap<u32, Leaf>,
}

/// Entries that satisfy the rules and are not committed yet, with their results.
pub(crate) struct Rehearsed {
    /// The result of each entry, in order.
    pub ruled: Vec<Ruled>,
    /// The machine after the entries, with the root and the digests before the batch.
    pub machine: Machine,
    /// Every touched slot, ascending, with its leaf after the entries.
    leaves: Vec<(u32, Leaf)>,
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

    /// The machine after the last entry, with the root and the digests before the first.
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

    /// Runs groups of entries after those that are committed, and changes nothing. Each group must
    /// leave no transaction running.
    ///
    /// # Errors
    /// The errors of `Machine::step` and `leaf`; `TransactionRunning` if a group's last transfer is
    /// not paid out.
    pub(crate) fn rehearse<'e>(
        &self,
        groups: impl Iterator<Item = &'e [Entry]> + Clone,
    ) -> Result<Rehearsed, RuleError> {
        let (touched, places) = places(groups.clone().flatten());
        let leaves = touched.into_iter().map(|slot| Ok((slot, self.leaf(slot)?)));
        let mut leaves: Vec<(u32, Leaf)> = leaves.collect::<Result<_, RuleError>>()?;
        let mut machine = self.machine;
        let mut ruled = Vec::with_capacity(places.len());
        let mut places = places.into_iter();
        for entries in groups {
            for (entry, place) in entries.iter().zip(places.by_ref()) {
                let (_, leaf) = &mut leaves[place];
                let one = machine.rule(entry, leaf)?;
                *leaf = one.leaf;
                ruled.push(one);
            }
            if machine.remaining != 0 {
                return Err(RuleError::TransactionRunning { remaining: machine.remaining });
            }
        }
        Ok(Rehearsed { ruled, machine, leaves })
    }

    /// Commits what was rehearsed after the last committed entry.
    pub(crate) fn commit(&mut self, rehearsed: Rehearsed) {
        let leaves = rehearsed.leaves.into_iter();
        if self.leaves.is_empty() {
            // A map of a whole ascending list is made faster than one leaf after the other.
            self.leaves = leaves.collect();
        } else {
            self.leaves.extend(leaves);
        }
        self.machine = rehearsed.machine;
    }
}

/// The slots that entries touch, ascending, and for each entry the place of its slot among them.
fn places<'a>(entries: impl Iterator<Item = &'a Entry>) -> (Vec<u32>, Vec<usize>) {
    let mut by_slot: Vec<(u32, usize)> =
        entries.enumerate().map(|(index, entry)| (entry.slot(), index)).collect();
    by_slot.sort_unstable();
    let (mut touched, mut places) = (Vec::new(), vec![0; by_slot.len()]);
    for (slot, index) in by_slot {
        if touched.last() != Some(&slot) {
            touched.push(slot);
        }
        places[index] = touched.len() - 1;
    }
    (touched, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_entry_has_the_place_of_its_slot() {
        let entries = [7, 3, 7, u32::MAX, 0, 3].map(|slot| Entry::Idle { slot });
        let (touched, places) = places(entries.iter());
        assert_eq!(touched, [0, 3, 7, u32::MAX]);
        assert_eq!(places, [2, 1, 2, 3, 0, 1]);
    }
}
