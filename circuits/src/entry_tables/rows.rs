//! The rows of all tables for a chunk of entries, as an honest prover fills them.

use std::collections::{BTreeMap, BTreeSet};

use plonky2::field::types::Field;
use rayon::prelude::*;
use sheaf_crypto::hash::{DIGEST, Digest};
use sheaf_crypto::poseidon::WIDTH;
use sheaf_ledger::apply::{Siblings, Touch};
use sheaf_ledger::chunk::EntryChunk;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::limits::TREE_DEPTH;
use sheaf_ledger::machine::Machine;
use sheaf_ledger::rule_error::RuleError;
use sheaf_ledger::slot::{Leaf, leaf_digest};
use sheaf_ledger::tag;
use sheaf_ledger::transaction::SignedMessage;
use sheaf_plonk::gates::range_check::{RangeCheckRow, limbs_of};
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::value::Known;
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::{F, element};

use super::buses::first_state;
use super::columns::{fill, run, structure, values};
use super::entries::{EntryColumns, Row, machine};
use super::permutations::{Permutations, tag_of};
use super::signatures::SignatureRows;
use super::slots::LEAF;
use super::tree::NodeRow;
use crate::entry::access::AccessRow;
use crate::entry::publish::PublishRow;
use crate::entry::row::EntryWires;
use crate::entry::subject::{Subject, SubjectRow};
use crate::entry::transaction::TransactionRow;
use crate::entry::witness::EntryWitness;
use crate::error::Error;

/// The rows of all tables.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Rows of the entry table.
    pub entries: Vec<Vec<F>>,
    /// Rows of the slot table.
    pub slots: Vec<Vec<F>>,
    /// Rows of the tree table.
    pub tree: Vec<Vec<F>>,
    /// Rows of the signature table.
    pub signatures: Vec<Vec<F>>,
    /// Rows of the ladder table.
    pub ladder: Vec<Vec<F>>,
    /// Rows of the table of permutations.
    pub permutations: Vec<Vec<F>>,
}

/// Rows that are being filled.
#[derive(Default)]
struct Filling {
    rows: Rows,
    permutations: Permutations,
    /// The times of the entries that owe a signature.
    owed: Vec<usize>,
}

/// An entry, and what the table's row of the entry follows from.
struct Timed<'a> {
    /// The machine before the entry.
    machine: Machine,
    touch: &'a Touch,
    /// The time of the last entry on the slot before, or zero.
    earlier: usize,
    time: usize,
}

/// A slot in the course of a chunk.
struct Touched {
    before: Leaf,
    after: Leaf,
    last: usize,
    siblings: Box<Siblings>,
}

/// The entries of a chunk in the course of time, and the slots that they have touched.
struct Course<'a> {
    machine: Machine,
    entries: Vec<Timed<'a>>,
    touched: BTreeMap<u32, Touched>,
}

impl Rows {
    /// The rows of the chunk's entries, in order, and of so many `idle` entries on the last slot.
    /// Signatures are not checked here: the rows of a wrong signature break rules.
    ///
    /// # Errors
    /// The ledger's error when it refuses an entry, `WrongPath` among them; `Signatures` when the
    /// chunk has another number of signatures than its entries owe.
    pub fn new(chunk: &EntryChunk, idle: usize) -> Result<Self, Error> {
        let EntryChunk { before, touches, signed, after: _ } = chunk;
        let machine = before.without_signatures();
        let idling;
        let mut course = Course { machine, entries: Vec::new(), touched: BTreeMap::new() };
        for touch in touches {
            course.run(touch)?;
        }
        if let Some(last) = touches.last() {
            let slot = last.entry.slot();
            let (entry, leaf) = (Entry::Idle { slot }, course.touched[&slot].after);
            idling = Touch { entry, leaf, siblings: last.siblings.clone() };
            for _ in 0..idle {
                course.run(&idling)?;
            }
        }
        let Course { entries, touched, machine: _ } = course;
        let mut filling = Filling::default();
        filling.entries(&entries);
        let root = filling.slots_and_tree(&touched);
        if let Some(slot) = touched.keys().next().filter(|_| root != before.root) {
            return Err(RuleError::WrongPath { slot: *slot }.into());
        }
        filling.signatures(signed)?;
        let Filling { rows, permutations, owed: _ } = filling;
        Ok(Self { permutations: permutations.into_rows(), ..rows })
    }
}

impl<'a> Course<'a> {
    /// Runs one entry. Its path is checked later, with the paths of all others.
    fn run(&mut self, touch: &'a Touch) -> Result<(), RuleError> {
        let (slot, time, before) = (touch.entry.slot(), self.entries.len() + 1, self.machine);
        let found = self.touched.get(&slot);
        if found.is_some_and(|touched| touched.after != touch.leaf) {
            return Err(RuleError::WrongPath { slot });
        }
        let earlier = found.map_or(0, |touched| touched.last);
        let after = self.machine.step(&touch.entry, &touch.leaf)?.leaf;
        self.machine = self.machine.without_signatures();
        let touched = self.touched.entry(slot).or_insert_with(|| Touched {
            before: touch.leaf,
            after,
            last: time,
            siblings: touch.siblings.clone(),
        });
        (touched.after, touched.last) = (after, time);
        self.entries.push(Timed { machine: before, touch, earlier, time });
        Ok(())
    }
}

/// The row of one entry, while it is being filled, and the permutations that it asks for.
struct EntryRow {
    columns: EntryColumns<Known>,
    permutations: Permutations,
}

impl EntryRow {
    fn new(timed: &Timed<'_>) -> Self {
        let Timed { machine, touch, earlier, time } = timed;
        let witness = EntryWitness::new(machine, touch);
        let mut columns = EntryColumns::<Known>::read(&mut || Known(None));
        let known = |value: F| Known(Some(value));
        let number = |value: usize| known(F::from_canonical_usize(value));
        columns.time = [number(*time)];
        columns.earlier = [number(*earlier)];
        columns.gap = limbs_of(number(time - earlier - 1));
        let elements = machine.elements();
        columns.machine = core::array::from_fn(|i| known(element(elements[DIGEST + i])));
        fill(&mut columns.entry, &witness.wires, known);
        let mut row = Self { columns, permutations: Permutations::default() };
        row.fill_transaction();
        let columns = &mut row.columns;
        let hints = RangeCheckRow::hints(&Row::of(columns).amounts());
        fill(&mut columns.amounts, &hints, |value| value);
        let entry: EntryWires<Known> = structure(&columns.entry);
        let subject = Subject { elements: entry.subject };
        run::<SubjectRow>(&subject, &mut columns.subject, &mut columns.subject_hints);
        row.fill_words();
        row
    }

    /// Whether the entry owes a signature.
    fn owes(&self) -> bool {
        Row::of(&self.columns).owed() == Known(Some(F::ONE))
    }

    /// Access and running transaction, with the hashes of header and payee.
    fn fill_transaction(&mut self) {
        // Access asks for the pot's amount, a hint of the transaction's row, which knows the slot
        // only afterwards.
        for _ in 0..2 {
            run_transaction(&mut self.columns);
            let inputs = Row::of(&self.columns).access_inputs();
            let EntryColumns { access, access_hints, .. } = &mut self.columns;
            run::<AccessRow>(&inputs, access, access_hints);
        }
        let row = Row::of(&self.columns);
        let asked = [row.spends(), row.pays()];
        self.columns.header_hash = self.hash_if(asked[0], |row| {
            first_state(row.header_tag(), row.header().len(), &row.header())
        });
        run_transaction(&mut self.columns);
        self.columns.payee_hash =
            self.hash_if(asked[1], |row| first_state(tag_of(tag::PAYEE), 8, &row.payee()));
        run_transaction(&mut self.columns);
    }

    /// The words, and the chains with their links.
    fn fill_words(&mut self) {
        run_publish(&mut self.columns);
        let [data, on_l1] = Row::of(&self.columns).links();
        self.columns.data_link =
            self.hash_if(data, |row| first_state(tag_of(tag::DATA_LINK), 8, &row.data_word()));
        let link = |chain: [Known; 4], word: [Known; 4]| {
            first_state(tag_of(tag::L1_LINK), 8, &[chain, word].concat())
        };
        let chain = machine(&self.columns.machine).l1;
        self.columns.l1_first = self.hash_if(on_l1, |row| link(chain, row.l1_words()[0]));
        let chain = self.columns.l1_first;
        self.columns.l1_link = self.hash_if(on_l1, |row| link(chain, row.l1_words()[1]));
        run_publish(&mut self.columns);
    }

    /// The digest of the permutation of a state where the entry asks for the digest, else zeros.
    fn hash_if(
        &mut self,
        asked: Known,
        state: impl FnOnce(Row<'_, Known>) -> [Known; WIDTH],
    ) -> [Known; 4] {
        if asked == Known(Some(F::ONE)) {
            self.permutations.digest(state(Row::of(&self.columns)))
        } else {
            [Known(Some(F::ZERO)); 4]
        }
    }
}

impl Filling {
    /// Adds the rows of the entries.
    fn entries(&mut self, entries: &[Timed<'_>]) {
        let filled: Vec<EntryRow> = entries.par_iter().map(EntryRow::new).collect();
        for (row, timed) in filled.into_iter().zip(entries) {
            if row.owes() {
                self.owed.push(timed.time);
            }
            self.rows.entries.push(values(&row.columns));
            self.permutations.append(row.permutations);
        }
    }

    /// Adds the rows of the signatures that the entries owe.
    fn signatures(&mut self, signed: &[SignedMessage]) -> Result<(), Error> {
        let (expected, found) = (self.owed.len(), signed.len());
        if expected != found {
            return Err(Error::Signatures { expected, found });
        }
        let owed = self.owed.par_iter().zip(signed);
        let filled: Vec<_> = owed.map(|(time, signed)| SignatureRows::new(*time, signed)).collect();
        for SignatureRows { signature, ladder, permutations } in filled {
            self.rows.signatures.push(signature);
            self.rows.ladder.extend(ladder);
            self.permutations.append(permutations);
        }
        Ok(())
    }

    /// Adds the rows of the slots and of the nodes above; returns the root before.
    fn slots_and_tree(&mut self, touched: &BTreeMap<u32, Touched>) -> Digest {
        let mut nodes = BTreeMap::<u64, [Digest; 2]>::new();
        let mut beside = BTreeMap::<u64, Digest>::new();
        for (slot, Touched { before, after, last, siblings }) in touched {
            let digests = [before, after].map(leaf_digest);
            for leaf in [before, after] {
                if leaf.is_some() {
                    self.permutations.known_digest(leaf_state(leaf));
                }
            }
            let mut row =
                vec![F::ONE, F::from_canonical_u32(*slot), F::from_canonical_usize(*last)];
            row.extend([before, after].into_iter().flat_map(leaf_columns));
            row.extend(digests.iter().flat_map(|digest| digest.0.map(element)));
            self.rows.slots.push(row);
            let index = (1 << TREE_DEPTH) + u64::from(*slot);
            nodes.insert(index, digests);
            for (sibling, height) in siblings.iter().zip(0..) {
                beside.entry((index >> height) ^ 1).or_insert(*sibling);
            }
        }
        for _ in 0..TREE_DEPTH {
            nodes = self.parents(&nodes, &beside);
        }
        nodes.into_values().next().map_or(Digest::ZERO, |[before, _]| before)
    }

    /// Adds the rows of one level of the tree, and returns its nodes.
    fn parents(
        &mut self,
        children: &BTreeMap<u64, [Digest; 2]>,
        beside: &BTreeMap<u64, Digest>,
    ) -> BTreeMap<u64, [Digest; 2]> {
        let indices: BTreeSet<u64> = children.keys().map(|child| child / 2).collect();
        let indices: Vec<u64> = indices.into_iter().collect();
        let node = |index: &u64| NodeRow::above(*index, children, beside);
        let filled: Vec<NodeRow> = indices.par_iter().map(node).collect();
        let mut nodes = BTreeMap::new();
        for NodeRow { index, digests, row, states } in filled {
            nodes.insert(index, digests);
            self.rows.tree.push(row);
            states.into_iter().for_each(|state| self.permutations.known_digest(state));
        }
        nodes
    }
}

/// The columns of a leaf: whether it is open, and its fields in the order of its hash.
fn leaf_columns(leaf: &Leaf) -> [F; LEAF] {
    let Some(open) = leaf else { return [F::ZERO; LEAF] };
    let [o0, o1, o2] = open.owner.0.map(element);
    let number = |value: u64| F::from_canonical_u64(value);
    let fields = [u64::from(open.token), open.balance, u64::from(open.nonce)].map(number);
    [F::ONE, o0, o1, o2, fields[0], fields[1], fields[2]]
}

fn leaf_state(leaf: &Leaf) -> [Known; WIDTH] {
    let [_, fields @ ..] = leaf_columns(leaf).map(|value| Known(Some(value)));
    first_state(tag_of(tag::LEAF), fields.len(), &fields)
}

/// Fills the row of the running transaction, as far as its hashes are known.
fn run_transaction(columns: &mut EntryColumns<Known>) {
    let inputs = Row::of(columns).transaction_inputs();
    run::<TransactionRow>(&inputs, &mut columns.transaction, &mut columns.transaction_hints);
}

/// Fills the row of what the entry publishes, as far as its links are known.
fn run_publish(columns: &mut EntryColumns<Known>) {
    let inputs = Row::of(columns).publish_inputs();
    run::<PublishRow>(&inputs, &mut columns.publish, &mut columns.publish_hints);
}
