//! The entry circuit agrees with the ledger: on random entries, allowed or not, and on random whole
//! batches.

use std::collections::{BTreeMap, BTreeSet};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sheaf_ledger::apply::{Touch, apply};
use sheaf_ledger::batch::SealedBatch;

use super::*;
use crate::random_batch::{actions, opening_slots, seal};

/// Random chunks that are tried whatever they are.
const CASES: usize = 100;
/// How often each outcome is put to the circuit at least.
const EACH: usize = 2;
/// Random chunks that are looked through for the rarest outcome.
const CASES_MAX: usize = 100_000;

/// The kinds by their code.
const KINDS: [&str; 8] =
    ["idle", "open", "debit", "credit", "withdraw", "deposit", "exit", "collect"];

/// The rules of entries that can be broken, by their codes. Only `pot_unknown` is not here: what
/// the circuit is given names no fifth pot.
const REFUSALS: [&str; 19] = [
    "amount_too_large",
    "amount_zero",
    "balance_too_large",
    "balance_too_low",
    "credit_of_other_token",
    "credit_too_large",
    "expired",
    "fee_too_large",
    "nonce_exhausted",
    "pot_empty",
    "pot_of_other_token",
    "pot_taken",
    "pot_too_large",
    "slot_already_open",
    "slot_not_next",
    "slot_not_open",
    "transaction_running",
    "valid_until_too_large",
    "wrong_path",
];

/// A seed of its own for each run, which is printed so that the run can be repeated.
fn seed() -> u64 {
    let given = std::env::var("SHEAF_SEED").ok();
    let given = given.map(|text| text.parse().expect("SHEAF_SEED is a number"));
    let seed = given.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    println!("SHEAF_SEED={seed}");
    seed
}

/// Honest entries, then one that may be spoiled.
struct Case {
    before: Machine,
    entries: Vec<EntryWitness>,
    last: Touch,
    verdict: Result<Machine, RuleError>,
}

impl Case {
    fn random(seed: u64) -> Self {
        let mut world = World::odd(seed);
        let before = world.machine;
        let mut entries = world.honest_entries(circuit().capacity() - 1);
        let last = if seed.is_multiple_of(4) {
            let entry = world.likely_entry();
            world.touch(entry)
        } else {
            world.doubtful_touch()
        };
        entries.push(EntryWitness::new(&world.machine, &last));
        let mut after = world.machine;
        let verdict = apply(&mut after, &last).map(|_| after);
        Self { before, entries, last, verdict }
    }

    fn outcome(&self) -> &'static str {
        match self.verdict {
            Ok(_) => KINDS[usize::from(self.last.entry.code())],
            Err(error) => error.code(),
        }
    }

    /// The circuit is satisfied exactly if the ledger allows the last entry, and then its public
    /// inputs are the ledger's machines.
    fn check(&self, seed: u64) {
        let Self { before, entries, last, verdict } = self;
        let trace = trace(before, entries);
        match verdict {
            Ok(after) => {
                assert_eq!(trace.violations(), vec![], "seed {seed}: {last:?}");
                assert_eq!(trace.public_inputs(), public_inputs(before, after), "seed {seed}");
            }
            Err(error) => assert_ne!(trace.violations(), vec![], "seed {seed}: {error}: {last:?}"),
        }
    }
}

/// Every kind of entry is allowed and every rule is broken, in chunks of their own.
#[test]
fn the_circuit_is_the_ledger() {
    let seed = seed();
    let mut tried = BTreeMap::<&str, usize>::new();
    let wanted: BTreeSet<&str> = KINDS.into_iter().chain(REFUSALS).collect();
    let mut looked_through = 0;
    for index in 0..CASES_MAX {
        let missing = wanted.iter().any(|outcome| tried.get(outcome).is_none_or(|n| *n < EACH));
        if index >= CASES && !missing {
            break;
        }
        looked_through = index + 1;
        let seed = (seed << 20) + index as u64;
        let case = Case::random(seed);
        let times = tried.entry(case.outcome()).or_default();
        if index < CASES || *times < EACH {
            *times += 1;
            case.check(seed);
        }
    }
    println!("outcomes: {tried:?}; {looked_through} chunks looked through");
    let found: BTreeSet<&str> =
        tried.iter().filter(|(_, times)| **times >= EACH).map(|(outcome, _)| *outcome).collect();
    assert_eq!(found, wanted);
}

/// A chunk of a batch, filled up with Idle, and the machine after it.
fn chunk_of(before: &Machine, touches: &[Touch]) -> (Vec<EntryWitness>, Machine) {
    let (mut machine, mut entries) = (*before, Vec::new());
    let mut last = None;
    for touch in touches {
        entries.push(EntryWitness::new(&machine, touch));
        let leaf = apply(&mut machine, touch).expect("the batch is sealed").leaf;
        last = Some((touch, leaf));
    }
    let (touch, leaf) = last.expect("a chunk has an entry");
    let entry = Entry::Idle { slot: touch.entry.slot() };
    let idle = Touch { entry, leaf, siblings: touch.siblings.clone() };
    entries.resize(circuit().capacity(), EntryWitness::new(&machine, &idle));
    (entries, machine)
}

/// Whether the amount of the entry means something, so that another one is another entry.
fn moves(entry: &Entry) -> bool {
    !matches!(entry, Entry::Idle { .. } | Entry::Open { .. })
}

/// Every chunk satisfies the circuit and they meet; with another amount in it, no chunk leads where
/// the batch says that it leads. Returns how many chunks had an amount.
fn check_batch(batch: &SealedBatch, kinds: &mut BTreeSet<&str>) -> usize {
    let (mut machine, mut spoiled) = (batch.before, 0);
    let whole = batch.entry_chunk(0..batch.entries.len()).expect("the whole batch is a chunk");
    for touches in whole.touches.chunks(circuit().capacity()) {
        let (mut entries, after) = chunk_of(&machine, touches);
        let honest = trace(&machine, &entries);
        assert_eq!(honest.violations(), vec![]);
        assert_eq!(honest.public_inputs(), public_inputs(&machine, &after));
        if let Some(at) = touches.iter().position(|touch| moves(&touch.entry)) {
            spoiled += 1;
            entries[at].wires.amount[0] += F::ONE;
            let claimed = honest.public_inputs().into_iter().enumerate();
            let claimed: Vec<_> =
                claimed.map(|(i, value)| (layout().public_input(i), value)).collect();
            let inputs = circuit().partial_witness(&machine, &entries).expect("a full chunk");
            let trace = layout().fill(inputs, &claimed);
            assert_eq!(trace.public_inputs(), honest.public_inputs());
            assert_ne!(trace.violations(), vec![], "{:?}", touches[at]);
        }
        kinds.extend(touches.iter().map(|touch| KINDS[usize::from(touch.entry.code())]));
        machine = after;
    }
    assert_eq!(machine, batch.after);
    spoiled
}

/// Random whole batches, until they have had every kind of entry that a batch can hold.
#[test]
fn whole_batches_go_through_chunk_by_chunk() {
    const BATCHES: usize = 5;
    const BATCHES_MAX: usize = 1_000;
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed().to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut kinds, mut batches, mut spoiled) = (BTreeSet::new(), 0, 0);
    // Idle only fills the last chunk up, so no batch has it.
    while batches < BATCHES || kinds.len() < KINDS.len() - 1 {
        assert!(batches < BATCHES_MAX, "{kinds:?}");
        let drawn = (opening_slots(), actions(4..16)).new_tree(&mut runner);
        let (slots, actions) = drawn.expect("nothing is filtered").current();
        if let Some((_, batch, _)) = seal(slots, &actions) {
            batches += 1;
            spoiled += check_batch(&batch, &mut kinds);
        }
    }
    println!("{batches} batches, {spoiled} chunks spoiled, {kinds:?}");
    assert!(spoiled > batches / 2, "{spoiled} chunks of {batches} batches");
}
