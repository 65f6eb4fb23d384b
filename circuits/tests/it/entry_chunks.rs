//! Chunks of entries over tables: every chunk fits its tables, whatever the entries are, and no cut
//! lies inside a transaction.

use std::collections::HashSet;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use proptest::prelude::*;
use sheaf_circuits::entry_chunks::{
    EntryChunks, EntrySizes, PERMUTATIONS_PER_ENTRY_MAX, permutations_of,
};
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::entry_tables::slots::LEAF;
use sheaf_circuits::error::Error;
use sheaf_circuits::sizes::{Heights, PRODUCTION, TableSizes};
use sheaf_ledger::entry::Entry;
use sheaf_ledger::kind::Kind;
use sheaf_ledger::limits::{DATA_WORDS_MAX, PAYMENTS_MAX, TREE_DEPTH};
use sheaf_ledger::owner::Owner;

use crate::entry_tables::settled;

/// Tables for sixteen entries.
const SMALL: Heights =
    Heights { entries: 4, slots: 3, tree: 8, permutations: 10, signatures: 4, ladder: 9 };

/// Tables for 32 and for sixteen entries.
const TABLES: TableSizes = TableSizes {
    small: SMALL,
    full: Heights { entries: 5, slots: 4, tree: 9, permutations: 11, ..SMALL },
};

const fn exit(slot: u32) -> Entry {
    Entry::Exit { slot, owner: Owner([sheaf_crypto::goldilocks::Fe::ZERO; 3]) }
}

/// A transfer of one unit to each of these slots.
fn transfer(payer: u32, payees: &[u32]) -> Vec<Entry> {
    let total = payees.len() as u64;
    let debit = Entry::Debit { slot: payer, total, fee: 0, valid_until: 1, pot: 0 };
    let credits = payees.iter().map(|slot| Entry::Credit { slot: *slot, amount: 1 });
    [debit].into_iter().chain(credits).collect()
}

/// Slots so far from each other that they share as few nodes as such a number of slots can.
fn apart(number: usize) -> u32 {
    u32::try_from(number).expect("few").reverse_bits()
}

/// Inner nodes above the slots of these entries.
fn nodes(entries: &[Entry]) -> usize {
    let above = |entry: &Entry| {
        (1..=TREE_DEPTH).map({
            let slot = u64::from(entry.slot());
            move |height| (height, slot >> height)
        })
    };
    entries.iter().flat_map(above).collect::<HashSet<_>>().len()
}

fn chunks(entries: &[Entry], tables: &TableSizes) -> EntryChunks {
    EntryChunks::new(entries, &EntrySizes::Tables(*tables)).expect("every transaction fits")
}

/// The permutations that entries ask for beside those of slots and nodes.
fn permutations(entries: &[Entry]) -> usize {
    entries.iter().map(|entry| permutations_of(entry.kind().facts())).sum()
}

/// Whether entries fit tables of these heights.
fn fit(entries: &[Entry], heights: &Heights) -> bool {
    let slots = entries.iter().map(Entry::slot).collect::<HashSet<_>>().len();
    let nodes = nodes(entries);
    let permutations = permutations(entries) + 2 * slots + 2 * nodes;
    let signatures = entries.iter().filter(|entry| entry.kind().facts().spends).count();
    entries.len() <= 1 << heights.entries
        && signatures <= 1 << heights.signatures
        && 22 * signatures <= 1 << heights.ladder
        && slots <= 1 << heights.slots
        && nodes <= 1 << heights.tree
        && permutations <= 1 << heights.permutations
}

proptest! {
    #[test]
    fn every_chunk_fits_and_ends_between_transactions(
        transactions in prop::collection::vec(
            (any::<u32>(), prop::collection::vec(0u32..40, 0..9)), 1..60,
        ),
    ) {
        let transactions: Vec<Vec<Entry>> = transactions
            .iter()
            .map(|(slot, payees)| match payees[..] {
                [] => vec![exit(*slot)],
                _ => transfer(*slot, payees),
            })
            .collect();
        let entries = transactions.concat();
        let between: HashSet<usize> = transactions
            .iter()
            .scan(0, |end, transaction| { *end += transaction.len(); Some(*end) })
            .collect();
        let chunks = chunks(&entries, &TABLES);
        let mut start = 0;
        for (chunk, end) in chunks.ends().iter().enumerate() {
            prop_assert_eq!(chunks.range(chunk), Some(start..*end));
            prop_assert!(between.contains(end) && start < *end);
            let is_small = chunks.small() == Some(chunk);
            let heights = if is_small { &TABLES.small } else { &TABLES.full };
            prop_assert!(fit(&entries[start..*end], heights));
            let is_last = *end == entries.len();
            prop_assert!(is_small || !is_last || !fit(&entries[start..], &TABLES.small));
            start = *end;
        }
        prop_assert_eq!((start, chunks.range(chunks.ends().len())), (entries.len(), None));
    }
}

/// Entries ask for the permutations that are counted. A slot that is not open has no leaf to hash.
#[test]
fn entries_ask_for_the_permutations_that_are_counted() {
    for seed in 0..40 {
        let chunk = settled(1_000 * seed, 16);
        let rows = Rows::new(&chunk, 0).expect("the chunk is honest");
        let entries: Vec<Entry> = chunk.touches.iter().map(|touch| touch.entry).collect();
        let nodes = nodes(&entries);
        assert_eq!(rows.tree.len(), nodes);
        let is_open = |row: &Vec<F>, open: usize| usize::from(row[open].is_one());
        let leaves = rows.slots.iter().map(|row| is_open(row, 3) + is_open(row, 3 + LEAF));
        let counted = permutations(&entries) + leaves.sum::<usize>() + 2 * nodes;
        assert_eq!(rows.permutations.len(), counted, "seed {seed}");
    }
    assert_eq!(PERMUTATIONS_PER_ENTRY_MAX, permutations_of(Kind::Withdraw.facts()));
}

/// The worst that a batch may consist of still has no more chunks than production joins.
#[test]
fn chunks_of_production_have_room_for_the_entries_that_the_sizes_promise() {
    let tables = PRODUCTION.tables().expect("production proves entries over tables");
    let least = EntrySizes::Tables(tables).least();
    assert_eq!(least, 1_268);
    assert!(least * 3_usize.pow(PRODUCTION.entry.levels) >= DATA_WORDS_MAX as usize);
    let most = 1 + PAYMENTS_MAX;
    for parts in [1, most] {
        let slots: Vec<u32> = (0..40 * most).map(apart).collect();
        let entries: Vec<Entry> = match parts {
            1 => slots.into_iter().map(exit).collect(),
            _ => slots.chunks(most).flat_map(|slots| transfer(slots[0], &slots[1..])).collect(),
        };
        let chunks = chunks(&entries, &tables);
        let mut start = 0;
        for end in &chunks.ends()[..chunks.ends().len() - 1] {
            assert!(end - start >= least, "{parts}: {start} to {end}");
            assert!(fit(&entries[start..*end], &tables.full));
            start = *end;
        }
    }
}

/// A lone payment is the small circuit's; a full batch on a million open slots is one chunk.
#[test]
fn a_lone_payment_is_small_and_a_full_batch_is_one_chunk() {
    let tables = PRODUCTION.tables().expect("production proves entries over tables");
    let lone = chunks(&transfer(7, &[1 << 31]), &tables);
    assert_eq!((lone.ends(), lone.small()), (&[2][..], Some(0)));
    let full: Vec<Entry> = (0..2_033)
        .flat_map(|i| {
            let slot = |place: u64| u32::try_from(place * 0x9e37_79b9 % (1 << 20)).expect("small");
            transfer(slot(2 * i), &[slot(2 * i + 1)])
        })
        .collect();
    let full = chunks(&full, &tables);
    assert_eq!((full.ends().len(), full.small()), (1, None));
}

#[test]
fn a_transaction_that_no_chunk_has_room_for_is_refused() {
    let large = transfer(0, &(1..33).collect::<Vec<_>>());
    let refused = EntryChunks::new(&large, &EntrySizes::Tables(TABLES));
    assert!(matches!(refused, Err(Error::Capacity { capacity: 32, found: 33 })), "{refused:?}");
}

/// Circuits that have the entries in their rows take a fixed number, wherever that ends.
#[test]
fn rows_take_a_fixed_number_of_entries() {
    let cut = |entries: usize| {
        let entries = transfer(0, &vec![1; entries - 1]);
        let chunks = EntryChunks::new(&entries, &EntrySizes::Rows(10)).expect("any entries");
        (chunks.ends().to_vec(), chunks.small())
    };
    assert_eq!(cut(9), (vec![9], None));
    assert_eq!(cut(10), (vec![10], None));
    assert_eq!(cut(25), (vec![10, 20, 25], None));
}
