//! The helpers and the running sums of a table: what its rows send less what they receive, as
//! quotients at random challenges.

use plonky2::field::extension::FieldExtension;
use plonky2::field::types::Field;
use rayon::prelude::*;

use super::combination::Extension;
use super::evaluate::{Exchanged, Powers};
use super::shape::Table;
use super::trace::Trace;
use crate::proof::{D, F};

/// Rows whose fingerprints are inverted together, in one task.
const ROWS_PER_TASK: usize = 256;

/// The columns of helpers and sum, and the sum over all rows.
pub(super) struct RunningSums {
    /// Two columns for each helper, then two for the sum.
    pub columns: Vec<Vec<F>>,
    /// The sum of all quotients of the table.
    pub total: Extension,
}

impl RunningSums {
    /// The sums over the rows of a table.
    pub(super) fn new(table: &Table, trace: &Trace, powers: &Powers<Extension>) -> Self {
        let rows: Vec<&[F]> = trace.rows().collect();
        let helpers: Vec<Extension> = rows
            .par_chunks(ROWS_PER_TASK)
            .flat_map_iter(|rows| {
                let messages = rows.iter().map(|row| table.rules.messages(row, powers));
                helpers(&messages.collect::<Vec<_>>())
            })
            .collect();
        let total: Extension = helpers.iter().copied().sum();
        let mean = mean(table, total);
        let width = table.shape.helpers();
        let mut columns = vec![Vec::with_capacity(rows.len()); D * (width + 1)];
        let mut sum = Extension::ZERO;
        for row in 0..rows.len() {
            let helpers = &helpers[row * width..(row + 1) * width];
            let values = helpers.iter().copied().chain([sum]);
            let coefficients = values.flat_map(|value| {
                let coefficients: [F; D] = value.to_basefield_array();
                coefficients
            });
            columns.iter_mut().zip(coefficients).for_each(|(column, value)| column.push(value));
            sum = helpers.iter().copied().sum::<Extension>() + sum - mean;
        }
        Self { columns, total }
    }
}

/// The total of a table, divided by its rows.
pub(super) fn mean(table: &Table, total: Extension) -> Extension {
    FieldExtension::<D>::scalar_mul(&total, F::inverse_2exp(table.height_bits))
}

/// The helpers of rows with these messages, row after row.
fn helpers(rows: &[Vec<Exchanged>]) -> Vec<Extension> {
    let fingerprints: Vec<Extension> = rows.iter().flatten().map(|message| message.1).collect();
    let mut inverses = Extension::batch_multiplicative_inverse(&fingerprints).into_iter();
    let mut quotient = |(count, _): &Exchanged| {
        let inverse = inverses.next().expect("each message has an inverse");
        FieldExtension::<D>::scalar_mul(&inverse, *count)
    };
    let pairs = rows.iter().flat_map(|messages| messages.chunks(2));
    pairs.map(|pair| pair.iter().map(&mut quotient).sum()).collect()
}
