//! The data circuit proves what `ledger::binding` computes, and nothing else.

mod lies;

use std::sync::OnceLock;

use plonky2::gates::gate_testing::{test_eval_fns, test_low_degree};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sheaf_circuits::data::chain_walk::ChainWalkGate;
use sheaf_circuits::data::limbs::LimbGate;
use sheaf_circuits::data::multiply_add::MultiplyAddGate;
use sheaf_circuits::data::reduce::ReduceGate;
use sheaf_circuits::data::{DataCircuit, capacity_for};
use sheaf_circuits::error::Error;
use sheaf_circuits::segment::Segment;
use sheaf_crypto::hash::{Digest, Tag};
use sheaf_ledger::binding::{Cursor, evaluate};
use sheaf_ledger::chunk::{CursorStep, DataChunk};
use sheaf_ledger::tag;
use sheaf_ledger::word::Word;
use sheaf_plonk::error::Error as PlonkError;
use sheaf_plonk::proof::{C, D, F, Proof};

/// More than one group of words, so that a group's reduction feeds the next one.
const CAPACITY: usize = 36;

fn circuit() -> &'static DataCircuit {
    static CIRCUIT: OnceLock<DataCircuit> = OnceLock::new();
    CIRCUIT.get_or_init(|| DataCircuit::build(CAPACITY))
}

/// The links of a chain, last one first, and its end.
fn links(tag: Tag, words: &[Word]) -> (Vec<CursorStep>, Digest) {
    let mut end = Digest::ZERO;
    let mut steps: Vec<CursorStep> = words
        .iter()
        .map(|word| {
            let previous = end;
            end = word.link(tag, &previous);
            CursorStep { previous, word: *word }
        })
        .collect();
    steps.reverse();
    (steps, end)
}

/// All words of a batch, as one chunk.
fn whole(l1: &[Word], data: &[Word], z: [u64; 4]) -> DataChunk {
    let (mut steps, data) = links(tag::DATA_LINK, data);
    let (l1_steps, l1) = links(tag::L1_LINK, l1);
    steps.extend(l1_steps);
    chunk(Cursor::start(data, l1, z), &steps)
}

fn words(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<Word>> {
    let limb = prop_oneof![Just(0), Just((1 << 62) - 1), 0..1u64 << 62];
    prop::collection::vec(prop::array::uniform4(limb).prop_map(Word), count)
}

/// The chunk of these steps, by the ledger; one that the ledger refuses ends where it starts.
fn chunk(before: Cursor, steps: &[CursorStep]) -> DataChunk {
    let mut after = before;
    let walked = steps.iter().try_for_each(|step| after.step_back(step.previous, &step.word));
    DataChunk { before, steps: steps.to_vec(), after: walked.map_or(before, |()| after) }
}

fn segment(proof: &Proof) -> Segment {
    Segment::of(proof).expect("a segment")
}

fn sample() -> DataChunk {
    let words: Vec<Word> = (1..=9u64).map(|i| Word([i, i << 50, 7 * i, (1 << 62) - i])).collect();
    whole(&words[..4], &words[4..], [3, 1 << 61, 5, (1 << 62) - 1])
}

fn refused(chunk: &DataChunk) -> bool {
    matches!(
        circuit().prove(chunk),
        Err(Error::Plonk(PlonkError::Witness { .. } | PlonkError::Refused { .. }))
    )
}

#[test]
fn gates_have_their_degree_and_evaluate_alike() -> anyhow::Result<()> {
    test_low_degree::<F, _, D>(LimbGate::new());
    test_low_degree::<F, _, D>(MultiplyAddGate::new());
    test_low_degree::<F, _, D>(ReduceGate::new());
    test_low_degree::<F, _, D>(ChainWalkGate::new());
    test_eval_fns::<F, C, _, D>(LimbGate::new())?;
    test_eval_fns::<F, C, _, D>(MultiplyAddGate::new())?;
    test_eval_fns::<F, C, _, D>(ReduceGate::new())?;
    test_eval_fns::<F, C, _, D>(ChainWalkGate::new())
}

/// Random words in any split over the streams.
#[test]
fn proves_what_the_ledger_walks() {
    let mut runner = TestRunner::new(ProptestConfig::with_cases(5));
    let inputs = (words(0..=20), words(0..=CAPACITY - 20), words(1));
    runner
        .run(&inputs, |(l1, data, z)| {
            let chunk = whole(&l1, &data, z[0].0);
            let end = chunk.after;
            let y = evaluate(&l1, &data, &z[0].0);
            let zero = Digest::ZERO;
            prop_assert_eq!(end, Cursor { data: zero, l1: zero, z: z[0].0, y });
            let proof = circuit().prove(&chunk).expect("an honest chunk");
            let expected = Segment { from: chunk.before.digest(), to: end.digest() };
            prop_assert_eq!(segment(&proof), expected);
            Ok(())
        })
        .expect("the circuit is the ledger");
}

#[test]
fn a_full_chunk_goes_on_where_another_ended() {
    let words: Vec<Word> = (0..CAPACITY as u64 + 5).map(|i| Word([i, i, i << 40, i])).collect();
    let all = whole(&words[..7], &words[7..], [1 << 40, 2, 3, 4]);
    let first = chunk(all.before, &all.steps[..5]);
    let middle = first.after;
    let second = chunk(middle, &all.steps[5..]);
    let [first_proof, second_proof] =
        [&first, &second].map(|chunk| segment(&circuit().prove(chunk).expect("an honest chunk")));
    assert_eq!(first_proof, Segment { from: all.before.digest(), to: middle.digest() });
    assert_eq!(second_proof, Segment { from: middle.digest(), to: all.after.digest() });

    // Statement 5: idle steps multiply y by z, so they may not stand after words.
    let short = chunk(middle, &all.steps[5..all.steps.len() - 1]);
    assert_ne!(middle.y, [0; 5]);
    assert!(refused(&short));
}

#[test]
fn no_words_lead_nowhere() {
    let before = Cursor { y: [0; 5], ..sample().before };
    let proof = circuit().prove(&chunk(before, &[])).expect("nothing to do");
    assert_eq!(segment(&proof), Segment { from: before.digest(), to: before.digest() });
}

/// Statement 2: another word, another chain, another order.
#[test]
fn a_word_that_is_not_the_last_link_is_refused() {
    let honest = sample();
    let mut other_word = honest.clone();
    other_word.steps[3].word.0[2] ^= 1;
    let mut other_chain = honest.clone();
    other_chain.steps[8].previous = Digest([sheaf_crypto::goldilocks::Fe::ONE; 4]);
    let mut swapped = honest.clone();
    swapped.steps.swap(0, 1);
    let mut left_out = honest.clone();
    left_out.steps.remove(2);
    for lie in [other_word, other_chain, swapped, left_out] {
        assert!(refused(&lie));
    }
}

/// Statement 2: a word of L while D still has words.
#[test]
fn l1_words_wait_for_the_data_chain() {
    let honest = sample();
    let l1_first = chunk(honest.before, &honest.steps[5..]);
    assert!(refused(&l1_first));
    let mut data_as_l1 = honest.clone();
    data_as_l1.before.data = Digest::ZERO;
    assert!(refused(&data_as_l1));
}

#[test]
fn too_many_steps_are_refused() {
    let word = Word::default();
    let steps = vec![CursorStep { previous: Digest::ZERO, word }; CAPACITY + 1];
    let error = circuit().prove(&chunk(sample().before, &steps)).expect_err("one too many");
    assert!(
        matches!(error, Error::Capacity { capacity: CAPACITY, found } if found == CAPACITY + 1)
    );
}

#[test]
fn capacities_fill_the_rows_they_are_for() {
    for degree_bits in [8, 10, 12] {
        let capacity = capacity_for(degree_bits).expect("large enough");
        assert_eq!(DataCircuit::build(capacity).circuit.common.degree_bits(), degree_bits);
    }
    assert!(matches!(capacity_for(4), Err(Error::TooSmall { degree_bits: 4 })));
    let rows = (1 << 14) as f64;
    assert!(rows / capacity_for(14).expect("large enough") as f64 <= 3.5);
}
