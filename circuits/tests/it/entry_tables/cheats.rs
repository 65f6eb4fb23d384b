//! Provers who cheat: all rows are honest but for one cell, of which a numbered statement of the
//! row's table says what it is. The transcript is that of the false rows.
//!
//! A prover without scruples gets a proof that the verifier refuses. Ours stops where the degree of
//! a quotient already shows that a rule is broken.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::entry::access::AccessOutputs;
use sheaf_circuits::entry::row::EntryWires;
use sheaf_circuits::entry::transaction::TransactionOutputs;
use sheaf_circuits::entry_tables::circuit::EntryTables;
use sheaf_circuits::entry_tables::entries::EntryColumns;
use sheaf_circuits::entry_tables::ladder::LadderColumns;
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::entry_tables::signatures::SignatureColumns;
use sheaf_circuits::entry_tables::slots::SlotColumns;
use sheaf_circuits::entry_tables::tree::NodeColumns;
use sheaf_circuits::signature::open_signature::{LadderEnds, SignatureParts};
use sheaf_crypto::poseidon::WIDTH;
use sheaf_ledger::chunk::EntryChunk;
use sheaf_plonk::tables::Trace;

use super::HEIGHTS;
use super::cells::structure;
use super::forgeries::chunk;
use super::lies::numbers;

type Cheat = (&'static str, fn(&mut Rows));

/// The first row in which the column is not zero.
fn with(rows: &mut [Vec<F>], column: usize) -> &mut Vec<F> {
    rows.iter_mut().find(|row| !row[column].is_zero()).expect("some row has it")
}

fn add(row: &mut [F], column: usize) {
    row[column] += F::ONE;
}

fn entry() -> EntryColumns<usize> {
    numbers()
}

fn signature() -> (SignatureColumns<usize>, SignatureParts<usize>) {
    let columns: SignatureColumns<usize> = numbers();
    (columns, structure(&columns.parts))
}

const OF_HASHES: [Cheat; 9] = [
    ("permutations 1: the cube of an S-box", |rows| add(&mut rows.permutations[0], WIDTH)),
    ("permutations 1: the output of an S-box", |rows| add(&mut rows.permutations[0], WIDTH + 1)),
    ("permutations 2: how often a row is asked", |rows| {
        let last = rows.permutations[0].len() - 1;
        add(&mut rows.permutations[0], last);
    }),
    ("tree 1: a flag is a bit", |rows| {
        let columns: NodeColumns<usize> = numbers();
        add(with(&mut rows.tree, columns.left[0]), columns.left[0]);
    }),
    ("tree 2: a child that is not touched", |rows| {
        let columns: NodeColumns<usize> = numbers();
        let row = rows.tree.iter_mut().find(|row| row[columns.left[0]].is_zero());
        add(row.expect("some left child is not touched"), columns.left_after[3]);
    }),
    ("tree 3: a node's digest", |rows| {
        add(&mut rows.tree[0], numbers::<NodeColumns<usize>>().after[0]);
    }),
    ("tree 4: a node's place", |rows| {
        add(&mut rows.tree[0], numbers::<NodeColumns<usize>>().index[0]);
    }),
    ("slots 2: a leaf's digest", |rows| {
        add(&mut rows.slots[0], numbers::<SlotColumns<usize>>().digest_after[1]);
    }),
    ("slots 3: the time of the last entry", |rows| {
        add(&mut rows.slots[0], numbers::<SlotColumns<usize>>().last[0]);
    }),
];

const OF_ENTRIES: [Cheat; 7] = [
    ("entries 1: the machine before", |rows| {
        add(&mut rows.entries[3], entry().machine[34]);
    }),
    ("entries 2: the earlier time", |rows| add(&mut rows.entries[3], entry().gap[0])),
    ("entries 3: bits of the slot that are none", |rows| {
        let bits = structure::<EntryWires<usize>>(&entry().entry).bits;
        let row = &mut rows.entries[3];
        row[bits[0]] += F::TWO;
        row[bits[1]] -= F::ONE;
    }),
    ("entries 4: the balance after", |rows| {
        let balance = structure::<AccessOutputs<usize>>(&entry().access).balance[0];
        add(&mut rows.entries[3], balance);
    }),
    ("entries 5: a link of words", |rows| {
        let link = entry().data_link[0];
        add(with(&mut rows.entries, link), link);
    }),
    ("entries 6: the domain", |rows| add(&mut rows.entries[3], entry().machine[1])),
    ("entries 7: a signature that is owed", |rows| {
        let owed = structure::<TransactionOutputs<usize>>(&entry().transaction).owed[0];
        with(&mut rows.entries, owed)[owed] = F::ZERO;
    }),
];

const OF_SIGNATURES: [Cheat; 9] = [
    ("signatures 1: the message", |rows| add(&mut rows.signatures[0], signature().0.message[2])),
    ("signatures 2: the owner", |rows| add(&mut rows.signatures[0], signature().0.address[0])),
    ("signatures 3: the challenge", |rows| {
        add(&mut rows.signatures[0], signature().0.challenge_rest[0]);
    }),
    ("signatures 4: the ladder's end", |rows| {
        let ends: LadderEnds<usize> = structure(&signature().0.ends);
        add(&mut rows.signatures[0], ends.end_y[4]);
    }),
    ("signatures 5: a window out of its range", |rows| {
        let [low, high, _] = signature().1.windows_of_5;
        rows.signatures[0][low] += F::from_canonical_u64(4);
        rows.signatures[0][high] -= F::ONE;
    }),
    ("signatures 6: digits of the challenge", |rows| {
        let [low, high, ..] = signature().1.digits_0_to_4;
        rows.signatures[0][low] += F::from_canonical_u64(64);
        rows.signatures[0][high] -= F::ONE;
    }),
    ("ladder 1: whether a step counts", |rows| {
        add(&mut rows.ladder[5], numbers::<LadderColumns<usize>>().active[0]);
    }),
    ("ladder 2: the point after a step", |rows| {
        add(&mut rows.ladder[5], numbers::<LadderColumns<usize>>().sum[0]);
    }),
    ("ladder 3: the number of a step", |rows| {
        add(&mut rows.ladder[5], numbers::<LadderColumns<usize>>().step[0]);
    }),
];

/// Whether rows give a proof, and whether it verifies.
fn proven(chunk: &EntryChunk, rows: &Rows) -> (bool, bool) {
    let tables = EntryTables::new(HEIGHTS);
    let rows_of = |name| match name {
        "entries" => &rows.entries,
        "slots" => &rows.slots,
        "tree" => &rows.tree,
        "signatures" => &rows.signatures,
        "ladder" => &rows.ladder,
        _ => &rows.permutations,
    };
    let traces = tables.tables().tables().iter();
    let traces = traces.map(|table| Trace::new(table, rows_of(table.name()).clone()));
    let traces: Result<Vec<Trace>, _> = traces.collect();
    let messages = tables.messages(&chunk.before, &chunk.after);
    let proof = tables.tables().prove(&messages, traces.expect("the rows have room"));
    let verified = proof.as_ref().map(|proof| tables.tables().verify(&messages, proof).is_ok());
    (proof.is_ok(), verified.unwrap_or(false))
}

#[test]
fn slow_a_prover_who_cheats_is_refused() {
    let chunk = chunk();
    let honest = Rows::new(&chunk, 0).expect("the chunk is honest");
    assert_eq!(proven(&chunk, &honest), (true, true));
    let mut proofs = 0;
    for (name, cheat) in OF_HASHES.iter().chain(&OF_ENTRIES).chain(&OF_SIGNATURES) {
        let mut rows = honest.clone();
        cheat(&mut rows);
        let (has_proof, is_verified) = proven(&chunk, &rows);
        assert!(!is_verified, "{name}");
        proofs += usize::from(has_proof);
    }
    println!("{proofs} false proofs");
    assert!(proofs > 0, "the verifier refused none");
}
