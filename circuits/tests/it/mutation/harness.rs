//! Strokes and lies over one witness, and the demands on their results.

use std::collections::BTreeMap;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use plonky2::iop::witness::PartialWitness;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

use crate::trace::run::Run;
use crate::trace::{Layout, Trace};

/// Strokes on each witness unless the environment says otherwise.
const STROKES: usize = 3_000;

/// Strokes for each lie, which costs more.
const STROKES_PER_LIE: usize = 4;

/// The seed unless the environment says otherwise.
const SEED: u64 = 1;

/// What is done to a value.
#[derive(Clone, Copy, Debug)]
enum Operator {
    Increment,
    Random,
    Zero,
    One,
    Negate,
    CopyFromNeighbour,
    CopyFromOtherRow,
}

const OPERATORS: [Operator; 7] = [
    Operator::Increment,
    Operator::Random,
    Operator::Zero,
    Operator::One,
    Operator::Negate,
    Operator::CopyFromNeighbour,
    Operator::CopyFromOtherRow,
];

/// Another value for what the prover gives: all operators but those that copy.
pub(super) fn other_value(value: F, rng: &mut ChaCha20Rng) -> F {
    let changes = [value + F::ONE, -value, F::ZERO, F::ONE, F::TWO];
    let random = F::from_noncanonical_u64(rng.random());
    let short = F::from_canonical_u64(rng.random_range(0..1 << 16));
    let choices = changes.into_iter().chain([random, short, value - F::ONE]);
    let choices: Vec<F> = choices.filter(|choice| *choice != value).collect();
    *choices.choose(rng).expect("not all are the same")
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It broke something.
    Caught,
    /// It was of a wire that nothing reads.
    Unused,
    /// It was of a hint that the case leaves open.
    Free,
}

/// How many changes of a gate's wires were tried and what came of them.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    tried: usize,
    caught: usize,
    unused: usize,
}

/// Tallies by gate.
#[derive(Debug, Default)]
pub(super) struct Tallies(BTreeMap<String, Tally>);

impl Tallies {
    pub(super) fn record(&mut self, gate: String, verdict: Verdict) {
        let tally = self.0.entry(gate).or_default();
        tally.tried += 1;
        tally.caught += usize::from(verdict == Verdict::Caught);
        tally.unused += usize::from(verdict == Verdict::Unused);
    }

    /// A harness that catches nothing, or tries nothing, is broken itself.
    pub(super) fn assert_mostly_caught(&self, what: &str) {
        let tried: usize = self.0.values().map(|tally| tally.tried).sum();
        println!("{tried} {what}: {:?}", self.0);
        for (gate, Tally { tried, caught, unused }) in &self.0 {
            let used = tried - unused;
            assert!(used == 0 || caught * 10 > used * 7, "{what}: {caught} of {used} of {gate}");
        }
        let used: usize = self.0.values().map(|tally| tally.tried - tally.unused).sum();
        assert!(used * 2 > tried, "{what}: {used} of {tried} wires are used");
    }
}

/// The number of strokes on each witness.
pub(super) fn strokes() -> usize {
    number("SHEAF_MUTATIONS").map_or(STROKES, |strokes| strokes as usize)
}

/// The seed, which is printed so that a run can be repeated.
pub(super) fn seed() -> u64 {
    let seed = number("SHEAF_SEED").unwrap_or(SEED);
    println!("SHEAF_SEED={seed}");
    seed
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("the variable holds a number"))
}

/// Whether an honest trace's case leaves the wire at a row and a column open.
pub(crate) type IsFree = fn(&Trace, (usize, usize)) -> bool;

/// A witness to be changed.
pub(super) struct Subject<'a> {
    pub layout: &'a Layout<'a>,
    pub inputs: &'a PartialWitness<F>,
    /// Rows before it are left alone.
    pub first_row: usize,
    pub is_free: IsFree,
}

/// A gate's name, a wire of it and another value for that wire.
struct Change {
    gate: String,
    row: usize,
    column: usize,
    value: F,
}

/// Picks wires of a circuit and changes them, each kind of gate as often as the others.
struct Mutator {
    /// By gate: its rows.
    gates: Vec<(String, Vec<usize>)>,
    rng: ChaCha20Rng,
}

impl Mutator {
    fn new(subject: &Subject, seed: u64) -> Self {
        let layout = subject.layout;
        let mut gates = BTreeMap::<String, Vec<usize>>::new();
        let rows = subject.first_row..layout.rows();
        for row in rows.filter(|row| layout.used_columns(*row) > 0) {
            gates.entry(layout.gate(row)).or_default().push(row);
        }
        let rng = ChaCha20Rng::seed_from_u64(seed);
        Self { gates: gates.into_iter().collect(), rng }
    }

    fn change(&mut self, honest: &Trace) -> Change {
        let Self { gates, rng } = self;
        loop {
            let (gate, rows) = gates.choose(rng).expect("a circuit has gates");
            let row = *rows.choose(rng).expect("a gate that occurs has rows");
            let column = rng.random_range(0..honest.layout.used_columns(row));
            let was = honest.get(row, column);
            let value = match *OPERATORS.choose(rng).expect("there are operators") {
                Operator::Increment => was + F::ONE,
                Operator::Random => F::from_noncanonical_u64(rng.random()),
                Operator::Zero => F::ZERO,
                Operator::One => F::ONE,
                Operator::Negate => -was,
                Operator::CopyFromNeighbour => honest.get(row, column.saturating_sub(1)),
                Operator::CopyFromOtherRow => {
                    honest.get(rng.random_range(0..honest.layout.rows()), column)
                }
            };
            if value != was {
                return Change { gate: gate.clone(), row, column, value };
            }
        }
    }
}

/// Wires of one operation of plonky2's gate for sums and products, several of which share a row.
const OPERATION: usize = 4;

/// Whether the wire belongs to an operation of which no wire is joined to another: the rest of a
/// row that the circuit builder has not filled.
fn is_unused(layout: &Layout, (row, column): (usize, usize)) -> bool {
    let first = column - column % OPERATION;
    layout.gate(row).starts_with("ArithmeticGate")
        && (first..first + OPERATION).all(|wire| layout.copies(row, wire).len() == 1)
}

impl Subject<'_> {
    /// Judges a change that broke something or not by all wires that are now different.
    pub(super) fn judge(
        &self,
        honest: &Trace,
        changed: (&Trace, &[usize]),
        caught: bool,
    ) -> Verdict {
        if caught {
            return Verdict::Caught;
        }
        let (trace, wires) = changed;
        assert_eq!(trace.public_inputs(), honest.public_inputs());
        let mut verdict = Verdict::Unused;
        for place in trace.read_by_gates(wires) {
            if !is_unused(self.layout, place) {
                let gate = self.layout.gate(place.0);
                assert!((self.is_free)(honest, place), "{gate}: no rule holds {place:?}");
                verdict = Verdict::Free;
            }
        }
        verdict
    }

    /// Changes wires one at a time, every second time with all copies so that gates are tried and
    /// not copies.
    fn stroke(&self, honest: &Trace, seed: u64) -> Tallies {
        let layout = self.layout;
        let mut mutator = Mutator::new(self, seed);
        let mut tallies = Tallies::default();
        let mut trace = honest.clone();
        for i in 0..strokes() {
            let Change { gate, row, column, value } = mutator.change(honest);
            let own = [row * layout.columns() + column];
            let changed = if i % 2 == 0 { layout.copies(row, column) } else { &own };
            changed.iter().for_each(|&wire| trace.set(wire, value));
            let caught = trace.breaks(changed);
            tallies.record(gate, self.judge(honest, (&trace, changed), caught));
            changed.iter().for_each(|&wire| trace.set(wire, honest.get(row, column)));
        }
        tallies
    }

    /// Changes wires that the prover computes and recomputes the rest. Those that he is given he
    /// may lie about without being caught, if what he then states is true: that is for the ledger
    /// to judge.
    fn lie(&self, run: &mut Run, seed: u64) -> Tallies {
        let mut mutator = Mutator::new(self, seed);
        let mut tallies = Tallies::default();
        let honest = run.honest().clone();
        let mut left = strokes() / STROKES_PER_LIE;
        while left > 0 {
            let Change { gate, row, column, value } = mutator.change(&honest);
            let target = Target::wire(row, column);
            if !run.is_given(target) {
                left -= 1;
                let verdict = run.lie(&[(target, value)], |trace, changed, caught| {
                    self.judge(&honest, (trace, changed), caught)
                });
                tallies.record(gate, verdict);
            }
        }
        tallies
    }

    /// Strokes and lies.
    pub(super) fn mutate(&self, seed: u64) {
        let mut run = Run::new(self.layout, self.inputs);
        let honest = run.honest().clone();
        self.stroke(&honest, seed).assert_mostly_caught("strokes");
        self.lie(&mut run, seed).assert_mostly_caught("lies");
    }
}
