//! What a prover gives for one entry, as values.
//!
//! The values follow from a touch and the machine before the touch. No rule is checked here.

use plonky2::field::types::Field;
use plonky2::iop::witness::PartialWitness;
use sheaf_crypto::goldilocks::Fe;
use sheaf_ledger::apply::{Siblings, Touch};
use sheaf_ledger::entry::Entry;
use sheaf_ledger::machine::Machine;
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::{F, element, set, set_digest};

use crate::entry::flags;
use crate::entry::row::{EntryTargets, EntryWires};
use crate::error::Error;

/// The values of one entry's targets.
#[derive(Clone, Debug)]
pub struct EntryWitness {
    /// All values but the path's siblings.
    pub wires: EntryWires<F>,
    /// The path's siblings, lowest first.
    pub siblings: Box<Siblings>,
}

/// The fields of an entry of any kind; zero where the kind has no such field.
#[derive(Default)]
struct Fields {
    subject: [Fe; 3],
    opened_token: u16,
    amount: u64,
    fee: u64,
    valid_until: u32,
    pot: u8,
}

impl EntryWitness {
    /// The values for `touch`, which runs on `machine`.
    pub fn new(machine: &Machine, touch: &Touch) -> Self {
        let Touch { entry, leaf, siblings } = touch;
        let Fields { subject, opened_token, amount, fee, valid_until, pot } =
            Fields::new(machine, touch);
        let flag = |set: bool| F::from_bool(set);
        let integer = |value: u64| F::from_canonical_u64(value);
        let elements = |owner: [Fe; 3]| owner.map(element);
        let slot = entry.slot();
        let wires = EntryWires {
            kind: flags::ALL.map(|kind| flag(kind == entry.kind())),
            pot: core::array::from_fn(|i| flag(usize::from(pot) == i + 1)),
            open: [flag(leaf.is_some())],
            owner: elements(leaf.map_or([Fe::ZERO; 3], |open| open.owner.0)),
            token: [integer(leaf.map_or(0, |open| u64::from(open.token)))],
            balance: [integer(leaf.map_or(0, |open| open.balance))],
            nonce: [integer(leaf.map_or(0, |open| u64::from(open.nonce)))],
            subject: elements(subject),
            opened_token: [integer(u64::from(opened_token))],
            amount: [integer(amount)],
            fee: [integer(fee)],
            valid_until: [integer(u64::from(valid_until))],
            bits: core::array::from_fn(|i| flag(slot >> i & 1 == 1)),
        };
        Self { wires, siblings: siblings.clone() }
    }

    /// Sets the targets of one entry to these values.
    ///
    /// # Errors
    /// `Witness` when a target has another value already.
    pub fn assign(
        &self,
        targets: &EntryTargets,
        witness: &mut PartialWitness<F>,
    ) -> Result<(), Error> {
        let mut values = Vec::new();
        self.wires.visit(&mut |value| values.push(value));
        let mut names = Vec::with_capacity(values.len());
        targets.wires.visit(&mut |target| names.push(target));
        for (name, value) in names.into_iter().zip(values) {
            set(witness, name, value)?;
        }
        let mut siblings = targets.siblings.iter().zip(self.siblings.iter());
        Ok(siblings.try_for_each(|(names, digest)| set_digest(witness, names, digest))?)
    }
}

impl Fields {
    fn new(machine: &Machine, touch: &Touch) -> Self {
        let none = Self::default();
        let owner_of_leaf = touch.leaf.map_or([Fe::ZERO; 3], |open| open.owner.0);
        match touch.entry {
            Entry::Idle { .. } => none,
            Entry::Open { owner, token, .. } => {
                Self { subject: owner.0, opened_token: token, ..none }
            }
            Entry::Debit { total, fee, valid_until, pot, .. } => {
                Self { amount: total, fee, valid_until, pot, ..none }
            }
            Entry::Credit { amount, .. } | Entry::Deposit { amount, .. } => {
                Self { subject: owner_of_leaf, amount, ..none }
            }
            Entry::Withdraw { amount, fee, valid_until, pot, recipient, .. } => {
                Self { subject: recipient.limbs(), amount, fee, valid_until, pot, ..none }
            }
            Entry::Exit { owner, .. } => {
                let paying = touch.leaf.filter(|open| open.owner == owner);
                let amount = paying.map_or(0, |open| open.balance);
                Self { subject: owner.0, amount, ..none }
            }
            Entry::Collect { pot, .. } => {
                // The amount of a pot that does not exist is 0 here, which the rules refuse.
                let amount = machine.pots.get(usize::from(pot)).map_or(0, |pot| pot.amount);
                Self { amount, pot, ..none }
            }
        }
    }
}
