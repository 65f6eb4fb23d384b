//! What makes a wire the copy of its source: `wiring` names the source of every input.

use crate::mutants::Mutant;
use crate::wiring::{Circuit, Place, circuits};

/// Wires of one circuit, from all over it.
const WIRES: usize = 120;

/// Wires that `wiring` compares with a source.
pub(super) fn mutants() -> Vec<Mutant> {
    let of = |circuit: &'static Circuit| {
        let compared = circuit.compared();
        let stride = compared.len().div_ceil(WIRES);
        compared.into_iter().step_by(stride).map(move |(name, place): (String, Place)| {
            let (row, column) = place;
            let name = format!("{}: {name}, row {row}, column {column}", circuit.name);
            Mutant::new(name, move || !circuit.faults_without(place).is_empty())
        })
    };
    circuits().iter().flat_map(of).collect()
}
