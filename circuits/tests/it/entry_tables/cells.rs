//! Each cell of each table, changed alone, breaks a rule or leaves a message open, unless no rule
//! reads the cell in a row of its kind.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::{Field, PrimeField64};
use sheaf_circuits::entry::access::AccessHints;
use sheaf_circuits::entry::row::EntryWires;
use sheaf_circuits::entry::subject::Split;
use sheaf_circuits::entry::transaction::{TransactionHints, TransactionOutputs};
use sheaf_circuits::entry_tables::entries::{EntryColumns, EntryRules};
use sheaf_circuits::entry_tables::ladder::LadderRules;
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::entry_tables::signatures::SignatureRules;
use sheaf_circuits::entry_tables::slots::SlotRules;
use sheaf_circuits::entry_tables::tree::TreeRules;
use sheaf_circuits::signature::open_signature::DIGITS;
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::tables::permutation::PermutationRules;
use sheaf_plonk::tables::rules::TableRules;

use super::books::Books;
use super::lies::numbers;
use crate::ledger_world::World;

/// The cells whose change, alone, breaks nothing.
fn unnoticed<R: TableRules>(rows: &[Vec<F>]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        for column in 0..row.len() {
            // Two changes, because a flag may have two values.
            for change in [F::ONE, F::from_canonical_u64(1 << 40)] {
                let mut changed = row.clone();
                changed[column] += change;
                let mut books = Books::default();
                books.add::<R>(&[changed], F::ONE);
                books.add::<R>(core::slice::from_ref(row), F::NEG_ONE);
                if books.faults().is_empty() {
                    found.push((place, column));
                }
            }
        }
    }
    found
}

/// The rows of a random chunk, the same for the same seed.
pub(super) fn rows(seed: u64) -> Rows {
    Rows::new(&World::random(seed).honest_chunk(12), 0).expect("the chunk is honest")
}

#[test]
fn every_cell_but_those_of_entries_is_held() {
    let rows = rows(5);
    assert_eq!(unnoticed::<SlotRules>(&rows.slots), []);
    assert_eq!(unnoticed::<TreeRules>(&rows.tree[..40]), []);
    assert_eq!(unnoticed::<PermutationRules>(&rows.permutations[..8]), []);
    assert!(rows.signatures.len() > 1);
    assert_eq!(unnoticed::<SignatureRules>(&rows.signatures), []);
    assert_eq!(unnoticed::<LadderRules>(&rows.ladder[..2 * DIGITS]), []);
}

#[test]
fn every_cell_of_entries_is_held_or_not_read() {
    for seed in 0..12 {
        let rows = rows(seed);
        for (place, column) in unnoticed::<EntryRules>(&rows.entries) {
            let row = &rows.entries[place];
            assert!(is_free(row, column), "seed {seed}, row {place}, column {column}");
        }
    }
}

/// A structure of a row's columns: the numbers of the columns.
pub(super) fn structure<W: Wires<usize>>(columns: &[usize]) -> W {
    let mut columns = columns.iter().copied();
    W::read(&mut || columns.next().expect("as many columns as the structure has"))
}

/// Whether the row's entry leaves the column open: the inverse of what its kind does not ask to be
/// other than zero, or is zero; the token of what is not opened; the pot of what has none; the
/// hashes that the kind does not need.
pub(super) fn is_free(row: &[F], column: usize) -> bool {
    let is_set = |column: usize| !row[column].is_zero();
    let columns: EntryColumns<usize> = numbers();
    let entry: EntryWires<usize> = structure(&columns.entry);
    let access: AccessHints<usize> = structure(&columns.access_hints);
    let transaction: TransactionHints<usize> = structure(&columns.transaction_hints);
    let outputs: TransactionOutputs<usize> = structure(&columns.transaction);
    let split: Split<usize> = structure(&columns.subject_hints);
    let [opening, debit, credit, withdraw, deposit, exit, collect] = entry.kind.map(is_set);
    let (spends, pays) = (debit || withdraw, credit || withdraw || deposit);
    let on_l1 = withdraw || deposit || exit;
    let published = opening || spends || credit || collect || on_l1;
    let differs = |i: usize| row[entry.owner[i]] != row[entry.subject[i]];
    let low_half = |i: usize| row[entry.subject[i]].to_canonical_u64() as u32;
    let place = |of: &[usize]| of.iter().position(|found| *found == column);
    let within = |of: &[usize]| of.contains(&column);
    // Without a fee one pot is as good as another that has the slot's token already.
    let has_pot = collect || (spends && is_set(entry.fee[0]));
    (within(&access.inverse_amount) && !(spends || credit || deposit || collect))
        || (within(&entry.opened_token) && !opening)
        || place(&access.difference).is_some_and(|i| !is_set(entry.open[0]) || !differs(i))
        || (within(&transaction.inverse_remaining) && !is_set(outputs.remaining[0]))
        || (within(&entry.pot) && !has_pot)
        || place(&split.inverses).is_some_and(|i| low_half(i) == 0)
        || (within(&columns.header_hash) && !spends)
        || (within(&columns.payee_hash) && !pays)
        || (within(&columns.data_link) && !published)
        || (within(&[columns.l1_first, columns.l1_link].concat()) && !on_l1)
}
