//! The content of every small circuit, pinned: `pins/circuits.txt` has one line for each part of
//! each circuit, with counts and a keccak256 digest.
//!
//! An edit that is not meant to change a circuit leaves the file as it is. For an edit that is
//! meant to change one, the difference of the file shows a reviewer which parts have changed.

mod sections;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sha3::{Digest as _, Keccak256};
use sheaf_circuits::batch::BatchCircuit;
use sheaf_circuits::circuit_name::CircuitName;
use sheaf_circuits::circuits::Circuits;
use sheaf_circuits::data::{self, DataCircuit};
use sheaf_circuits::entry::circuit::EntryCircuit;
use sheaf_circuits::error::Error;
use sheaf_circuits::join::JoinCircuit;
use sheaf_circuits::kinds::Kinds;
use sheaf_circuits::known_gates::KnownGates;
use sheaf_circuits::signature::circuit::SignatureCircuit;
use sheaf_circuits::sizes::{CircuitSizes, KindSize, SMALL};
use sheaf_plonk::proof::Circuit;
use sheaf_plonk::verifier_data::VerifierData;
use sheaf_wire::LeafKind;

use crate::pins::sections::sections;

/// Set to `write`, it has the file written anew; the run then fails, and says so.
const VARIABLE: &str = "SHEAF_PINS";

/// The tree that `circuits.rs` proves a batch with.
const TINY: CircuitSizes = Kinds {
    entry: KindSize { degree_bits: 10, levels: 1 },
    signature: KindSize { degree_bits: 10, levels: 0 },
    data: KindSize { degree_bits: 10, levels: 0 },
};

/// The circuits of the tiny tree, and a join above each kind that has none there.
fn circuits() -> BTreeMap<CircuitName, Circuit> {
    let joins =
        [LeafKind::Signature, LeafKind::Data].map(|kind| CircuitName::Join { kind, level: 0 });
    let mut built = BTreeMap::new();
    for name in CircuitName::all(&TINY).into_iter().chain(joins) {
        let below = |kind: LeafKind, height: u32| -> VerifierData {
            let below: &Circuit = &built[&CircuitName::at_height(kind, height)];
            below.verifier_data()
        };
        let circuit = match name {
            CircuitName::Leaf(kind) => leaf(kind, TINY.get(kind).degree_bits),
            CircuitName::Join { kind, level } => JoinCircuit::build(&below(kind, level)).circuit,
            CircuitName::Batch => {
                let tops = TINY.map(|kind, size| below(kind, size.levels));
                BatchCircuit::build(tops.as_ref()).circuit
            }
        };
        built.insert(name, circuit);
    }
    built
}

fn leaf(kind: LeafKind, degree_bits: usize) -> Circuit {
    match kind {
        LeafKind::Entry => EntryCircuit::build(EntryCircuit::capacity_for(degree_bits)).data,
        LeafKind::Signature => {
            SignatureCircuit::build(SignatureCircuit::capacity_for(degree_bits)).data
        }
        LeafKind::Data => {
            DataCircuit::build(data::capacity_for(degree_bits).expect("words fit")).circuit
        }
    }
}

/// The digest of the tiny tree, of which these are the circuits.
fn tiny_digest(circuits: &BTreeMap<CircuitName, Circuit>) -> [u8; 32] {
    let read = Circuits::read::<Error>(&TINY, |name| {
        let data = circuits[&name].verifier_data();
        Ok(data.to_bytes(&KnownGates).expect("every gate is a known one"))
    });
    read.expect("verifier data of each circuit").digest()
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pins/circuits.txt")
}

/// The file's lines by what they pin: circuit and part.
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

const HEADER: &str = "\
# What the circuits below the wrap say, part by part: counts and keccak256 digests.
# `circuits/tests/it/pins.rs` compares this file with the circuits and says how to write it anew.
# gate: its rows, its constraints, their values at a point that its name decides.
# rows: the gate of each row. constants: those of each row. copies: which wires must be equal.
# shape: sizes, gates and parameters of the proof system. tree: `Circuits::digest`.
";

/// All that the file has to say.
fn found() -> String {
    let mut text = HEADER.to_owned();
    let built = circuits();
    for (name, circuit) in &built {
        text.push('\n');
        for section in sections(circuit) {
            text.push_str(&format!("{name} {section}\n"));
        }
    }
    let small = Circuits::build(&SMALL, |_| ()).expect("large enough");
    text.push('\n');
    for (sizes, digest) in [("tiny", tiny_digest(&built)), ("small", small.digest())] {
        text.push_str(&format!("tree of {sizes} sizes: {}\n", sections::hex(&digest)));
    }
    text
}

#[test]
fn slow_circuits_are_the_pinned_ones() {
    let found = found();
    if std::env::var(VARIABLE).is_ok_and(|value| value == "write") {
        fs::write(file(), &found).expect("the file can be written");
        let file = file();
        panic!("{} is written anew: review it, then run without {VARIABLE}", file.display());
    }
    let pinned = fs::read_to_string(file()).expect("the file of pins is there");
    let differences = differences(&pinned, &found);
    assert!(
        differences.is_empty(),
        "circuits are not the pinned ones, and do not verify proofs of those. If the change is \
         meant, run this test with {VARIABLE}=write and review the file.\n{}",
        differences.join("\n")
    );
    assert_eq!(pinned, found, "the same pins, but not the same text");
}

/// A pin that no change moves is none: each of these texts differs in one part.
#[test]
fn a_difference_names_circuit_and_part() {
    let was = "# of no account\nentry rows: 3 aa\nentry copies: 4 bb\n";
    assert_eq!(differences(was, was), Vec::<String>::new());
    let rows = differences(was, "entry rows: 3 ab\nentry copies: 4 bb\n");
    assert_eq!(rows, ["entry rows\n  pinned 3 aa\n  found  3 ab"]);
    let copies = differences(was, "entry rows: 3 aa\n");
    assert_eq!(copies, ["entry copies\n  pinned 4 bb\n  found  nothing"]);
    let more = differences(was, &format!("{was}data rows: 5 cc\n"));
    assert_eq!(more, ["data rows\n  pinned nothing\n  found  5 cc"]);
}

#[test]
fn digests_are_keccak256() {
    let empty: [u8; 32] = Keccak256::digest([]).into();
    let known = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
    assert_eq!(sections::hex(&empty), known);
}
