//! A prover who lies about one entry: he chooses the values of some wires, and computes everything
//! else honestly from them, so that only the statement under test is false.

use std::collections::BTreeSet;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::{Field, Field64};
use plonky2::iop::target::Target;
use sheaf_circuits::entry::row::EntryWires;
use sheaf_circuits::entry::witness::EntryWitness;
use sheaf_crypto::goldilocks::Fe;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::limits::AMOUNT_MAX;
use sheaf_ledger::machine::Machine;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::slot::Slot;
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::wires::Wires;

use crate::entry::{circuit, layout};
use crate::ledger_world::World;
use crate::trace::{Trace, Violation};

pub(super) const NOW: u32 = 1_000;
pub(super) const ALICE: Owner = Owner([Fe::from_u64(11), Fe::from_u64(12), Fe::from_u64(13)]);
pub(super) const BOB: Owner = Owner([Fe::from_u64(5), Fe::from_u64(22), Fe::from_u64(23)]);

/// Slots of the liars' world.
pub(super) const ALICES: u32 = 0;
pub(super) const BOBS: u32 = 1;
pub(super) const OTHER_TOKEN: u32 = 2;
pub(super) const LAST_NONCE: u32 = 3;
pub(super) const FULL: u32 = 4;
pub(super) const NEXT: u32 = 5;
pub(super) const UNOPENED: u32 = 100;

pub(super) fn world() -> World {
    let slot = |owner, token, balance, nonce| Slot { owner, token, balance, nonce };
    World::of(
        vec![
            slot(ALICE, 1, 100, 0),
            slot(BOB, 1, 50, 3),
            slot(ALICE, 2, 100, 0),
            slot(BOB, 1, 50, u32::MAX),
            slot(ALICE, 1, AMOUNT_MAX, 0),
        ],
        NOW,
    )
}

/// A wire of the last entry's row of the rules `R`.
pub(super) fn wire<R: RowRules>(
    pick: impl FnOnce(R::Inputs<usize>, R::Outputs<usize>, R::Hints<usize>) -> usize,
) -> Target {
    let mut columns = 0..;
    let mut next = || columns.next().expect("columns do not end");
    let inputs = R::Inputs::read(&mut next);
    let outputs = R::Outputs::read(&mut next);
    let hints = R::Hints::read(&mut next);
    let row = *layout().rows_of(&format!("{}Gate", R::NAME)).last().expect("each entry has one");
    Target::wire(row, pick(inputs, outputs, hints))
}

/// A chunk that ends with a lie.
pub(super) struct Liar {
    pub world: World,
    pub before: Machine,
    pub entries: Vec<EntryWitness>,
}

impl Liar {
    /// After the entries of `setup`, run on the machine that `change` makes of the first.
    pub(super) fn after_changed(setup: &[Entry], change: impl FnOnce(&mut Machine)) -> Self {
        let mut world = world();
        change(&mut world.machine);
        let before = world.machine;
        let idle = Entry::Idle { slot: ALICES };
        let padding = circuit().capacity() - 1 - setup.len();
        let mut entries = Vec::new();
        for entry in std::iter::repeat_n(&idle, padding).chain(setup) {
            let touch = world.touch(*entry);
            entries.push(EntryWitness::new(&world.machine, &touch));
            world.run(&touch);
        }
        Self { world, before, entries }
    }

    pub(super) fn after(setup: &[Entry]) -> Self {
        Self::after_changed(setup, |_| ())
    }

    /// The gates that break when the chunk ends with `entry`, changed by `tamper`, and the prover
    /// has decided on `forced`.
    pub(super) fn breaks(
        mut self,
        entry: Entry,
        tamper: impl FnOnce(&mut EntryWires<F>),
        forced: &[(Target, F)],
    ) -> BTreeSet<String> {
        let touch = self.world.touch(entry);
        let mut last = EntryWitness::new(&self.world.machine, &touch);
        tamper(&mut last.wires);
        self.entries.push(last);
        let inputs = circuit().partial_witness(&self.before, &self.entries).expect("a full chunk");
        let violations = layout().fill(inputs, forced).violations();
        violations
            .into_iter()
            .map(|violation| match violation {
                Violation::Gate { gate, .. } => gate.split("Gate").next().unwrap_or("").to_owned(),
                Violation::Copy { row, column } => panic!("copies differ at {row}, {column}"),
            })
            .collect()
    }

    /// The gates that the ledger's refusal of `entry` breaks.
    pub(super) fn refused(self, entry: Entry) -> BTreeSet<String> {
        self.breaks(entry, |_| (), &[])
    }

    /// The chunk that ends with `entry` as it is.
    pub(super) fn truth(&self, entry: Entry) -> Trace<'static> {
        let touch = self.world.touch(entry);
        let last = EntryWitness::new(&self.world.machine, &touch);
        let entries: Vec<_> = self.entries.iter().cloned().chain([last]).collect();
        let inputs = circuit().partial_witness(&self.before, &entries).expect("a full chunk");
        layout().fill(inputs, &[])
    }

    /// The gates that break when one wire of an honest entry is one more than it should be.
    pub(super) fn shifted(self, entry: Entry, target: Target) -> BTreeSet<String> {
        let honest = self.truth(entry);
        assert_eq!(honest.violations(), vec![], "{entry:?}");
        let Target::Wire(wire) = target else { panic!("a wire of a row") };
        let value = honest.get(wire.row, wire.column) + F::ONE;
        self.breaks(entry, |_| (), &[(target, value)])
    }
}

pub(super) fn only(gate: &str) -> BTreeSet<String> {
    BTreeSet::from([gate.to_owned()])
}

pub(super) fn number(value: u64) -> F {
    F::from_canonical_u64(value)
}

pub(super) fn minus(value: u64) -> F {
    number(F::ORDER - value)
}

pub(super) fn debit(slot: u32, total: u64, fee: u64) -> Entry {
    Entry::Debit { slot, total, fee, valid_until: NOW, pot: 1 }
}

pub(super) fn withdraw(slot: u32, amount: u64, fee: u64) -> Entry {
    let recipient = L1Address([0xab; 20]);
    Entry::Withdraw { slot, amount, fee, valid_until: NOW, pot: 1, recipient }
}

pub(super) fn deposit(slot: u32, amount: u64) -> Entry {
    Entry::Deposit { slot, amount }
}

pub(super) fn credit(slot: u32, amount: u64) -> Entry {
    Entry::Credit { slot, amount }
}

pub(super) fn exit(slot: u32, owner: Owner) -> Entry {
    Entry::Exit { slot, owner }
}

/// A debit of 30 with a fee of 5 into pot 1, and its credit.
pub(super) fn paid() -> [Entry; 2] {
    [debit(ALICES, 30, 5), credit(BOBS, 30)]
}
