//! Splices: parts of a second honest witness put into the first, changes that keep a sum, and flags
//! that move on.
//!
//! A stroke leaves everything else as it was, so another check may fire in place of a missing one.
//! A part of another honest witness satisfies its own rows, so only the constraints that tie it to
//! the rest can refuse it. If one digit grows and its neighbour shrinks, their sum stays, so only
//! the range check of each digit can refuse the change. Each splice is tried alone and with all
//! copies of the wires that it changes.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use plonky2::iop::witness::PartialWitness;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::mutation::harness::{Subject, Tallies, strokes};
use crate::trace::Trace;

/// Rows of a block that begins anywhere.
const BLOCK_ROWS_MAX: usize = 24;

/// Runs of one gate that are put in together: a hash, the row that reads it, and rows after that.
const RUNS_MAX: usize = 3;

/// What neighbouring columns may weigh against each other: bits, limbs, digits, halves.
const WEIGHTS: [u64; 8] = [1, 2, 4, 8, 64, 1 << 16, 1 << 32, 1 << 62];

/// New values of wires.
type Changes = Vec<(usize, F)>;

impl Subject<'_> {
    /// Puts parts of the witness that `other` gives into the one that is to be changed.
    pub(super) fn splice(&self, other: &PartialWitness<F>, seed: u64) {
        let honest = self.layout.fill(self.inputs.clone(), &[]);
        let other = self.layout.fill(other.clone(), &[]);
        assert_eq!((honest.violations(), other.violations()), (vec![], vec![]));
        let mut splicer = Splicer::new(self, &honest, &other);
        let rows: Vec<usize> = self.rows().collect();
        rows.iter().for_each(|row| splicer.put(&[*row], &(0..self.layout.columns())));
        let runs = self.runs();
        for blocks in (1..=RUNS_MAX).flat_map(|count| runs.windows(count)) {
            splicer.put(&blocks.concat(), &(0..self.layout.columns()));
        }
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        for _ in 0..strokes() {
            let row = *rows.choose(&mut rng).expect("a circuit has rows");
            let columns = self.layout.used_columns(row);
            let first = rng.random_range(0..columns);
            match rng.random_range(0..4) {
                0 => {
                    let end = row + 1 + rng.random_range(0..BLOCK_ROWS_MAX);
                    let block: Vec<usize> =
                        rows.iter().copied().filter(|at| (row..end).contains(at)).collect();
                    splicer.put(&block, &(0..self.layout.columns()));
                }
                1 => splicer.put(&[row], &(first..rng.random_range(first..columns) + 1)),
                2 => splicer.keep_sum((row, first), *WEIGHTS.choose(&mut rng).expect("weights")),
                _ => splicer.shift_flag(row),
            }
        }
        println!("splices by gate: {:?}", splicer.tallies);
        splicer.tallies.assert_mostly_caught("splices");
    }

    fn rows(&self) -> impl Iterator<Item = usize> {
        let rows = self.first_row..self.layout.rows();
        rows.filter(|row| self.layout.used_columns(*row) > 0)
    }

    /// Rows of one gate that follow each other.
    fn runs(&self) -> Vec<Vec<usize>> {
        let mut runs: Vec<Vec<usize>> = Vec::new();
        for row in self.rows() {
            match runs.last_mut() {
                Some(run) if self.layout.gate(run[0]) == self.layout.gate(row) => run.push(row),
                _ => runs.push(vec![row]),
            }
        }
        runs
    }
}

struct Splicer<'a> {
    subject: &'a Subject<'a>,
    honest: &'a Trace<'a>,
    other: &'a Trace<'a>,
    trace: Trace<'a>,
    tallies: Tallies,
}

impl<'a> Splicer<'a> {
    fn new(subject: &'a Subject<'a>, honest: &'a Trace<'a>, other: &'a Trace<'a>) -> Self {
        Self { subject, honest, other, trace: honest.clone(), tallies: Tallies::default() }
    }

    /// These columns of these rows are the other witness's.
    fn put(&mut self, rows: &[usize], columns: &core::ops::Range<usize>) {
        let layout = self.subject.layout;
        let places = rows.iter().flat_map(|row| {
            let used = columns.end.min(layout.used_columns(*row));
            (columns.start..used).map(move |column| (*row, column))
        });
        let changes = places
            .map(|(row, column)| (row * layout.columns() + column, self.other.get(row, column)));
        self.try_changes(changes.collect());
    }

    /// One column is up by what its neighbour, which is down by one, weighs.
    fn keep_sum(&mut self, (row, column): (usize, usize), weight: u64) {
        if column + 1 < self.subject.layout.used_columns(row) {
            let wire = row * self.subject.layout.columns() + column;
            let [up, down] = [column, column + 1].map(|column| self.honest.get(row, column));
            let up = up + F::from_canonical_u64(weight);
            self.try_changes(vec![(wire, up), (wire + 1, down - F::ONE)]);
        }
    }

    /// Each one of a row moves to its neighbour, if that is zero.
    fn shift_flag(&mut self, row: usize) {
        let first = row * self.subject.layout.columns();
        for column in 1..self.subject.layout.used_columns(row) {
            let pair = [column - 1, column].map(|column| self.honest.get(row, column));
            if pair == [F::ONE, F::ZERO] || pair == [F::ZERO, F::ONE] {
                let [left, right] = pair;
                self.try_changes(vec![(first + column - 1, right), (first + column, left)]);
            }
        }
    }

    /// Makes the changes alone, then with all copies; judges both and takes them back.
    fn try_changes(&mut self, mut changes: Changes) {
        let (honest, layout) = (self.honest, self.subject.layout);
        let place = |wire: usize| (wire / layout.columns(), wire % layout.columns());
        let was = |wire: usize| {
            let (row, column) = place(wire);
            honest.get(row, column)
        };
        changes.retain(|(wire, value)| was(*wire) != *value);
        let Some((first, _)) = changes.first() else { return };
        let gate = layout.gate(place(*first).0);
        let copied = |(wire, value): &(usize, F)| -> Changes {
            let (row, column) = place(*wire);
            layout.copies(row, column).iter().map(|copy| (*copy, *value)).collect()
        };
        let with_copies = changes.iter().flat_map(copied).collect();
        for changes in [changes, with_copies] {
            changes.iter().for_each(|(wire, value)| self.trace.set(*wire, *value));
            let wires: Vec<usize> = changes.iter().map(|(wire, _)| *wire).collect();
            let caught = self.trace.breaks(&wires);
            let verdict = self.subject.judge(honest, (&self.trace, &wires), caught);
            self.tallies.record(gate.clone(), verdict);
            wires.iter().for_each(|wire| self.trace.set(*wire, was(*wire)));
        }
    }
}
