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
    /// The machine that runs over the entries (protocol, section 6).
    MachineWires {
        /// The root of the slot tree.
        root: 4,
        /// The next slot to be opened.
        next_slot: 1,
        /// The domain, which never changes.
        domain: 3,
        /// The batch's timestamp in Unix seconds, which never changes in a batch.
        timestamp: 1,
        /// The owner of the last slot that an entry spent from: the running transaction's signer.
        signer: 3,
        /// The running transaction's token.
        token: 1,
        /// The amount, in L2 units, that the running transaction's Credits have still to pay.
        remaining: 1,
        /// The running transaction's message so far.
        message: 4,
        /// Token and amount of each fee pot.
        pots: 8,
        /// The chain of signatures owed.
        signatures: 4,
        /// The chain of data words.
        data: 4,
        /// The chain of L1 words.
        l1: 4,
        /// The number of links in `data`.
        data_words: 1,
        /// The number of links in `l1`.
        l1_words: 1,
    }
}

const _: () = assert!(<MachineWires<Target> as Wires<Target>>::LENGTH == MACHINE);

impl MachineWires<Target> {
    /// A machine that the prover chooses. No element is checked here: the caller constrains the
    /// machine's digest, which binds every element.
    pub fn add_unchecked(builder: &mut Builder) -> Self {
        Self::read(&mut || builder.add_virtual_target())
    }

    /// The machine's digest, Hash(Machine, the 40 elements).
    pub fn digest_checked(&self, builder: &mut Builder) -> [Target; DIGEST] {
        let mut elements = Vec::with_capacity(MACHINE);
        self.visit(&mut |target| elements.push(target));
        hash_checked(builder, tag::MACHINE, &elements).elements
    }

    /// Hash(State, root, next slot, domain): the digest that the contract stores between batches.
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
