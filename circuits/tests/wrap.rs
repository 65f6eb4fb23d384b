//! The wrap accepts a real outer proof and is unsatisfied for every class of change to it.
//!
//! The chain has few queries and little grinding here, so that it proves in seconds: the
//! constraints are made from the shape of the outer circuit, query by query and column by column
//! alike.

use std::sync::{Arc, OnceLock};

use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field as _};
use ark_relations::gr1cs::{
    ConstraintSystem, ConstraintSystemRef, Matrix, R1CS_PREDICATE_LABEL, SynthesisMode,
};
use plonky2::field::extension::FieldExtension;
use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use plonky2::gates::poseidon2::Poseidon2Gate;
use plonky2::hash::merkle_tree::MerkleCap;
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::CircuitConfig;
use plonky2::plonk::config::PoseidonGoldilocksConfig;
use rayon::prelude::*;
use sheaf_circuits::bn254::{Bn254Config, Bn254Digest, Bn254PoseidonHash};
use sheaf_circuits::outer::{D, OuterCircuit, OuterConfig, OuterError, OuterProof};
use sheaf_circuits::public_values::{GROTH16_INPUTS, PUBLIC_VALUES, PublicValues, groth16_inputs};
use sheaf_circuits::wrap::{OuterVerifier, WrapCircuit, WrapError};

mod development_batch;
use development_batch::DevelopmentBatch;

type F = GoldilocksField;

const QUERIES: usize = 2;

struct Fixture {
    outer: OuterCircuit,
    verifier: Arc<OuterVerifier>,
    values: PublicValues,
    proof: OuterProof,
}

fn small_config() -> OuterConfig {
    let mut config = OuterConfig::default();
    for circuit in [&mut config.shrink, &mut config.outer] {
        circuit.security_bits = 1;
        circuit.fri_config.rate_bits = 3;
        circuit.fri_config.num_query_rounds = QUERIES;
        circuit.fri_config.proof_of_work_bits = 5;
    }
    config
}

fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        let batch = DevelopmentBatch::build();
        let (values, inner) = batch.prove(7);
        let outer = OuterCircuit::build_with(
            &small_config(),
            &batch.data.common,
            &batch.data.verifier_only,
        )
        .expect("a small batch circuit");
        let proof = outer.prove(&inner).expect("a valid batch proof");
        let verifier = OuterVerifier::new(outer.common(), outer.verifier_only())
            .expect("the recursion's gates");
        Fixture { outer, verifier: Arc::new(verifier), values, proof }
    })
}

/// Constraints that a proof breaks, by the circuit's own count.
fn broken(proof: &OuterProof) -> usize {
    let system = ConstraintSystem::<Fr>::new_ref();
    system.set_mode(SynthesisMode::Prove {
        construct_matrices: false,
        generate_lc_assignments: false,
    });
    WrapCircuit::for_proof(fixture().verifier.clone(), Arc::new(proof.clone()))
        .expect("the shape is unchanged")
        .synthesise(system)
        .expect("a wrong proof is no error")
}

fn system_of(proof: &OuterProof) -> ConstraintSystemRef<Fr> {
    let system = ConstraintSystem::<Fr>::new_ref();
    WrapCircuit::for_proof(fixture().verifier.clone(), Arc::new(proof.clone()))
        .expect("the shape is unchanged")
        .synthesise(system.clone())
        .expect("synthesises");
    system
}

#[test]
fn real_proof_satisfies_the_wrap_and_exposes_the_packed_values() {
    let fixture = fixture();
    fixture.outer.verify(&fixture.proof).expect("plonky2 accepts the outer proof");
    assert_eq!(broken(&fixture.proof), 0);

    let system = system_of(&fixture.proof);
    assert!(system.is_satisfied().expect("assigned"));
    let inputs = system.instance_assignment().expect("assigned");
    assert_eq!(inputs[1..], groth16_inputs(&fixture.values));
    assert_eq!(inputs.len(), 1 + GROTH16_INPUTS);
}

#[test]
fn setup_has_the_constraints_of_a_proof() {
    let system = ConstraintSystem::<Fr>::new_ref();
    system.set_mode(SynthesisMode::Setup);
    let broken = WrapCircuit::for_setup(fixture().verifier.clone())
        .synthesise(system.clone())
        .expect("synthesises");
    assert_eq!(broken, 0, "setup has no assignment to break");
    let proved = system_of(&fixture().proof);
    assert_eq!(
        system.to_matrices().expect("matrices"),
        proved.to_matrices().expect("matrices"),
        "constraints must not depend on the proof"
    );
}

/// A named change to a proof.
type Change = (String, Box<dyn Fn(&mut OuterProof) + Send + Sync>);

fn change(
    name: impl Into<String>,
    edit: impl Fn(&mut OuterProof) + Send + Sync + 'static,
) -> Change {
    (name.into(), Box::new(edit))
}

fn bump_ext(value: &mut QuadraticExtension<F>) {
    *value += QuadraticExtension::from_basefield_array([F::ZERO, F::ONE]);
}

fn bump_digest(digest: &mut Bn254Digest) {
    digest.0 += Fr::ONE;
}

fn cap_changes() -> Vec<Change> {
    type Pick = fn(&mut OuterProof) -> &mut MerkleCap<F, Bn254PoseidonHash>;
    let caps: [(&str, Pick); 5] = [
        ("wires cap", |p| &mut p.proof.wires_cap),
        ("Z cap", |p| &mut p.proof.plonk_zs_partial_products_cap),
        ("quotient cap", |p| &mut p.proof.quotient_polys_cap),
        ("first step cap", |p| &mut p.proof.opening_proof.commit_phase_merkle_caps[0]),
        ("second step cap", |p| &mut p.proof.opening_proof.commit_phase_merkle_caps[1]),
    ];
    caps.into_iter()
        .flat_map(|(name, pick)| {
            [0, 15].map(|entry| {
                change(format!("{name}, entry {entry}"), move |p| {
                    bump_digest(&mut pick(p).0[entry])
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

fn query_changes() -> Vec<Change> {
    let mut changes = Vec::new();
    for query in 0..QUERIES {
        for oracle in 0..4 {
            changes.push(change(format!("query {query}, leaf of oracle {oracle}"), move |p| {
                let rounds = &mut p.proof.opening_proof.query_round_proofs;
                rounds[query].initial_trees_proof.evals_proofs[oracle].0[1] += F::ONE;
            }));
            changes.push(change(format!("query {query}, path of oracle {oracle}"), move |p| {
                let rounds = &mut p.proof.opening_proof.query_round_proofs;
                let path = &mut rounds[query].initial_trees_proof.evals_proofs[oracle].1;
                bump_digest(path.siblings.last_mut().expect("not empty"));
            }));
        }
        for step in 0..2 {
            for position in [0, 9] {
                changes.push(change(
                    format!("query {query}, step {step}, evaluation {position}"),
                    move |p| {
                        let rounds = &mut p.proof.opening_proof.query_round_proofs;
                        bump_ext(&mut rounds[query].steps[step].evals[position]);
                    },
                ));
            }
        }
        changes.push(change(format!("query {query}, path of the first step"), move |p| {
            let rounds = &mut p.proof.opening_proof.query_round_proofs;
            bump_digest(&mut rounds[query].steps[0].merkle_proof.siblings[0]);
        }));
    }
    changes
}

#[test]
fn every_class_of_change_is_refused() {
    let mut changes: Vec<Change> = (0..PUBLIC_VALUES)
        .map(|i| change(format!("public value {i}"), move |p| p.public_inputs[i] += F::ONE))
        .collect();
    changes.extend(cap_changes());
    changes.extend(opening_changes());
    changes.extend(query_changes());
    changes.push(change("grinding witness", |p| p.proof.opening_proof.pow_witness += F::ONE));
    changes.push(change("swapped queries", |p| {
        p.proof.opening_proof.query_round_proofs.swap(0, 1);
    }));

    let accepted: Vec<&String> = changes
        .par_iter()
        .filter(|(_, edit)| {
            let mut proof = fixture().proof.clone();
            edit(&mut proof);
            broken(&proof) == 0
        })
        .map(|(name, _)| name)
        .collect();
    assert!(accepted.is_empty(), "accepted: {accepted:?}");
}

#[test]
fn proof_of_another_shape_is_refused() {
    let fixture = fixture();
    let mut short = fixture.proof.clone();
    short.proof.opening_proof.query_round_proofs.pop();
    let mut long = fixture.proof.clone();
    long.proof.openings.wires.push(QuadraticExtension::ZERO);
    for proof in [short, long] {
        let result = WrapCircuit::for_proof(fixture.verifier.clone(), Arc::new(proof));
        assert!(matches!(result, Err(WrapError::ProofShape)));
    }
}

/// Every witness variable stands in a constraint that a change to it alone breaks.
#[test]
fn no_witness_is_free() {
    let system = system_of(&fixture().proof);
    let matrices = &system.to_matrices().expect("matrices")[R1CS_PREDICATE_LABEL];
    let assignment =
        [system.instance_assignment(), system.witness_assignment()].map(|a| a.expect("assigned"));
    let inputs = assignment[0].len();
    let assignment = assignment.concat();
    let rows_of = rows_by_variable(matrices, assignment.len());

    let free: Vec<usize> = (inputs..assignment.len())
        .into_par_iter()
        .filter(|&variable| {
            !rows_of[variable].iter().any(|&row| is_broken_by(matrices, row, &assignment, variable))
        })
        .collect();
    // The hint of a canonical element whose high half is 2^32 − 1 multiplies zero: the constraint
    // then reads low = 0, whatever the hint. The proof has such elements only by accident.
    let allowed = fixture().proof.public_inputs.iter().filter(|v| v.0 >> 32 == 0xffff_ffff).count();
    assert_eq!(free.len(), allowed, "free witnesses: {:?}", &free[..free.len().min(8)]);
}

fn rows_by_variable(matrices: &[Matrix<Fr>], variables: usize) -> Vec<Vec<u32>> {
    let mut rows = vec![Vec::new(); variables];
    for matrix in matrices {
        for (row, terms) in matrix.iter().enumerate() {
            for (_, variable) in terms {
                rows[*variable].push(row as u32);
            }
        }
    }
    rows
}

fn is_broken_by(matrices: &[Matrix<Fr>], row: u32, assignment: &[Fr], variable: usize) -> bool {
    let [a, b, c] = [0, 1, 2].map(|matrix: usize| {
        matrices[matrix][row as usize]
            .iter()
            .map(|(coefficient, at)| {
                let value = assignment[*at];
                *coefficient * if *at == variable { value + Fr::ONE } else { value }
            })
            .sum::<Fr>()
    });
    a * b - c != Fr::ZERO
}

#[test]
fn unknown_gate_is_refused() {
    let mut builder = CircuitBuilder::<F, D>::new(small_config().outer);
    let inputs = builder.add_virtual_targets(PUBLIC_VALUES);
    builder.register_public_inputs(&inputs);
    let config = CircuitConfig { num_wires: 143, ..small_config().outer };
    let mut wide = CircuitBuilder::<F, D>::new(config);
    let inputs = wide.add_virtual_targets(PUBLIC_VALUES);
    wide.register_public_inputs(&inputs);
    wide.add_gate(Poseidon2Gate::<F, D>::new(), vec![]);

    let known = builder.build::<Bn254Config>();
    OuterVerifier::new(&known.common, &known.verifier_only).expect("known gates only");
    let unknown = wide.build::<Bn254Config>();
    let result = OuterVerifier::new(&unknown.common, &unknown.verifier_only);
    assert!(matches!(result, Err(WrapError::UnsupportedGate { id }) if id.contains("Poseidon2")));
}

#[test]
fn batch_circuit_without_the_public_values_is_refused() {
    let mut builder = CircuitBuilder::<F, D>::new(CircuitConfig::standard_recursion_config());
    builder.add_virtual_public_input();
    let data = builder.build::<PoseidonGoldilocksConfig>();
    let result = OuterCircuit::build(&data.common, &data.verifier_only);
    assert!(matches!(result, Err(OuterError::PublicInputs { found: 1 })));
}

#[test]
fn wrong_batch_proof_gives_no_outer_proof() {
    let batch = DevelopmentBatch::build();
    let (_, mut inner) = batch.prove(7);
    inner.public_inputs[0] += F::ONE;
    let result = std::panic::catch_unwind(|| fixture().outer.prove(&inner).is_ok());
    assert!(!result.unwrap_or(false), "a recursion proved a false statement");
}
