//! Steps backwards along the two word chains: the data chain D to its end, then the L1 chain L.
//!
//! The walk stands at one digest, `current`, on one stream, `stream` (the chain's hash tag). It
//! starts on D. Per step, with `hash` the digest of (`previous`, word) under `stream`:
//!
//! 1. `stream` is one of the two tags and never goes back from L to D.
//! 2. `active` is a boolean and never goes back from one to zero.
//! 3. Changing to L needs `current` = 0; the walk then stands at L's digest.
//! 4. An active step needs `hash` to be where the walk stands.
//! 5. After it the walk stands at `previous`; an idle step leaves it where it was.
//!
//! The gate knows neither hash nor word: the Poseidon row beside it makes `hash`.

use plonky2::field::extension::Extendable;
use plonky2::field::types::Field;
use plonky2::gates::gate::Gate;
use plonky2::gates::util::StridedConstraintConsumer;
use plonky2::hash::hash_types::RichField;
use plonky2::iop::ext_target::ExtensionTarget;
use plonky2::iop::generator::{GeneratedValues, SimpleGenerator, WitnessGeneratorRef};
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartitionWitness, Witness, WitnessWrite};
use plonky2::plonk::circuit_builder::CircuitBuilder;
use plonky2::plonk::circuit_data::CommonCircuitData;
use plonky2::plonk::vars::{EvaluationTargets, EvaluationVars, EvaluationVarsBase};
use plonky2::util::serialization::{Buffer, IoResult, Read, Write};
use sheaf_ledger::hash::{DIGEST, Tag};

/// Steps that one row takes.
pub const STEPS: usize = 6;

const FIRST_BEFORE: usize = 0;
const FIRST_L1: usize = FIRST_BEFORE + DIGEST;
const FIRST_AFTER: usize = FIRST_L1 + DIGEST;
const STREAM_BEFORE: usize = FIRST_AFTER + DIGEST;
const ACTIVE_BEFORE: usize = STREAM_BEFORE + 1;
const FIRST_STEP: usize = ACTIVE_BEFORE + 1;
const STEP_WIRES: usize = 2 * DIGEST + 2;
const FIRST_BETWEEN: usize = FIRST_STEP + STEPS * STEP_WIRES;
const WIRES: usize = FIRST_BETWEEN + (STEPS - 1) * DIGEST;
const CONSTRAINTS: usize = STEPS * (4 + 3 * DIGEST);

const DATA: u64 = Tag::DataLink as u64;
const L1: u64 = Tag::L1Link as u64;

/// The row that takes [`STEPS`] steps.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChainWalkGate;

impl ChainWalkGate {
    /// Wire of element `i` of where the walk stands before the row.
    pub const fn wire_before(i: usize) -> usize {
        FIRST_BEFORE + i
    }

    /// Wire of element `i` of the L1 chain's end.
    pub const fn wire_l1(i: usize) -> usize {
        FIRST_L1 + i
    }

    /// Wire of element `i` of where the walk stands after the row.
    pub const fn wire_after(i: usize) -> usize {
        FIRST_AFTER + i
    }

    /// Wire of the stream before the first step.
    pub const fn wire_stream_before() -> usize {
        STREAM_BEFORE
    }

    /// Wire of the activity before the first step.
    pub const fn wire_active_before() -> usize {
        ACTIVE_BEFORE
    }

    /// Wire of element `i` of the hash of step `step`.
    pub const fn wire_hash(step: usize, i: usize) -> usize {
        FIRST_STEP + step * STEP_WIRES + i
    }

    /// Wire of element `i` of the digest before the link that step `step` takes off.
    pub const fn wire_previous(step: usize, i: usize) -> usize {
        Self::wire_hash(step, DIGEST + i)
    }

    /// Wire that says whether step `step` is taken.
    pub const fn wire_active(step: usize) -> usize {
        Self::wire_hash(step, 2 * DIGEST)
    }

    /// Wire of the stream of step `step`, as the tag of its hash.
    pub const fn wire_stream(step: usize) -> usize {
        Self::wire_hash(step, 2 * DIGEST + 1)
    }

    /// Wire of element `i` of where the walk stands before step `step`; `STEPS` is after the row.
    const fn wire_current(step: usize, i: usize) -> usize {
        match step {
            0 => Self::wire_before(i),
            STEPS => Self::wire_after(i),
            _ => FIRST_BETWEEN + (step - 1) * DIGEST + i,
        }
    }

    /// The wires of stream and activity before step `step`.
    const fn wires_held(step: usize) -> [usize; 2] {
        match step {
            0 => [STREAM_BEFORE, ACTIVE_BEFORE],
            _ => [Self::wire_stream(step - 1), Self::wire_active(step - 1)],
        }
    }
}

fn constrain<K: Field>(wires: &[K; WIRES], mut emit: impl FnMut(K)) {
    type G = ChainWalkGate;
    let [data, l1] = [DATA, L1].map(K::from_canonical_u64);
    for step in 0..STEPS {
        let [stream_before, active_before] = G::wires_held(step).map(|wire| wires[wire]);
        let [stream, active] = [G::wire_stream(step), G::wire_active(step)].map(|w| wires[w]);
        emit((stream - data) * (stream - l1));
        emit((stream_before - data) * (l1 - stream));
        emit(active * (active - K::ONE));
        emit(active_before * (K::ONE - active));
        let change = stream - stream_before;
        for i in 0..DIGEST {
            let current = wires[G::wire_current(step, i)];
            let stands = current + change * wires[G::wire_l1(i)];
            let moved = wires[G::wire_previous(step, i)] - stands;
            emit(change * current);
            emit(active * (wires[G::wire_hash(step, i)] - stands));
            emit(wires[G::wire_current(step + 1, i)] - stands - active * moved);
        }
    }
}

impl<F: RichField + Extendable<D>, const D: usize> Gate<F, D> for ChainWalkGate {
    fn id(&self) -> String {
        format!("ChainWalkGate({STEPS} steps, tags {DATA} and {L1})")
    }

    fn serialize(&self, _dst: &mut Vec<u8>, _common: &CommonCircuitData<F, D>) -> IoResult<()> {
        Ok(())
    }

    fn deserialize(_src: &mut Buffer, _common: &CommonCircuitData<F, D>) -> IoResult<Self> {
        Ok(Self)
    }

    fn eval_unfiltered(&self, vars: EvaluationVars<F, D>) -> Vec<F::Extension> {
        let mut constraints = Vec::with_capacity(CONSTRAINTS);
        let wires = core::array::from_fn(|i| vars.local_wires[i]);
        constrain(&wires, |constraint| constraints.push(constraint));
        constraints
    }

    fn eval_unfiltered_base_one(
        &self,
        vars: EvaluationVarsBase<F>,
        mut consumer: StridedConstraintConsumer<F>,
    ) {
        let wires = core::array::from_fn(|i| vars.local_wires[i]);
        constrain(&wires, |constraint| consumer.one(constraint));
    }

    fn eval_unfiltered_circuit(
        &self,
        builder: &mut CircuitBuilder<F, D>,
        vars: EvaluationTargets<D>,
    ) -> Vec<ExtensionTarget<D>> {
        let wires = vars.local_wires;
        let constant = F::from_canonical_u64;
        let mut constraints = Vec::with_capacity(CONSTRAINTS);
        for step in 0..STEPS {
            let [stream_before, active_before] = Self::wires_held(step).map(|wire| wires[wire]);
            let [stream, active] =
                [Self::wire_stream(step), Self::wire_active(step)].map(|wire| wires[wire]);
            let past_data = builder.add_const_extension(stream, -constant(DATA));
            let short_of_l1 = builder.add_const_extension(stream, -constant(L1));
            let was_past_data = builder.add_const_extension(stream_before, -constant(DATA));
            constraints.push(builder.mul_extension(past_data, short_of_l1));
            let back = builder.mul_extension(was_past_data, short_of_l1);
            constraints.push(builder.mul_const_extension(-F::ONE, back));
            constraints.push(builder.mul_sub_extension(active, active, active));
            constraints.push(builder.arithmetic_extension(
                -F::ONE,
                F::ONE,
                active_before,
                active,
                active_before,
            ));
            let change = builder.sub_extension(stream, stream_before);
            for i in 0..DIGEST {
                let current = wires[Self::wire_current(step, i)];
                let stands = builder.mul_add_extension(change, wires[Self::wire_l1(i)], current);
                constraints.push(builder.mul_extension(change, current));
                let off = builder.sub_extension(wires[Self::wire_hash(step, i)], stands);
                constraints.push(builder.mul_extension(active, off));
                let moved = builder.sub_extension(wires[Self::wire_previous(step, i)], stands);
                let after = builder.mul_add_extension(active, moved, stands);
                constraints
                    .push(builder.sub_extension(wires[Self::wire_current(step + 1, i)], after));
            }
        }
        constraints
    }

    fn generators(&self, row: usize, _local_constants: &[F]) -> Vec<WitnessGeneratorRef<F, D>> {
        vec![WitnessGeneratorRef::new(ChainWalkGenerator { row }.adapter())]
    }

    fn num_wires(&self) -> usize {
        WIRES
    }

    fn num_constants(&self) -> usize {
        0
    }

    fn degree(&self) -> usize {
        3
    }

    fn num_constraints(&self) -> usize {
        CONSTRAINTS
    }
}

/// Fills where the walk stands, between the steps and after the row.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChainWalkGenerator {
    row: usize,
}

impl<F: RichField + Extendable<D>, const D: usize> SimpleGenerator<F, D> for ChainWalkGenerator {
    fn id(&self) -> String {
        "ChainWalkGenerator".into()
    }

    fn dependencies(&self) -> Vec<Target> {
        type G = ChainWalkGate;
        let ends = (0..DIGEST).flat_map(|i| [G::wire_before(i), G::wire_l1(i)]);
        let steps = (0..STEPS).flat_map(|step| {
            let previous = (0..DIGEST).map(move |i| G::wire_previous(step, i));
            previous.chain([G::wire_active(step), G::wire_stream(step)])
        });
        let wires = ends.chain([STREAM_BEFORE]).chain(steps);
        wires.map(|wire| Target::wire(self.row, wire)).collect()
    }

    fn run_once(
        &self,
        witness: &PartitionWitness<F>,
        out: &mut GeneratedValues<F>,
    ) -> anyhow::Result<()> {
        type G = ChainWalkGate;
        let get = |wire| witness.get_target(Target::wire(self.row, wire));
        let l1: [F; DIGEST] = core::array::from_fn(|i| get(G::wire_l1(i)));
        let mut current: [F; DIGEST] = core::array::from_fn(|i| get(G::wire_before(i)));
        for step in 0..STEPS {
            let [stream_before, _] = G::wires_held(step);
            let change = get(G::wire_stream(step)) - get(stream_before);
            let active = get(G::wire_active(step));
            for i in 0..DIGEST {
                let stands = current[i] + change * l1[i];
                current[i] = stands + active * (get(G::wire_previous(step, i)) - stands);
                let wire = G::wire_current(step + 1, i);
                out.set_target(Target::wire(self.row, wire), current[i])?;
            }
        }
        Ok(())
    }

    fn serialize(&self, dst: &mut Vec<u8>, _common: &CommonCircuitData<F, D>) -> IoResult<()> {
        dst.write_usize(self.row)
    }

    fn deserialize(src: &mut Buffer, _common: &CommonCircuitData<F, D>) -> IoResult<Self> {
        Ok(Self { row: src.read_usize()? })
    }
}
