//! Changes of an outer proof, one place at a time: all public values, cap entries, and siblings of
//! paths and queries, and the first and last of every list of openings and evaluations.

use ark_bn254::Fr;
use ark_ff::Field as _;
use plonky2::field::extension::FieldExtension;
use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use plonky2::hash::merkle_proofs::MerkleProof;
use plonky2::hash::merkle_tree::MerkleCap;
use sheaf_circuits::public_values::PUBLIC_VALUES;
use sheaf_plonk::bn254::{Bn254Digest, Bn254PoseidonHash};
use sheaf_plonk::outer::OuterProof;

/// A named change to a proof.
pub(super) type Change = (String, Box<dyn Fn(&mut OuterProof) + Send + Sync>);

type Cap = MerkleCap<F, Bn254PoseidonHash>;
type Path = MerkleProof<F, Bn254PoseidonHash>;

fn change(
    name: impl Into<String>,
    edit: impl Fn(&mut OuterProof) + Send + Sync + 'static,
) -> Change {
    (name.into(), Box::new(edit))
}

/// All changes to a proof of this shape.
pub(super) fn all_changes(proof: &OuterProof) -> Vec<Change> {
    let value = |i| change(format!("public value {i}"), move |p| p.public_inputs[i] += F::ONE);
    let mut changes: Vec<Change> = (0..PUBLIC_VALUES).map(value).collect();
    changes.extend(cap_changes(proof));
    changes.extend(opening_changes());
    changes.extend(tree_changes(proof));
    changes.extend(step_changes(proof));
    changes.push(change("grinding witness", |p| p.proof.opening_proof.pow_witness += F::ONE));
    changes.push(change("swapped queries", |p| {
        p.proof.opening_proof.query_round_proofs.swap(0, 1);
    }));
    changes
}

fn bump_ext(value: &mut QuadraticExtension<F>) {
    *value += QuadraticExtension::from_basefield_array([F::ZERO, F::ONE]);
}

fn bump_digest(digest: &mut Bn254Digest) {
    digest.0 += Fr::ONE;
}

/// Each entry of each cap.
fn cap_changes(proof: &OuterProof) -> Vec<Change> {
    type Pick = fn(&mut OuterProof, usize) -> &mut Cap;
    let caps: [(&str, Pick); 3] = [
        ("wires cap", |p, _| &mut p.proof.wires_cap),
        ("Z cap", |p, _| &mut p.proof.plonk_zs_partial_products_cap),
        ("quotient cap", |p, _| &mut p.proof.quotient_polys_cap),
    ];
    let step: Pick = |p, step| &mut p.proof.opening_proof.commit_phase_merkle_caps[step];
    let steps = 0..proof.proof.opening_proof.commit_phase_merkle_caps.len();
    let steps = steps.map(|index| ("step cap", step, index));
    let caps = caps.into_iter().map(|(name, pick)| (name, pick, 0)).chain(steps);
    let entries = proof.proof.wires_cap.0.len();
    caps.flat_map(|(name, pick, index)| {
        (0..entries).map(move |entry| {
            change(format!("{name} {index}, entry {entry}"), move |p| {
                bump_digest(&mut pick(p, index).0[entry]);
            })
        })
    })
    .collect()
}

fn opening_changes() -> Vec<Change> {
    type Pick = fn(&mut OuterProof) -> &mut Vec<QuadraticExtension<F>>;
    let groups: [(&str, Pick); 8] = [
        ("constants", |p| &mut p.proof.openings.constants),
        ("sigmas", |p| &mut p.proof.openings.plonk_sigmas),
        ("wires", |p| &mut p.proof.openings.wires),
        ("Z", |p| &mut p.proof.openings.plonk_zs),
        ("next Z", |p| &mut p.proof.openings.plonk_zs_next),
        ("partial products", |p| &mut p.proof.openings.partial_products),
        ("quotient", |p| &mut p.proof.openings.quotient_polys),
        ("final polynomial", |p| &mut p.proof.opening_proof.final_poly.coeffs),
    ];
    groups
        .into_iter()
        .flat_map(|(name, pick)| {
            [
                change(format!("{name}, first"), move |p| bump_ext(&mut pick(p)[0])),
                change(format!("{name}, last"), move |p| {
                    bump_ext(pick(p).last_mut().expect("not empty"));
                }),
            ]
        })
        .collect()
}

/// Each sibling of a path.
fn path_changes(
    name: &str,
    siblings: usize,
    pick: impl Fn(&mut OuterProof) -> &mut Path + Copy + Send + Sync + 'static,
) -> Vec<Change> {
    (0..siblings)
        .map(|sibling| {
            change(format!("{name}, sibling {sibling}"), move |p| {
                bump_digest(&mut pick(p).siblings[sibling]);
            })
        })
        .collect()
}

/// First, second and last element of each oracle's leaf and each sibling of its path.
fn tree_changes(proof: &OuterProof) -> Vec<Change> {
    let mut changes = Vec::new();
    for (query, round) in proof.proof.opening_proof.query_round_proofs.iter().enumerate() {
        let trees = round.initial_trees_proof.evals_proofs.iter().enumerate();
        for (oracle, (leaf, path)) in trees {
            let name = format!("query {query}, oracle {oracle}");
            for element in [0, 1, leaf.len() - 1] {
                changes.push(change(format!("{name}, leaf element {element}"), move |p| {
                    let rounds = &mut p.proof.opening_proof.query_round_proofs;
                    rounds[query].initial_trees_proof.evals_proofs[oracle].0[element] += F::ONE;
                }));
            }
            let siblings = path.siblings.len();
            changes.extend(path_changes(&name, siblings, move |p| {
                let rounds = &mut p.proof.opening_proof.query_round_proofs;
                &mut rounds[query].initial_trees_proof.evals_proofs[oracle].1
            }));
        }
    }
    changes
}

/// Each evaluation of each step and each sibling of its path.
fn step_changes(proof: &OuterProof) -> Vec<Change> {
    let mut changes = Vec::new();
    for (query, round) in proof.proof.opening_proof.query_round_proofs.iter().enumerate() {
        for (step, of_step) in round.steps.iter().enumerate() {
            let name = format!("query {query}, step {step}");
            for position in 0..of_step.evals.len() {
                changes.push(change(format!("{name}, evaluation {position}"), move |p| {
                    let rounds = &mut p.proof.opening_proof.query_round_proofs;
                    bump_ext(&mut rounds[query].steps[step].evals[position]);
                }));
            }
            let siblings = of_step.merkle_proof.siblings.len();
            changes.extend(path_changes(&name, siblings, move |p| {
                &mut p.proof.opening_proof.query_round_proofs[query].steps[step].merkle_proof
            }));
        }
    }
    changes
}
