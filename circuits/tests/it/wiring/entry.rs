//! The sources of the inputs of the entry circuit.

use sheaf_circuits::entry::access::AccessRow;
use sheaf_circuits::entry::circuit::EntryCircuit;
use sheaf_circuits::entry::machine::MachineWires;
use sheaf_circuits::entry::publish::PublishRow;
use sheaf_circuits::entry::subject::SubjectRow;
use sheaf_circuits::entry::transaction::TransactionRow;
use sheaf_ledger::limits::TREE_DEPTH;
use sheaf_ledger::machine::MACHINE;
use sheaf_ledger::tag;
use sheaf_plonk::gates::range_check::RangeCheckRow;
use sheaf_plonk::gates::wires::Wires;

use crate::trace::Layout;
use crate::wiring::net::{Hash, Net, Row, Wire};

pub(super) const ENTRIES: usize = 2;

/// Rows of one entry.
struct Entry {
    leaf_before: Hash,
    access: Row<AccessRow>,
    leaf_after: Hash,
    transaction: Row<TransactionRow>,
    header: Hash,
    payee: Hash,
    amounts: Row<RangeCheckRow>,
    path_before: Vec<Hash>,
    path_after: Vec<Hash>,
    subject: Row<SubjectRow>,
    signature_link: Hash,
    publish: Row<PublishRow>,
    data_link: Hash,
    l1_links: [Hash; 2],
}

impl Entry {
    fn take(net: &mut Net) -> Self {
        let path = |net: &mut Net| (0..TREE_DEPTH).map(|_| net.hash(8)).collect();
        Self {
            leaf_before: net.hash(6),
            access: net.row(),
            leaf_after: net.hash(6),
            transaction: net.row(),
            header: net.hash(7),
            payee: net.hash(8),
            amounts: net.row(),
            path_before: path(net),
            path_after: path(net),
            subject: net.row(),
            signature_link: net.hash(11),
            publish: net.row(),
            data_link: net.hash(8),
            l1_links: [net.hash(8), net.hash(8)],
        }
    }

    /// What the prover gives, where the row of the slot or of the transaction reads it.
    fn give(&self, net: &mut Net) {
        let given = &self.access.inputs;
        net.given(&given.kind);
        net.given(&given.bits);
        net.given(&[given.open, given.token, given.balance, given.nonce].concat());
        net.given(&[given.owner, given.subject].concat());
        net.given(&[given.opened_token, given.amount, given.fee].concat());
        net.given(&self.transaction.inputs.pot);
        net.given(&self.transaction.inputs.valid_until);
    }

    /// The slot before and after.
    fn compare_access(&self, net: &mut Net, machine: &MachineWires<Wire>) {
        let Row { inputs, outputs, .. } = &self.access;
        let before = [&inputs.owner[..], &inputs.token, &inputs.balance, &inputs.nonce].concat();
        net.hashes_tagged("the leaf before", &self.leaf_before, (tag::LEAF, &before));
        let after = [&outputs.owner[..], &outputs.token, &outputs.balance, &outputs.nonce].concat();
        net.hashes_tagged("the leaf after", &self.leaf_after, (tag::LEAF, &after));
        net.same("access: the next slot", &inputs.next_slot, &machine.next_slot);
        net.same("access: the leaf's hash", &inputs.hash_before, &self.leaf_before.digest);
        net.same("access: the hash after", &inputs.hash_after, &self.leaf_after.digest);
        let pot = &self.transaction.hints.pot_amount;
        net.same("access: the pot's amount", &inputs.pot_amount, pot);
    }

    /// The running transaction.
    fn compare_transaction(&self, net: &mut Net, machine: &MachineWires<Wire>) {
        let Row { inputs, outputs, .. } = &self.transaction;
        let given = &self.access.inputs;
        let [_, debit, credit, withdraw, _, _, collect] = given.kind;
        let kind = [debit, credit, withdraw, collect];
        for (what, found, source) in [
            ("kind", &inputs.kind[..], &kind[..]),
            ("pots", &inputs.pots, &machine.pots),
            ("slot", &inputs.slot, &self.access.outputs.slot),
            ("owner", &inputs.owner, &given.owner),
            ("token", &inputs.token, &given.token),
            ("nonce", &inputs.nonce, &given.nonce),
            ("amount", &inputs.amount, &given.amount),
            ("fee", &inputs.fee, &given.fee),
            ("timestamp", &inputs.timestamp, &machine.timestamp),
            ("signer", &inputs.signer, &machine.signer),
            ("running token", &inputs.running_token, &machine.token),
            ("remaining", &inputs.remaining, &machine.remaining),
            ("message", &inputs.message, &machine.message),
            ("header's hash", &inputs.header_hash, &self.header.digest),
            ("payee's hash", &inputs.payee_hash, &self.payee.digest),
        ] {
            net.same(&format!("transaction: {what}"), found, source);
        }
        let packed = [outputs.slot_and_token[0], outputs.nonce_and_validity[0]];
        let header = [&machine.domain[..], &packed, &given.amount, &given.fee].concat();
        net.hashes("the header", &self.header, (outputs.tag[0], &header));
        let payee = [&outputs.payee_message[..], &given.subject, &given.amount].concat();
        net.hashes_tagged("the payee", &self.payee, (tag::PAYEE, &payee));
        let checked = [given.amount, self.access.outputs.balance, outputs.spare, outputs.pot_after];
        net.same("range checks", &self.amounts.inputs.values, &checked.concat());
    }

    /// One path to both roots; returns the new one.
    fn compare_path(&self, net: &mut Net, machine: &MachineWires<Wire>) -> [Wire; 4] {
        let (bits, slot) = (self.access.inputs.bits, &self.access.outputs);
        let (mut before, mut after) = (slot.digest_before, slot.digest_after);
        for (level, bit) in bits.into_iter().enumerate() {
            let [old, new] = [&self.path_before[level], &self.path_after[level]];
            let sibling = old.run(4);
            net.given(&sibling);
            net.hashes_node(old, [before, sibling], bit);
            net.hashes_node(new, [after, sibling], bit);
            (before, after) = (old.digest, new.digest);
        }
        net.same("the root before", &before, &machine.root);
        after
    }

    /// Words and chains.
    fn compare_publish(&self, net: &mut Net, machine: &MachineWires<Wire>) {
        let Row { inputs, outputs, .. } = &self.publish;
        let (given, slot) = (&self.access.inputs, &self.access.outputs);
        net.same("subject: its elements", &self.subject.inputs.elements, &given.subject);
        let (parts, transaction) = (&self.subject.outputs, &self.transaction.outputs);
        for (what, found, source) in [
            ("kind", &inputs.kind[..], &given.kind[..]),
            ("slot", &inputs.slot, &slot.slot),
            ("token", &inputs.token, &slot.token),
            ("amount", &inputs.amount, &given.amount),
            ("fee", &inputs.fee, &given.fee),
            ("low parts", &inputs.low, &parts.low),
            ("high parts", &inputs.high, &parts.high),
            ("same owner", &inputs.same_owner, &self.access.hints.same_owner),
            ("owed", &inputs.owed, &transaction.owed),
            ("data words", &inputs.data_words, &machine.data_words),
            ("L1 words", &inputs.l1_words, &machine.l1_words),
            ("signatures", &inputs.signatures, &machine.signatures),
            ("data chain", &inputs.data, &machine.data),
            ("L1 chain", &inputs.l1, &machine.l1),
            ("signature's link", &inputs.signature_link, &self.signature_link.digest),
            ("data link", &inputs.data_link, &self.data_link.digest),
            ("L1 link", &inputs.l1_link, &self.l1_links[1].digest),
        ] {
            net.same(&format!("publish: {what}"), found, source);
        }
        let owed = [&machine.signatures[..], &transaction.signer, &self.payee.digest].concat();
        net.hashes_tagged("the owed signature", &self.signature_link, (tag::SIGNATURE_LINK, &owed));
        let word = [machine.data, outputs.word].concat();
        net.hashes_tagged("the data word", &self.data_link, (tag::DATA_LINK, &word));
        let zero = net.zero();
        let first = [given.amount[0], zero, zero, outputs.l1_tail[0]];
        let first = [machine.l1, first].concat();
        let [first_link, second_link] = &self.l1_links;
        net.hashes_tagged("the first L1 word", first_link, (tag::L1_LINK, &first));
        let second = [parts.low[0], parts.low[1], parts.low[2], parts.high[0]];
        let second = [first_link.digest, second].concat();
        net.hashes_tagged("the second L1 word", second_link, (tag::L1_LINK, &second));
    }

    /// Compares all inputs with their sources; returns the machine after.
    fn compare(&self, net: &mut Net, machine: &MachineWires<Wire>) -> MachineWires<Wire> {
        self.give(net);
        self.compare_access(net, machine);
        self.compare_transaction(net, machine);
        let root = self.compare_path(net, machine);
        self.compare_publish(net, machine);
        let (transaction, publish) = (&self.transaction.outputs, &self.publish.outputs);
        MachineWires {
            root,
            next_slot: self.access.outputs.next_slot,
            domain: machine.domain,
            timestamp: machine.timestamp,
            signer: transaction.signer,
            token: transaction.running_token,
            remaining: transaction.remaining,
            message: transaction.message,
            pots: transaction.pots,
            signatures: publish.signatures,
            data: publish.data,
            l1: publish.l1,
            data_words: publish.data_words,
            l1_words: publish.l1_words,
        }
    }
}

/// The machine's elements, in the protocol's order.
fn elements(machine: &MachineWires<Wire>) -> Vec<Wire> {
    let mut elements = Vec::new();
    machine.visit(&mut |wire| elements.push(wire));
    elements
}

/// Compares the inputs of all rows of the circuit.
pub(super) fn compare(net: &mut Net) {
    let timestamp = net.row::<RangeCheckRow>();
    let before = net.hash(MACHINE);
    let mut hashed = before.run::<MACHINE>(0).into_iter();
    let first = MachineWires::read(&mut || hashed.next().expect("as many as a machine has"));
    net.given(&elements(&first));
    let zero = net.zero();
    let checked = [first.timestamp[0], zero, zero, zero];
    net.same("range check of the timestamp", &timestamp.inputs.values, &checked);
    net.hashes_tagged("the machine before", &before, (tag::MACHINE, &elements(&first)));
    let mut machine = first;
    for _ in 0..ENTRIES {
        machine = Entry::take(net).compare(net, &machine);
    }
    let after = net.hash(MACHINE);
    net.hashes_tagged("the machine after", &after, (tag::MACHINE, &elements(&machine)));
    net.states(&[before.digest, after.digest].concat());
}

#[test]
fn every_input_of_an_entry_has_its_source() {
    let circuit = EntryCircuit::build(ENTRIES);
    let layout = Layout::new(&circuit.data);
    let mut net = Net::new(&layout);
    compare(&mut net);
    net.finish();
}
