//! To first order, what a table's row receives determines all its cells but those that are the
//! prover's choice ([`super::given`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::{Field, PrimeField64};
use rayon::prelude::*;
use sheaf_circuits::entry::row::EntryWires;
use sheaf_circuits::entry_tables::entries::{EntryColumns, EntryRules};
use sheaf_circuits::entry_tables::ladder::LadderRules;
use sheaf_circuits::entry_tables::rows::Rows;
use sheaf_circuits::entry_tables::signatures::SignatureRules;
use sheaf_circuits::entry_tables::slots::{SlotColumns, SlotRules};
use sheaf_circuits::entry_tables::tree::{NodeColumns, TreeRules};
use sheaf_plonk::tables::permutation::PermutationRules;

use super::cells::{self, structure};
use super::given::Given;
use super::held::Held;
use super::jumps;
use super::lies::numbers;
use super::rivals;

/// Chunks from which rows are taken.
const CHUNKS: u64 = 12;
/// Rows of one kind.
const ROWS_OF_A_KIND: usize = 2;

/// Rows of every kind that a table has.
pub(crate) struct Honest {
    pub permutations: Vec<Held<PermutationRules>>,
    pub tree: Vec<Held<TreeRules>>,
    pub entries: Vec<Held<EntryRules>>,
    pub slots: Vec<Held<SlotRules>>,
    pub signatures: Vec<Held<SignatureRules>>,
    pub ladder: Vec<Held<LadderRules>>,
}

impl Honest {
    pub(crate) fn new() -> Self {
        let chunks: Vec<Rows> = (0..CHUNKS).map(cells::rows).collect();
        let counts = |row: &[F]| row[row.len() - 2..].to_vec();
        Self {
            permutations: kinds(&chunks, |rows| &rows.permutations, counts),
            tree: kinds(&chunks, |rows| &rows.tree, kind_of_node),
            entries: kinds(&chunks, |rows| &rows.entries, kind_of_entry),
            slots: kinds(&chunks, |rows| &rows.slots, kind_of_slot),
            signatures: kinds(&chunks, |rows| &rows.signatures, |_| Vec::new()),
            ladder: kinds(&chunks, |rows| &rows.ladder, |_| Vec::new()),
        }
    }
}

/// Some rows of each kind.
fn kinds<R: Given>(
    chunks: &[Rows],
    of: impl Fn(&Rows) -> &Vec<Vec<F>>,
    kind: impl Fn(&[F]) -> Vec<F>,
) -> Vec<Held<R>> {
    let mut found = BTreeMap::<Vec<u64>, usize>::new();
    let rows = chunks.iter().flat_map(of).filter(|row| {
        let kind = kind(row).iter().map(F::to_canonical_u64).collect();
        let count = found.entry(kind).or_default();
        *count += 1;
        *count <= ROWS_OF_A_KIND
    });
    rows.map(|row| Held::new(row)).collect()
}

/// Which children are touched, and which of these have changed.
fn kind_of_node(row: &[F]) -> Vec<F> {
    let columns: NodeColumns<usize> = numbers();
    let changed = |before: [usize; 4], after: [usize; 4]| {
        F::from_bool((0..4).any(|i| row[before[i]] != row[after[i]]))
    };
    let left = changed(columns.left_before, columns.left_after);
    let right = changed(columns.right_before, columns.right_after);
    vec![row[columns.left[0]], row[columns.right[0]], left, right]
}

/// The flags of the kind; whether there is a fee, and what remains; whether the leaf is open.
fn kind_of_entry(row: &[F]) -> Vec<F> {
    let entry: EntryWires<usize> = structure(&numbers::<EntryColumns<usize>>().entry);
    let mut kind = entry.kind.map(|column| row[column]).to_vec();
    kind.extend([entry.open[0], entry.fee[0]].map(|column| F::from_bool(!row[column].is_zero())));
    kind
}

/// Whether the leaf was and is open.
fn kind_of_slot(row: &[F]) -> Vec<F> {
    let columns: SlotColumns<usize> = numbers();
    vec![row[columns.before[0]], row[columns.after[0]]]
}

/// The equations of a table's rows, and who would notice the loss of each.
pub(crate) struct Noticed {
    /// The table's name.
    pub table: &'static str,
    /// How many of the equations are rules.
    pub rules: usize,
    /// The equations' names, those of rules first.
    pub names: Vec<String>,
    /// Equations without which some row is not determined to first order.
    pub to_first_order: BTreeSet<usize>,
    /// Of the others, those that some changed row, or a rival, breaks alone.
    pub by_jumps: BTreeSet<usize>,
}

impl Noticed {
    /// Demands that nothing moves but what is the prover's choice, and that all of this does.
    fn of<R: Given>(rows: &[Held<R>], rivals: &[[Vec<F>; 2]]) -> Self {
        let needed = rows.par_iter().enumerate().map(|(number, row)| {
            let moving = row.moving_while_held(None);
            assert!(moving.is_empty(), "{}, row {number}: {moving:?} move", R::NAME);
            let all = row.moving();
            let free = row.free.iter().copied();
            let stuck: Vec<usize> = free.filter(|column| !all.contains(column)).collect();
            assert!(stuck.is_empty(), "{}, row {number}: {stuck:?} are no choice", R::NAME);
            row.needed()
        });
        let needed: Vec<BTreeSet<usize>> = needed.collect();
        let first = rows.first().expect("the table has rows");
        let (rules, names) = (first.rules, first.names());
        let to_first_order: BTreeSet<usize> = needed.into_iter().flatten().collect();
        let wanted = (0..names.len()).filter(|equation| !to_first_order.contains(equation));
        let wanted: BTreeSet<usize> = wanted.collect();
        let mut by_jumps = jumps::broken_alone(rows, &wanted);
        for [honest, rival] in rivals {
            let alone = Held::<R>::new(honest).broken_alone(rival);
            by_jumps.extend(alone.filter(|equation| wanted.contains(equation)));
        }
        let counts = [rows.len(), names.len(), to_first_order.len(), by_jumps.len()];
        println!("{}: rows, equations, to first order, by jumps: {counts:?}", R::NAME);
        Self { table: R::NAME, rules, names, to_first_order, by_jumps }
    }
}

/// All six tables.
pub(crate) fn noticed() -> &'static [Noticed; 6] {
    static NOTICED: OnceLock<[Noticed; 6]> = OnceLock::new();
    NOTICED.get_or_init(|| {
        let honest = Honest::new();
        [
            Noticed::of(&honest.permutations, &[]),
            Noticed::of(&honest.tree, &[]),
            Noticed::of(&honest.entries, &rivals::of_entries()),
            Noticed::of(&honest.slots, &rivals::of_slots()),
            Noticed::of(&honest.signatures, &rivals::of_signatures()),
            Noticed::of(&honest.ladder, &[]),
        ]
    })
}

#[test]
fn rows_are_determined_by_what_they_receive() {
    assert!(noticed().iter().all(|table| !table.to_first_order.is_empty()));
}

/// Where an equation is left out that is needed, something moves, and elsewhere nothing.
#[test]
fn an_equation_that_is_left_out_is_noticed() {
    let row = &Honest::new().tree[0];
    let needed = row.needed();
    assert!(!needed.is_empty());
    for equation in 0..row.names().len() {
        let moves = !row.moving_while_held(Some(equation)).is_empty();
        assert_eq!(moves, needed.contains(&equation), "{}", row.names()[equation]);
    }
}
