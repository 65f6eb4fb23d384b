//! The wrap accepts a real outer proof and is unsatisfied for every class of change to it.
//!
//! The outer proof has few queries and little grinding here, so that it is made in seconds. This
//! loses nothing: the constraints are made from the shape of the outer circuit, in the same way for
//! every query and every column.
//!
//! Each constraint in the table was taken out once, to see the named test fail. Tests with a module
//! before their name are in `src/wrap`; the others are in this file or its folder.
//!
//! | taken out | test |
//! |---|---|
//! | bits are 0 or 1 | builder::bits_are_zero_or_one, no_variable_moves_a_little |
//! | a canonical element is its bits | goldilocks::elements_are_bound_to_their_bits |
//! | a remainder has 64 bits | goldilocks::remainder_of_more_than_64_bits_is_refused |
//! | a quotient has no bit more | goldilocks::quotient_that_wraps_around_the_modulus_is_refused |
//! | one coordinate is zero | extension::each_coordinate_must_be_zero |
//! | a quotient times its denominator | extension::quotient_by_another_hint_is_refused |
//! | a Groth16 input is the packing | circuit::every_input_is_bound_to_the_public_values |
//! | public values have their widths | goldilocks::width_is_enforced |
//! | FRI's fold at the first or a later step | evaluations_break_the_folds_before_and_after_them |
//! | the final polynomial | coefficients_of_the_final_polynomial_count |
//! | ζ outside the base field | vanishing::zeta_in_the_base_field_is_refused |
//! | the identity of any α | quotient_of_one_alpha_breaks_the_identity_of_that_alpha |
//! | the digest of the public inputs | poseidon_goldilocks::another_digest_of_a_hash_is_refused |
//! | a cap's digest is its chunks | transcript::digest_is_bound_to_its_chunks |
//! | a scalar is its bits, below the modulus | transcript::bits_of_another_scalar_are_refused |
//! | a constraint of the S-box | poseidon_bn254::fifth_power_follows_from_its_base |
//! | a path ends in the cap | siblings_break_the_cap_entry |

use std::sync::{Arc, OnceLock};

use ark_bn254::Fr;
use ark_ff::Field as _;
use ark_relations::gr1cs::{ConstraintSystem, ConstraintSystemRef, SynthesisMode};
use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use plonky2::gates::poseidon2::Poseidon2Gate;
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::CircuitConfig;
use plonky2::plonk::config::PoseidonGoldilocksConfig;
use rayon::prelude::*;
use sheaf_circuits::public_values::{
    GROTH16_INPUTS, PACKING, PUBLIC_VALUES, PublicValues, groth16_inputs,
};
use sheaf_plonk::bn254::Bn254Config;
use sheaf_plonk::error::Error;
use sheaf_plonk::outer::{D, InnerProof, OuterCircuit, OuterConfig, OuterProof};
use sheaf_plonk::proof::config;
use sheaf_plonk::wrap::{OuterVerifier, WrapCircuit};

mod changes;
mod first_order;
pub(crate) mod mutants;
mod parts;
mod pins;
mod system;

use crate::development_batch::DevelopmentBatch;
use changes::{Change, all_changes};
use system::system;

type F = GoldilocksField;

const QUERIES: usize = 2;

/// What a satisfied wrap has broken.
const NO_PART: [&str; 0] = [];

/// Changes that are put to the wrap of the full configuration.
const FULL_CONFIGURATION_CHANGES: usize = 20;

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

impl Fixture {
    fn build(
        config: &OuterConfig,
        batch: &DevelopmentBatch,
        (values, inner): (PublicValues, &InnerProof),
    ) -> Self {
        let (common, verifier_only) = (&batch.data.common, &batch.data.verifier_only);
        let outer = OuterCircuit::build_with(config, &PACKING, common, verifier_only);
        let outer = outer.expect("a small batch circuit");
        let proof = outer.prove(inner).expect("a valid batch proof");
        let verifier = OuterVerifier::new(&PACKING, outer.common(), outer.verifier_only())
            .expect("the recursion's gates");
        Self { outer, verifier: Arc::new(verifier), values, proof }
    }
}

fn fixture() -> &'static Fixture {
    static FIXTURE: OnceLock<Fixture> = OnceLock::new();
    FIXTURE.get_or_init(|| {
        let batch = DevelopmentBatch::build();
        let (values, inner) = batch.prove(7);
        Fixture::build(&small_config(), &batch, (values, &inner))
    })
}

/// The parts whose constraints a proof breaks, once for each constraint.
fn broken(proof: &OuterProof) -> Vec<&'static str> {
    broken_in(fixture(), proof)
}

fn broken_in(fixture: &Fixture, proof: &OuterProof) -> Vec<&'static str> {
    let system = ConstraintSystem::<Fr>::new_ref();
    system.set_mode(SynthesisMode::Prove {
        construct_matrices: false,
        generate_lc_assignments: false,
    });
    WrapCircuit::for_proof(fixture.verifier.clone(), Arc::new(proof.clone()))
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
    assert_eq!(broken(&fixture.proof), NO_PART);

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
    assert_eq!(broken, NO_PART, "setup has no assignment to break");
    let proved = system_of(&fixture().proof);
    assert_eq!(
        system.to_matrices().expect("matrices"),
        proved.to_matrices().expect("matrices"),
        "constraints must not depend on the proof"
    );
}

/// Refused by plonky2's verifier and by the wrap alike; else what accepted it.
fn accepted_by((name, edit): &Change) -> Option<String> {
    let mut proof = fixture().proof.clone();
    edit(&mut proof);
    let natively = fixture().outer.verify(&proof).is_ok();
    let wrapped = broken(&proof).is_empty();
    (natively || wrapped).then(|| format!("{name}: plonky2 {natively}, the wrap {wrapped}"))
}

#[test]
fn slow_every_change_is_refused_by_the_verifier_and_the_wrap() {
    let changes = all_changes(&fixture().proof);
    let accepted: Vec<String> = changes.par_iter().filter_map(accepted_by).collect();
    println!("{} changes", changes.len());
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
        assert!(matches!(result, Err(Error::OuterShape)));
    }
}

/// Every witness variable stands in a constraint that a change to it alone breaks.
#[test]
fn no_witness_is_free() {
    let system = system();
    let free: Vec<usize> = (system.inputs..system.assignment.len())
        .into_par_iter()
        .filter(|&variable| system.broken_by(&[(variable, Fr::ONE)]).is_empty())
        .collect();
    let allowed = allowed_free();
    assert_eq!(free.len(), allowed, "free witnesses: {:?}", &free[..free.len().min(8)]);
}

/// The hint of a canonical element whose high half is 2^32 − 1 multiplies zero: the constraint then
/// reads low = 0, whatever the hint. The proof has such elements only by accident.
fn allowed_free() -> usize {
    fixture().proof.public_inputs.iter().filter(|value| value.0 >> 32 == 0xffff_ffff).count()
}

#[test]
fn unknown_gate_is_refused() {
    let mut builder = CircuitBuilder::<F, D>::new(small_config().outer);
    let inputs = builder.add_virtual_targets(PUBLIC_VALUES);
    builder.register_public_inputs(&inputs);
    let with_more_wires = CircuitConfig { num_wires: 143, ..small_config().outer };
    let mut wide = CircuitBuilder::<F, D>::new(with_more_wires);
    let inputs = wide.add_virtual_targets(PUBLIC_VALUES);
    wide.register_public_inputs(&inputs);
    wide.add_gate(Poseidon2Gate::<F, D>::new(), vec![]);

    let known = builder.build::<Bn254Config>();
    OuterVerifier::new(&PACKING, &known.common, &known.verifier_only).expect("known gates only");
    let unknown = wide.build::<Bn254Config>();
    let result = OuterVerifier::new(&PACKING, &unknown.common, &unknown.verifier_only);
    assert!(matches!(result, Err(Error::UnsupportedGate { id }) if id.contains("Poseidon2")));
}

#[test]
fn batch_circuit_without_the_public_values_is_refused() {
    let mut builder = CircuitBuilder::<F, D>::new(config());
    builder.add_virtual_public_input();
    let data = builder.build::<PoseidonGoldilocksConfig>();
    let result = OuterCircuit::build(&PACKING, &data.common, &data.verifier_only);
    assert!(matches!(result, Err(Error::PublicInputs { found: 1, .. })));
}

/// Whether a batch proof leads to an outer proof that verifies.
fn outer_accepts(inner: &InnerProof) -> bool {
    let outer = &fixture().outer;
    match outer.prove(inner) {
        Ok(proof) => outer.verify(&proof).is_ok(),
        Err(Error::Witness { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

/// Statement 1 of the outer circuit: a proof that does not verify.
#[test]
fn wrong_batch_proof_gives_no_outer_proof() {
    let (_, mut inner) = DevelopmentBatch::build().prove(7);
    assert!(outer_accepts(&inner));
    inner.public_inputs[0] += F::ONE;
    assert!(!outer_accepts(&inner));
}

/// Statement 1 of the outer circuit: a valid proof of another circuit of the same shape.
#[test]
fn another_circuits_batch_proof_gives_no_outer_proof() {
    let (own, other) = (DevelopmentBatch::build(), DevelopmentBatch::build_marked(3));
    assert_eq!(own.data.common, other.data.common, "shape alone must not tell");
    assert_ne!(own.data.verifier_only, other.data.verifier_only);
    let (_, inner) = other.prove(7);
    other.data.verify(inner.clone()).expect("a proof of its own circuit");
    assert!(!outer_accepts(&inner));
}

/// The protocol's own configuration, with all its queries and its grinding: the wrap accepts what
/// the verifier accepts, and refuses changes of every kind with it. It takes a minute and a half of
/// one core: `cargo test --release --workspace -p sheaf-circuits --test it -- --ignored wrap`.
#[test]
#[ignore = "a minute and a half of one core; make test-end-to-end runs it"]
fn the_full_configuration_is_wrapped() {
    let batch = DevelopmentBatch::build();
    let (values, inner) = batch.prove(7);
    let fixture = Fixture::build(&OuterConfig::default(), &batch, (values, &inner));
    let queries = fixture.outer.common().config.fri_config.num_query_rounds;
    assert_eq!(queries, 21);
    let wrapped = |proof: &OuterProof| broken_in(&fixture, proof).is_empty();
    let verified = |proof: &OuterProof| fixture.outer.verify(proof).is_ok();
    assert!(verified(&fixture.proof) && wrapped(&fixture.proof));
    let changes = all_changes(&fixture.proof);
    println!("{} changes", changes.len());
    let stride = changes.len() / FULL_CONFIGURATION_CHANGES;
    changes.par_iter().enumerate().for_each(|(index, (name, edit))| {
        let mut proof = fixture.proof.clone();
        edit(&mut proof);
        assert!(!verified(&proof), "{name}");
        assert!(index % stride != 0 || !wrapped(&proof), "{name}");
    });
}
