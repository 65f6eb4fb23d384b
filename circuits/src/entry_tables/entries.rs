//! The entry table: each entry of the chunk, idle ones included.
//!
//! 1. The row takes the machine at its time and gives the machine at the next time.
//! 2. The row takes its slot's leaf as of an earlier time, and gives the leaf as of its own time.
//!    The earlier time is at most 2^16 below.
//! 3. The bits of the slot are zero or one.
//! 4. The rows of rules hold that [`crate::entry`] names: access, running transaction, amounts,
//!    subject and words. Their outputs are columns, except that the digests of leaves, which the
//!    slot table knows, are zero.
//! 5. The hashes that the entry's kind needs are right. A hash that the kind does not need changes
//!    nothing.
//! 6. Domain and timestamp never change.
//! 7. An entry that owes a signature sends its time, the signer and the message. Such messages
//!    take the place of the chain of signatures, which never changes.
//!
//! The root is not in the course of the chunk: only the circuit sees a root, before and after.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_crypto::hash::DIGEST;
use sheaf_ledger::kind::{Kind, KindFacts};
use sheaf_ledger::machine::MACHINE;
use sheaf_ledger::tag;
use sheaf_plonk::gates::range_check::{AmountLimbs, Amounts, RangeCheckRow, check_limbs};
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::{Wires, wires};
use sheaf_plonk::tables::rules::{Collect, TableRules};

use super::buses::{
    Asked, LEAVES, MACHINES, SIGNATURES, check_digest, check_hash, first_state, owed_message,
};
use super::columns::{check_row, structure};
use super::slots::{self, LEAF};
use crate::entry::access::{AccessHints, AccessInputs, AccessOutputs, AccessRow};
use crate::entry::flags::{self, Flags};
use crate::entry::machine::MachineWires;
use crate::entry::publish::{PublishHints, PublishInputs, PublishOutputs, PublishRow, links};
use crate::entry::row::EntryWires;
use crate::entry::subject::{Parts, Split, Subject, SubjectRow};
use crate::entry::transaction::{
    TransactionHints, TransactionInputs, TransactionOutputs, TransactionRow,
};

/// Elements of a machine without its root.
pub const ROOTLESS: usize = MACHINE - DIGEST;
/// Limbs of two bits of the time between two entries on a slot, less one.
const GAP_LIMBS: usize = 8;

wires! {
    /// The columns of the table. Lists that are structures elsewhere have the structure's order.
    EntryColumns {
        /// The entry's time: the first entry of a chunk has the time 1.
        time: 1,
        /// The time of the last entry on the slot before, or zero.
        earlier: 1,
        /// The limbs of `time` − `earlier` − 1.
        gap: GAP_LIMBS,
        /// [`MachineWires`] before the entry, without the root.
        machine: ROOTLESS,
        /// [`EntryWires`].
        entry: EntryWires::<Known>::LENGTH,
        /// [`AccessOutputs`].
        access: AccessOutputs::<Known>::LENGTH,
        /// [`AccessHints`].
        access_hints: AccessHints::<Known>::LENGTH,
        /// [`TransactionOutputs`].
        transaction: TransactionOutputs::<Known>::LENGTH,
        /// [`TransactionHints`].
        transaction_hints: TransactionHints::<Known>::LENGTH,
        /// [`AmountLimbs`].
        amounts: AmountLimbs::<Known>::LENGTH,
        /// [`Parts`] of the subject.
        subject: Parts::<Known>::LENGTH,
        /// [`Split`] of the subject.
        subject_hints: Split::<Known>::LENGTH,
        /// [`PublishOutputs`].
        publish: PublishOutputs::<Known>::LENGTH,
        /// [`PublishHints`].
        publish_hints: PublishHints::<Known>::LENGTH,
        /// m0: the hash of the header.
        header_hash: 4,
        /// The hash of the payee link.
        payee_hash: 4,
        /// The chain of data words with one more link.
        data_link: 4,
        /// The chain of L1 words with one more link.
        l1_first: 4,
        /// The chain of L1 words with two more links.
        l1_link: 4,
    }
}

/// The machine whose elements, but for the root, are these; the root is zero.
#[inline(always)]
pub(super) fn machine<V: Value>(rootless: &[V; ROOTLESS]) -> MachineWires<V> {
    let zero = rootless[0].constant(GoldilocksField::ZERO);
    let mut elements = [zero; MACHINE];
    elements[DIGEST..].copy_from_slice(rootless);
    structure(&elements)
}

/// The rules of the table.
#[derive(Clone, Copy, Debug, Default)]
pub struct EntryRules;

impl TableRules for EntryRules {
    const NAME: &'static str = "entries";
    const WIDTH: usize = EntryColumns::<Known>::LENGTH;

    #[inline(always)]
    fn evaluate<V: Value>(row: &[V], collect: &mut impl Collect<V>) {
        let columns: EntryColumns<V> = structure(row);
        let row = Row::of(&columns);
        row.check_time(collect);
        row.check_rows(collect);
        row.check_hashes(collect);
        row.exchange(collect);
    }
}

/// A row whose lists are structures again.
pub(super) struct Row<'a, V> {
    columns: &'a EntryColumns<V>,
    machine: MachineWires<V>,
    entry: EntryWires<V>,
    access: AccessOutputs<V>,
    transaction: TransactionOutputs<V>,
    subject: Parts<V>,
    publish: PublishOutputs<V>,
}

impl<'a, V: Value> Row<'a, V> {
    #[inline(always)]
    pub(super) fn of(columns: &'a EntryColumns<V>) -> Self {
        Self {
            columns,
            machine: machine(&columns.machine),
            entry: structure(&columns.entry),
            access: structure(&columns.access),
            transaction: structure(&columns.transaction),
            subject: structure(&columns.subject),
            publish: structure(&columns.publish),
        }
    }

    #[inline(always)]
    fn zero(&self) -> V {
        self.columns.time[0].constant(GoldilocksField::ZERO)
    }

    #[inline(always)]
    fn one(&self) -> V {
        self.columns.time[0].constant(GoldilocksField::ONE)
    }

    /// Statement 3, and the earlier time of 2.
    #[inline(always)]
    fn check_time(&self, collect: &mut impl Collect<V>) {
        let ([time], [earlier]) = (self.columns.time, self.columns.earlier);
        let gap = check_limbs(&self.columns.gap, &mut |value| collect.zero(value));
        collect.zero(time - earlier - gap - self.one());
        for bit in self.entry.bits {
            collect.zero(bit * bit - bit);
        }
    }

    /// Statement 4.
    #[inline(always)]
    fn check_rows(&self, collect: &mut impl Collect<V>) {
        let EntryColumns {
            access,
            access_hints,
            transaction,
            transaction_hints,
            amounts,
            subject,
            subject_hints,
            publish,
            publish_hints,
            ..
        } = self.columns;
        check_row::<AccessRow, V>(&self.access_inputs(), access, access_hints, collect);
        let inputs = self.transaction_inputs();
        check_row::<TransactionRow, V>(&inputs, transaction, transaction_hints, collect);
        check_row::<RangeCheckRow, V>(&self.amounts(), &[], amounts, collect);
        let elements = self.entry.subject;
        check_row::<SubjectRow, V>(&Subject { elements }, subject, subject_hints, collect);
        check_row::<PublishRow, V>(&self.publish_inputs(), publish, publish_hints, collect);
    }

    #[inline(always)]
    pub(super) fn access_inputs(&self) -> AccessInputs<V> {
        let EntryWires { kind, open, owner, token, balance, nonce, subject, .. } = self.entry;
        let EntryWires { opened_token, amount, fee, bits, .. } = self.entry;
        let hints: TransactionHints<V> = structure(&self.columns.transaction_hints);
        AccessInputs {
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
            hash_before: [self.zero(); 4],
            pot_amount: hints.pot_amount,
            hash_after: [self.zero(); 4],
        }
    }

    #[inline(always)]
    pub(super) fn transaction_inputs(&self) -> TransactionInputs<V> {
        let EntryWires { kind, pot, owner, token, nonce, amount, fee, valid_until, .. } =
            self.entry;
        let MachineWires { pots, timestamp, signer, token: running_token, .. } = self.machine;
        let MachineWires { remaining, message, .. } = self.machine;
        TransactionInputs {
            kind: flags::of_transaction(&kind),
            pot,
            pots,
            slot: self.access.slot,
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
            header_hash: self.columns.header_hash,
            payee_hash: self.columns.payee_hash,
        }
    }

    /// Amount, balance after, fee or what a Credit leaves, and the pot after.
    #[inline(always)]
    pub(super) fn amounts(&self) -> Amounts<V> {
        let ([amount], [balance]) = (self.entry.amount, self.access.balance);
        let ([spare], [pot_after]) = (self.transaction.spare, self.transaction.pot_after);
        Amounts { values: [amount, balance, spare, pot_after] }
    }

    #[inline(always)]
    pub(super) fn publish_inputs(&self) -> PublishInputs<V> {
        let EntryWires { kind, amount, fee, .. } = self.entry;
        let MachineWires { data_words, l1_words, signatures, data, l1, .. } = self.machine;
        let Parts { low, high } = self.subject;
        let hints: AccessHints<V> = structure(&self.columns.access_hints);
        PublishInputs {
            kind,
            slot: self.access.slot,
            token: self.access.token,
            amount,
            fee,
            low,
            high,
            same_owner: hints.same_owner,
            owed: self.transaction.owed,
            data_words,
            l1_words,
            signatures,
            data,
            l1,
            signature_link: signatures,
            data_link: self.columns.data_link,
            l1_link: self.columns.l1_link,
        }
    }

    /// Statement 5.
    #[inline(always)]
    fn check_hashes(&self, collect: &mut impl Collect<V>) {
        let EntryColumns { header_hash, payee_hash, data_link, l1_first, l1_link, .. } =
            self.columns;
        let header = first_state(self.header_tag(), HEADER, &self.header());
        check_digest(Asked { count: self.spends(), digest: header_hash }, &header, collect);
        let payee = Asked { count: self.pays(), digest: payee_hash };
        check_hash(payee, tag::PAYEE, &self.payee(), collect);
        let [on_data, on_l1] = self.links();
        let data = Asked { count: on_data, digest: data_link };
        check_hash(data, tag::DATA_LINK, &self.data_word(), collect);
        let [first, second] = self.l1_words();
        let links =
            [(l1_first, pair(&self.machine.l1, &first)), (l1_link, pair(l1_first, &second))];
        for (digest, link) in links {
            check_hash(Asked { count: on_l1, digest }, tag::L1_LINK, &link, collect);
        }
    }

    #[inline(always)]
    pub(super) fn header(&self) -> [V; HEADER] {
        let [d0, d1, d2] = self.machine.domain;
        let TransactionOutputs { slot_and_token, nonce_and_validity, .. } = self.transaction;
        let ([amount], [fee]) = (self.entry.amount, self.entry.fee);
        [d0, d1, d2, slot_and_token[0], nonce_and_validity[0], amount, fee]
    }

    /// The tag of the header.
    #[inline(always)]
    pub(super) fn header_tag(&self) -> V {
        self.transaction.tag[0]
    }

    #[inline(always)]
    pub(super) fn payee(&self) -> [V; 8] {
        let ([s0, s1, s2], [amount]) = (self.entry.subject, self.entry.amount);
        pair(&self.transaction.payee_message, &[s0, s1, s2, amount])
    }

    #[inline(always)]
    pub(super) fn data_word(&self) -> [V; 8] {
        pair(&self.machine.data, &self.publish.word)
    }

    #[inline(always)]
    pub(super) fn l1_words(&self) -> [[V; 4]; 2] {
        let ([amount], [tail]) = (self.entry.amount, self.publish.l1_tail);
        let Parts { low: [l0, l1, l2], high: [high] } = self.subject;
        [[amount, self.zero(), self.zero(), tail], [l0, l1, l2, high]]
    }

    #[inline(always)]
    pub(super) fn spends(&self) -> V {
        Flags::of_all(&self.entry.kind).spends()
    }

    #[inline(always)]
    pub(super) fn pays(&self) -> V {
        Flags::of_all(&self.entry.kind).sum(KindFacts::pays)
    }

    #[inline(always)]
    pub(super) fn owed(&self) -> V {
        self.transaction.owed[0]
    }

    /// One if the entry lengthens the chain of data words, then of L1 words, else zero.
    #[inline(always)]
    pub(super) fn links(&self) -> [V; 2] {
        links(&self.entry.kind)
    }

    /// Statements 1, 2, 6 and 7.
    #[inline(always)]
    fn exchange(&self, collect: &mut impl Collect<V>) {
        let (one, [time]) = (self.one(), self.columns.time);
        let after = self.machine_after();
        collect.receive(MACHINES, one, &machine_message(time, &self.columns.machine));
        let next = time.plus(GoldilocksField::ONE);
        collect.send(MACHINES, one, &machine_message(next, &after));
        let [slot] = self.access.slot;
        let (before, after) = (self.leaf_before(), self.leaf_after());
        collect.receive(LEAVES, one, &slots::message(slot, self.columns.earlier[0], &before));
        collect.send(LEAVES, one, &slots::message(slot, time, &after));
        let signed = owed_message(time, &self.transaction.signer, &self.columns.payee_hash);
        collect.send(SIGNATURES, self.owed(), &signed);
    }

    #[inline(always)]
    pub(super) fn leaf_before(&self) -> [V; LEAF] {
        let EntryWires { open, owner, token, balance, nonce, .. } = self.entry;
        [open[0], owner[0], owner[1], owner[2], token[0], balance[0], nonce[0]]
    }

    #[inline(always)]
    pub(super) fn leaf_after(&self) -> [V; LEAF] {
        let AccessOutputs { owner, token, balance, nonce, .. } = self.access;
        let opening = Flags::of_all(&self.entry.kind).of(Kind::Open);
        let open = self.entry.open[0] + opening;
        [open, owner[0], owner[1], owner[2], token[0], balance[0], nonce[0]]
    }

    /// The machine after the entry, without its root.
    #[inline(always)]
    pub(super) fn machine_after(&self) -> [V; ROOTLESS] {
        let TransactionOutputs { signer, running_token, remaining, pots, message, .. } =
            self.transaction;
        let PublishOutputs { signatures, data, l1, data_words, l1_words, .. } = self.publish;
        // Every field is named, so code that forgets a part of the machine does not compile.
        let after = MachineWires {
            root: self.machine.root,
            next_slot: self.access.next_slot,
            domain: self.machine.domain,
            timestamp: self.machine.timestamp,
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
        rootless(&after)
    }
}

/// Elements of a header.
pub(super) const HEADER: usize = 7;

/// The elements of a machine without its root.
#[inline(always)]
pub(super) fn rootless<V: Copy>(machine: &MachineWires<V>) -> [V; ROOTLESS] {
    let mut elements = Vec::with_capacity(MACHINE);
    machine.visit(&mut |element| elements.push(element));
    core::array::from_fn(|i| elements[DIGEST + i])
}

/// The machine at a time as a message.
#[inline(always)]
pub fn machine_message<V: Copy>(time: V, rootless: &[V; ROOTLESS]) -> [V; 1 + ROOTLESS] {
    core::array::from_fn(|i| if i == 0 { time } else { rootless[i - 1] })
}

#[inline(always)]
fn pair<V: Copy>(left: &[V; 4], right: &[V; 4]) -> [V; 8] {
    core::array::from_fn(|i| if i < 4 { left[i] } else { right[i - 4] })
}
