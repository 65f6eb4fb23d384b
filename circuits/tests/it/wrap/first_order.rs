//! No variable of the wrap can change by a small amount: to first order, the constraints leave only
//! the siblings of Merkle paths free, which hashing binds.
//!
//! Consider a constraint whose derivative by one variable is not zero, while all its other
//! variables are known to be fixed. Such a constraint fixes that variable as well. Boolean
//! constraints allow two values and nothing near them, so they fix their variables first; from
//! there the argument spreads over elements, products and hashes. A variable that is never reached
//! could move together with another one that is not reached.

use std::collections::BTreeMap;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field as _};
use rayon::prelude::*;

use crate::wrap::system::{System, system};
use crate::wrap::{allowed_free, fixture};

/// Values of all siblings, and how often each occurs.
fn siblings() -> BTreeMap<Fr, usize> {
    let mut siblings = BTreeMap::new();
    for round in &fixture().proof.proof.opening_proof.query_round_proofs {
        let leaves = round.initial_trees_proof.evals_proofs.iter().map(|(_, path)| path);
        let steps = round.steps.iter().map(|step| &step.merkle_proof);
        for sibling in leaves.chain(steps).flat_map(|path| &path.siblings) {
            *siblings.entry(sibling.0).or_default() += 1;
        }
    }
    siblings
}

/// What moves what: each row's derivatives.
pub(super) struct Movement {
    /// By row: the variables by which the row changes.
    moved: Vec<Vec<u32>>,
    /// Whether the variable is the constant one or a sibling.
    known: Vec<bool>,
}

impl Movement {
    pub(super) fn new() -> Self {
        let system = system();
        let rows = 0..system.matrices[0].len() as u32;
        let moved = rows.into_par_iter().map(moved_by).collect();
        let siblings = siblings();
        let is_known =
            |(variable, value): (usize, &Fr)| variable == 0 || siblings.contains_key(value);
        let known: Vec<bool> = system.assignment.iter().enumerate().map(is_known).collect();
        // No other variable has a sibling's value, so that nothing else is taken for known.
        let taken = known.iter().filter(|known| **known).count() - 1;
        assert_eq!(taken, siblings.values().sum::<usize>());
        Self { moved, known }
    }

    /// The variables that may move, without one of the rows or with all.
    pub(super) fn free(&self, without: Option<u32>) -> Vec<usize> {
        let Self { moved, known } = self;
        let mut stays = known.clone();
        let mut rows: Vec<u32> = (0..moved.len() as u32).collect();
        while let Some(row) = rows.pop() {
            if Some(row) == without {
                continue;
            }
            let mut open =
                moved[row as usize].iter().filter(|&&variable| !stays[variable as usize]);
            if let (Some(&variable), None) = (open.next(), open.next()) {
                stays[variable as usize] = true;
                rows.extend(&system().rows_of[variable as usize]);
            }
        }
        (0..stays.len()).filter(|&variable| !stays[variable]).collect()
    }
}

/// The variables by which a row's product minus its third combination changes.
fn moved_by(row: u32) -> Vec<u32> {
    let System { assignment, .. } = system();
    let [a, b, c] = system().terms(row);
    let value = |terms: &[(Fr, usize)]| -> Fr {
        terms.iter().map(|(coefficient, variable)| *coefficient * assignment[*variable]).sum()
    };
    let mut derivative = BTreeMap::new();
    for (terms, factor) in [(a, value(b)), (b, value(a)), (c, -Fr::ONE)] {
        for (coefficient, variable) in terms.iter().filter(|(_, variable)| *variable != 0) {
            *derivative.entry(*variable as u32).or_insert(Fr::ZERO) += *coefficient * factor;
        }
    }
    let moving = derivative.into_iter().filter(|(_, by)| *by != Fr::ZERO);
    moving.map(|(variable, _)| variable).collect()
}

#[test]
fn no_variable_moves_a_little() {
    let free = Movement::new().free(None);
    let allowed = allowed_free();
    assert_eq!(free.len(), allowed, "free variables: {:?}", &free[..free.len().min(8)]);
}
