//! The rows of all tables for a chunk of entries, as an honest prover fills them.

use std::collections::{BTreeMap, BTreeSet};

use plonky2::field::types::Field;
use rayon::prelude::*;
use sheaf_crypto::hash::{DIGEST, Digest, hash_node};
use sheaf_crypto::poseidon::{RATE, WIDTH};
use sheaf_ledger::apply::{Siblings, Touch, apply};
use sheaf_ledger::chunk::EntryChunk;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::limits::TREE_DEPTH;
use sheaf_ledger::machine::Machine;
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

/// A slot in the course of a chunk.
struct Touched {
    before: Leaf,
    after: Leaf,
    last: usize,
    siblings: Box<Siblings>,
}

impl Rows {
    /// The rows of the chunk's entries, in order, and of so many `idle` entries on the last slot.
    /// Signatures are not checked here: the rows of a wrong signature break rules.
    ///
    /// # Errors
    /// The ledger's error when it refuses an entry; `Signatures` when the chunk has another number
    /// of signatures than its entries owe.
    pub fn new(chunk: &EntryChunk, idle: usize) -> Result<Self, Error> {
        let EntryChunk { before, touches, signed, after: _ } = chunk;
        let mut filling = Filling::default();
        let mut machine = *before;
        let mut touched = BTreeMap::new();
        for touch in touches {
            filling.run(&mut machine, &mut touched, touch)?;
        }
        if let Some(last) = touches.last() {
            let slot = last.entry.slot();
            let (entry, leaf) = (Entry::Idle { slot }, touched[&slot].after);
            let touch = Touch { entry, leaf, siblings: last.siblings.clone() };
            for _ in 0..idle {
                filling.run(&mut machine, &mut touched, &touch)?;
            }
        }
        filling.slots_and_tree(&touched);
        filling.signatures(signed)?;
        let Filling { rows, permutations, owed: _ } = filling;
        Ok(Self { permutations: permutations.into_rows(), ..rows })
    }
}

impl Filling {
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

    /// Adds the row of one entry and runs the entry.
    fn run(
        &mut self,
        machine: &mut Machine,
        touched: &mut BTreeMap<u32, Touched>,
        touch: &Touch,
    ) -> Result<(), Error> {
        let (slot, time) = (touch.entry.slot(), self.rows.entries.len() + 1);
        let earlier = touched.get(&slot).map_or(0, |touched| touched.last);
        let row = self.entry(machine, touch, [earlier, time]);
        self.rows.entries.push(row);
        let after = apply(machine, touch)?.leaf;
        let found = touched.entry(slot).or_insert_with(|| Touched {
            before: touch.leaf,
            after,
            last: time,
            siblings: touch.siblings.clone(),
        });
        (found.after, found.last) = (after, time);
        Ok(())
    }

    /// The row of one entry, and the permutations that it asks for.
    fn entry(&mut self, machine: &Machine, touch: &Touch, [earlier, time]: [usize; 2]) -> Vec<F> {
        let witness = EntryWitness::new(machine, touch);
        let mut columns = EntryColumns::<Known>::read(&mut || Known(None));
        let known = |value: F| Known(Some(value));
        let number = |value: usize| known(F::from_canonical_usize(value));
        columns.time = [number(time)];
        columns.earlier = [number(earlier)];
        columns.gap = limbs_of(number(time - earlier - 1));
        let elements = machine.elements();
        columns.machine = core::array::from_fn(|i| known(element(elements[DIGEST + i])));
        fill(&mut columns.entry, &witness.wires, known);
        self.fill_transaction(&mut columns);
        let hints = RangeCheckRow::hints(&Row::of(&columns).amounts());
        fill(&mut columns.amounts, &hints, |value| value);
        let entry: EntryWires<Known> = structure(&columns.entry);
        let subject = Subject { elements: entry.subject };
        run::<SubjectRow>(&subject, &mut columns.subject, &mut columns.subject_hints);
        self.fill_words(&mut columns);
        if Row::of(&columns).owed() == Known(Some(F::ONE)) {
            self.owed.push(time);
        }
        values(&columns)
    }

    /// Access and running transaction, with the hashes of header and payee.
    fn fill_transaction(&mut self, columns: &mut EntryColumns<Known>) {
        // Access asks for the pot's amount, a hint of the transaction's row, which knows the slot
        // only afterwards.
        for _ in 0..2 {
            run_transaction(columns);
            let inputs = Row::of(columns).access_inputs();
            run::<AccessRow>(&inputs, &mut columns.access, &mut columns.access_hints);
        }
        let row = Row::of(columns);
        let asked = [row.spends(), row.pays()];
        columns.header_hash = self.hash_if(asked[0], || {
            let row = Row::of(columns);
            first_state(row.header_tag(), row.header().len(), &row.header())
        });
        run_transaction(columns);
        columns.payee_hash = self
            .hash_if(asked[1], || first_state(tag_of(tag::PAYEE), 8, &Row::of(columns).payee()));
        run_transaction(columns);
    }

    /// The words, and the chains with their links.
    fn fill_words(&mut self, columns: &mut EntryColumns<Known>) {
        run_publish(columns);
        let row = Row::of(columns);
        let ([data, on_l1], owed) = (row.links(), row.owed());
        columns.data_link = self.hash_if(data, || {
            first_state(tag_of(tag::DATA_LINK), 8, &Row::of(columns).data_word())
        });
        let link = |chain: [Known; 4], word: [Known; 4]| {
            first_state(tag_of(tag::L1_LINK), 8, &[chain, word].concat())
        };
        let [first, second] = Row::of(columns).l1_words();
        let chain = machine(&columns.machine).l1;
        columns.l1_first = self.hash_if(on_l1, || link(chain, first));
        let chain = columns.l1_first;
        columns.l1_link = self.hash_if(on_l1, || link(chain, second));
        if owed == Known(Some(F::ONE)) {
            let [first, _] = Row::of(columns).signature_states();
            columns.signature_state = self.permutations.state(first);
            let [_, second] = Row::of(columns).signature_states();
            columns.signature_link = self.permutations.digest(second);
        } else {
            columns.signature_state = [Known(Some(F::ZERO)); WIDTH];
            columns.signature_link = [Known(Some(F::ZERO)); 4];
        }
        run_publish(columns);
    }

    /// The digest of the permutation of `state` where the entry asks for it, else zeros.
    fn hash_if(&mut self, asked: Known, state: impl FnOnce() -> [Known; WIDTH]) -> [Known; 4] {
        if asked == Known(Some(F::ONE)) {
            self.permutations.digest(state())
        } else {
            [Known(Some(F::ZERO)); 4]
        }
    }

    fn slots_and_tree(&mut self, touched: &BTreeMap<u32, Touched>) {
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
    }

    /// Adds the rows of one level of the tree, and returns its nodes.
    fn parents(
        &mut self,
        children: &BTreeMap<u64, [Digest; 2]>,
        beside: &BTreeMap<u64, Digest>,
    ) -> BTreeMap<u64, [Digest; 2]> {
        let indices: BTreeSet<u64> = children.keys().map(|child| child / 2).collect();
        let parent = |index: u64| {
            let child = |child: u64| match children.get(&child) {
                Some(digests) => (F::ONE, *digests),
                None => (F::ZERO, [beside[&child]; 2]),
            };
            let [(left, left_digests), (right, right_digests)] =
                [child(2 * index), child(2 * index + 1)];
            let parents: [Digest; 2] =
                core::array::from_fn(|i| hash_node(&left_digests[i], &right_digests[i]));
            let mut row = vec![F::ONE, F::from_canonical_u64(index), left, right];
            let [before, after] = [0, 1].map(|i| [left_digests[i], right_digests[i]]);
            for digest in before.iter().chain(&after).chain(&parents) {
                row.extend(digest.0.map(element));
            }
            self.rows.tree.push(row);
            for children in [before, after] {
                let elements: Vec<Known> = children
                    .iter()
                    .flat_map(|digest| digest.0.map(|value| Known(Some(element(value)))))
                    .collect();
                let state = first_state(tag_of(tag::NODE), RATE, &elements);
                self.permutations.known_digest(state);
            }
            (index, parents)
        };
        indices.into_iter().map(parent).collect()
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
