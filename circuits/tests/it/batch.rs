//! The batch circuit over leaf circuits that prove any segment: its own statements, one by one.

use std::sync::OnceLock;

use plonky2::field::types::Field;
use plonky2::iop::witness::PartialWitness;
use sheaf_circuits::batch::{BatchCircuit, BatchStatement, public_values};
use sheaf_circuits::error::Error;
use sheaf_circuits::kinds::Kinds;
use sheaf_circuits::one_of::Part;
use sheaf_circuits::segment::Segment;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::binding::Cursor;
use sheaf_ledger::limits::{DATA_WORDS_MAX, L1_WORDS_MAX};
use sheaf_ledger::machine::{FeePot, MACHINE, Machine};
use sheaf_plonk::error::Error as PlonkError;
use sheaf_plonk::proof::{F, Proof};

use crate::any_segment::{AnySegment, digest};
use crate::recursion::{BatchValues, batch_given, batch_statement};
use crate::trace::run::Run;
use crate::trace::{Layout, Violation};

struct Circuits {
    leaves: Kinds<AnySegment>,
    batch: BatchCircuit,
}

fn circuits() -> &'static Circuits {
    static CIRCUITS: OnceLock<Circuits> = OnceLock::new();
    CIRCUITS.get_or_init(|| {
        let leaves = Kinds {
            entry: AnySegment::build(1),
            signature: AnySegment::build(2),
            data: AnySegment::build(3),
        };
        let tops = leaves.as_ref().map(|_, leaf| leaf.circuit.verifier_data());
        let batch = BatchCircuit::build(&tops.as_ref().map(|_, top| vec![top]));
        Circuits { leaves, batch }
    })
}

/// The statement with the largest counts and limbs.
fn honest() -> BatchStatement {
    let mut statement = batch_statement();
    statement.after.data_words = DATA_WORDS_MAX;
    statement.after.l1_words = L1_WORDS_MAX;
    let limb = (1 << 62) - 1;
    BatchStatement { z: [limb, 1, 2, limb], y: [3, limb, 4, 5, 127], ..statement }
}

/// The segments that an honest batch of the statement has.
fn segments(statement: &BatchStatement) -> Kinds<Segment> {
    let BatchStatement { before, after, z, y } = *statement;
    let start = Cursor::start(after.data, after.l1, z);
    let end = Cursor { data: Digest::ZERO, l1: Digest::ZERO, z, y };
    Kinds {
        entry: Segment { from: before.digest(), to: after.digest() },
        signature: Segment { from: Digest::ZERO, to: after.signatures },
        data: Segment { from: start.digest(), to: end.digest() },
    }
}

fn prove(statement: &BatchStatement, segments: Kinds<Segment>) -> Result<Proof, Error> {
    let Circuits { leaves, batch } = circuits();
    let proofs = segments.map(|kind, segment| leaves.get(kind).prove(segment));
    batch.prove(statement, &parts(&proofs))
}

/// The proofs of kinds that have one circuit each.
fn parts(proofs: &Kinds<Proof>) -> [Part<'_>; 3] {
    Kinds::<()>::ALL.map(|kind| Part { proof: proofs.get(kind), circuit: 0 })
}

fn refused(statement: &BatchStatement, segments: Kinds<Segment>, why: &str) {
    let result = prove(statement, segments);
    assert!(
        matches!(
            result,
            Err(Error::Plonk(PlonkError::Witness { .. } | PlonkError::Refused { .. }))
        ),
        "{why}"
    );
}

#[test]
fn states_the_public_values() {
    let statement = honest();
    let proof = prove(&statement, segments(&statement)).expect("an honest batch");
    let values = public_values(&proof).expect("the 23 values");
    assert_eq!(values, statement.public_values());
    assert_eq!(values.pre, statement.before.state().0.map(Fe::canonical));
    assert_eq!(values.post, statement.after.state().0.map(Fe::canonical));
    assert_eq!(values.chains, statement.after.chains().0.map(Fe::canonical));
    assert_eq!((values.timestamp, values.l1_words), (1_700_000_000, L1_WORDS_MAX));
}

/// Statements 2, 5 and 6: the three segments are those of the machine and of z and y.
#[test]
fn segments_of_another_batch_are_refused() {
    let statement = honest();
    let honest = segments(&statement);
    let other = Segment { from: digest(1), to: digest(2) };
    let entry_from = Segment { from: other.from, ..honest.entry };
    let entry_to = Segment { to: other.to, ..honest.entry };
    refused(&statement, Kinds { entry: entry_from, ..honest }, "entries from elsewhere");
    refused(&statement, Kinds { entry: entry_to, ..honest }, "entries to elsewhere");
    let owed = Segment { from: other.from, ..honest.signature };
    refused(&statement, Kinds { signature: owed, ..honest }, "signatures not from zero");
    let unsigned = Segment { to: other.to, ..honest.signature };
    refused(&statement, Kinds { signature: unsigned, ..honest }, "other signatures");
    for lie in [
        BatchStatement { z: [9, 1, 2, 3], ..statement },
        BatchStatement { y: [9, 1, 2, 3, 4], ..statement },
    ] {
        refused(&lie, honest, "z or y of other words");
    }
    let mut other_words = statement;
    other_words.after.data = digest(1);
    let data = segments(&other_words).data;
    refused(&statement, Kinds { data, ..honest }, "words of another chain");
    let half_way =
        Segment { to: Cursor { l1: digest(2), ..end(&statement) }.digest(), ..honest.data };
    refused(&statement, Kinds { data: half_way, ..honest }, "words left over");
    let head_start = Cursor { y: [1, 0, 0, 0, 0], ..start(&statement) }.digest();
    let data = Segment { from: head_start, ..honest.data };
    refused(&statement, Kinds { data, ..honest }, "y not from zero");
}

fn start(statement: &BatchStatement) -> Cursor {
    Cursor::start(statement.after.data, statement.after.l1, statement.z)
}

fn end(statement: &BatchStatement) -> Cursor {
    let (data, l1) = (Digest::ZERO, Digest::ZERO);
    Cursor { data, l1, z: statement.z, y: statement.y }
}

/// Statement 3: segments that fit the lie, so that only this statement is broken.
#[test]
fn a_batch_starts_from_nothing_but_the_state() {
    let changes: [fn(&mut Machine); 10] = [
        |machine| machine.signer.0[1] = Fe::ONE,
        |machine| machine.token = 1,
        |machine| machine.remaining = 1,
        |machine| machine.message = digest(1),
        |machine| machine.pots[3] = FeePot { token: 1, amount: 0 },
        |machine| machine.signatures = digest(1),
        |machine| machine.data = digest(1),
        |machine| machine.l1 = digest(1),
        |machine| machine.data_words = 1,
        |machine| machine.l1_words = 1,
    ];
    for change in changes {
        let mut lie = honest();
        change(&mut lie.before);
        refused(&lie, segments(&lie), "a start that is not one");
    }
}

/// Statements 4, 7 and 9, each with segments that fit the lie.
#[test]
fn a_batch_ends_settled_and_within_its_limits() {
    type Change = fn(&mut BatchStatement);
    let changes: [(&str, Change); 9] = [
        ("a running transaction", |lie| lie.after.remaining = 1),
        ("a full pot", |lie| lie.after.pots[1].amount = 1),
        ("another domain", |lie| lie.after.domain.0[2] = Fe::ONE),
        ("another timestamp", |lie| lie.after.timestamp += 1),
        ("too many data words", |lie| lie.after.data_words = DATA_WORDS_MAX + 1),
        ("too many L1 words", |lie| lie.after.l1_words = L1_WORDS_MAX + 1),
        ("a wide limb of z", |lie| lie.z[3] = 1 << 62),
        ("a wide limb of y", |lie| lie.y[0] = 1 << 62),
        ("a wide top of y", |lie| lie.y[4] = 128),
    ];
    for (why, change) in changes {
        let mut lie = honest();
        change(&mut lie);
        refused(&lie, segments(&lie), why);
    }
}

/// Statement 1: proofs that state what they should, of a stranger or of another kind.
#[test]
fn a_proof_of_another_circuit_is_refused() {
    let Circuits { leaves, batch } = circuits();
    let (statement, stranger) = (honest(), AnySegment::build(4));
    let honest = segments(&statement);
    let others = [&stranger, &leaves.entry, &leaves.signature, &leaves.data];
    for kind in Kinds::<()>::ALL {
        let own = leaves.get(kind);
        for other in others.iter().filter(|other| !std::ptr::eq(**other, own)) {
            assert_eq!(other.circuit.common, own.circuit.common, "shape alone must not tell");
            let proofs = honest.map(|of, segment| {
                if of == kind { other.prove(segment) } else { leaves.get(of).prove(segment) }
            });
            let result = batch.prove(&statement, &parts(&proofs));
            let refused = matches!(
                result,
                Err(Error::Plonk(PlonkError::Witness { .. } | PlonkError::Refused { .. }))
            );
            assert!(refused, "another circuit's proof as that of {kind:?}");
        }
    }
}

/// Statement 1: a kind may have several circuits, and each proof is of the one that is named.
#[test]
fn a_kinds_proof_is_of_one_of_its_circuits() {
    let (leaves, second) = (&circuits().leaves, AnySegment::build(4));
    let [first, other] = [&leaves.entry, &second].map(|leaf| leaf.circuit.verifier_data());
    let [signature, data] =
        [&leaves.signature, &leaves.data].map(|leaf| leaf.circuit.verifier_data());
    let tops =
        Kinds { entry: vec![&first, &other], signature: vec![&signature], data: vec![&data] };
    let batch = BatchCircuit::build(&tops);
    let statement = honest();
    let segments = segments(&statement);
    let proofs = segments.map(|kind, segment| leaves.get(kind).prove(segment));
    let of_second = second.prove(segments.entry);
    for (proof, circuit, is_right) in [
        (&proofs.entry, 0, true),
        (&of_second, 1, true),
        (&proofs.entry, 1, false),
        (&of_second, 0, false),
    ] {
        let mut parts = parts(&proofs);
        parts[0] = Part { proof, circuit };
        assert_eq!(batch.prove(&statement, &parts).is_ok(), is_right, "circuit {circuit}");
    }
}

fn layout() -> &'static Layout<'static> {
    static LAYOUT: OnceLock<Layout<'static>> = OnceLock::new();
    LAYOUT.get_or_init(|| Layout::new(&circuits().batch.circuit))
}

/// What a prover gives who has proofs of the segments that the values ask for.
fn given(values: &BatchValues) -> PartialWitness<F> {
    let leaves = &circuits().leaves;
    let tops = leaves.as_ref().map(|_, leaf| leaf.circuit.verifier_data());
    let proofs = values.segments().map(|kind, segment| leaves.get(kind).prove(segment));
    batch_given(tops.as_ref(), values, proofs.as_ref()).witness
}

/// What breaks when a prover goes on with these values whatever happens.
fn violations(values: &BatchValues) -> Vec<Violation> {
    layout().fill(given(values), &[]).violations()
}

/// Statement 8: no public value is other than what the machines, z and y make it.
#[test]
fn no_public_value_is_the_provers_choice() {
    let statement = honest();
    let values = BatchValues::of(&statement);
    let mut run = Run::new(layout(), &given(&values));
    let public = run.honest().public_inputs();
    let stated = statement.public_values().to_elements();
    assert_eq!(public, stated.map(F::from_canonical_u64));
    let honest = prove(&statement, values.segments()).expect("an honest batch");
    let verified = |proof: Proof| circuits().batch.circuit.verify(proof).is_ok();
    assert!(verified(honest.clone()));
    for (input, value) in public.iter().enumerate() {
        let claim = *value + F::ONE;
        run.lie(&[(layout().public_input(input), claim)], |trace, _, broken| {
            assert_eq!(trace.public_inputs()[input], claim);
            assert!(broken, "public value {input}");
        });
        let mut forged = honest.clone();
        forged.public_inputs[input] = claim;
        assert!(!verified(forged), "public value {input} of a finished proof");
    }
}

/// Statement 9, and the others on elements that no machine has; the segments fit each lie.
#[test]
fn elements_that_no_machine_has_are_refused() {
    const TIMESTAMP: usize = 8;
    const REMAINING: usize = 13;
    const DATA_WORDS: usize = 38;
    const L1_WORDS: usize = 39;
    assert_eq!((L1_WORDS + 1, BatchValues::of(&honest()).after.len()), (MACHINE, MACHINE));
    let latest = Fe::from(u32::MAX);
    let with = |change: &dyn Fn(&mut BatchValues)| {
        let mut values = BatchValues::of(&honest());
        change(&mut values);
        violations(&values)
    };
    let at = |timestamp: Fe| {
        with(&|values| {
            values.before[TIMESTAMP] = timestamp;
            values.after[TIMESTAMP] = timestamp;
        })
    };
    assert_eq!(at(latest), vec![]);
    for timestamp in [latest + Fe::ONE, Fe::ZERO - Fe::ONE] {
        assert_ne!(at(timestamp), vec![], "a timestamp of more than 32 bits");
    }
    let minus_one = Fe::ZERO - Fe::ONE;
    for counter in [DATA_WORDS, L1_WORDS, REMAINING] {
        assert_ne!(with(&|values| values.after[counter] = minus_one), vec![], "{counter} is -1");
    }
}
