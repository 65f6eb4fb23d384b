//! Which tables are proven together: their rules, their heights, and the order of their columns
//! under one commitment.

use core::ops::Range;

use plonky2::fri::structure::{
    FriBatchInfo, FriInstanceInfo, FriOpeningExpression, FriOracleInfo, FriPolynomialInfo,
};
use plonky2::fri::{FriConfig, FriParams, FriReductionStrategy};

use super::combination::Extension;
use super::evaluate::{Evaluate, Of};
use super::rules::{RulesShape, TableRules};
use crate::proof::{D, F};

/// A table doubles its values: the rate is 1/2.
pub(super) const RATE_BITS: usize = 1;
/// Roots of a commitment, as a power of two.
const CAP_BITS: usize = 4;
/// Zero bits of the grinding.
const GRINDING_BITS: u32 = 16;
/// Points at which FRI opens the commitments: with the grinding, 98 conjectured bits
/// (docs/security.md, "Bits of security").
const QUERIES: usize = 84;
/// The largest fold of FRI, as a power of two.
const FOLD_BITS: usize = 4;
/// Coefficients of the last polynomial at most, as a power of two.
const LAST_BITS: usize = 5;

/// Commitments in the order of their messages: columns, helpers and sums, quotients.
pub(super) const ORACLES: usize = 3;
pub(super) const COLUMNS: usize = 0;
pub(super) const SUMS: usize = 1;
pub(super) const QUOTIENTS: usize = 2;

/// One table: rules and height.
#[derive(Debug)]
pub struct Table {
    pub(super) rules: Box<dyn Evaluate>,
    pub(super) shape: RulesShape,
    pub(super) width: usize,
    pub(super) height_bits: usize,
}

impl Table {
    /// A table of 2^`height_bits` rows under the rules `R`.
    pub fn new<R: TableRules>(height_bits: usize) -> Self {
        let shape = RulesShape::of::<R>();
        Self { rules: Box::new(Of::<R>::default()), shape, width: R::WIDTH, height_bits }
    }

    /// The name of the table's rules.
    pub fn name(&self) -> &'static str {
        self.rules.name()
    }

    /// The polynomials of the table under each commitment. An element of the extension field takes
    /// two polynomials.
    pub(super) const fn polynomials(&self) -> [usize; ORACLES] {
        [self.width, D * (self.shape.helpers() + 1), D * self.shape.quotient_parts()]
    }
}

/// Tables that one proof is about.
#[derive(Debug)]
pub struct Tables {
    tables: Vec<Table>,
    pub(super) params: FriParams,
}

/// The tables of one height, and the places of their polynomials among those of all groups.
pub(super) struct Group<'a> {
    pub height_bits: usize,
    pub tables: &'a [Table],
    /// The first polynomial of the group under each commitment.
    pub first: [usize; ORACLES],
}

impl Tables {
    /// Tables in the order of falling height; tables of one height keep their order.
    ///
    /// # Panics
    /// When there is no table, or a table is too low for FRI's last polynomial or the roots of the
    /// commitments.
    pub fn new(mut tables: Vec<Table>) -> Self {
        tables.sort_by_key(|table| core::cmp::Reverse(table.height_bits));
        let heights = heights(&tables);
        let (highest, lowest) = (heights[0], heights[heights.len() - 1]);
        assert!(lowest >= CAP_BITS, "a table of 2^{lowest} rows");
        let folds = folds(&heights);
        let config = FriConfig {
            rate_bits: RATE_BITS,
            cap_height: CAP_BITS,
            proof_of_work_bits: GRINDING_BITS,
            reduction_strategy: FriReductionStrategy::Fixed(folds),
            num_query_rounds: QUERIES,
        };
        Self { params: config.fri_params(highest, false), tables }
    }

    /// All tables, in the order of falling height.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The parameters of FRI.
    pub const fn fri(&self) -> &FriConfig {
        &self.params.config
    }

    /// Messages of all rows, padding included.
    pub fn messages(&self) -> usize {
        self.tables.iter().map(|table| table.shape.messages << table.height_bits).sum()
    }

    /// The most fields of a message.
    pub fn fields(&self) -> usize {
        self.tables.iter().map(|table| table.shape.fields).max().unwrap_or(0)
    }

    /// Constraints of the table that has most, those of helpers and sum included.
    pub(super) fn constraints(&self) -> usize {
        let of = |table: &Table| table.shape.constraints + table.shape.helpers() + 1;
        self.tables.iter().map(of).max().unwrap_or(0)
    }

    /// The heights, each named once, in falling order.
    pub(super) fn heights(&self) -> Vec<usize> {
        heights(&self.tables)
    }

    /// The tables by height.
    pub(super) fn groups(&self) -> Vec<Group<'_>> {
        let mut first = [0; ORACLES];
        let groups = self.tables.chunk_by(|a, b| a.height_bits == b.height_bits);
        groups
            .map(|tables| {
                let group = Group { height_bits: tables[0].height_bits, tables, first };
                for (first, count) in first.iter_mut().zip(group.polynomials()) {
                    *first += count;
                }
                group
            })
            .collect()
    }

    /// What FRI opens at `point`, and at the points of the next rows, for each height.
    pub(super) fn instances(&self, points: &[Points<Extension>]) -> Vec<FriInstanceInfo<F, D>> {
        let groups = self.groups();
        let instance = |(group, points): (&Group<'_>, &Points<Extension>)| FriInstanceInfo {
            oracles: group.oracles(),
            batches: vec![
                FriBatchInfo { point: points.here, openings: group.here() },
                FriBatchInfo { point: points.next, openings: group.next() },
            ],
        };
        groups.iter().zip(points).map(instance).collect()
    }
}

/// The points at which the polynomials of one height are opened.
#[derive(Clone, Copy)]
pub(super) struct Points<E> {
    /// The point drawn from the transcript, the same for all heights.
    pub here: E,
    /// That point times the generator of the rows.
    pub next: E,
}

impl Group<'_> {
    /// The polynomials of the group under each commitment.
    pub(super) fn polynomials(&self) -> [usize; ORACLES] {
        core::array::from_fn(|oracle| {
            self.tables.iter().map(|table| table.polynomials()[oracle]).sum()
        })
    }

    pub(super) fn oracles(&self) -> Vec<FriOracleInfo> {
        let oracle = |num_polys| FriOracleInfo { num_polys, blinding: false };
        self.polynomials().map(oracle).to_vec()
    }

    /// All polynomials of the group, commitment by commitment.
    pub(super) fn here(&self) -> Vec<FriOpeningExpression<F, D>> {
        let oracles = self.polynomials().into_iter().zip(self.first).enumerate();
        oracles.flat_map(|(oracle, (count, first))| opened(oracle, first..first + count)).collect()
    }

    /// The sum of each table.
    pub(super) fn next(&self) -> Vec<FriOpeningExpression<F, D>> {
        let first = self.first[SUMS];
        self.sums().into_iter().flat_map(|sum| opened(SUMS, first + sum..first + sum + 1)).collect()
    }

    /// The places of the tables' sums, two polynomials each, among the group's helpers and sums.
    pub(super) fn sums(&self) -> Vec<usize> {
        let mut end = 0;
        let of_table = |table: &Table| {
            end += table.polynomials()[SUMS];
            end - D..end
        };
        self.tables.iter().flat_map(of_table).collect()
    }
}

fn opened(
    oracle_index: usize,
    polynomials: Range<usize>,
) -> impl Iterator<Item = FriOpeningExpression<F, D>> {
    polynomials.map(move |polynomial_index| {
        FriOpeningExpression::raw(FriPolynomialInfo { oracle_index, polynomial_index })
    })
}

fn heights(tables: &[Table]) -> Vec<usize> {
    let mut heights: Vec<usize> = tables.iter().map(|table| table.height_bits).collect();
    heights.dedup();
    heights
}

/// FRI's folds: each height but the highest is reached by a fold, and folds go on until the last
/// polynomial is short enough.
fn folds(heights: &[usize]) -> Vec<usize> {
    let mut folds = Vec::new();
    let mut to = |from: usize, to: usize| {
        let mut left = from - to;
        while left > 0 {
            folds.push(left.min(FOLD_BITS));
            left -= left.min(FOLD_BITS);
        }
    };
    for pair in heights.windows(2) {
        to(pair[0], pair[1]);
    }
    let lowest = heights[heights.len() - 1];
    // No table joins FRI after the last fold, so the lowest one is folded at least once.
    to(lowest, LAST_BITS.min(lowest - 1));
    folds
}
