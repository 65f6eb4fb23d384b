//! The content of every small circuit, pinned: `pins/circuits.txt` has one line for each part of
//! each circuit, with counts and a keccak256 digest.
//!
//! An edit that is not meant to change a circuit leaves the file as it is. For an edit that is
//! meant to change one, the difference of the file shows a reviewer which parts have changed.

mod sections;

use std::collections::BTreeMap;

use sha3::{Digest as _, Keccak256};
use sheaf_circuits::batch::BatchCircuit;
use sheaf_circuits::circuit_name::CircuitName;
use sheaf_circuits::circuits::Circuits;
use sheaf_circuits::data::{self, DataCircuit};
use sheaf_circuits::entry::circuit::EntryCircuit;
use sheaf_circuits::entry_tables::circuit::EntryTablesCircuit;
use sheaf_circuits::error::Error;
use sheaf_circuits::join::JoinCircuit;
use sheaf_circuits::kinds::Kinds;
use sheaf_circuits::known_gates::KnownGates;
use sheaf_circuits::signature::circuit::SignatureCircuit;
use sheaf_circuits::sizes::{SMALL, TableSizes};
use sheaf_plonk::proof::Circuit;
use sheaf_plonk::verifier_data::VerifierData;
use sheaf_wire::LeafKind;

use crate::circuits::TINY;
use crate::entry_leaves::OVER_TABLES;
use crate::pin_file;
use crate::pins::sections::sections;

/// The circuits for entries over tables, and the join above both.
fn over_tables() -> BTreeMap<CircuitName, Circuit> {
    let TableSizes { small, full } = OVER_TABLES.tables().expect("the leaves are over tables");
    let leaf = |heights| EntryTablesCircuit::build(heights, OVER_TABLES.entry.degree_bits).data;
    let (full, small) = (leaf(full), leaf(small));
    let join = JoinCircuit::build(&[&full.verifier_data(), &small.verifier_data()]).circuit;
    let kind = LeafKind::Entry;
    [
        (CircuitName::Leaf(kind), full),
        (CircuitName::SmallEntry, small),
        (CircuitName::Join { kind, level: 0 }, join),
    ]
    .into()
}

/// The circuits of the tiny tree, and a join above each kind that has none there.
fn circuits() -> BTreeMap<CircuitName, Circuit> {
    let joins =
        [LeafKind::Signature, LeafKind::Data].map(|kind| CircuitName::Join { kind, level: 0 });
    let size = |kind| TINY.of(kind).expect("every kind has circuits");
    let mut built = BTreeMap::new();
    for name in CircuitName::all(&TINY).into_iter().chain(joins) {
        let below = |kind: LeafKind, height: u32| -> VerifierData {
            let below: &Circuit = &built[&CircuitName::at_height(kind, height)];
            below.verifier_data()
        };
        let circuit = match name {
            CircuitName::Leaf(kind) => leaf(kind, size(kind).degree_bits),
            CircuitName::SmallEntry => unreachable!("the tiny leaves are not over tables"),
            CircuitName::Join { kind, level } => JoinCircuit::build(&[&below(kind, level)]).circuit,
            CircuitName::Batch => {
                let tops = Kinds::of(|kind| below(kind, size(kind).levels));
                BatchCircuit::build(&tops.as_ref().map(|_, top| vec![top])).circuit
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

const HEADER: &str = "\
# What the circuits below the wrap say, part by part: counts and keccak256 digests.
# `circuits/tests/it/pins.rs` compares this file with the circuits and says how to write it anew.
# gate: its rows, its constraints, their values at a point that its name decides.
# rows: the gate of each row. constants: those of each row. copies: which wires must be equal.
# Circuits over tables: the name begins with `tables`.
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
    for (name, circuit) in &over_tables() {
        text.push('\n');
        for section in sections(circuit) {
            text.push_str(&format!("tables {name} {section}\n"));
        }
    }
    let small = Circuits::build(&SMALL, |_| ()).expect("large enough");
    text.push('\n');
    for (sizes, digest) in [("tiny", tiny_digest(&built)), ("small", small.digest())] {
        text.push_str(&format!("tree of {sizes} sizes: {}\n", hex::encode(digest)));
    }
    text
}

#[test]
fn slow_circuits_are_the_pinned_ones() {
    let complaint = "circuits are not the pinned ones, and do not verify proofs of those";
    pin_file::compare("circuits.txt", &found(), complaint);
}

#[test]
fn digests_are_keccak256() {
    let empty: [u8; 32] = Keccak256::digest([]).into();
    let known = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";
    assert_eq!(hex::encode(empty), known);
}
