//! Mutations of honest witnesses, on any circuit: whatever a prover changes, a constraint breaks
//! or nothing that is public has changed.
//!
//! Two kinds. A *stroke* changes one wire, or it and all its copies, and nothing else: each must
//! break something unless the wire is a hint that the case at hand leaves free, and those are
//! listed. A *lie* changes one wire that the prover computes and then recomputes everything else
//! from it: if it breaks nothing, the public inputs are what they were, which says that they are a
//! function of what the prover is given.
//!
//! `SHEAF_MUTATIONS` sets how many strokes are tried on each witness; there is a lie for each
//! twentieth.

#[allow(dead_code, reason = "other tests use the rest")]
mod ledger_world;
mod trace;

use std::collections::{BTreeMap, BTreeSet};

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

/// How many changes of a gate's wires were tried and how many broke something.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    tried: usize,
    caught: usize,
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
            let is_alone = honest.layout.copies(row, column).len() == 1;
            if gate.starts_with("ArithmeticGate") && is_alone && value.is_zero() {
                // An operation of the row that nobody uses: zero times zero.
                continue;
            }
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

/// Changes wires of `honest` one at a time, every second time with all copies so that gates are
/// tried and not copies. Each change must break something, unless `is_free` names the gate's wire.
fn stroke(honest: &Trace, seed: u64, is_free: impl Fn(&str, usize) -> bool) -> Tallies {
    let layout = honest.layout;
    let public_inputs = honest.public_inputs();
    let mut mutator = Mutator::new(honest, seed);
    let mut tallies = Tallies::new();
    let mut free = BTreeSet::new();
    let mut trace = honest.clone();
    for i in 0..strokes() {
        let (gate, row, column, value) = mutator.change();
        let own = [row * layout.columns() + column];
        let changed = if i % 2 == 0 { layout.copies(row, column) } else { &own };
        changed.iter().for_each(|&wire| trace.set(wire, value));
        let caught = trace.breaks(changed);
        if !caught {
            assert_eq!(trace.public_inputs(), public_inputs);
            if !is_free(&gate, column) {
                free.insert((gate.clone(), column));
            }
        }
        changed.iter().for_each(|&wire| trace.set(wire, honest.get(row, column)));
        let tally = tallies.entry(gate).or_default();
        tally.tried += 1;
        tally.caught += usize::from(caught);
    }
    assert!(free.is_empty(), "wires that no rule holds: {free:?}");
    tallies
}

/// Changes wires that the prover computes from `inputs`, and recomputes the rest: what breaks
/// nothing has changed nothing public.
fn lie(honest: &Trace, inputs: &PartialWitness<F>, seed: u64) -> Tallies {
    let layout = honest.layout;
    let public_inputs = honest.public_inputs();
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
        if !caught {
            assert_eq!(trace.public_inputs(), public_inputs, "{gate}: row {row}, column {column}");
        }
        let tally = tallies.entry(gate).or_default();
        tally.tried += 1;
        tally.caught += usize::from(caught);
    }
    tallies
}

/// A harness that catches nothing, or tries nothing, is broken itself.
fn assert_mostly_caught(what: &str, tallies: &Tallies) {
    println!("{what}: {tallies:?}");
    for (gate, Tally { tried, caught }) in tallies {
        assert!(*tried > 0 && caught * 10 > tried * 8, "{what}: {caught} of {tried} of {gate}");
    }
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
        let honest = layout.fill(inputs.clone(), &[]);
        assert_mostly_caught("strokes", &stroke(&honest, seed, is_free_in_entry));
        assert_mostly_caught("lies", &lie(&honest, &inputs, seed));
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
    let honest = layout.fill(inputs.clone(), &[]);
    assert_mostly_caught("strokes", &stroke(&honest, 11, |_, _| false));
    assert_mostly_caught("lies", &lie(&honest, &inputs, 11));
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
    let honest = layout.fill(inputs.clone(), &[]);
    assert_mostly_caught("strokes", &stroke(&honest, 12, |_, _| false));
    assert_mostly_caught("lies", &lie(&honest, &inputs, 12));
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
