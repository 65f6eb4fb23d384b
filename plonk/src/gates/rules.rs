//! A gate for one row, whose constraints are a set of rules written once over any [`Value`].
//!
//! A row has inputs, outputs and hints, in this order of columns. The gate constrains each output
//! to the value that the rules compute from inputs and hints, and each expression that the rules
//! check to zero. The gate does not constrain where inputs come from: the circuit must connect
//! every input. [`add_row`] connects all inputs, because it takes the whole structure.

use core::any::type_name;
use core::cell::RefCell;
use core::fmt::Debug;
use core::marker::PhantomData;

use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::gates::gate::Gate;
use plonky2::gates::util::StridedConstraintConsumer;
use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::iop::generator::{GeneratedValues, SimpleGenerator, WitnessGeneratorRef};
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartitionWitness, Witness, WitnessWrite};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::{CircuitConfig, CommonCircuitData};
use plonky2::plonk::vars::{EvaluationTargets, EvaluationVars, EvaluationVarsBase};
use plonky2::util::serialization::{Buffer, IoError, IoResult, Read, Write};

use crate::gates::value::{Degree, Expression, Known, Value};
use crate::gates::wires::Wires;

/// The rules of one kind of row.
pub trait RowRules: 'static + Send + Sync + Debug + Copy + Default {
    /// The name of the rules, which distinguishes their gate from all others in a serialised
    /// circuit.
    const NAME: &'static str;
    /// The moments at which a part of the row can be filled. Each moment is the number of inputs,
    /// counted from the first column, that are known by then; the last moment is the number of all
    /// inputs. A row needs several moments when its outputs go through a hash and come back as
    /// later inputs of the same row.
    const STAGES: &'static [usize];

    /// Columns that the circuit gives.
    type Inputs<V: Copy>: Wires<V>;
    /// Columns that the rules compute.
    type Outputs<V: Copy>: Wires<V>;
    /// Columns that the prover chooses and the rules check.
    type Hints<V: Copy>: Wires<V>;

    /// The hints that an honest prover chooses for these inputs.
    fn hints(inputs: &Self::Inputs<Known>) -> Self::Hints<Known>;

    /// Returns the outputs, and passes to `check` each expression that must be zero.
    fn evaluate<V: Value>(
        inputs: &Self::Inputs<V>,
        hints: &Self::Hints<V>,
        check: &mut impl FnMut(V),
    ) -> Self::Outputs<V>;
}

/// The first column after each part of a row of `R`.
struct Columns<R, V>(PhantomData<(R, V)>);

impl<R: RowRules, V: Copy> Columns<R, V> {
    /// The number of inputs: the column of the first output.
    const INPUTS: usize = <R::Inputs<V> as Wires<V>>::LENGTH;
    /// The column of the first hint.
    const HINTS: usize = Self::INPUTS + <R::Outputs<V> as Wires<V>>::LENGTH;
    /// The number of columns.
    const END: usize = Self::HINTS + <R::Hints<V> as Wires<V>>::LENGTH;
}

/// Passes all constraints of a row to `constrain`, in the same order in every ring.
#[inline]
fn constraints<R: RowRules, V: Value>(wire: impl Fn(usize) -> V, constrain: &mut impl FnMut(V)) {
    let wires_from = |first: usize| {
        let mut columns = first..;
        let wire = &wire;
        move || wire(columns.next().expect("columns do not end"))
    };
    let inputs = R::Inputs::<V>::read(&mut wires_from(0));
    let hints = R::Hints::<V>::read(&mut wires_from(Columns::<R, V>::HINTS));
    let computed = R::evaluate(&inputs, &hints, constrain);
    let mut output = wires_from(Columns::<R, V>::INPUTS);
    computed.visit(&mut |value| constrain(output() - value));
}

/// The gate that constrains one row by the rules `R`.
#[derive(Clone, Copy, Debug)]
pub struct RulesGate<R: RowRules> {
    degree: usize,
    constraints: usize,
    rules: PhantomData<R>,
}

impl<R: RowRules> RulesGate<R> {
    /// The gate, with the number of the rules' constraints and their largest degree.
    pub fn new() -> Self {
        let (mut degree, mut count) = (0, 0);
        constraints::<R, Degree>(|_| Degree(1), &mut |constraint| {
            degree = degree.max(constraint.0);
            count += 1;
        });
        Self { degree, constraints: count, rules: PhantomData }
    }
}

impl<R: RowRules> Default for RulesGate<R> {
    fn default() -> Self {
        Self::new()
    }
}

/// Adds a row of `R` and connects `inputs` to it; returns the row's outputs and hints.
///
/// The caller may connect a hint only if the hint lies in a routed column.
///
/// # Panics
/// When the rules have more columns than `standard_recursion_config`, or more inputs and outputs
/// than its routed columns. Such rules are a mistake.
pub fn add_row<R: RowRules>(
    builder: &mut CircuitBuilder<GoldilocksField, 2>,
    inputs: &R::Inputs<Target>,
) -> (R::Outputs<Target>, R::Hints<Target>) {
    let row = builder.add_gate(RulesGate::<R>::new(), vec![]);
    let mut column = 0;
    inputs.visit(&mut |input| {
        builder.connect(input, Target::wire(row, column));
        column += 1;
    });
    let mut next = || {
        column += 1;
        Target::wire(row, column - 1)
    };
    (R::Outputs::read(&mut next), R::Hints::read(&mut next))
}

impl<R: RowRules> Gate<GoldilocksField, 2> for RulesGate<R> {
    fn id(&self) -> String {
        format!("{}Gate", R::NAME)
    }

    fn serialize(
        &self,
        target: &mut Vec<u8>,
        _: &CommonCircuitData<GoldilocksField, 2>,
    ) -> IoResult<()> {
        target.write_usize(self.constraints)
    }

    fn deserialize(
        source: &mut Buffer,
        _: &CommonCircuitData<GoldilocksField, 2>,
    ) -> IoResult<Self> {
        let gate = Self::new();
        // Rules with another number of constraints are other rules: their circuit is refused.
        if source.read_usize()? == gate.constraints { Ok(gate) } else { Err(IoError) }
    }

    fn eval_unfiltered(
        &self,
        vars: EvaluationVars<GoldilocksField, 2>,
    ) -> Vec<QuadraticExtension<GoldilocksField>> {
        let mut found = Vec::with_capacity(self.constraints);
        constraints::<R, _>(|column| vars.local_wires[column], &mut |value| found.push(value));
        found
    }

    fn eval_unfiltered_base_one(
        &self,
        vars: EvaluationVarsBase<GoldilocksField>,
        mut consumer: StridedConstraintConsumer<GoldilocksField>,
    ) {
        constraints::<R, _>(|column| vars.local_wires[column], &mut |value| consumer.one(value));
    }

    fn eval_unfiltered_circuit(
        &self,
        builder: &mut CircuitBuilder<GoldilocksField, 2>,
        vars: EvaluationTargets<2>,
    ) -> Vec<ExtensionTarget<2>> {
        let builder = RefCell::new(builder);
        let mut found = Vec::with_capacity(self.constraints);
        constraints::<R, Expression<'_, '_>>(
            |column| Expression { builder: &builder, target: vars.local_wires[column] },
            &mut |value| found.push(value.target),
        );
        found
    }

    fn generators(
        &self,
        row: usize,
        _: &[GoldilocksField],
    ) -> Vec<WitnessGeneratorRef<GoldilocksField, 2>> {
        let generator = |&known: &usize| {
            let generator = RowGenerator::<R> { row, known, rules: PhantomData };
            WitnessGeneratorRef::new(generator.adapter())
        };
        R::STAGES.iter().map(generator).collect()
    }

    fn num_wires(&self) -> usize {
        let config = CircuitConfig::standard_recursion_config();
        let columns = Columns::<R, Degree>::END;
        assert!(
            Columns::<R, Degree>::HINTS <= config.num_routed_wires && columns <= config.num_wires,
            "{} wants {columns} columns",
            type_name::<R>()
        );
        columns
    }

    fn num_constants(&self) -> usize {
        0
    }

    fn degree(&self) -> usize {
        self.degree
    }

    fn num_constraints(&self) -> usize {
        self.constraints
    }

    fn num_ops(&self) -> usize {
        1
    }
}

/// Fills the outputs and hints of a row that follow from its first `known` inputs.
#[derive(Debug, Default)]
pub struct RowGenerator<R: RowRules> {
    row: usize,
    known: usize,
    rules: PhantomData<R>,
}

impl<R: RowRules> SimpleGenerator<GoldilocksField, 2> for RowGenerator<R> {
    fn id(&self) -> String {
        format!("{}Generator", R::NAME)
    }

    fn dependencies(&self) -> Vec<Target> {
        (0..self.known).map(|column| Target::wire(self.row, column)).collect()
    }

    fn run_once(
        &self,
        witness: &PartitionWitness<GoldilocksField>,
        target: &mut GeneratedValues<GoldilocksField>,
    ) -> anyhow::Result<()> {
        let mut column = 0;
        let inputs = R::Inputs::<Known>::read(&mut || {
            let wire = Target::wire(self.row, column);
            let known = column < self.known;
            column += 1;
            Known(known.then(|| witness.get_target(wire)))
        });
        let hints = R::hints(&inputs);
        let outputs = R::evaluate(&inputs, &hints, &mut |_| ());
        let mut result = Ok(());
        let mut fill = |value: Known| {
            let wire = Target::wire(self.row, column);
            column += 1;
            if let (Some(value), true) = (value.0, result.is_ok()) {
                result = target.set_target(wire, value);
            }
        };
        outputs.visit(&mut fill);
        hints.visit(&mut fill);
        result
    }

    fn serialize(
        &self,
        target: &mut Vec<u8>,
        _: &CommonCircuitData<GoldilocksField, 2>,
    ) -> IoResult<()> {
        target.write_usize(self.row)?;
        target.write_usize(self.known)
    }

    fn deserialize(
        source: &mut Buffer,
        _: &CommonCircuitData<GoldilocksField, 2>,
    ) -> IoResult<Self> {
        let (row, known) = (source.read_usize()?, source.read_usize()?);
        if R::STAGES.contains(&known) {
            Ok(Self { row, known, rules: PhantomData })
        } else {
            Err(IoError)
        }
    }
}
