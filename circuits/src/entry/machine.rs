//! The machine's 40 elements as targets, in the protocol's order, and their digest.

use plonky2::iop::target::Target;
use plonky2::iop::witness::PartialWitness;
use sheaf_crypto::hash::DIGEST;
use sheaf_ledger::machine::{MACHINE, Machine};
use sheaf_ledger::tag;
use sheaf_plonk::gates::wires::{Wires, wires};
use sheaf_plonk::hash::hash_checked;
use sheaf_plonk::proof::{Builder, F, element, set};

use crate::error::Error;

wires! {
    /// What runs over the entries (protocol, section 6).
    MachineWires {
        /// Of the slot tree.
        root: 4,
        /// The next slot to be opened.
        next_slot: 1,
        /// Never changes.
        domain: 3,
        /// Never changes in a batch.
        timestamp: 1,
        /// Owner of the last slot that an entry spent from.
        signer: 3,
        /// Its token.
        token: 1,
        /// What its Credits have still to pay.
        remaining: 1,
        /// Its message so far.
        message: 4,
        /// Token and amount of each fee pot.
        pots: 8,
        /// The chain of signatures owed.
        signatures: 4,
        /// The chain of data words.
        data: 4,
        /// The chain of L1 words.
        l1: 4,
        /// Links of `data`.
        data_words: 1,
        /// Links of `l1`.
        l1_words: 1,
    }
}

const _: () = assert!(<MachineWires<Target> as Wires<Target>>::LENGTH == MACHINE);

impl MachineWires<Target> {
    /// A machine that the prover chooses: unchecked, because its digest binds every element and is
    /// a public input.
    pub fn add_unchecked(builder: &mut Builder) -> Self {
        Self::read(&mut || builder.add_virtual_target())
    }

    /// Hash(Machine, …).
    pub fn digest_checked(&self, builder: &mut Builder) -> [Target; DIGEST] {
        let mut elements = Vec::with_capacity(MACHINE);
        self.visit(&mut |target| elements.push(target));
        hash_checked(builder, tag::MACHINE, &elements).elements
    }

    /// Hash(State, root, next slot, domain): what the contract stores between batches.
    pub fn state_checked(&self, builder: &mut Builder) -> [Target; DIGEST] {
        let elements = [&self.root[..], &self.next_slot, &self.domain].concat();
        hash_checked(builder, tag::STATE, &elements).elements
    }

    /// Gives the targets the elements of `machine`.
    ///
    /// # Errors
    /// `Witness` when a target has another value already.
    pub fn assign(&self, machine: &Machine, witness: &mut PartialWitness<F>) -> Result<(), Error> {
        let mut targets = Vec::with_capacity(MACHINE);
        self.visit(&mut |target| targets.push(target));
        let mut pairs = targets.into_iter().zip(machine.elements());
        Ok(pairs.try_for_each(|(target, value)| set(witness, target, element(value)))?)
    }
}
