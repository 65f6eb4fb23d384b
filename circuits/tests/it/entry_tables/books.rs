//! What all rows of a set of tables do: which rules they break, and which messages do not balance.

use std::collections::BTreeMap;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::{Field, PrimeField64};
use sheaf_circuits::entry_tables::entries::EntryRules;
use sheaf_circuits::entry_tables::ladder::LadderRules;
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::entry_tables::signatures::SignatureRules;
use sheaf_circuits::entry_tables::slots::SlotRules;
use sheaf_circuits::entry_tables::tree::TreeRules;
use sheaf_plonk::tables::Message;
use sheaf_plonk::tables::permutation::PermutationRules;
use sheaf_plonk::tables::rules::{Bus, Collect, Direction, TableRules};

/// The rules that rows break, and each message's count.
#[derive(Clone, Default)]
pub(crate) struct Books {
    broken: Vec<String>,
    counts: BTreeMap<(Bus, Vec<u64>), F>,
}

impl Books {
    pub(crate) fn of(rows: &Rows) -> Self {
        let mut books = Self::default();
        books.add::<EntryRules>(&rows.entries, F::ONE);
        books.add::<SlotRules>(&rows.slots, F::ONE);
        books.add::<TreeRules>(&rows.tree, F::ONE);
        books.add::<SignatureRules>(&rows.signatures, F::ONE);
        books.add::<LadderRules>(&rows.ladder, F::ONE);
        books.add::<PermutationRules>(&rows.permutations, F::ONE);
        books
    }

    /// Adds rows, or with minus one takes their messages away again.
    pub(crate) fn add<R: TableRules>(&mut self, rows: &[Vec<F>], times: F) {
        for (place, row) in rows.iter().enumerate() {
            let mut reading = Reading { table: R::NAME, place, rule: 0, times, books: self };
            R::evaluate(row, &mut reading);
        }
    }

    /// Adds messages of the verifier.
    pub(crate) fn exchange(&mut self, messages: &[Message<F>]) {
        for Message { bus, direction, fields } in messages {
            self.count(*bus, *direction, F::ONE, fields);
        }
    }

    fn count(&mut self, bus: Bus, direction: Direction, count: F, fields: &[F]) {
        let fields = fields.iter().map(F::to_canonical_u64).collect();
        let sum = self.counts.entry((bus, fields)).or_insert(F::ZERO);
        *sum += if direction == Direction::Send { count } else { -count };
    }

    /// A line for each broken rule and for each message that does not balance.
    pub(crate) fn faults(&self) -> Vec<String> {
        let open = self.counts.iter().filter(|(_, count)| !count.is_zero());
        let open = open.map(|((bus, fields), count)| format!("{count} × {bus:?} {fields:?}"));
        self.broken.iter().cloned().chain(open).collect()
    }
}

struct Reading<'a> {
    table: &'static str,
    place: usize,
    rule: usize,
    times: F,
    books: &'a mut Books,
}

impl Collect<F> for Reading<'_> {
    fn zero(&mut self, value: F) {
        if !value.is_zero() && self.times == F::ONE {
            let Self { table, place, rule, .. } = self;
            self.books.broken.push(format!("{table}, row {place}: rule {rule}"));
        }
        self.rule += 1;
    }

    fn message(&mut self, bus: Bus, direction: Direction, count: F, fields: &[F]) {
        self.books.count(bus, direction, count * self.times, fields);
    }
}
