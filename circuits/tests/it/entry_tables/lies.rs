//! Lies that change several cells so that each row is right by itself: messages tell them.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::entry_tables::circuit::EntryTables;
use sheaf_circuits::entry_tables::entries::EntryColumns;
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::entry_tables::slots::SlotColumns;
use sheaf_circuits::entry_tables::tree::NodeColumns;
use sheaf_crypto::goldilocks::Fe;
use sheaf_ledger::chunk::EntryChunk;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::machine::Machine;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::slot::Slot;
use sheaf_plonk::gates::wires::Wires;

use super::HEIGHTS;
use super::books::Books;
use crate::ledger_world::World;

/// Three deposits to slot 1 and one to slot 2: the machine before, and all rows.
fn deposits() -> (World, Machine, Rows) {
    let owner = Owner([4, 5, 6].map(Fe::from_u64));
    let slots = (0..3).map(|_| Slot { owner, token: 0, balance: 100, nonce: 0 }).collect();
    let mut world = World::of(slots, 9);
    let before = world.machine;
    let mut touches = Vec::new();
    for (slot, amount) in [(1, 10), (2, 20), (1, 30), (1, 40)] {
        let touch = world.touch(Entry::Deposit { slot, amount });
        world.run(&touch);
        touches.push(touch);
    }
    let chunk = EntryChunk { before, touches, signed: Vec::new(), after: world.machine };
    let rows = Rows::new(&chunk, 0).expect("deposits are allowed");
    (world, before, rows)
}

/// The faults of rows that lead from `before` to where the world stands, for a chunk of as many
/// entries as there are rows.
fn faults(world: &World, before: &Machine, rows: &Rows) -> Vec<String> {
    let mut books = Books::of(rows);
    let mut messages = EntryTables::new(HEIGHTS).messages(before, &world.machine);
    // The tables' own last time is that of a full chunk.
    messages[1].fields[0] = F::from_canonical_usize(rows.entries.len() + 1);
    books.exchange(&messages);
    books.faults()
}

/// Whether each fault is a message on this bus, and there are some.
pub(super) fn are_on(faults: &[String], bus: &str) -> bool {
    !faults.is_empty() && faults.iter().all(|fault| fault.contains(bus))
}

/// Demands that each fault is a message on this bus, and that there are some.
pub(super) fn only(faults: &[String], bus: &str) {
    assert!(are_on(faults, bus), "{faults:#?}");
}

pub(super) fn numbers<W: Wires<usize>>() -> W {
    let mut numbers = 0..;
    W::read(&mut || numbers.next().expect("columns do not end"))
}

const NODES: &str = "Bus(16)";
const LEAVES: &str = "Bus(17)";
const MACHINES: &str = "Bus(18)";

#[test]
fn honest_rows_have_no_fault() {
    let (world, before, rows) = deposits();
    assert_eq!(faults(&world, &before, &rows), Vec::<String>::new());
}

#[test]
fn a_stale_read_leaves_a_leaf_open() {
    let (world, before, mut rows) = deposits();
    // The last deposit says that the leaf is still as the first one left it: the balance that it
    // takes and the balance that it gives are 30 less.
    let columns: EntryColumns<usize> = numbers();
    let honest = rows.entries[2].clone();
    let last = &mut rows.entries[3];
    last[columns.earlier[0]] = honest[columns.earlier[0]];
    let gap = F::from_canonical_u64(2);
    last[columns.gap[0]] = gap;
    let found = faults(&world, &before, &rows);
    only(&found, LEAVES);
}

#[test]
fn a_slot_that_stands_twice_leaves_a_node_open() {
    let (world, before, mut rows) = deposits();
    let columns: SlotColumns<usize> = numbers();
    // The copy says that nothing happened to the slot.
    let mut copy = rows.slots[0].clone();
    for (before, after) in columns.before.iter().zip(columns.after) {
        copy[after] = copy[*before];
    }
    for (before, after) in columns.digest_before.iter().zip(columns.digest_after) {
        copy[after] = copy[*before];
    }
    copy[columns.last[0]] = F::ZERO;
    rows.slots.push(copy);
    let found = faults(&world, &before, &rows);
    assert!(found.iter().any(|fault| fault.contains(NODES)), "{found:#?}");
    assert!(!found.iter().any(|fault| fault.contains(LEAVES)), "{found:#?}");
}

#[test]
fn swapped_times_leave_machines_open() {
    let (world, before, mut rows) = deposits();
    let columns: EntryColumns<usize> = numbers();
    let [first, second] = [0, 1].map(|row: usize| rows.entries[row][columns.time[0]]);
    rows.entries[0][columns.time[0]] = second;
    rows.entries[1][columns.time[0]] = first;
    rows.entries[0][columns.gap[0]] = F::ONE;
    rows.entries[1][columns.gap[0]] = F::ZERO;
    let found = faults(&world, &before, &rows);
    assert!(found.iter().all(|fault| !fault.contains("rule")), "{found:#?}");
    assert!(found.iter().any(|fault| fault.contains(MACHINES)), "{found:#?}");
}

#[test]
fn a_forged_sibling_asks_for_a_permutation_that_is_not() {
    let (world, before, mut rows) = deposits();
    let columns: NodeColumns<usize> = numbers();
    let untouched = rows.tree.iter().position(|row| row[columns.right[0]].is_zero());
    let row = &mut rows.tree[untouched.expect("some right child is not touched")];
    row[columns.right_before[0]] += F::ONE;
    row[columns.right_after[0]] += F::ONE;
    only(&faults(&world, &before, &rows), "Bus(1)");
}

#[test]
fn a_missing_row_of_any_table_leaves_its_messages_open() {
    let (world, before, honest) = deposits();
    for table in 0..4 {
        let mut rows = honest.clone();
        let table = match table {
            0 => &mut rows.entries,
            1 => &mut rows.slots,
            2 => &mut rows.tree,
            _ => &mut rows.permutations,
        };
        table.remove(1);
        let mut books = Books::of(&rows);
        let mut messages = EntryTables::new(HEIGHTS).messages(&before, &world.machine);
        messages[1].fields[0] = F::from_canonical_usize(honest.entries.len() + 1);
        books.exchange(&messages);
        assert!(!books.faults().is_empty());
    }
}

/// A child that is said to be untouched keeps its digest.
#[test]
fn a_touched_child_cannot_be_hidden() {
    let (world, before, mut rows) = deposits();
    let columns: NodeColumns<usize> = numbers();
    let touched = rows.tree.iter().position(|row| row[columns.left[0]].is_one());
    let row = touched.expect("some left child is touched");
    rows.tree[row][columns.left[0]] = F::ZERO;
    let found = faults(&world, &before, &rows);
    assert!(found.iter().any(|fault| fault.contains("tree, row")), "{found:#?}");
    assert!(found.iter().any(|fault| fault.contains(NODES)), "{found:#?}");
}
