//! Each gate's constraints beside plonky2's own `eval_unfiltered`, on rows that no honest prover
//! would write: whole vectors are compared.

use ark_relations::gr1cs::{ConstraintSystem, SynthesisMode};
use plonky2::field::extension::FieldExtension;
use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::types::{Field, Field64};
use plonky2::hash::hash_types::HashOut;
use plonky2::plonk::vars::EvaluationVars;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;
use crate::outer::OuterConfig;

type NativeExt = QuadraticExtension<F>;

/// Random rows of each gate.
const ROWS: u64 = 3;

/// Every gate that the wrap knows, as the outer circuit's configuration shapes it.
fn gates() -> Vec<GateRef<F, D>> {
    let config = OuterConfig::default().outer;
    let fitted = |wires: usize| config.num_routed_wires / wires;
    // Segments of fewer points than the whole coset, as the recursion has them, and one segment.
    let mut segmented = CosetInterpolationGate::<F, D>::new(4);
    segmented.degree = 6;
    vec![
        GateRef::new(ArithmeticGate::new_from_config(&config)),
        GateRef::new(ArithmeticExtensionGate::<D> { num_ops: fitted(4 * D) }),
        GateRef::new(MulExtensionGate::<D> { num_ops: fitted(3 * D) }),
        GateRef::new(BaseSumGate::<2>::new_from_config::<F>(&config)),
        GateRef::new(ConstantGate::new(2)),
        GateRef::new(NoopGate),
        GateRef::new(PublicInputGate),
        GateRef::new(ReducingGate::<D>::new(31)),
        GateRef::new(ReducingExtensionGate::<D>::new(16)),
        GateRef::new(ExponentiationGate::<F, D>::new_from_config(&config)),
        GateRef::new(RandomAccessGate::<F, D>::new_from_config(&config, 4)),
        GateRef::new(RandomAccessGate::<F, D>::new_from_config(&config, 1)),
        GateRef::new(segmented),
        GateRef::new(CosetInterpolationGate::<F, D>::new(4)),
        GateRef::new(PoseidonGate::<F, D>::new()),
        GateRef::new(PoseidonMdsGate::<F, D>::new()),
    ]
}

/// What a gate's constraints read.
#[derive(Clone)]
struct Row {
    constants: Vec<NativeExt>,
    wires: Vec<NativeExt>,
    hash: HashOut<F>,
}

impl Row {
    fn random(gate: &GateRef<F, D>, rng: &mut StdRng) -> Self {
        let mut many = |count: usize| (0..count).map(|_| random(rng)).collect::<Vec<_>>();
        let (constants, wires) = (many(gate.0.num_constants()), many(gate.0.num_wires()));
        let hash = HashOut { elements: [(); 4].map(|()| element(rng)) };
        Self { constants, wires, hash }
    }

    /// All wires the largest element: the bounds of every sum are met.
    fn largest(gate: &GateRef<F, D>) -> Self {
        let largest = NativeExt::from_basefield_array([F::NEG_ONE; 2]);
        Self {
            constants: vec![largest; gate.0.num_constants()],
            wires: vec![largest; gate.0.num_wires()],
            hash: HashOut { elements: [F::NEG_ONE; 4] },
        }
    }

    /// Wires, then constants.
    fn value(&mut self, index: usize) -> &mut NativeExt {
        match index.checked_sub(self.wires.len()) {
            None => &mut self.wires[index],
            Some(constant) => &mut self.constants[constant],
        }
    }

    fn plonky2s(&self, gate: &GateRef<F, D>) -> Vec<NativeExt> {
        gate.0.eval_unfiltered(EvaluationVars {
            local_constants: &self.constants,
            local_wires: &self.wires,
            public_inputs_hash: &self.hash,
        })
    }

    /// The same by the wrap's constraints, all of which an honest prover satisfies.
    fn wraps(&self, gate: &GateRef<F, D>) -> Vec<NativeExt> {
        let mut builder = builder();
        let mut many = |values: &[NativeExt]| -> Vec<Ext> {
            values.iter().map(|value| builder.ext_canonical(value)).collect()
        };
        let (constants, wires) = (many(&self.constants), many(&self.wires));
        let hash: Vec<Element> =
            self.hash.elements.iter().map(|e| builder.canonical(e.to_canonical_u64())).collect();
        let inputs = GateInputs { constants: &constants, wires: &wires, public_inputs_hash: &hash };
        let gate = Gate::recognise(gate).expect("a gate of the outer circuit");
        let found = gate.constraints(&mut builder, &inputs);
        let found = found.iter().map(Ext::native).collect();
        assert_eq!(builder.finish().expect("no fault").len(), 0);
        found
    }
}

fn builder() -> Builder {
    let system = ConstraintSystem::new_ref();
    system.set_mode(SynthesisMode::Prove {
        construct_matrices: false,
        generate_lc_assignments: false,
    });
    Builder::new(system)
}

fn element(rng: &mut StdRng) -> F {
    F::from_canonical_u64(rng.random_range(0..F::ORDER))
}

fn random(rng: &mut StdRng) -> NativeExt {
    NativeExt::from_basefield_array([(); D].map(|()| element(rng)))
}

#[test]
fn constraints_are_plonky2s_on_random_rows() {
    let mut rng = StdRng::seed_from_u64(1);
    for gate in gates() {
        let mut rows: Vec<Row> = (0..ROWS).map(|_| Row::random(&gate, &mut rng)).collect();
        rows.push(Row::largest(&gate));
        for row in rows {
            let expected = row.plonky2s(&gate);
            assert_eq!(expected.len(), gate.0.num_constraints(), "{}", gate.0.id());
            assert_eq!(row.wraps(&gate), expected, "{}", gate.0.id());
        }
    }
}

/// The comparison above would notice a constraint that reads one wire or constant wrongly: each of
/// them changes the constraints, and changes them as it does plonky2's.
#[test]
fn each_wire_and_constant_counts() {
    let mut rng = StdRng::seed_from_u64(2);
    for gate in gates() {
        let row = Row::random(&gate, &mut rng);
        let honest = row.wraps(&gate);
        for index in 0..row.wires.len() + row.constants.len() {
            let mut changed = row.clone();
            *changed.value(index) += random(&mut rng);
            let found = changed.wraps(&gate);
            assert_ne!(found, honest, "{}: value {index} is not read", gate.0.id());
            assert_eq!(found, changed.plonky2s(&gate), "{}: value {index}", gate.0.id());
        }
    }
}

/// The selector's factor, by plonky2's filtered evaluation of a gate whose constraint is not zero.
#[test]
fn filters_are_plonky2s() {
    let mut rng = StdRng::seed_from_u64(3);
    let gate = GateRef::<F, D>::new(BaseSumGate::<2>::new(2));
    for (row, selectors) in [(2, 1), (4, 1), (3, 2), (5, 2)] {
        let Row { wires, hash, .. } = Row::random(&gate, &mut rng);
        let group = 2..6;
        let selector = random(&mut rng);
        let constants = vec![selector; selectors];
        let vars = EvaluationVars {
            local_constants: &constants,
            local_wires: &wires,
            public_inputs_hash: &hash,
        };
        let filtered = gate.0.eval_filtered(vars, row, 0, group.clone(), selectors, 0);
        let plain = gate.0.eval_unfiltered(vars);

        let mut builder = builder();
        let selector = builder.ext_canonical(&selector);
        let filter = Filter { row, group, many_selectors: selectors > 1 };
        let factor = filter.factor(&mut builder, &selector).native();
        let expected: Vec<NativeExt> = plain.iter().map(|value| *value * factor).collect();
        assert_eq!(filtered, expected, "row {row}, {selectors} selectors");
        assert_eq!(builder.finish().expect("no fault").len(), 0);
        assert_ne!(filtered, plain, "the filter counts");
    }
}
