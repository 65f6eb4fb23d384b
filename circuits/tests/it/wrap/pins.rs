//! The content of the wrap, pinned: `pins/wrap.txt` has one line for each part of its matrices,
//! with counts and a keccak256 digest.
//!
//! An edit that is not meant to change the wrap leaves the file as it is. For an edit that is meant
//! to change the wrap, the difference of the file shows a reviewer which parts have changed; then
//! keys must be made again.

use ark_bn254::Fr;
use ark_relations::gr1cs::{ConstraintSystem, R1CS_PREDICATE_LABEL, SynthesisMode};
use sheaf_plonk::wrap::{Outline, WrapCircuit};

use crate::pin_file;
use crate::wrap::fixture;

/// The line of all parts together.
const WHOLE: &str = "whole";

const HEADER: &str = "\
# What the wrap of this test's outer circuit says, part by part: the rows of its three matrices,
# those among them that say that a variable is 0 or 1, the variables that the part makes, and the
# keccak256 digest of its rows. `circuits/tests/it/wrap/pins.rs` compares this file with the wrap
# and says how to write it anew.
";

fn outline() -> Outline {
    let circuit = WrapCircuit::for_setup(fixture().verifier.clone());
    circuit.outline().expect("synthesises")
}

/// All that the file has to say.
fn text(outline: &Outline) -> String {
    let mut text = format!("{HEADER}\n");
    for part in &outline.parts {
        text.push_str(&format!("{part}\n"));
    }
    let Outline { parts, digest } = outline;
    let total = outline.constraints();
    let booleans: usize = parts.iter().map(|part| part.booleans).sum();
    let variables: usize = parts.iter().map(|part| part.variables).sum();
    let digest = hex::encode(digest);
    let counts = format!("{total} constraints, {booleans} booleans, {variables} variables");
    text.push_str(&format!("\n{WHOLE}: {counts}, {digest}\n"));
    text
}

#[test]
fn matrices_are_the_pinned_ones() {
    let complaint = "the wrap is not the pinned one, and keys made for that one refuse it";
    pin_file::compare("wrap.txt", &text(&outline()), complaint);
}

/// The outline is of the matrices that setup makes: their rows, and their columns without one.
#[test]
fn outline_counts_the_rows_and_columns_of_the_matrices() {
    let system = ConstraintSystem::<Fr>::new_ref();
    system.set_mode(SynthesisMode::Setup);
    let circuit = WrapCircuit::for_setup(fixture().verifier.clone());
    circuit.synthesise(system.clone()).expect("synthesises");
    let matrices = &system.to_matrices().expect("matrices")[R1CS_PREDICATE_LABEL];
    let outline = outline();
    assert_eq!(outline.constraints(), matrices[0].len());
    let variables = system.num_instance_variables() + system.num_witness_variables();
    assert_eq!(outline.parts.iter().map(|part| part.variables).sum::<usize>() + 1, variables);
    let booleans = (0..matrices[0].len()).filter(|&row| {
        let [a, b, c] = [0, 1, 2].map(|matrix: usize| &matrices[matrix][row]);
        a == b && b == c
    });
    assert_eq!(outline.parts.iter().map(|part| part.booleans).sum::<usize>(), booleans.count());
}
