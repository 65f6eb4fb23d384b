//! Pairs of an honest row and a rival that breaks one equation alone.
//!
//! What ranges hold does not move to first order, and to jump it takes more columns than two. Most
//! rivals would be honest in another rollup, and are told one thing differently.

use plonky2::field::types::Field;
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::entry_tables::signatures::SignatureColumns;
use sheaf_circuits::entry_tables::slots::SlotColumns;
use sheaf_circuits::signature::open_signature::{OpeningHints, SignatureParts};
use sheaf_crypto::goldilocks::Fe;
use sheaf_ledger::chunk::EntryChunk;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::machine::Machine;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::slot::Slot;
use sheaf_plonk::proof::F;

use super::cells::{self, structure};
use super::lies::numbers;
use crate::ledger_world::World;

/// Slots of each rollup.
const SLOTS: u32 = 4;

const SLOT: Slot = Slot {
    owner: Owner([Fe::from_u64(4), Fe::from_u64(5), Fe::from_u64(6)]),
    token: 7,
    balance: 100,
    nonce: 3,
};

/// The rows of an entry where all slots are the same, and the machine is changed.
fn rows(slot: Slot, count: u32, entry: Entry, change: impl Fn(&mut Machine)) -> Rows {
    let mut world = World::of(vec![slot; count as usize], 9);
    change(&mut world.machine);
    let before = world.machine;
    let touches = vec![world.touch(entry)];
    let chunk = EntryChunk { before, touches, signed: Vec::new(), after: before };
    Rows::new(&chunk, 0).expect("the entry is allowed and owes nothing")
}

/// The row of that entry.
fn row(slot: Slot, count: u32, entry: Entry, change: impl Fn(&mut Machine)) -> Vec<F> {
    rows(slot, count, entry, change).entries.swap_remove(0)
}

/// The rows of an Idle on a slot that is open and empty, and on one that is not open.
fn empty_and_unopened() -> [Rows; 2] {
    let empty = Slot { owner: Owner([Fe::ZERO; 3]), token: 0, balance: 0, nonce: 0 };
    [SLOTS + 1, SLOTS].map(|count| {
        rows(empty, count, Entry::Idle { slot: SLOTS }, |machine| machine.next_slot = 9)
    })
}

pub(super) fn of_entries() -> Vec<[Vec<F>; 2]> {
    let idle = |slot: Slot| row(slot, SLOTS, Entry::Idle { slot: 1 }, |_| ());
    let leaves: [fn(&mut Slot); 6] = [
        |slot| slot.owner.0[0] += Fe::ONE,
        |slot| slot.owner.0[1] += Fe::ONE,
        |slot| slot.owner.0[2] += Fe::ONE,
        |slot| slot.token += 1,
        |slot| slot.balance += 1,
        |slot| slot.nonce += 1,
    ];
    let mut rivals: Vec<[Vec<F>; 2]> = leaves
        .iter()
        .map(|change| {
            let mut other = SLOT;
            change(&mut other);
            [idle(SLOT), idle(other)]
        })
        .collect();
    // Another slot with the same leaf.
    rivals.push([1, 2].map(|slot| row(SLOT, SLOTS, Entry::Idle { slot }, |_| ())));
    rivals.push(empty_and_unopened().map(|mut rows| rows.entries.swap_remove(0)));
    // What remains of a transaction, its token, and the time.
    let credit = |change: fn(&mut Machine)| {
        row(SLOT, SLOTS, Entry::Credit { slot: 1, amount: 5 }, move |machine| {
            (machine.remaining, machine.token) = (50, SLOT.token);
            change(machine);
        })
    };
    rivals.push([credit(|_| ()), credit(|machine| machine.remaining += 1)]);
    rivals.push([credit(|_| ()), credit(|machine| machine.timestamp += 1)]);
    rivals
}

pub(super) fn of_slots() -> Vec<[Vec<F>; 2]> {
    let columns: SlotColumns<usize> = numbers();
    let [open, unopened] = empty_and_unopened().map(|mut rows| rows.slots.swap_remove(0));
    // A leaf before the chunk, in a row that is no slot and has no leaf after.
    let mut unreal = open.clone();
    for column in columns.real.iter().chain(&columns.after).chain(&columns.digest_after) {
        unreal[*column] = F::ZERO;
    }
    vec![[open.clone(), unreal], [open, unopened]]
}

/// The window across the middle of a half is four more, the next one is one less, and the inverse
/// that shows the half to be below p is that of the new upper part.
pub(super) fn of_signatures() -> Vec<[Vec<F>; 2]> {
    let columns: SignatureColumns<usize> = numbers();
    let parts: SignatureParts<usize> = structure(&columns.parts);
    let hints: OpeningHints<usize> = structure(&columns.hints);
    let ([low, high, _], [inverse, _]) = (parts.windows_of_5, hints.gap_inverses);
    let honest = (0..)
        .flat_map(|seed| cells::rows(seed).signatures)
        .find(|row| !row[high].is_zero() && !row[inverse].is_zero())
        .expect("most signatures have such windows");
    let mut rival = honest.clone();
    rival[low] += F::from_canonical_u64(4);
    rival[high] -= F::ONE;
    rival[inverse] = (honest[inverse].inverse() + F::ONE).inverse();
    vec![[honest, rival]]
}
