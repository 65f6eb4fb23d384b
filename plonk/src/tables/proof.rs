//! The messages of a proof over tables.

use plonky2::fri::proof::FriProof;
use plonky2::fri::structure::{FriOpeningBatch, FriOpenings};
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::hash::poseidon::PoseidonHash;

use super::combination::Extension;
use super::shape::{Group, ORACLES};
use crate::proof::{D, F};

/// A proof over tables.
#[derive(Clone, Debug)]
pub struct TablesProof {
    /// The roots of the commitments: columns, helpers and sums, quotients.
    pub(super) caps: [MerkleCap<F, PoseidonHash>; ORACLES],
    /// The sum of all quotients of each table.
    pub(super) totals: Vec<Extension>,
    /// The opened values by height.
    pub(super) openings: Vec<Opened<Extension>>,
    /// FRI's proof that these are the values of polynomials.
    pub(super) fri: FriProof<F, PoseidonHash, D>,
}

/// The opened values of the tables of one height.
#[derive(Clone, Debug)]
pub(super) struct Opened<E> {
    /// All polynomials at the drawn point, commitment by commitment.
    pub here: Vec<E>,
    /// Each table's sum at the next row's point.
    pub next: Vec<E>,
}

impl Opened<Extension> {
    /// The values in the form of plonky2's FRI.
    pub(super) fn for_fri(&self) -> FriOpenings<F, D> {
        let batch = |values: &Vec<Extension>| FriOpeningBatch { values: values.clone() };
        FriOpenings { batches: vec![batch(&self.here), batch(&self.next)] }
    }
}

/// The opened values of one table.
pub(super) struct OpenedTable<'a, E> {
    pub columns: &'a [E],
    /// Helpers and sum, two values each.
    pub sums: &'a [E],
    pub quotient: &'a [E],
    /// The sum at the next row, two values.
    pub next_sum: &'a [E],
}

impl<E> Opened<E> {
    /// The values of each table of a group.
    pub(super) fn by_table<'a>(&'a self, group: &Group<'_>) -> Vec<OpenedTable<'a, E>> {
        let [columns, sums, _] = group.polynomials();
        let (mut columns, rest) = self.here.split_at(columns);
        let (mut sums, mut quotients) = rest.split_at(sums);
        let mut next = &self.next[..];
        let tables = group.tables.iter().map(|table| {
            let [width, of_sums, of_quotient] = table.polynomials();
            OpenedTable {
                columns: columns.split_off(..width).expect("a value for each column"),
                sums: sums.split_off(..of_sums).expect("a value for each helper"),
                quotient: quotients.split_off(..of_quotient).expect("a value for each part"),
                next_sum: next.split_off(..D).expect("a value for each sum"),
            }
        });
        tables.collect()
    }
}
