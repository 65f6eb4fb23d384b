//! Mutations of the words of both streams, with idle steps before them.

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sheaf_circuits::data::DataCircuit;
use sheaf_crypto::hash::{Digest, Tag};
use sheaf_ledger::binding::Cursor;
use sheaf_ledger::chunk::{CursorStep, DataChunk};
use sheaf_ledger::tag;
use sheaf_ledger::word::Word;
use sheaf_plonk::proof::{element, fe};

use crate::mutation::harness::{Subject, other_value, seed, strokes};
use crate::trace::Layout;

pub(crate) const CAPACITY: usize = 12;

/// Strokes for each lie about what the prover gives, which costs a whole witness.
const STROKES_PER_GIVEN_LIE: usize = 8;

pub(crate) fn honest() -> DataChunk {
    of_words(0x0123_4567_89ab_cdef)
}

/// A chunk whose words and z come from a factor.
fn of_words(factor: u64) -> DataChunk {
    let limb = |i: u64, j: u64| ((i + 1) * (j + 1)).wrapping_mul(factor) >> 2;
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
    let (data_steps, data) = links(tag::DATA_LINK, 0..7);
    let (l1_steps, l1) = links(tag::L1_LINK, 7..11);
    let steps = [data_steps, l1_steps].concat();
    let before = Cursor::start(data, l1, word(20).0);
    let after = walk(before, &steps).expect("the chains' words");
    DataChunk { before, steps, after }
}

/// The cursor after, if the ledger takes these words off.
fn walk(before: Cursor, steps: &[CursorStep]) -> Option<Cursor> {
    let mut after = before;
    for step in steps {
        after.step_back(step.previous, &step.word).ok()?;
    }
    Some(after)
}

#[test]
fn no_change_of_a_data_witness_changes_what_is_proven() {
    let circuit = DataCircuit::build(CAPACITY);
    let layout = Layout::new(&circuit.circuit);
    let inputs = circuit.witness(&honest()).expect("an honest chunk");
    Subject { layout: &layout, inputs: &inputs, first_row: 0, is_free: |_, _| false }
        .mutate(seed());
}

#[test]
fn no_splice_of_two_data_witnesses_changes_what_is_proven() {
    let circuit = DataCircuit::build(CAPACITY);
    let layout = Layout::new(&circuit.circuit);
    let witness = |factor| circuit.witness(&of_words(factor)).expect("an honest chunk");
    let [inputs, other] = [0x0123_4567_89ab_cdef, 0x0fed_cba9_8765_4321].map(witness);
    Subject { layout: &layout, inputs: &inputs, first_row: 0, is_free: |_, _| false }
        .splice(&other, seed());
}

/// Another limb of at most 62 bits.
fn other_limb(limb: u64, rng: &mut ChaCha20Rng) -> u64 {
    const MASK: u64 = (1 << 62) - 1;
    let random = rng.random();
    let choices = [limb + 1, limb ^ 1 << 61, limb ^ 1 << 16, 0, MASK, random];
    let choices: Vec<u64> = choices.map(|choice| choice & MASK).to_vec();
    *choices.choose(rng).expect("there are choices")
}

fn other_digest(digest: &mut Digest, rng: &mut ChaCha20Rng) {
    let at = rng.random_range(0..4);
    digest.0[at] = fe(other_value(element(digest.0[at]), rng));
}

/// Changes one thing that a prover gives for a chunk.
fn tamper(chunk: &mut DataChunk, rng: &mut ChaCha20Rng) {
    let (step, other) =
        (rng.random_range(0..chunk.steps.len()), rng.random_range(0..chunk.steps.len()));
    let limb = rng.random_range(0..4);
    match rng.random_range(0..10) {
        0..3 => {
            let word = &mut chunk.steps[step].word.0[limb];
            *word = other_limb(*word, rng);
        }
        3 => other_digest(&mut chunk.steps[step].previous, rng),
        4 => other_digest(&mut chunk.before.data, rng),
        5 => other_digest(&mut chunk.before.l1, rng),
        6 => chunk.before.z[limb] = other_limb(chunk.before.z[limb], rng),
        7 => chunk.before.y[limb] = other_limb(chunk.before.y[limb], rng),
        8 => chunk.steps.swap(step, other),
        _ => chunk.steps.truncate(other),
    }
}

/// Lies about what the prover gives, with everything else recomputed: what satisfies the circuit
/// is a chunk that the ledger takes off.
#[test]
fn what_a_prover_gives_is_what_the_ledger_takes_off() {
    let circuit = DataCircuit::build(CAPACITY);
    let layout = Layout::new(&circuit.circuit);
    let mut rng = ChaCha20Rng::seed_from_u64(seed());
    let [mut caught, mut allowed] = [0, 0];
    for _ in 0..strokes() / STROKES_PER_GIVEN_LIE {
        let mut chunk = honest();
        tamper(&mut chunk, &mut rng);
        let inputs = circuit.witness(&chunk).expect("not too many steps");
        let trace = layout.fill(inputs, &[]);
        if trace.violations().is_empty() {
            let after = walk(chunk.before, &chunk.steps).expect("words that the ledger takes off");
            let ends = [chunk.before, after].map(|cursor| cursor.digest().0.map(element));
            assert_eq!(trace.public_inputs(), ends.as_flattened(), "{chunk:?}");
            allowed += 1;
        } else {
            caught += 1;
        }
    }
    println!("{caught} lies caught, {allowed} were true of other z or fewer words");
    assert!(caught > allowed && allowed > 0);
}
