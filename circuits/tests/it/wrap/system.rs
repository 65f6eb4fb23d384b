//! The wrap's matrices with the assignment of a real proof.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field as _};
use ark_relations::gr1cs::{Matrix, R1CS_PREDICATE_LABEL};

use crate::wrap::{fixture, system_of};

/// Three matrices and what satisfies them.
pub(super) struct System {
    pub matrices: Vec<Matrix<Fr>>,
    /// The constant one, the public inputs, the witnesses.
    pub assignment: Vec<Fr>,
    /// The number of public inputs, plus one for the constant.
    pub inputs: usize,
    /// By variable: the rows in which the variable stands.
    pub rows_of: Vec<Vec<u32>>,
}

/// The system of the fixture's proof.
pub(super) fn system() -> &'static System {
    static SYSTEM: OnceLock<System> = OnceLock::new();
    SYSTEM.get_or_init(|| {
        let system = system_of(&fixture().proof);
        let mut matrices = system.to_matrices().expect("matrices");
        let matrices = matrices.remove(R1CS_PREDICATE_LABEL).expect("rank-1 constraints");
        let parts = [system.instance_assignment(), system.witness_assignment()];
        let [instance, witness] = parts.map(|part| part.expect("assigned"));
        let inputs = instance.len();
        let assignment = [instance, witness].concat();
        let mut rows_of = vec![Vec::new(); assignment.len()];
        for matrix in &matrices {
            for (row, terms) in matrix.iter().enumerate() {
                for (_, variable) in terms {
                    rows_of[*variable].push(row as u32);
                }
            }
        }
        System { matrices, assignment, inputs, rows_of }
    })
}

impl System {
    /// The terms of a row, by matrix.
    pub(super) fn terms(&self, row: u32) -> [&[(Fr, usize)]; 3] {
        [0, 1, 2].map(|matrix: usize| self.matrices[matrix][row as usize].as_slice())
    }

    /// The rows that break when so much is added to these variables.
    pub(super) fn broken_by(&self, added: &[(usize, Fr)]) -> BTreeSet<u32> {
        let value = |variable: usize| {
            let added = added.iter().filter(|(of, _)| *of == variable);
            self.assignment[variable] + added.map(|(_, by)| *by).sum::<Fr>()
        };
        let is_broken = |row: &u32| {
            let [a, b, c] = self.terms(*row).map(|terms| {
                terms.iter().map(|(factor, variable)| *factor * value(*variable)).sum::<Fr>()
            });
            a * b - c != Fr::ZERO
        };
        let rows = added.iter().flat_map(|(variable, _)| &self.rows_of[*variable]).copied();
        let rows: BTreeSet<u32> = rows.collect();
        rows.into_iter().filter(is_broken).collect()
    }

    /// The variable that the row makes 0 or 1, if the row says nothing else.
    pub(super) fn bit_of(&self, row: u32) -> Option<usize> {
        let variables = self.terms(row).map(|terms| match terms {
            [(factor, variable)] if *factor == Fr::ONE => Some(*variable),
            _ => None,
        });
        let [first, second, third] = variables;
        first.filter(|_| first == second && second == third)
    }
}
