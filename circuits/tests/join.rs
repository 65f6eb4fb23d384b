//! Joins: two adjacent paths are one, and nothing else is.

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

fn refused(first: &Proof, second: Option<&Proof>) -> bool {
    let result = tree().level1.prove(first, second);
    matches!(result, Err(Error::Witness { .. } | Error::Refused { .. }))
}

#[test]
fn three_leaves_are_one_path() {
    let Tree { level1, level2, .. } = tree();
    let left = level1.prove(&leaf(10, 20), Some(&leaf(20, 30))).expect("adjacent");
    states(&left, 10, 30);
    let right = level1.prove(&leaf(30, 40), None).expect("alone");
    states(&right, 30, 40);
    let all = level2.prove(&left, Some(&right)).expect("adjacent");
    states(&all, 10, 40);
}

/// Statement 3.
#[test]
fn a_gap_is_refused() {
    assert!(refused(&leaf(10, 20), Some(&leaf(21, 30))));
    assert!(refused(&leaf(20, 30), Some(&leaf(10, 20))));
}

/// Statement 1.
#[test]
fn another_circuits_proof_is_refused() {
    let (honest, strange) = (leaf(10, 20), tree().stranger.prove(path(20, 30)));
    assert!(refused(&honest, Some(&strange)));
    assert!(refused(&strange, None));
}

/// Statements 1 to 4: a proof whose public inputs were changed states nothing.
#[test]
fn changed_inputs_are_refused() {
    let first = leaf(10, 20);
    let mut second = leaf(20, 30);
    second.public_inputs[7] = first.public_inputs[0];
    assert!(refused(&first, Some(&second)));
}
