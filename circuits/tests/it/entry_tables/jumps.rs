//! Changes of one cell of a row, and of two neighbours so that their weighted sum stays.
//!
//! A limb that is out of its range by a multiple of four moves its neighbour; a bit that is two
//! does so as well. To first order nothing moves there, because each limb is held by its range and
//! by the sum of all.

use std::collections::BTreeSet;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use rayon::prelude::*;

use super::given::Given;
use super::held::Held;

/// What neighbours may weigh against each other: bits, limbs, digits, halves.
const WEIGHTS: [u64; 6] = [1, 2, 4, 64, 1 << 16, 1 << 32];

/// Other values of a cell.
fn others(value: F) -> Vec<F> {
    let near = [value + F::ONE, value - F::ONE, value + F::TWO, -value];
    let fixed = [F::ZERO, F::ONE, F::TWO, F::NEG_ONE, F::TWO.inverse()];
    near.into_iter().chain(fixed).filter(|other| *other != value).collect()
}

/// The row with new values in some columns.
fn changed(row: &[F], changes: &[(usize, F)]) -> Vec<F> {
    let mut changed = row.to_vec();
    changes.iter().for_each(|(column, value)| changed[*column] = *value);
    changed
}

/// How far apart the two columns of a pair may be: a sum's last limb stands before what it adds to.
const DISTANCE: usize = 2;

/// All changes of a row.
fn changes(row: &[F]) -> Vec<Vec<(usize, F)>> {
    let alone = (0..row.len())
        .flat_map(|column| others(row[column]).into_iter().map(move |value| vec![(column, value)]));
    let weights = WEIGHTS.map(F::from_canonical_u64);
    // The heavier one moves by one, or by a fraction so that the lighter one moves by one.
    let steps = weights.iter().flat_map(|weight| [[*weight, F::ONE], [F::ONE, weight.inverse()]]);
    let steps: Vec<[F; 2]> = steps.flat_map(|[low, high]| [[low, -high], [-low, high]]).collect();
    let pairs = (0..row.len()).flat_map(|low| {
        let highs = low + 1..(low + 1 + DISTANCE).min(row.len());
        highs
            .flat_map(|high| {
                let by = |[by_low, by_high]: &[F; 2]| {
                    vec![(low, row[low] + *by_low), (high, row[high] + *by_high)]
                };
                steps.iter().map(by).collect::<Vec<_>>()
            })
            .collect::<Vec<_>>()
    });
    // Two that grow together: a time, and how long ago another time was.
    let together = (2..row.len())
        .map(|column| vec![(column - 2, row[column - 2] + F::ONE), (column, row[column] + F::ONE)]);
    alone.chain(pairs).chain(together).collect()
}

/// Those of the wanted equations that some change breaks while it breaks no other equation.
pub(super) fn broken_alone<R: Given>(
    rows: &[Held<R>],
    wanted: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for held in rows {
        if found.len() == wanted.len() {
            break;
        }
        let changes = changes(&held.row);
        let broken = changes.par_iter().filter_map(|changes| {
            let alone = held.broken_alone(&changed(&held.row, changes));
            alone.filter(|equation| wanted.contains(equation))
        });
        found.extend(broken.collect::<Vec<_>>());
    }
    found
}
