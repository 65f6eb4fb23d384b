//! The rows of rules as plonky2 gates: their three evaluations agree, and a circuit that is stored
//! is read back as the same circuit.

use plonky2::field::extension::{Extendable, FieldExtension};
use plonky2::field::types::{Field, Sample};
use plonky2::gates::gate::Gate;
use plonky2::hash::hash_types::HashOut;
use plonky2::iop::generator::SimpleGenerator;
use plonky2::iop::witness::{PartialWitness, Witness, WitnessWrite};
use plonky2::plonk::circuit_data::CommonCircuitData;
use plonky2::plonk::vars::{EvaluationTargets, EvaluationVars, EvaluationVarsBaseBatch};
use plonky2::util::serialization::Buffer;
use sheaf_circuits::data::chain_walk::ChainWalkRow;
use sheaf_circuits::data::limbs::LimbRow;
use sheaf_circuits::data::multiply_add::MultiplyAddRow;
use sheaf_circuits::data::reduce::ReduceRow;
use sheaf_circuits::entry::access::AccessRow;
use sheaf_circuits::entry::circuit::EntryCircuit;
use sheaf_circuits::entry::publish::PublishRow;
use sheaf_circuits::entry::subject::SubjectRow;
use sheaf_circuits::entry::transaction::TransactionRow;
use sheaf_plonk::gates::range_check::RangeCheckRow;
use sheaf_plonk::gates::rules::{RowGenerator, RowRules, RulesGate};
use sheaf_plonk::proof::{Builder, C, D, F, config};

type Extension = <F as Extendable<D>>::Extension;

fn lift(value: F) -> Extension {
    <Extension as FieldExtension<D>>::from_basefield(value)
}

/// Random wires give the same constraints in the base field, the extension and the recursive
/// verifier, as many as the gate says and of no higher degree. Prints what the latter costs.
pub(crate) fn check_evaluations(gate: &(impl Gate<F, D> + ?Sized)) {
    let hash = HashOut::rand();
    let base = F::rand_vec(gate.num_wires());
    let vars = EvaluationVarsBaseBatch::new(1, &[], &base, &hash);
    let in_base = gate.eval_unfiltered_base_batch(vars);
    let lifted: Vec<Extension> = base.iter().copied().map(lift).collect();
    let vars = |wires| EvaluationVars::<F, D> {
        local_constants: &[],
        local_wires: wires,
        public_inputs_hash: &hash,
    };
    let found = gate.eval_unfiltered(vars(&lifted));
    assert_eq!(found.len(), gate.num_constraints());
    let expected: Vec<Extension> = in_base.into_iter().map(lift).collect();
    assert_eq!(found, expected);

    let wires = Extension::rand_vec(gate.num_wires());
    let expected = gate.eval_unfiltered(vars(&wires));
    let mut builder = Builder::new(config());
    let targets = builder.add_virtual_extension_targets(wires.len());
    let public_inputs_hash = builder.add_virtual_hash();
    let vars = EvaluationTargets {
        local_constants: &[],
        local_wires: &targets,
        public_inputs_hash: &public_inputs_hash,
    };
    let found = gate.eval_unfiltered_circuit(&mut builder, vars);
    println!("{}: {} rows to evaluate in a circuit", gate.id(), builder.num_gates());
    let circuit = builder.mock_build::<C>();
    println!("2^{} with constants", circuit.common.degree_bits());
    let mut inputs = PartialWitness::new();
    inputs.set_extension_targets(&targets, &wires).expect("set once");
    inputs.set_hash_target(public_inputs_hash, hash).expect("set once");
    let witness = circuit.generate_witness(inputs);
    assert_eq!(witness.get_extension_targets(&found), expected);
    check_degree(gate);
}

/// Along a line in the wires, constraints are polynomials of the gate's degree: their differences
/// of the next order vanish, and some of that order do not. No degree is too high for a circuit
/// with Poseidon's rows.
fn check_degree(gate: &(impl Gate<F, D> + ?Sized)) {
    assert!(gate.degree() <= 7, "{} does not fit a circuit with Poseidon rows", gate.id());
    let (start, step) = (F::rand_vec(gate.num_wires()), F::rand_vec(gate.num_wires()));
    let hash = HashOut::rand();
    let mut rows: Vec<Vec<F>> = (0..gate.degree() + 2)
        .map(|i| {
            let at = F::from_canonical_usize(i);
            let wires: Vec<F> = start.iter().zip(&step).map(|(s, d)| *s + at * *d).collect();
            gate.eval_unfiltered_base_batch(EvaluationVarsBaseBatch::new(1, &[], &wires, &hash))
        })
        .collect();
    for _ in 0..gate.degree() {
        rows = rows
            .windows(2)
            .map(|pair| pair[1].iter().zip(&pair[0]).map(|(next, this)| *next - *this).collect())
            .collect();
    }
    assert!(rows[0].iter().any(|difference| !difference.is_zero()));
    assert_eq!(rows[0], rows[1]);
}

#[test]
fn evaluations_agree_in_every_ring() {
    check_evaluations(&RulesGate::<AccessRow>::new());
    check_evaluations(&RulesGate::<TransactionRow>::new());
    check_evaluations(&RulesGate::<PublishRow>::new());
    check_evaluations(&RulesGate::<SubjectRow>::new());
    check_evaluations(&RulesGate::<RangeCheckRow>::new());
    check_evaluations(&RulesGate::<LimbRow>::new());
    check_evaluations(&RulesGate::<MultiplyAddRow>::new());
    check_evaluations(&RulesGate::<ReduceRow>::new());
    check_evaluations(&RulesGate::<ChainWalkRow>::new());
}

/// A gate is read back from what it writes, and not from what gates of other rules write.
fn check_storage<R: RowRules, Other: RowRules>(common: &CommonCircuitData<F, D>) {
    let gate = RulesGate::<R>::new();
    let mut bytes = Vec::new();
    gate.serialize(&mut bytes, common).expect("memory takes all");
    let read = RulesGate::<R>::deserialize(&mut Buffer::new(&bytes), common).expect("as written");
    assert_eq!(Gate::<F, D>::id(&read), Gate::<F, D>::id(&gate));
    assert_eq!(read.num_constraints(), gate.num_constraints());
    assert!(RulesGate::<Other>::deserialize(&mut Buffer::new(&bytes), common).is_err());

    for generator in gate.generators(3, &[]) {
        let mut bytes = Vec::new();
        generator.0.serialize(&mut bytes, common).expect("memory takes all");
        let mut buffer = Buffer::new(&bytes);
        let read: RowGenerator<R> =
            SimpleGenerator::deserialize(&mut buffer, common).expect("as written");
        assert_eq!(read.dependencies(), generator.0.watch_list());
        // The second number says how many inputs the generator waits for.
        bytes[8] ^= 0x40;
        let read = <RowGenerator<R> as SimpleGenerator<F, D>>::deserialize;
        assert!(read(&mut Buffer::new(&bytes), common).is_err());
    }
}

#[test]
fn stored_gates_are_read_back() {
    let common = EntryCircuit::build(1).data.common;
    check_storage::<AccessRow, PublishRow>(&common);
    check_storage::<TransactionRow, AccessRow>(&common);
    check_storage::<PublishRow, SubjectRow>(&common);
    check_storage::<SubjectRow, RangeCheckRow>(&common);
    check_storage::<RangeCheckRow, SubjectRow>(&common);
    check_storage::<LimbRow, ReduceRow>(&common);
    check_storage::<MultiplyAddRow, LimbRow>(&common);
    check_storage::<ReduceRow, ChainWalkRow>(&common);
    check_storage::<ChainWalkRow, MultiplyAddRow>(&common);
}
