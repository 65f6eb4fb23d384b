//! A full witness as a table of wires, which a test can change and check without a proof.
//!
//! The table is checked for everything that the proof system would check: every gate's constraints
//! on every row, all copy constraints, and that the public inputs are those that the circuit's
//! gates read.

use std::collections::BTreeSet;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::iop::generator::GeneratedValues;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, PartitionWitness};
use plonky2::plonk::circuit_data::CircuitData;
use plonky2::plonk::config::{Hasher, PoseidonGoldilocksConfig};
use plonky2::plonk::vars::EvaluationVarsBaseBatch;

pub(crate) mod run;

pub(crate) type Circuit = CircuitData<F, PoseidonGoldilocksConfig, 2>;

/// What a circuit fixes: each row's gate and constants, and which wires are copies.
pub(crate) struct Layout<'a> {
    circuit: &'a Circuit,
    /// By gate: its name.
    names: Vec<String>,
    /// By row: index of its gate.
    gates: Vec<usize>,
    /// By row: the constants that its gate sees.
    constants: Vec<Vec<F>>,
    /// By representative: the wires that must be equal.
    classes: Vec<Vec<usize>>,
    /// Rows that read the public inputs' hash without a wire of their own.
    public_input_rows: Vec<usize>,
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Violation {
    /// A constraint of a gate on a row.
    Gate { row: usize, gate: String },
    /// Two wires that must be copies differ.
    Copy { row: usize, column: usize },
}

/// The value of every wire, and the public inputs that go with them.
#[derive(Clone)]
pub(crate) struct Trace<'a> {
    pub layout: &'a Layout<'a>,
    wires: Vec<F>,
}

impl<'a> Layout<'a> {
    pub(crate) fn new(circuit: &'a Circuit) -> Self {
        let (common, prover) = (&circuit.common, &circuit.prover_only);
        let (degree, wires) = (common.degree(), common.config.num_wires);
        let columns: Vec<Vec<F>> = prover.constants_sigmas_commitment.polynomials
            [..common.num_constants]
            .iter()
            .map(|column| column.clone().fft().values)
            .collect();
        let selectors = &common.selectors_info;
        let gate_of = |row: usize| {
            let is_selected = |gate: &usize| {
                let selector = selectors.selector_indices[*gate];
                columns[selector][row] == F::from_canonical_usize(*gate)
            };
            (0..common.gates.len()).find(is_selected).expect("each row has a gate")
        };
        let skipped = selectors.num_selectors() + common.num_lookup_selectors;
        let constants_of = |row| columns[skipped..].iter().map(|column| column[row]).collect();
        let mut classes = vec![Vec::new(); prover.representative_map.len()];
        for (wire, &class) in prover.representative_map[..degree * wires].iter().enumerate() {
            classes[class].push(wire);
        }
        let mut layout = Self {
            circuit,
            names: common.gates.iter().map(|gate| gate.0.id()).collect(),
            gates: (0..degree).map(gate_of).collect(),
            constants: (0..degree).map(constants_of).collect(),
            classes,
            public_input_rows: Vec::new(),
        };
        layout.public_input_rows = layout.rows_of("PublicInputGate");
        layout
    }

    pub(crate) fn rows(&self) -> usize {
        self.gates.len()
    }

    pub(crate) fn columns(&self) -> usize {
        self.circuit.common.config.num_wires
    }

    /// The name of the row's gate.
    pub(crate) fn gate(&self, row: usize) -> String {
        self.names[self.gates[row]].clone()
    }

    /// The constants that the row's gate sees.
    pub(crate) fn constants(&self, row: usize) -> &[F] {
        &self.constants[row]
    }

    /// The constants that the row's gate puts on wires, with their columns.
    pub(crate) fn constant_wires(&self, row: usize) -> Vec<(F, usize)> {
        let wires = self.circuit.common.gates[self.gates[row]].0.extra_constant_wires();
        wires.into_iter().map(|(constant, wire)| (self.constants[row][constant], wire)).collect()
    }

    /// Columns that the row's gate reads.
    pub(crate) fn used_columns(&self, row: usize) -> usize {
        self.circuit.common.gates[self.gates[row]].0.num_wires()
    }

    /// Rows whose gate's name begins so.
    pub(crate) fn rows_of(&self, gate: &str) -> Vec<usize> {
        let is_of = |row: &usize| self.names[self.gates[*row]].starts_with(gate);
        (0..self.rows()).filter(is_of).collect()
    }

    /// What the target shares with all that must equal it, and with nothing else.
    pub(crate) fn class(&self, target: Target) -> usize {
        let index = target.index(self.columns(), self.rows());
        self.circuit.prover_only.representative_map[index]
    }

    /// All wires that must equal this one, itself included.
    pub(crate) fn copies(&self, row: usize, column: usize) -> &[usize] {
        &self.classes[self.class(Target::wire(row, column))]
    }

    /// All wires that must equal the public input, of which a hash makes at least one.
    pub(crate) fn copies_of_public_input(&self, input: usize) -> &[usize] {
        &self.classes[self.class(self.circuit.prover_only.public_inputs[input])]
    }

    /// A wire that carries the public input.
    pub(crate) fn public_input(&self, input: usize) -> Target {
        let wire = *self.copies_of_public_input(input).first().expect("a public input is hashed");
        Target::wire(wire / self.columns(), wire % self.columns())
    }

    /// Runs the circuit's generators as a prover would who has decided on `forced` and goes on
    /// whatever breaks: what is set first stays.
    pub(crate) fn fill(&'a self, inputs: PartialWitness<F>, forced: &[(Target, F)]) -> Trace<'a> {
        let prover = &self.circuit.prover_only;
        let classes = &prover.representative_map;
        let mut witness = PartitionWitness::new(self.columns(), self.rows(), classes);
        for &(target, value) in forced {
            witness.values[self.class(target)] = Some(value);
        }
        let mut given: Vec<(Target, F)> = inputs.target_values.into_iter().collect();
        given.sort_by_key(|(target, _)| target.index(self.columns(), self.rows()));
        for (target, value) in given {
            witness.values[self.class(target)].get_or_insert(value);
        }
        let mut pending: Vec<usize> = (0..prover.generators.len()).collect();
        let mut buffer = GeneratedValues::empty();
        loop {
            let before = pending.len();
            pending.retain(|&generator| {
                let finished = prover.generators[generator].0.run(&witness, &mut buffer);
                for (target, value) in buffer.target_values.drain(..) {
                    witness.values[self.class(target)].get_or_insert(value);
                }
                !finished
            });
            if pending.len() == before {
                break;
            }
        }
        assert!(pending.is_empty(), "{} generators lack inputs", pending.len());
        let wires = classes[..self.rows() * self.columns()].iter();
        let wires = wires.map(|&class| witness.values[class].unwrap_or(F::ZERO)).collect();
        Trace { layout: self, wires }
    }
}

impl Trace<'_> {
    pub(crate) fn get(&self, row: usize, column: usize) -> F {
        self.wires[row * self.layout.columns() + column]
    }

    pub(crate) fn set(&mut self, wire: usize, value: F) {
        self.wires[wire] = value;
    }

    /// The row and column of each of these wires that its row's gate reads. The rest of a row is
    /// nobody's; plonky2 fills some of it with random numbers.
    pub(crate) fn read_by_gates(&self, wires: &[usize]) -> Vec<(usize, usize)> {
        let columns = self.layout.columns();
        let places = wires.iter().map(|wire| (wire / columns, wire % columns));
        places.filter(|(row, column)| *column < self.layout.used_columns(*row)).collect()
    }

    pub(crate) fn public_inputs(&self) -> Vec<F> {
        let value = |target: &Target| {
            let copies = &self.layout.classes[self.layout.class(*target)];
            self.wires[*copies.first().expect("a public input is hashed, so it is on a wire")]
        };
        self.layout.circuit.prover_only.public_inputs.iter().map(value).collect()
    }

    fn public_inputs_hash(&self) -> HashOut<F> {
        PoseidonHash::hash_no_pad(&self.public_inputs())
    }

    /// Whether the row's constraints hold, given the hash of the public inputs.
    fn row_holds(&self, row: usize, public_inputs_hash: &HashOut<F>) -> bool {
        let Layout { circuit, gates, constants, .. } = self.layout;
        let columns = self.layout.columns();
        let wires = &self.wires[row * columns..(row + 1) * columns];
        let vars = EvaluationVarsBaseBatch::new(1, &constants[row], wires, public_inputs_hash);
        let gate = &circuit.common.gates[gates[row]].0;
        gate.eval_unfiltered_base_batch(vars).iter().all(Field::is_zero)
    }

    /// Everything that is broken.
    pub(crate) fn violations(&self) -> Vec<Violation> {
        let hash = self.public_inputs_hash();
        let broken_rows = (0..self.layout.rows())
            .filter(|row| !self.row_holds(*row, &hash))
            .map(|row| Violation::Gate { row, gate: self.layout.gate(row) });
        let columns = self.layout.columns();
        let broken_copies = self.layout.classes.iter().flat_map(|class| {
            let first = class.first().copied().unwrap_or_default();
            let differs = class.iter().find(|wire| self.wires[**wire] != self.wires[first]);
            differs.map(|wire| Violation::Copy { row: wire / columns, column: wire % columns })
        });
        broken_rows.chain(broken_copies).collect()
    }

    /// Whether a change of these wires, made to a trace in which nothing is broken, breaks
    /// something.
    pub(crate) fn breaks(&self, changed: &[usize]) -> bool {
        let columns = self.layout.columns();
        let class = |wire: &usize| self.layout.class(Target::wire(wire / columns, wire % columns));
        let classes: BTreeSet<usize> = changed.iter().map(class).collect();
        let copied = classes.into_iter().all(|class| {
            let mut copies = self.layout.classes[class].iter().map(|wire| self.wires[*wire]);
            let first = copies.next();
            copies.all(|copy| Some(copy) == first)
        });
        if !copied {
            return true;
        }
        let mut rows: BTreeSet<usize> = changed.iter().map(|wire| wire / columns).collect();
        rows.extend(&self.layout.public_input_rows);
        let hash = self.public_inputs_hash();
        rows.into_iter().any(|row| !self.row_holds(row, &hash))
    }
}
