//! Where the entries of a batch are cut into chunks, one for each leaf proof of entries.
//!
//! Sequencer and prover cut alike, because the cuts follow from the entries and from the circuits'
//! sizes. A circuit whose rows have the entries takes a fixed number of them. Tables take what they
//! have room for: entries, signatures, touched slots, nodes above those, and the permutations that
//! all of these ask for. Such a chunk is filled up with Idle, which no running transaction allows,
//! so a cut lies between two transactions.

use core::ops::Range;
use std::collections::HashSet;

use sheaf_ledger::entry::Entry;
use sheaf_ledger::kind::{KINDS, KindFacts};
use sheaf_ledger::limits::{PAYMENTS_MAX, TREE_DEPTH};

use crate::error::Error;
use crate::signature::open_signature::DIGITS;
use crate::sizes::{Heights, TableSizes};

/// The most permutations that an entry asks for: a withdrawal's.
pub const PERMUTATIONS_PER_ENTRY_MAX: usize = permutations_max();
/// The permutations of a signature: one for the owner, two for the challenge.
const PERMUTATIONS_PER_SIGNATURE: usize = 3;
/// The leaf before and the leaf after.
const PERMUTATIONS_PER_SLOT: usize = 2;
/// The node before and the node after.
const PERMUTATIONS_PER_NODE: usize = 2;

/// The most slots of a transaction: the payer's, and one for each payment.
const TRANSACTION_SLOTS_MAX: usize = 1 + PAYMENTS_MAX;
/// The most entries of a transaction: each payment opens a slot and pays to it.
const TRANSACTION_ENTRIES_MAX: usize = 1 + 2 * PAYMENTS_MAX;

/// The permutations that an entry of this kind asks for beside those of its slot and path: header,
/// payee, links of data and L1 words. An entry that spends counts its transaction's signature.
pub const fn permutations_of(facts: &KindFacts) -> usize {
    let signed = if facts.spends { 1 + PERMUTATIONS_PER_SIGNATURE } else { 0 };
    let links = facts.data_words() + facts.l1_words();
    signed + facts.pays() as usize + links as usize
}

const fn permutations_max() -> usize {
    let (mut most, mut index) = (0, 0);
    while index < KINDS.len() {
        let of_kind = permutations_of(&KINDS[index]);
        if of_kind > most {
            most = of_kind;
        }
        index += 1;
    }
    most
}

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
                (0..=by_entries).rev().find(|entries| room.has_room_for(*entries)).unwrap_or(0)
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
    permutations: usize,
    signatures: usize,
}

impl Room {
    const fn of(heights: &Heights) -> Self {
        let Heights { entries, slots, tree, permutations, signatures, ladder } = *heights;
        let (rows, by_ladder) = (1 << signatures, (1 << ladder) / DIGITS);
        Self {
            entries: 1 << entries,
            slots: 1 << slots,
            nodes: 1 << tree,
            permutations: 1 << permutations,
            signatures: if rows < by_ladder { rows } else { by_ladder },
        }
    }

    /// Whether there is room for so many entries and one transaction more, whatever these are.
    fn has_room_for(&self, entries: usize) -> bool {
        let slots = entries + TRANSACTION_SLOTS_MAX;
        let nodes = nodes_at_most(slots);
        let of_entries = (entries + TRANSACTION_ENTRIES_MAX) * PERMUTATIONS_PER_ENTRY_MAX;
        slots <= self.slots
            && nodes <= self.nodes
            && entries < self.signatures
            && permutations(of_entries, slots, nodes) <= self.permutations
    }
}

/// The permutations of entries, with those of their slots and nodes.
const fn permutations(of_entries: usize, slots: usize, nodes: usize) -> usize {
    of_entries + slots * PERMUTATIONS_PER_SLOT + nodes * PERMUTATIONS_PER_NODE
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
    signatures: usize,
    /// Permutations beside those of slots and nodes.
    permutations: usize,
    slots: HashSet<u32>,
    /// Nodes above the slots, by index in a heap whose root is 1.
    nodes: HashSet<u64>,
}

impl Taken {
    fn add(&mut self, entries: &[Entry]) {
        self.entries += entries.len();
        for facts in entries.iter().map(|entry| entry.kind().facts()) {
            self.signatures += usize::from(facts.spends);
            self.permutations += permutations_of(facts);
        }
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
        let (slots, nodes) = (self.slots.len(), self.nodes.len());
        self.entries <= room.entries
            && self.signatures <= room.signatures
            && slots <= room.slots
            && nodes <= room.nodes
            && permutations(self.permutations, slots, nodes) <= room.permutations
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
