//! Mutations of honest witnesses, on any circuit: whatever a prover changes, a constraint breaks
//! or nothing that is public has changed.
//!
//! Two kinds. A *stroke* changes one wire, or it and all its copies, and nothing else. A *lie*
//! changes one wire that the prover computes and then recomputes everything else from it. Each must
//! break something, unless the wire is *unused*: part of an operation that is joined to nothing, so
//! that nothing read it before either; or *free*: a hint that the case at hand leaves open, and
//! those are listed. Whatever breaks nothing has changed such wires only, and nothing public.
//!
//! `SHEAF_MUTATIONS` sets how many strokes are tried on each of the four witnesses (6,000 unless
//! set); there is a lie for each twentieth: `SHEAF_MUTATIONS=1000000 cargo test --release -p
//! sheaf-circuits --test mutation -- --nocapture` runs for hours and says what it did.

#[allow(dead_code, reason = "other tests use the rest")]
mod ledger_world;
mod trace;

use std::collections::BTreeMap;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use plonky2::iop::target::Target;
use plonky2::iop::witness::PartialWitness;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sheaf_circuits::data::DataCircuit;
use sheaf_circuits::entry::access::AccessRow;
use sheaf_circuits::entry::circuit::EntryCircuit;
use sheaf_circuits::entry::subject::SubjectRow;
use sheaf_circuits::entry::transaction::TransactionRow;
use sheaf_circuits::gates::rules::RowRules;
use sheaf_circuits::gates::wires::Wires;
use sheaf_circuits::signature::circuit::SignatureCircuit;
use sheaf_circuits::signature::link::LinkWires;
use sheaf_ledger::binding::Cursor;
use sheaf_ledger::chunk::{CursorStep, DataChunk};
use sheaf_ledger::goldilocks::Fe;
use sheaf_ledger::hash::{Digest, Tag, hash};
use sheaf_ledger::key::SecretKey;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::scalar::Scalar;
use sheaf_ledger::transaction::SignedMessage;
use sheaf_ledger::word::Word;

use crate::ledger_world::World;
use crate::trace::{Layout, Trace, Violation};

/// Strokes on each witness unless the environment says otherwise.
const STROKES: usize = 6_000;

/// Strokes for each lie, which costs a whole witness.
const STROKES_PER_LIE: usize = 20;

/// What is done to a wire.
#[derive(Clone, Copy, Debug)]
enum Operator {
    Increment,
    Random,
    Zero,
    Negate,
    CopyFromNeighbour,
    CopyFromOtherRow,
}

const OPERATORS: [Operator; 6] = [
    Operator::Increment,
    Operator::Random,
    Operator::Zero,
    Operator::Negate,
    Operator::CopyFromNeighbour,
    Operator::CopyFromOtherRow,
];

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
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

type Tallies = BTreeMap<String, Tally>;

fn strokes() -> usize {
    let given = std::env::var("SHEAF_MUTATIONS").ok();
    given.map_or(STROKES, |text| text.parse().expect("SHEAF_MUTATIONS is a number"))
}

/// Picks wires of a circuit and changes them, each kind of gate as often as the others.
struct Mutator<'a> {
    honest: &'a Trace<'a>,
    /// By gate: its rows.
    gates: Vec<(String, Vec<usize>)>,
    rng: ChaCha20Rng,
}

impl<'a> Mutator<'a> {
    fn new(honest: &'a Trace<'a>, seed: u64) -> Self {
        assert_eq!(honest.violations(), vec![]);
        let layout = honest.layout;
        let mut gates = BTreeMap::<String, Vec<usize>>::new();
        for row in (0..layout.rows()).filter(|row| layout.used_columns(*row) > 0) {
            gates.entry(layout.gate(row)).or_default().push(row);
        }
        let rng = ChaCha20Rng::seed_from_u64(seed);
        Self { honest, gates: gates.into_iter().collect(), rng }
    }

    /// A gate's name, a wire of it and another value for that wire.
    fn change(&mut self) -> (String, usize, usize, F) {
        let Self { honest, gates, rng } = self;
        loop {
            let (gate, rows) = gates.choose(rng).expect("a circuit has gates");
            let row = *rows.choose(rng).expect("a gate that occurs has rows");
            let column = rng.random_range(0..honest.layout.used_columns(row));
            let value = honest.get(row, column);
            let changed = match *OPERATORS.choose(rng).expect("there are operators") {
                Operator::Increment => value + F::ONE,
                Operator::Random => F::from_noncanonical_u64(rng.random()),
                Operator::Zero => F::ZERO,
                Operator::Negate => -value,
                Operator::CopyFromNeighbour => honest.get(row, column.saturating_sub(1)),
                Operator::CopyFromOtherRow => {
                    honest.get(rng.random_range(0..honest.layout.rows()), column)
                }
            };
            if changed != value {
                return (gate.clone(), row, column, changed);
            }
        }
    }
}

/// Wires of one operation of plonky2's gate for sums and products, several of which share a row.
const OPERATION: usize = 4;

/// Whether the wire belongs to an operation of which no wire is joined to another: the rest of a
/// row that the circuit builder has not filled.
fn is_unused(layout: &Layout, gate: &str, (row, column): (usize, usize)) -> bool {
    let first = column - column % OPERATION;
    gate.starts_with("ArithmeticGate")
        && (first..first + OPERATION).all(|wire| layout.copies(row, wire).len() == 1)
}

/// Which wires of a gate the circuit's cases may leave open.
type IsFree = fn(&str, usize) -> bool;

/// Judges a change of one wire, and whatever was recomputed from it, by all that is now different.
fn judge(honest: &Trace, changed: &Trace, is_free: IsFree, caught: bool) -> Verdict {
    if caught {
        return Verdict::Caught;
    }
    assert_eq!(changed.public_inputs(), honest.public_inputs());
    let layout = honest.layout;
    let mut verdict = Verdict::Unused;
    for (row, column) in changed.differences(honest) {
        let gate = layout.gate(row);
        if !is_unused(layout, &gate, (row, column)) {
            assert!(is_free(&gate, column), "{gate}: no rule holds row {row}, column {column}");
            verdict = Verdict::Free;
        }
    }
    verdict
}

fn record(tallies: &mut Tallies, gate: String, verdict: Verdict) {
    let tally = tallies.entry(gate).or_default();
    tally.tried += 1;
    tally.caught += usize::from(verdict == Verdict::Caught);
    tally.unused += usize::from(verdict == Verdict::Unused);
}

/// Changes wires of `honest` one at a time, every second time with all copies so that gates are
/// tried and not copies.
fn stroke(honest: &Trace, seed: u64, is_free: IsFree) -> Tallies {
    let layout = honest.layout;
    let mut mutator = Mutator::new(honest, seed);
    let mut tallies = Tallies::new();
    let mut trace = honest.clone();
    for i in 0..strokes() {
        let (gate, row, column, value) = mutator.change();
        let own = [row * layout.columns() + column];
        let changed = if i % 2 == 0 { layout.copies(row, column) } else { &own };
        changed.iter().for_each(|&wire| trace.set(wire, value));
        let caught = trace.breaks(changed);
        record(&mut tallies, gate, judge(honest, &trace, is_free, caught));
        changed.iter().for_each(|&wire| trace.set(wire, honest.get(row, column)));
    }
    tallies
}

/// Changes wires that the prover computes from `inputs`, and recomputes the rest.
fn lie(honest: &Trace, inputs: &PartialWitness<F>, (seed, is_free): (u64, IsFree)) -> Tallies {
    let layout = honest.layout;
    let mut mutator = Mutator::new(honest, seed);
    let mut tallies = Tallies::new();
    for _ in 0..strokes() / STROKES_PER_LIE {
        let (gate, row, column, value) = mutator.change();
        let target = Target::wire(row, column);
        if layout.is_given(inputs, target) {
            continue;
        }
        let trace = layout.fill(inputs.clone(), &[(target, value)]);
        let caught = !trace.violations().is_empty();
        record(&mut tallies, gate, judge(honest, &trace, is_free, caught));
    }
    tallies
}

/// A harness that catches nothing, or tries nothing, is broken itself.
fn assert_mostly_caught(what: &str, tallies: &Tallies) {
    println!("{what}: {tallies:?}");
    for (gate, Tally { tried, caught, unused }) in tallies {
        let used = tried - unused;
        assert!(used > 0 && caught * 10 > used * 8, "{what}: {caught} of {used} of {gate}");
    }
}

/// Strokes and lies over one witness.
fn mutate(layout: &Layout, inputs: &PartialWitness<F>, (seed, is_free): (u64, IsFree)) {
    let honest = layout.fill(inputs.clone(), &[]);
    assert_mostly_caught("strokes", &stroke(&honest, seed, is_free));
    assert_mostly_caught("lies", &lie(&honest, inputs, (seed, is_free)));
}

/// Wires of an entry that some kinds of entry leave free: inverses of what need not be other than
/// zero, the token of what is not opened, the choice of a pot that is not used.
fn is_free_in_entry(gate: &str, column: usize) -> bool {
    let free: Vec<usize> = match gate {
        "EntryAccessGate" => {
            let (inputs, hints) = columns::<AccessRow>();
            [&hints.inverse_amount[..], &hints.difference, &inputs.opened_token].concat()
        }
        "EntryTransactionGate" => {
            let (inputs, hints) = columns::<TransactionRow>();
            [&hints.inverse_remaining[..], &inputs.pot].concat()
        }
        "EntrySubjectGate" => columns::<SubjectRow>().1.inverses.to_vec(),
        _ => vec![],
    };
    free.contains(&column)
}

/// The columns of a row's inputs and hints.
fn columns<R: RowRules>() -> (R::Inputs<usize>, R::Hints<usize>) {
    let mut columns = 0..;
    let mut next = || columns.next().expect("columns do not end");
    let inputs = R::Inputs::read(&mut next);
    R::Outputs::<usize>::read(&mut next);
    (inputs, R::Hints::read(&mut next))
}

/// Random entries that the ledger allows, as a witness of the whole circuit.
fn entry_inputs(circuit: &EntryCircuit, seed: u64) -> PartialWitness<F> {
    let mut world = World::random(seed);
    let before = world.machine;
    let entries = world.honest_entries(circuit.capacity());
    circuit.partial_witness(&before, &entries).expect("as many as the circuit has")
}

#[test]
fn no_change_of_an_entry_witness_changes_what_is_proven() {
    let circuit = EntryCircuit::build(EntryCircuit::capacity_for(9));
    let layout = Layout::new(&circuit.data);
    for seed in 0..2 {
        let inputs = entry_inputs(&circuit, seed);
        mutate(&layout, &inputs, (seed, is_free_in_entry));
    }
}

/// Two signatures and a position that is not used.
fn signature_inputs(circuit: &SignatureCircuit) -> PartialWitness<F> {
    let signed = |number: u64| {
        let secret = SecretKey::from_scalar(Scalar::from(number)).expect("not zero");
        let message = hash(Tag::Debit, &[Fe::from_u64(number)]);
        let signature = secret.sign(&message, &mut ChaCha20Rng::seed_from_u64(number));
        let address = L1Address([number as u8; 20]);
        SignedMessage { key: secret.public_key(), address, message, signature }
    };
    let mut links = vec![LinkWires::new(&signed(5)), LinkWires::new(&signed(6))];
    links.resize(circuit.capacity(), LinkWires::padding());
    let before = hash(Tag::State, &[Fe::ONE]);
    circuit.partial_witness(&before, &links).expect("as many as the circuit has")
}

#[test]
fn no_change_of_a_signature_witness_changes_what_is_proven() {
    let circuit = SignatureCircuit::build(3);
    let layout = Layout::new(&circuit.data);
    let inputs = signature_inputs(&circuit);
    mutate(&layout, &inputs, (11, |_, _| false));
}

/// Words of both streams, with idle steps before them.
fn data_inputs(circuit: &DataCircuit) -> PartialWitness<F> {
    let limb = |i: u64, j: u64| ((i + 1) * (j + 1)).wrapping_mul(0x0123_4567_89ab_cdef) >> 2;
    let word = |i: u64| Word([0, 1, 2, 3].map(|j| limb(i, j)));
    let links = |tag: Tag, words: core::ops::Range<u64>| {
        let mut end = Digest::ZERO;
        let mut steps = Vec::new();
        for word in words.map(word) {
            steps.insert(0, CursorStep { previous: end, word });
            end = word.link(tag, &end);
        }
        (steps, end)
    };
    let (data_steps, data) = links(Tag::DataLink, 0..7);
    let (l1_steps, l1) = links(Tag::L1Link, 7..11);
    let steps = [data_steps, l1_steps].concat();
    let before = Cursor::start(data, l1, word(20).0);
    let mut after = before;
    for step in &steps {
        after.step_back(step.previous, &step.word).expect("the chains' words");
    }
    circuit.witness(&DataChunk { before, steps, after }).expect("an honest chunk")
}

#[test]
fn no_change_of_a_data_witness_changes_what_is_proven() {
    let circuit = DataCircuit::build(12);
    let layout = Layout::new(&circuit.circuit);
    let inputs = data_inputs(&circuit);
    mutate(&layout, &inputs, (12, |_, _| false));
}

/// The harness itself: a forged public value is a violation.
#[test]
fn a_changed_public_input_is_caught() {
    let circuit = EntryCircuit::build(1);
    let layout = Layout::new(&circuit.data);
    let honest = layout.fill(entry_inputs(&circuit, 7), &[]);
    let row = *layout.rows_of("PublicInputGate").first().expect("public inputs have a row");
    assert_eq!(honest.public_inputs().len(), 8);
    for input in 0..8 {
        let mut forged = honest.clone();
        let copies = layout.copies_of_public_input(input);
        let changed = honest.public_inputs()[input] + F::ONE;
        copies.iter().for_each(|wire| forged.set(*wire, changed));
        assert_ne!(forged.public_inputs(), honest.public_inputs());
        assert!(forged.breaks(copies));
        let broken = forged.violations();
        let is_row = |violation: &Violation| match violation {
            Violation::Gate { row: found, .. } => *found == row,
            Violation::Copy { .. } => false,
        };
        assert!(broken.iter().any(is_row), "{broken:?}");
    }
}
