//! Signatures that were not made: whatever a prover puts in their place breaks a rule or leaves a
//! message open.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::entry_tables::circuit::EntryTables;
use sheaf_circuits::entry_tables::ladder::{LadderColumns, LadderRules};
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::entry_tables::signatures::{SignatureColumns, SignatureRules};
use sheaf_circuits::error::Error;
use sheaf_circuits::signature::double_and_add::LadderStep;
use sheaf_circuits::signature::open_signature::{DIGITS, LadderEnds, SignatureParts};
use sheaf_crypto::scalar::Scalar;
use sheaf_ledger::chunk::EntryChunk;
use sheaf_ledger::l1_address::L1Address;
use sheaf_plonk::tables::rules::TableRules;

use super::books::Books;
use super::cells::structure;
use super::lies::{numbers, only};
use super::{HEIGHTS, settled};

const SIGNATURES: &str = "Bus(19)";
const LADDERS: &str = "Bus(20)";
const CHALLENGE_DIGITS: &str = "Bus(21)";

/// A chunk that owes at least two signatures.
pub(super) fn chunk() -> EntryChunk {
    let mut chunks = (0..).map(|seed| settled(100 * seed, 16));
    chunks.find(|chunk| chunk.signed.len() > 1).expect("some chunk has two spenders")
}

pub(super) fn rows(chunk: &EntryChunk) -> Rows {
    Rows::new(chunk, 0).expect("rows do not check signatures")
}

/// What is wrong with the rows of a chunk of sixteen entries.
pub(super) fn faults(chunk: &EntryChunk, rows: &Rows) -> Vec<String> {
    let mut books = Books::of(rows);
    books.exchange(&EntryTables::new(HEIGHTS).messages(&chunk.before, &chunk.after));
    books.faults()
}

#[test]
fn honest_signatures_have_no_fault() {
    let chunk = chunk();
    assert_eq!(faults(&chunk, &rows(&chunk)), Vec::<String>::new());
}

/// Rows that fill the tables up keep all rules and exchange nothing.
#[test]
fn fillers_say_nothing() {
    let mut books = Books::default();
    books.add::<SignatureRules>(&[SignatureRules::filler()], F::ONE);
    books.add::<LadderRules>(&[LadderRules::filler()], F::ONE);
    assert_eq!(books.faults(), Vec::<String>::new());
}

/// Another s, R or message leads the ladder elsewhere.
#[test]
fn a_signature_that_does_not_verify_ends_elsewhere() {
    let honest = chunk();
    let mut forged = honest.clone();
    let signature = &mut forged.signed[0].signature;
    signature.s += Scalar::ONE;
    only(&faults(&forged, &rows(&forged)), LADDERS);

    let mut forged = honest.clone();
    forged.signed[0].signature.r = honest.signed[1].signature.r;
    only(&faults(&forged, &rows(&forged)), LADDERS);
}

/// A valid signature of something else, or by somebody else, is not the one that the entry owes.
#[test]
fn a_signature_of_another_entry_is_not_owed() {
    let honest = chunk();
    let mut forged = honest.clone();
    forged.signed.swap(0, 1);
    only(&faults(&forged, &rows(&forged)), SIGNATURES);

    // The same key under another address is another owner.
    let mut forged = honest.clone();
    forged.signed[0].address = L1Address([0x77; 20]);
    only(&faults(&forged, &rows(&forged)), SIGNATURES);
}

#[test]
fn a_missing_signature_stays_owed() {
    let honest = chunk();
    let mut missing = honest.clone();
    missing.signed.pop();
    let owed = honest.signed.len();
    match Rows::new(&missing, 0) {
        Err(Error::Signatures { expected, found }) => {
            assert_eq!([expected, found], [owed, owed - 1])
        }
        other => panic!("a signature is missing: {other:?}"),
    }

    let mut rows = rows(&honest);
    rows.signatures.remove(0);
    rows.ladder.drain(..DIGITS);
    let found = faults(&honest, &rows);
    assert!(found.iter().any(|fault| fault.contains(SIGNATURES)), "{found:#?}");
    assert!(!found.iter().any(|fault| fault.contains(LADDERS)), "{found:#?}");
}

/// A row that fills the table up says nothing.
#[test]
fn an_inactive_row_proves_nothing() {
    let chunk = chunk();
    let mut rows = rows(&chunk);
    let columns: SignatureColumns<usize> = numbers();
    rows.signatures[0][columns.active[0]] = F::ZERO;
    let found = faults(&chunk, &rows);
    assert!(found.iter().any(|fault| fault.contains(SIGNATURES)), "{found:#?}");
    assert!(found.iter().any(|fault| fault.contains(LADDERS)), "{found:#?}");
    // Active is a bit.
    rows.signatures[0][columns.active[0]] = F::TWO;
    let found = faults(&chunk, &rows);
    assert!(found.iter().any(|fault| fault.contains("signatures, row 0")), "{found:#?}");
    let columns: LadderColumns<usize> = numbers();
    rows.ladder[0][columns.active[0]] = F::TWO;
    let found = faults(&chunk, &rows);
    assert!(found.iter().any(|fault| fault.contains("ladder, row 0")), "{found:#?}");
}

/// The same signature at another entry's time: that entry owes another one.
#[test]
fn a_signature_at_another_time_is_not_owed() {
    let chunk = chunk();
    let mut rows = rows(&chunk);
    let columns: SignatureColumns<usize> = numbers();
    let steps: LadderColumns<usize> = numbers();
    let [first, second] = [0, 1].map(|row: usize| rows.signatures[row][columns.time[0]]);
    let (signatures, ladder) = (&mut rows.signatures, &mut rows.ladder);
    for (row, time) in [(0, second), (1, first)] {
        signatures[row][columns.time[0]] = time;
        ladder[DIGITS * row..DIGITS * (row + 1)]
            .iter_mut()
            .for_each(|step| step[steps.time[0]] = time);
    }
    only(&faults(&chunk, &rows), SIGNATURES);
}

/// The ladders of two signatures cannot exchange digits, although each row is right by itself.
#[test]
fn steps_of_another_signature_leave_digits_open() {
    let chunk = chunk();
    let mut rows = rows(&chunk);
    let columns: LadderColumns<usize> = numbers();
    let [first, second] = [0, 1].map(|row: usize| rows.ladder[DIGITS * row][columns.time[0]]);
    let inputs: LadderStep<usize> = structure(&columns.inputs);
    let digit = inputs.challenge_digit[0];
    let differs =
        (0..DIGITS).find(|step| rows.ladder[*step][digit] != rows.ladder[DIGITS + step][digit]);
    let step = differs.expect("challenges differ");
    rows.ladder[step][columns.time[0]] = second;
    rows.ladder[DIGITS + step][columns.time[0]] = first;
    let found = faults(&chunk, &rows);
    assert!(found.iter().all(|fault| !fault.contains("rule")), "{found:#?}");
    for bus in [CHALLENGE_DIGITS, LADDERS] {
        assert!(found.iter().any(|fault| fault.contains(bus)), "{found:#?}");
    }
}

/// A ladder without its last step, which says that it ended, ends nowhere.
#[test]
fn a_ladder_has_every_step() {
    let chunk = chunk();
    let honest = rows(&chunk);
    for step in [0, 9, DIGITS - 1] {
        let mut rows = honest.clone();
        rows.ladder.remove(step);
        let found = faults(&chunk, &rows);
        for bus in [CHALLENGE_DIGITS, LADDERS] {
            assert!(found.iter().any(|fault| fault.contains(bus)), "{step}: {found:#?}");
        }
    }
    // An end that the signature's row moves to where the ladder is one step earlier.
    let mut rows = honest.clone();
    let columns: SignatureColumns<usize> = numbers();
    let ends: LadderEnds<usize> = structure(&columns.ends);
    let steps: LadderColumns<usize> = numbers();
    let inputs: LadderStep<usize> = structure(&steps.inputs);
    for (to, from) in
        ends.end_x.into_iter().zip(inputs.x).chain(ends.end_y.into_iter().zip(inputs.y))
    {
        rows.signatures[0][to] = honest.ladder[DIGITS - 1][from];
    }
    let found = faults(&chunk, &rows);
    assert!(found.iter().any(|fault| fault.contains("signatures, row 0")), "{found:#?}");
}

/// The digit across the middle of a half is made of windows of two bits; the windows have no other
/// digit, because each is 0, 1, 2 or 3.
#[test]
fn windows_outside_of_their_range_are_refused() {
    let chunk = chunk();
    let honest = rows(&chunk);
    let columns: SignatureColumns<usize> = numbers();
    let parts: SignatureParts<usize> = structure(&columns.parts);
    for [low, high] in [
        [parts.windows_of_5[0], parts.windows_of_5[1]],
        [parts.windows_of_10[1], parts.windows_of_10[2]],
    ] {
        let mut rows = honest.clone();
        // The digit stays what it is.
        rows.signatures[0][low] += F::from_canonical_u64(4);
        rows.signatures[0][high] -= F::ONE;
        let found = faults(&chunk, &rows);
        assert!(found.iter().any(|fault| fault.contains("signatures, row 0")), "{found:#?}");
        assert!(!found.iter().any(|fault| fault.contains(CHALLENGE_DIGITS)), "{found:#?}");
    }
}

#[test]
fn a_wrong_signature_is_refused_by_name() {
    let mut forged = chunk();
    forged.signed.swap(0, 1);
    forged.signed[1].signature.s += Scalar::ONE;
    let refused = EntryTables::new(HEIGHTS).prove(&forged);
    assert!(matches!(refused, Err(Error::Signature { position: 1, .. })), "{refused:?}");
}

/// Valid signatures that the entries do not owe give no proof that verifies.
#[test]
fn a_proof_with_a_signature_that_is_not_owed_is_refused() {
    let (tables, honest) = (EntryTables::new(HEIGHTS), chunk());
    let mut forged = honest.clone();
    forged.signed.swap(0, 1);
    if let Ok(proof) = tables.prove(&forged) {
        assert!(tables.verify(&honest.before, &honest.after, &proof).is_err());
    }
    let proof = tables.prove(&honest).expect("the chunk is honest");
    tables.verify(&honest.before, &honest.after, &proof).expect("the proof verifies");
}
