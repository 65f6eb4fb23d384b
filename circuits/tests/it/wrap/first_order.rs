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
use ark_relations::gr1cs::{Matrix, R1CS_PREDICATE_LABEL};
use rayon::prelude::*;

use crate::wrap::{fixture, rows_by_variable, system_of};

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

/// The variables by which a row's product minus its third combination changes, at an assignment.
fn moved_by(matrices: &[Matrix<Fr>], row: usize, assignment: &[Fr]) -> Vec<u32> {
    let [a, b, c] = [0, 1, 2].map(|matrix: usize| &matrices[matrix][row]);
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
    let system = system_of(&fixture().proof);
    let matrices = &system.to_matrices().expect("matrices")[R1CS_PREDICATE_LABEL];
    let parts = [system.instance_assignment(), system.witness_assignment()];
    let assignment = parts.map(|part| part.expect("assigned")).concat();
    let moved: Vec<Vec<u32>> = (0..matrices[0].len())
        .into_par_iter()
        .map(|row| moved_by(matrices, row, &assignment))
        .collect();
    let rows_of = rows_by_variable(matrices, assignment.len());

    let siblings = siblings();
    let mut stays = vec![false; assignment.len()];
    for (variable, value) in assignment.iter().enumerate() {
        stays[variable] = variable == 0 || siblings.contains_key(value);
    }
    // No other variable has a sibling's value, so that nothing else is taken for known.
    let taken = stays.iter().filter(|stays| **stays).count() - 1;
    assert_eq!(taken, siblings.values().sum::<usize>());

    let mut rows: Vec<u32> = (0..moved.len() as u32).collect();
    while let Some(row) = rows.pop() {
        let mut open = moved[row as usize].iter().filter(|&&variable| !stays[variable as usize]);
        if let (Some(&variable), None) = (open.next(), open.next()) {
            stays[variable as usize] = true;
            rows.extend(&rows_of[variable as usize]);
        }
    }
    let free: Vec<usize> = (0..stays.len()).filter(|&variable| !stays[variable]).collect();
    // The hint of a canonical element whose high half is 2^32 − 1 multiplies zero, as
    // `no_witness_is_free` says. The proof has such elements only by accident.
    let allowed = fixture().proof.public_inputs.iter().filter(|v| v.0 >> 32 == 0xffff_ffff).count();
    assert_eq!(free.len(), allowed, "free variables: {:?}", &free[..free.len().min(8)]);
}
