//! One entry: its rows of rules, the hashes between them, and the wires that the prover gives.

use plonky2::iop::target::{BoolTarget, Target};
use sheaf_crypto::hash::Tag;
use sheaf_ledger::limits::TREE_DEPTH;
use sheaf_ledger::tag;
use sheaf_plonk::gates::range_check::{Amounts, RangeCheckRow};
use sheaf_plonk::gates::rules::add_row;
use sheaf_plonk::gates::wires::{Wires, wires};
use sheaf_plonk::hash::{hash_checked, hash_under_checked};
use sheaf_plonk::proof::Builder;

use crate::entry::access::{AccessInputs, AccessOutputs, AccessRow};
use crate::entry::flags;
use crate::entry::machine::MachineWires;
use crate::entry::path::root_of_path_checked;
use crate::entry::publish::{PublishInputs, PublishOutputs, PublishRow};
use crate::entry::subject::{Parts, Subject, SubjectRow};
use crate::entry::transaction::{TransactionInputs, TransactionOutputs, TransactionRow};

wires! {
    /// What the prover gives for one entry, but for the path's siblings. The rows of rules check
    /// every wire.
    EntryWires {
        /// A flag of each kind but Idle.
        kind: flags::ALL.len(),
        /// Flags of pots 1, 2 and 3; no flag is set for pot 0.
        pot: 3,
        /// One if the leaf is open. All fields of an unopened leaf are zero.
        open: 1,
        /// The leaf's owner.
        owner: 3,
        /// The leaf's token.
        token: 1,
        /// The leaf's balance.
        balance: 1,
        /// The leaf's nonce.
        nonce: 1,
        /// The owner or the L1 address that the entry names; the facts of the kind say which.
        subject: 3,
        /// The token of the slot that an Open opens.
        opened_token: 1,
        /// The amount that the entry pays, takes or moves, in L2 units.
        amount: 1,
        /// The fee of an entry that spends, in L2 units.
        fee: 1,
        /// The last valid second of an entry that spends, in Unix seconds.
        valid_until: 1,
        /// The slot's bits, lowest first.
        bits: 32,
    }
}

/// The targets of one entry.
#[derive(Clone, Debug)]
pub struct EntryTargets {
    /// All targets but the path's siblings.
    pub wires: EntryWires<Target>,
    /// The path's siblings, lowest first.
    pub siblings: Box<[[Target; 4]; TREE_DEPTH]>,
}

/// Adds one entry that runs on `machine`; returns its targets and the machine after.
pub fn add_entry(
    builder: &mut Builder,
    machine: &MachineWires<Target>,
) -> (EntryTargets, MachineWires<Target>) {
    // Unchecked: each wire of an entry is an input of a row of rules, which checks it.
    let wires = EntryWires::read(&mut || builder.add_virtual_target());
    // Unchecked: the path must lead to the machine's root.
    let siblings = Box::new(core::array::from_fn(|_| builder.add_virtual_target_arr()));
    let entry = EntryTargets { wires, siblings };

    let mut rows = Rows { builder, machine: *machine, entry: wires };
    let pot_amount = rows.builder.add_virtual_target();
    let (slot, same_owner) = rows.access(pot_amount);
    let transaction = rows.transaction(&slot);
    rows.builder.connect(pot_amount, transaction.pot_amount);
    rows.check_amounts(&slot, &transaction.outputs);
    let root = rows.new_root(&slot, &entry.siblings);
    let published = rows.publish(&slot, same_owner, &transaction);

    let TransactionOutputs { signer, running_token, remaining, pots, message, .. } =
        transaction.outputs;
    let PublishOutputs { signatures, data, l1, data_words, l1_words, .. } = published;
    // Every field is named, so code that forgets a part of the machine does not compile.
    let after = MachineWires {
        root,
        next_slot: slot.next_slot,
        domain: machine.domain,
        timestamp: machine.timestamp,
        signer,
        token: running_token,
        remaining,
        message,
        pots,
        signatures,
        data,
        l1,
        data_words,
        l1_words,
    };
    (entry, after)
}

/// The running transaction's row as other rows need it: its outputs, its hint `pot_amount`, and the
/// payee link.
struct RunningTransaction {
    outputs: TransactionOutputs<Target>,
    pot_amount: Target,
    payee_hash: [Target; 4],
}

/// The builder of one entry's rows.
struct Rows<'a> {
    builder: &'a mut Builder,
    machine: MachineWires<Target>,
    entry: EntryWires<Target>,
}

impl Rows<'_> {
    /// The slot after the entry, and `same_owner`: one if the leaf is open and its owner is the
    /// subject.
    fn access(&mut self, pot_amount: Target) -> (AccessOutputs<Target>, Target) {
        let EntryWires {
            kind,
            pot: _,
            open,
            owner,
            token,
            balance,
            nonce,
            subject,
            opened_token,
            amount,
            fee,
            valid_until: _,
            bits,
        } = self.entry;
        let hash_before = self.leaf_hash(owner, [token[0], balance[0], nonce[0]]);
        let hash_after = self.builder.add_virtual_target_arr();
        let inputs = AccessInputs {
            kind,
            bits,
            next_slot: self.machine.next_slot,
            open,
            owner,
            token,
            balance,
            nonce,
            subject,
            opened_token,
            amount,
            fee,
            hash_before,
            pot_amount: [pot_amount],
            hash_after,
        };
        let (slot, hints) = add_row::<AccessRow>(self.builder, &inputs);
        let fields = [slot.token[0], slot.balance[0], slot.nonce[0]];
        let computed = self.leaf_hash(slot.owner, fields);
        self.builder.connect_array(hash_after, computed);
        (slot, hints.same_owner[0])
    }

    fn leaf_hash(&mut self, owner: [Target; 3], fields: [Target; 3]) -> [Target; 4] {
        let elements = [owner, fields].concat();
        hash_checked(self.builder, tag::LEAF, &elements).elements
    }

    /// The running transaction, its pots and its message after the entry.
    fn transaction(&mut self, slot: &AccessOutputs<Target>) -> RunningTransaction {
        let EntryWires { kind, pot, owner, token, nonce, amount, fee, valid_until, .. } =
            self.entry;
        let header_hash = self.builder.add_virtual_target_arr();
        let payee_hash = self.builder.add_virtual_target_arr();
        let MachineWires { pots, timestamp, signer, token: running_token, .. } = self.machine;
        let MachineWires { domain: [d0, d1, d2], remaining, message, .. } = self.machine;
        let inputs = TransactionInputs {
            kind: flags::of_transaction(&kind),
            pot,
            pots,
            slot: slot.slot,
            owner,
            token,
            nonce,
            amount,
            fee,
            valid_until,
            timestamp,
            signer,
            running_token,
            remaining,
            message,
            header_hash,
            payee_hash,
        };
        let (outputs, hints) = add_row::<TransactionRow>(self.builder, &inputs);
        let TransactionOutputs { tag, slot_and_token, nonce_and_validity, .. } = outputs;
        let packed = [slot_and_token[0], nonce_and_validity[0]];
        let header = [d0, d1, d2, packed[0], packed[1], amount[0], fee[0]];
        let computed = hash_under_checked(self.builder, tag[0], &header).elements;
        self.builder.connect_array(header_hash, computed);
        let payee = [&outputs.payee_message[..], &self.entry.subject, &amount].concat();
        let computed = hash_checked(self.builder, tag::PAYEE, &payee).elements;
        self.builder.connect_array(payee_hash, computed);
        RunningTransaction { outputs, pot_amount: hints.pot_amount[0], payee_hash }
    }

    /// Checks that amount, balance after, fee, what a Credit leaves, and the pot after are below
    /// 2^62. A Credit has no fee, so one value (`spare`) is either the fee or what a Credit leaves.
    fn check_amounts(
        &mut self,
        slot: &AccessOutputs<Target>,
        transaction: &TransactionOutputs<Target>,
    ) {
        let ([amount], [balance]) = (self.entry.amount, slot.balance);
        let ([spare], [pot_after]) = (transaction.spare, transaction.pot_after);
        let values = [amount, balance, spare, pot_after];
        add_row::<RangeCheckRow>(self.builder, &Amounts { values });
    }

    /// Checks that the leaf before leads to the machine's root; returns the root to which the leaf
    /// after leads by the same path.
    fn new_root(
        &mut self,
        slot: &AccessOutputs<Target>,
        siblings: &[[Target; 4]; TREE_DEPTH],
    ) -> [Target; 4] {
        // Unchecked: the path's Poseidon gates constrain each bit to 0 or 1.
        let bits = self.entry.bits.map(BoolTarget::new_unsafe);
        let before = root_of_path_checked(self.builder, slot.digest_before, siblings, &bits);
        self.builder.connect_array(before, self.machine.root);
        root_of_path_checked(self.builder, slot.digest_after, siblings, &bits)
    }

    /// The words that the entry publishes and the chains after it.
    fn publish(
        &mut self,
        slot: &AccessOutputs<Target>,
        same_owner: Target,
        transaction: &RunningTransaction,
    ) -> PublishOutputs<Target> {
        let EntryWires { kind, subject, amount, fee, .. } = self.entry;
        let MachineWires { data_words, l1_words, signatures, data, l1, .. } = self.machine;
        let (parts, _) = add_row::<SubjectRow>(self.builder, &Subject { elements: subject });
        let Parts { low, high } = parts;
        let signature_link = self.signature_link(transaction);
        let data_link = self.builder.add_virtual_target_arr();
        let l1_link = self.builder.add_virtual_target_arr();
        let inputs = PublishInputs {
            kind,
            slot: slot.slot,
            token: slot.token,
            amount,
            fee,
            low,
            high,
            same_owner: [same_owner],
            owed: transaction.outputs.owed,
            data_words,
            l1_words,
            signatures,
            data,
            l1,
            signature_link,
            data_link,
            l1_link,
        };
        let (outputs, _) = add_row::<PublishRow>(self.builder, &inputs);
        let computed = self.link(tag::DATA_LINK, data, outputs.word);
        self.builder.connect_array(data_link, computed);
        let zero = self.builder.zero();
        let first = self.link(tag::L1_LINK, l1, [amount[0], zero, zero, outputs.l1_tail[0]]);
        let computed = self.link(tag::L1_LINK, first, [low[0], low[1], low[2], high[0]]);
        self.builder.connect_array(l1_link, computed);
        outputs
    }

    /// The chain of signatures with one more link, of the signer after the entry and of the payee
    /// link as the message. A transaction's last payee link is the message that its owner signs: it
    /// belongs to a Withdraw, or to the Credit that leaves nothing remaining.
    fn signature_link(&mut self, transaction: &RunningTransaction) -> [Target; 4] {
        let RunningTransaction { outputs, payee_hash, .. } = transaction;
        let elements = [&self.machine.signatures[..], &outputs.signer, payee_hash].concat();
        hash_checked(self.builder, tag::SIGNATURE_LINK, &elements).elements
    }

    fn link(&mut self, tag: Tag, chain: [Target; 4], word: [Target; 4]) -> [Target; 4] {
        hash_checked(self.builder, tag, &[chain, word].concat()).elements
    }
}
