//! Rules of tables, fields of messages, and the machines that the tables lead from and to.

use std::ops::Range;
use std::sync::OnceLock;

use plonky2::gates::gate::Gate;
use sheaf_circuits::entry::access::AccessRow;
use sheaf_circuits::entry::publish::PublishRow;
use sheaf_circuits::entry::subject::SubjectRow;
use sheaf_circuits::entry::transaction::TransactionRow;
use sheaf_circuits::entry_tables::circuit::EntryTables;
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::signature::double_and_add::DoubleAndAddRow;
use sheaf_circuits::signature::open_signature::OpenSignatureRow;
use sheaf_crypto::goldilocks::Fe;
use sheaf_ledger::chunk::EntryChunk;
use sheaf_ledger::machine::{MACHINE, Machine};
use sheaf_plonk::gates::range_check::RangeCheckRow;
use sheaf_plonk::gates::rules::{RowRules, RulesGate};
use sheaf_plonk::proof::F;
use sheaf_plonk::tables::Message;

use super::Mutant;
use crate::entry_tables::books::Books;
use crate::entry_tables::determined::{Noticed, noticed};
use crate::entry_tables::told::{LIES, is_refused_by_its_message};
use crate::entry_tables::{HEIGHTS, settled};

/// Rules of tables that follow from other rules, so that nothing wrong passes without them: a leaf
/// that is neither open nor unopened has zeros alone, and zero is not the digest of zeros.
const SPARE: [&str; 2] = ["slots: rule 1", "slots: rule 13"];

/// Equations of all tables as mutants.
fn equations(is_wanted: impl Fn(&Noticed, usize) -> bool) -> Vec<Mutant> {
    let of = |table: &'static Noticed| {
        let named = table.names.iter().enumerate();
        let wanted = named.filter(|(number, _)| is_wanted(table, *number));
        let mutant = |(number, name): (usize, &'static String)| {
            Mutant::new(name.as_str(), move || {
                [&table.to_first_order, &table.by_jumps].iter().any(|set| set.contains(&number))
            })
        };
        wanted.map(mutant).collect::<Vec<_>>()
    };
    noticed().iter().flat_map(of).collect()
}

/// How many constraints a row of rules has.
fn count<R: RowRules>() -> usize {
    Gate::<F, 2>::num_constraints(&RulesGate::<R>::new())
}

/// The rules of a table that are those of rows of rules: the group `rules` has them.
fn of_rows(table: &Noticed) -> Range<usize> {
    match table.table {
        "entries" => {
            let own = table.rules
                - count::<AccessRow>()
                - count::<TransactionRow>()
                - count::<RangeCheckRow>()
                - count::<SubjectRow>()
                - count::<PublishRow>();
            own..table.rules
        }
        "signatures" => 1..1 + count::<OpenSignatureRow>(),
        "ladder" => 1..1 + count::<DoubleAndAddRow>(),
        _ => 0..0,
    }
}

/// Each rule that a table has beside its rows of rules.
pub(super) fn rules() -> Vec<Mutant> {
    equations(|table, number| {
        let is_own = number < table.rules && !of_rows(table).contains(&number);
        is_own && !SPARE.contains(&table.names[number].as_str())
    })
}

/// Each field that a row takes from a message, where fields differ alone.
pub(super) fn fields() -> Vec<Mutant> {
    let of_points = |table: &Noticed| ["signatures", "ladder"].contains(&table.table);
    equations(|table, number| number >= table.rules && !of_points(table))
}

/// Each message that the rows of signatures and ladders take.
pub(super) fn messages() -> Vec<Mutant> {
    LIES.iter().map(|lie| Mutant::new(lie.0, || is_refused_by_its_message(lie))).collect()
}

/// The elements of a machine that are the chain of signatures.
const SIGNATURES: Range<usize> = 26..30;

/// The machine with one more in one of its elements, which is not of the chain of signatures.
fn forged(machine: &Machine, element: usize) -> Machine {
    let mut forged = *machine;
    let Machine { root, next_slot, domain, timestamp, signer, token, .. } = &mut forged;
    match element {
        0..4 => root.0[element] += Fe::ONE,
        4 => *next_slot += 1,
        5..8 => domain.0[element - 5] += Fe::ONE,
        8 => *timestamp = timestamp.wrapping_add(1),
        9..12 => signer.0[element - 9] += Fe::ONE,
        12 => *token ^= 1,
        13 => forged.remaining += 1,
        14..18 => forged.message.0[element - 14] += Fe::ONE,
        18..26 if element.is_multiple_of(2) => forged.pots[(element - 18) / 2].token ^= 1,
        18..26 => forged.pots[(element - 18) / 2].amount += 1,
        30..34 => forged.data.0[element - 30] += Fe::ONE,
        34..38 => forged.l1.0[element - 34] += Fe::ONE,
        38 => forged.data_words += 1,
        _ => forged.l1_words += 1,
    }
    forged
}

/// A chunk with the books of all its rows, in which only the verifier's messages are open.
fn rows() -> &'static (EntryChunk, Books) {
    static ROWS: OnceLock<(EntryChunk, Books)> = OnceLock::new();
    ROWS.get_or_init(|| {
        let chunk = settled(4, EntryTables::new(HEIGHTS).capacity());
        let books = Books::of(&Rows::new(&chunk, 0).expect("the chunk is honest"));
        (chunk, books)
    })
}

/// Whether a forged machine is refused because of one field of the verifier's messages: without
/// this field, the messages would be those of the honest machines.
fn is_held_by_one_field(element: usize, is_after: bool) -> bool {
    let (EntryChunk { before, after, .. }, books) = rows();
    let tables = EntryTables::new(HEIGHTS);
    let honest = tables.messages(before, after);
    let [forged_before, forged_after] = [before, after].map(|machine| forged(machine, element));
    let lie = match is_after {
        false => tables.messages(&forged_before, after),
        true => tables.messages(before, &forged_after),
    };
    let faults = |messages: &[Message<F>]| {
        let mut books = books.clone();
        books.exchange(messages);
        books.faults().len()
    };
    let fields =
        lie.iter().zip(&honest).flat_map(|(lie, honest)| lie.fields.iter().zip(&honest.fields));
    let differing = fields.filter(|(lie, honest)| lie != honest).count();
    faults(&honest) == 0 && faults(&lie) > 0 && differing == 1
}

/// Each element of both machines but the chain of signatures, which tables leave out.
pub(super) fn machines() -> Vec<Mutant> {
    let elements = (0..MACHINE).filter(|element| !SIGNATURES.contains(element));
    let all = elements.flat_map(|element| [(element, false), (element, true)]);
    let mutant = |(element, is_after)| {
        let which = if is_after { "after" } else { "before" };
        Mutant::new(format!("element {element} of the machine {which}"), move || {
            is_held_by_one_field(element, is_after)
        })
    };
    all.map(mutant).collect()
}
