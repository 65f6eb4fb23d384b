//! Rows of the wrap's matrices that are left out.

use std::sync::{Arc, OnceLock};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field as _};

use crate::mutants::Mutant;
use crate::wrap::first_order::Movement;
use crate::wrap::parts::cases;
use crate::wrap::system::{System, system};

/// Rows that are left out, from all over the matrices.
const ROWS: usize = 60;

/// How far away in the order of variables the neighbours of a bit are.
const NEIGHBOURS: usize = 3;

fn movement() -> &'static Movement {
    static MOVEMENT: OnceLock<Movement> = OnceLock::new();
    MOVEMENT.get_or_init(Movement::new)
}

/// Whether more variables may move without the row.
fn moves_without(row: u32) -> bool {
    static ALL: OnceLock<usize> = OnceLock::new();
    let all = *ALL.get_or_init(|| movement().free(None).len());
    movement().free(Some(row)).len() > all
}

/// Whether a value other than 0 and 1, with a neighbour that gives way, breaks this row alone.
fn is_bit_alone(system: &System, row: u32) -> bool {
    let Some(bit) = system.bit_of(row) else { return false };
    let near = bit.saturating_sub(NEIGHBOURS)..=bit + NEIGHBOURS;
    let mut near = near.filter(|at| *at != bit && *at > 0 && *at < system.assignment.len());
    near.any(|other| {
        let by = if system.assignment[other] == Fr::ONE { -Fr::ONE } else { Fr::ONE };
        let sums = system.rows_of[bit].iter().filter(|row| system.rows_of[other].contains(row));
        sums.copied().any(|sum| {
            let Some(inverse) = factor(system, sum, bit).inverse() else { return false };
            let away = -(factor(system, sum, other) * by * inverse);
            away != Fr::ZERO && system.broken_by(&[(bit, away), (other, by)]).iter().eq([&row])
        })
    })
}

/// The factor of a variable in a sum.
fn factor(system: &System, sum: u32, variable: usize) -> Fr {
    let [terms, _, _] = system.terms(sum);
    terms.iter().filter(|(_, of)| *of == variable).map(|(factor, _)| *factor).sum()
}

/// Whether the row makes a product that other products take as it is. Only a prover who computes
/// all of these anew can lie there, and no test is such a prover.
fn feeds_products(system: &System, row: u32) -> bool {
    let [_, _, [(_, product)]] = system.terms(row) else { return false };
    let takes = |row: &u32| {
        let [_, second, third] = system.terms(*row);
        !third.is_empty() && second.iter().any(|(_, of)| of == product)
    };
    system.bit_of(row).is_none() && system.rows_of[*product].iter().any(takes)
}

/// Rows from all over the matrices, and the parts that a wrong proof must break.
pub(crate) fn mutants() -> Vec<Mutant> {
    let system = system();
    let rows = system.matrices[0].len();
    let picked = (0..ROWS).map(|number| {
        let first = (rows * (2 * number + 1) / (2 * ROWS)) as u32;
        (first..).find(|row| !feeds_products(system, *row)).expect("the last rows are sums")
    });
    let mut mutants: Vec<Mutant> = picked
        .map(|row| {
            let what = if system.bit_of(row).is_some() { "a bit" } else { "a sum or product" };
            Mutant::new(format!("row {row} of {rows}, {what}"), move || {
                is_bit_alone(system, row) || moves_without(row)
            })
        })
        .collect();
    for case in cases().into_iter().map(Arc::new) {
        for number in 0..case.count {
            let case = case.clone();
            let name = format!("{}, its {number}", case.name);
            // One constraint fewer breaks where it is left out, so that the count is another.
            mutants.push(Mutant::new(name, move || case.is_met()));
        }
    }
    mutants
}
