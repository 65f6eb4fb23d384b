//! Where the entries of a batch are cut into chunks, one for each leaf proof of entries.
//!
//! Sequencer and prover cut alike, because the cuts follow from the entries and from the circuits'
//! sizes. A circuit whose rows have the entries takes a fixed number of them. Tables take what they
//! have room for: entries, touched slots, and nodes above those. Such a chunk is filled up with
//! Idle, which no running transaction allows, so a cut lies between two transactions.

use core::ops::Range;
use std::collections::HashSet;

use sheaf_ledger::entry::Entry;
use sheaf_ledger::limits::{PAYMENTS_MAX, TREE_DEPTH};

use crate::error::Error;
use crate::sizes::{Heights, TableSizes};

/// The most permutations that an entry asks for beside those of its slot and path: header, payee,
/// data link, two L1 links, and two for a link of the chain of signatures.
pub const PERMUTATIONS_PER_ENTRY_MAX: usize = 7;
/// The leaf before and the leaf after.
const PERMUTATIONS_PER_SLOT: usize = 2;
/// The node before and the node after.
const PERMUTATIONS_PER_NODE: usize = 2;

/// The most slots of a transaction: the payer's, and one for each payment.
const TRANSACTION_SLOTS_MAX: usize = 1 + PAYMENTS_MAX;
/// The most entries of a transaction: each payment opens a slot and pays to it.
const TRANSACTION_ENTRIES_MAX: usize = 1 + 2 * PAYMENTS_MAX;

/// The sizes of leaf circuits for entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntrySizes {
    /// The circuit's rows have exactly so many entries.
    Rows(usize),
    /// Two circuits verify proofs over tables.
    Tables(TableSizes),
}

impl EntrySizes {
    /// The entries that every chunk has room for, whatever the entries are and however large the
    /// tree is: a chunk may end where a transaction would no longer fit.
    pub fn least(&self) -> usize {
        match self {
            Self::Rows(capacity) => *capacity,
            Self::Tables(TableSizes { full, small: _ }) => {
                let room = Room::of(full);
                let by_entries = room.entries.saturating_sub(TRANSACTION_ENTRIES_MAX);
                let fits = |entries: &usize| {
                    let slots = entries + TRANSACTION_SLOTS_MAX;
                    slots <= room.slots && nodes_at_most(slots) <= room.nodes
                };
                (0..=by_entries).rev().find(fits).unwrap_or(0)
            }
        }
    }
}

/// What the tables of one chunk have room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Room {
    entries: usize,
    slots: usize,
    nodes: usize,
}

impl Room {
    /// The room in tables of these heights: so many nodes that the permutations suffice, whatever
    /// the entries ask for.
    const fn of(heights: &Heights) -> Self {
        let (entries, slots) = (1 << heights.entries, 1 << heights.slots);
        let beside = entries * PERMUTATIONS_PER_ENTRY_MAX + slots * PERMUTATIONS_PER_SLOT;
        let by_permutations =
            (1_usize << heights.permutations).saturating_sub(beside) / PERMUTATIONS_PER_NODE;
        let rows = 1 << heights.tree;
        let nodes = if rows < by_permutations { rows } else { by_permutations };
        Self { entries, slots, nodes }
    }
}

/// The most nodes above so many slots: two to the power of its depth on each level, and no more
/// than slots.
fn nodes_at_most(slots: usize) -> usize {
    (0..TREE_DEPTH).map(|depth| slots.min(1 << depth)).sum()
}

/// What a chunk takes of its room.
#[derive(Debug, Default)]
struct Taken {
    entries: usize,
    slots: HashSet<u32>,
    /// Nodes above the slots, by index in a heap whose root is 1.
    nodes: HashSet<u64>,
}

impl Taken {
    fn add(&mut self, entries: &[Entry]) {
        self.entries += entries.len();
        for slot in entries.iter().map(Entry::slot) {
            if self.slots.insert(slot) {
                let mut node = ((1 << TREE_DEPTH) + u64::from(slot)) / 2;
                while node > 0 && self.nodes.insert(node) {
                    node /= 2;
                }
            }
        }
    }

    fn fits(&self, room: &Room) -> bool {
        self.entries <= room.entries
            && self.slots.len() <= room.slots
            && self.nodes.len() <= room.nodes
    }
}

/// The chunks of a batch's entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryChunks {
    /// Where each chunk ends, counted from the batch's first entry on.
    ends: Vec<usize>,
    is_last_small: bool,
}

impl EntryChunks {
    /// Cuts the entries of a batch.
    ///
    /// # Errors
    /// `Capacity` when a transaction needs more room than the tables of a chunk have.
    pub fn new(entries: &[Entry], sizes: &EntrySizes) -> Result<Self, Error> {
        match sizes {
            EntrySizes::Rows(capacity) => {
                let full = (1..=entries.len() / capacity).map(|chunk| chunk * capacity);
                let rest = (!entries.len().is_multiple_of(*capacity)).then_some(entries.len());
                Ok(Self { ends: full.chain(rest).collect(), is_last_small: false })
            }
            EntrySizes::Tables(tables) => Self::over_tables(entries, tables),
        }
    }

    fn over_tables(entries: &[Entry], tables: &TableSizes) -> Result<Self, Error> {
        let (room, small) = (Room::of(&tables.full), Room::of(&tables.small));
        let (mut ends, mut taken, mut start) = (Vec::new(), Taken::default(), 0);
        for end in ends_of_transactions(entries) {
            let transaction = &entries[start..end];
            taken.add(transaction);
            if !taken.fits(&room) {
                if start > ends.last().copied().unwrap_or(0) {
                    ends.push(start);
                }
                taken = Taken::default();
                taken.add(transaction);
                if !taken.fits(&room) {
                    let (capacity, found) = (room.entries, transaction.len());
                    return Err(Error::Capacity { capacity, found });
                }
            }
            start = end;
        }
        ends.extend((!entries.is_empty()).then_some(entries.len()));
        Ok(Self { ends, is_last_small: taken.fits(&small) })
    }

    /// Where each chunk ends, counted from the batch's first entry on.
    pub fn ends(&self) -> &[usize] {
        &self.ends
    }

    /// The entries of a chunk; `None` when the batch has no such chunk.
    pub fn range(&self, chunk: usize) -> Option<Range<usize>> {
        let end = *self.ends.get(chunk)?;
        let start = chunk.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(start..end)
    }

    /// The number of the chunk that the small circuit proves, if there is one: the last.
    pub fn small(&self) -> Option<usize> {
        self.ends.len().checked_sub(1).filter(|_| self.is_last_small)
    }
}

/// Where no transaction is running, counted in entries.
fn ends_of_transactions(entries: &[Entry]) -> impl Iterator<Item = usize> {
    let mut remaining = 0;
    entries.iter().zip(1..).filter_map(move |(entry, end)| {
        match *entry {
            Entry::Debit { total, .. } => remaining = total,
            Entry::Credit { amount, .. } => remaining = remaining.saturating_sub(amount),
            _ => (),
        }
        (remaining == 0).then_some(end)
    })
}
