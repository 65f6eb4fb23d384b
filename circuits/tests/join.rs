//! Joins: adjacent paths are one, and nothing else is.

use std::sync::OnceLock;

use any_path::{AnyPath, digest};
use sheaf_circuits::error::Error;
use sheaf_circuits::join::JoinCircuit;
use sheaf_circuits::proof::{Path, Proof};

mod any_path;

struct Tree {
    leaf: AnyPath,
    stranger: AnyPath,
    level1: JoinCircuit,
    level2: JoinCircuit,
}

fn tree() -> &'static Tree {
    static TREE: OnceLock<Tree> = OnceLock::new();
    TREE.get_or_init(|| {
        let leaf = AnyPath::build(1);
        let level1 = JoinCircuit::build(&leaf.circuit.verifier_data());
        let level2 = JoinCircuit::build(&level1.circuit.verifier_data());
        Tree { leaf, stranger: AnyPath::build(2), level1, level2 }
    })
}

fn path(from: u64, to: u64) -> Path {
    Path { from: digest(from), to: digest(to) }
}

fn leaf(from: u64, to: u64) -> Proof {
    tree().leaf.prove(path(from, to))
}

fn states(proof: &Proof, from: u64, to: u64) {
    assert_eq!(Path::of(proof).expect("a path"), path(from, to));
}

fn refused(first: &Proof, further: &[Proof]) -> bool {
    let result = tree().level1.prove(first, further);
    matches!(result, Err(Error::Witness { .. } | Error::Refused { .. }))
}

#[test]
fn adjacent_paths_are_one() {
    let Tree { level1, level2, .. } = tree();
    let full = level1.prove(&leaf(10, 20), &[leaf(20, 30), leaf(30, 40)]).expect("adjacent");
    states(&full, 10, 40);
    let pair = level1.prove(&leaf(40, 50), &[leaf(50, 60)]).expect("adjacent");
    states(&pair, 40, 60);
    let alone = level1.prove(&leaf(60, 70), &[]).expect("alone");
    states(&alone, 60, 70);
    let all = level2.prove(&full, &[pair, alone]).expect("adjacent");
    states(&all, 10, 70);
}

/// Statement 3.
#[test]
fn a_gap_is_refused() {
    assert!(refused(&leaf(10, 20), &[leaf(21, 30)]));
    assert!(refused(&leaf(20, 30), &[leaf(10, 20)]));
    assert!(refused(&leaf(10, 20), &[leaf(20, 30), leaf(31, 40)]));
    assert!(refused(&leaf(10, 20), &[leaf(20, 30), leaf(20, 30)]));
}

/// Statement 1.
#[test]
fn another_circuits_proof_is_refused() {
    let (honest, strange) = (leaf(10, 20), tree().stranger.prove(path(20, 30)));
    assert!(refused(&honest, &[strange.clone()]));
    assert!(refused(&honest, &[leaf(20, 20), strange.clone()]));
    assert!(refused(&strange, &[]));
}

/// Statements 1 to 4: a proof whose public inputs were changed states nothing.
#[test]
fn changed_inputs_are_refused() {
    let first = leaf(10, 20);
    let mut second = leaf(20, 30);
    second.public_inputs[7] = first.public_inputs[0];
    assert!(refused(&first, &[second]));
}

#[test]
fn more_than_there_are_places_for_is_refused() {
    let further: Vec<Proof> = (1..4).map(|i| leaf(10 * i, 10 * i + 10)).collect();
    let result = tree().level1.prove(&leaf(0, 10), &further);
    assert!(matches!(result, Err(Error::InputProofs { expected: 3, found: 4 })));
}
