//! The content of the wrap, pinned: `pins/wrap.txt` has one line for each part of its matrices,
//! with counts and a keccak256 digest.
//!
//! An edit that is not meant to change the wrap leaves the file as it is. For an edit that is meant
//! to change the wrap, the difference of the file shows a reviewer which parts have changed; then
//! keys must be made again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ark_bn254::Fr;
use ark_relations::gr1cs::{ConstraintSystem, R1CS_PREDICATE_LABEL, SynthesisMode};
use sheaf_plonk::wrap::{Outline, WrapCircuit};

use crate::wrap::fixture;

/// Set to `write`, it has the file written anew; the run then fails, and says so.
const VARIABLE: &str = "SHEAF_PINS";

/// The line of all parts together.
const WHOLE: &str = "whole";

const HEADER: &str = "\
# What the wrap of this test's outer circuit says, part by part: the rows of its three matrices,
# those among them that say that a variable is 0 or 1, the variables that the part makes, and the
# keccak256 digest of its rows. `circuits/tests/it/wrap/pins.rs` compares this file with the wrap
# and says how to write it anew.
";

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pins/wrap.txt")
}

fn outline() -> Outline {
    let circuit = WrapCircuit::for_setup(fixture().verifier.clone());
    circuit.outline().expect("synthesises")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
    let digest = hex(digest);
    let counts = format!("{total} constraints, {booleans} booleans, {variables} variables");
    text.push_str(&format!("\n{WHOLE}: {counts}, {digest}\n"));
    text
}

/// The file's lines by what they pin.
fn pinned(text: &str) -> BTreeMap<&str, &str> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut pins = BTreeMap::new();
    for line in lines {
        let (name, pin) = line.split_once(": ").expect("a line is a name and a pin");
        assert!(pins.insert(name, pin).is_none(), "{name} is pinned twice");
    }
    pins
}

/// The lines that only one of two texts has, by what they pin.
fn differences(pinned_text: &str, found_text: &str) -> Vec<String> {
    let (was, is) = (pinned(pinned_text), pinned(found_text));
    let names: BTreeSet<&str> = was.keys().chain(is.keys()).copied().collect();
    let pin = |pin: Option<&&str>| pin.map_or("nothing", |pin| *pin).to_owned();
    let differing = names.into_iter().filter(|name| was.get(name) != is.get(name));
    let lines = differing.map(|name| {
        format!("{name}\n  pinned {}\n  found  {}", pin(was.get(name)), pin(is.get(name)))
    });
    lines.collect()
}

#[test]
fn matrices_are_the_pinned_ones() {
    let found = text(&outline());
    if std::env::var(VARIABLE).is_ok_and(|value| value == "write") {
        fs::write(file(), &found).expect("the file can be written");
        let file = file();
        panic!("{} is written anew: review it, then run without {VARIABLE}", file.display());
    }
    let pinned = fs::read_to_string(file()).expect("the file of pins is there");
    let differences = differences(&pinned, &found);
    assert!(
        differences.is_empty(),
        "the wrap is not the pinned one, and keys made for that one refuse it. If the change is \
         meant, run this test with {VARIABLE}=write and review the file.\n{}",
        differences.join("\n")
    );
    assert_eq!(pinned, found, "the same pins, but not the same text");
}

/// A pin that no change moves is none: each of these texts differs in one part.
#[test]
fn a_difference_names_the_part() {
    let was = "# of no account\ncaps: 3 aa\ntranscript: 4 bb\n";
    assert_eq!(differences(was, was), Vec::<String>::new());
    let caps = differences(was, "caps: 3 ab\ntranscript: 4 bb\n");
    assert_eq!(caps, ["caps\n  pinned 3 aa\n  found  3 ab"]);
    let transcript = differences(was, "caps: 3 aa\n");
    assert_eq!(transcript, ["transcript\n  pinned 4 bb\n  found  nothing"]);
    let more = differences(was, &format!("{was}openings: 5 cc\n"));
    assert_eq!(more, ["openings\n  pinned nothing\n  found  5 cc"]);
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
