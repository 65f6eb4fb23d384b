//! What linear equations leave open.

use std::collections::BTreeSet;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;

/// The columns in which some vector is not zero that all rows take to zero.
pub(crate) fn support_of_kernel(mut rows: Vec<Vec<F>>) -> BTreeSet<usize> {
    let columns = rows.first().map_or(0, Vec::len);
    let mut pivots = Vec::new();
    for column in 0..columns {
        let rank = pivots.len();
        let Some(found) = (rank..rows.len()).find(|&row| !rows[row][column].is_zero()) else {
            continue;
        };
        rows.swap(rank, found);
        let inverse = rows[rank][column].inverse();
        rows[rank].iter_mut().for_each(|value| *value *= inverse);
        let pivot = rows[rank].clone();
        for (row, values) in rows.iter_mut().enumerate() {
            let factor = values[column];
            if row != rank && !factor.is_zero() {
                values.iter_mut().zip(&pivot).for_each(|(value, &from)| *value -= factor * from);
            }
        }
        pivots.push(column);
    }
    // Each column without a pivot may be chosen, and takes those pivots along whose row has it.
    let chosen: BTreeSet<usize> = (0..columns).filter(|column| !pivots.contains(column)).collect();
    let is_taken = |row: usize| chosen.iter().any(|&column| !rows[row][column].is_zero());
    let taken = pivots.iter().enumerate().filter(|(row, _)| is_taken(*row));
    let taken: Vec<usize> = taken.map(|(_, column)| *column).collect();
    chosen.into_iter().chain(taken).collect()
}

/// The rows that are sums of other rows: to take one of them out opens nothing.
pub(crate) fn spare_rows(rows: &[Vec<F>]) -> BTreeSet<usize> {
    let columns = rows.first().map_or(0, Vec::len);
    let transposed = (0..columns).map(|column| rows.iter().map(|row| row[column]).collect());
    support_of_kernel(transposed.collect())
}
