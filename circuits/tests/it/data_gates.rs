//! The rows of the data circuit, one by one: an honest row satisfies its gate, and no single wire
//! of the row can have another value.

use plonky2::field::extension::quadratic::QuadraticExtension;
use plonky2::field::types::{Field, PrimeField64, Sample};
use plonky2::gates::gate::Gate;
use plonky2::hash::hash_types::HashOut;
use plonky2::iop::generator::generate_partial_witness;
use plonky2::iop::target::Target;
use plonky2::iop::witness::{PartialWitness, Witness, WitnessWrite};
use plonky2::plonk::vars::EvaluationVars;
use proptest::prelude::*;
use sheaf_circuits::data::chain_walk::{ChainWalkGate, ChainWalkRow, STEPS, Walk};
use sheaf_circuits::data::limbs::{LIMBS, LimbGate, LimbRow, VALUES, limbs_of_values};
use sheaf_circuits::data::multiply_add::{COLUMNS, MultiplyAddGate, MultiplyAddRow};
use sheaf_circuits::data::reduce::{ReduceGate, ReduceRow};
use sheaf_crypto::hash::DIGEST;
use sheaf_ledger::tag;
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::{Builder, C, D, F, config};

/// The columns of a row's inputs and outputs.
fn columns<R: RowRules>() -> (R::Inputs<usize>, R::Outputs<usize>) {
    let mut columns = 0..;
    let mut next = || columns.next().expect("columns do not end");
    (R::Inputs::read(&mut next), R::Outputs::read(&mut next))
}

/// The row that the gate's generators make of these wires.
fn row<G: Gate<F, D> + Copy>(gate: G, given: &[(usize, u64)]) -> Vec<F> {
    let mut builder = Builder::new(config());
    let row = builder.add_gate(gate, vec![]);
    let circuit = builder.build::<C>();
    let mut witness = PartialWitness::new();
    for (wire, value) in given {
        let value = F::from_noncanonical_u64(*value);
        witness.set_target(Target::wire(row, *wire), value).expect("set once");
    }
    let full = generate_partial_witness(witness, &circuit.prover_only, &circuit.common)
        .expect("a row of its own has a witness");
    (0..gate.num_wires()).map(|wire| full.get_target(Target::wire(row, wire))).collect()
}

fn satisfied<G: Gate<F, D>>(gate: G, wires: &[F]) -> bool {
    type Ext = QuadraticExtension<F>;
    let local_wires: Vec<Ext> = wires.iter().map(|wire| (*wire).into()).collect();
    let public_inputs_hash = &HashOut::ZERO;
    let vars =
        EvaluationVars { local_constants: &[], local_wires: &local_wires, public_inputs_hash };
    gate.eval_unfiltered(vars).into_iter().all(|constraint| constraint == Ext::ZERO)
}

/// Asserts that the row is honest, and that it is not after a change of any one wire but `free`.
fn each_wire_counts<G: Gate<F, D> + Copy>(gate: G, wires: &[F], free: &[usize]) {
    assert!(satisfied(gate, wires));
    for wire in (0..wires.len()).filter(|wire| !free.contains(wire)) {
        for other in [wires[wire] + F::ONE, wires[wire] - F::TWO, F::rand()] {
            let mut lie = wires.to_vec();
            lie[wire] = other;
            assert!(!satisfied(gate, &lie), "wire {wire}: {other} for {}", wires[wire]);
        }
    }
}

fn limb_row(limbs: &[u16; LIMBS], enabled: u64) -> Vec<F> {
    let inputs = columns::<LimbRow>().0;
    let mut given: Vec<(usize, u64)> = inputs.limbs.into_iter().zip(limbs.map(u64::from)).collect();
    given.push((inputs.enabled[0], enabled));
    row(LimbGate::new(), &given)
}

fn limbs() -> impl Strategy<Value = [u16; LIMBS]> {
    // No limb is zero, so that each factor's wire has weight.
    prop::array::uniform16(1..=u16::MAX)
}

/// The same integer in four values of 62 bits and one of 8.
fn values_of_limbs(limbs: &[u16; LIMBS]) -> [u64; VALUES] {
    core::array::from_fn(|k| {
        (62 * k..256.min(62 * (k + 1))).fold(0, |value, bit| {
            let set = u64::from(limbs[bit / 16] >> (bit % 16) & 1);
            value | set << (bit - 62 * k)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn regrouping_goes_round(limbs in limbs()) {
        let values = values_of_limbs(&limbs);
        prop_assert!(values[..4].iter().all(|value| *value < 1 << 62) && values[4] < 1 << 8);
        prop_assert_eq!(limbs_of_values(&values), limbs);
    }

    /// Statements 1 and 2 of the limbs.
    #[test]
    fn each_wire_of_limbs_counts(limbs in limbs()) {
        let wires = limb_row(&limbs, 1);
        for (i, value) in values_of_limbs(&limbs).into_iter().enumerate() {
            prop_assert_eq!(wires[columns::<LimbRow>().1.values[i]].to_canonical_u64(), value);
        }
        each_wire_counts(LimbGate::new(), &wires, &[]);
    }

    #[test]
    fn each_wire_of_a_product_counts(a in limbs(), b in limbs(), total in 1u64..1 << 40) {
        let inputs = columns::<MultiplyAddRow>().0;
        let mut given = vec![];
        for i in 0..LIMBS {
            given.push((inputs.left[i], u64::from(a[i])));
            given.push((inputs.right[i], u64::from(b[i])));
            given.push((inputs.before[i], total + i as u64));
        }
        each_wire_counts(MultiplyAddGate::new(), &row(MultiplyAddGate::new(), &given), &[]);
    }

    #[test]
    fn each_wire_of_a_reduction_counts(total in prop::array::uniform16(0u64..1 << 57)) {
        let given: Vec<(usize, u64)> =
            columns::<ReduceRow>().0.columns.into_iter().zip(total).collect();
        // A total of sixteen such columns has a quotient of more than 256 bits; an honest one has
        // not, because its factors are below r.
        let mut given = given;
        given[COLUMNS - 1].1 %= 1 << 20;
        each_wire_counts(ReduceGate::new(), &row(ReduceGate::new(), &given), &[]);
    }
}

/// Statement 1 of the limbs: 2^16 in a limb, with its carry in the value or not.
#[test]
fn a_wide_limb_is_refused() {
    let (inputs, outputs) = columns::<LimbRow>();
    let mut wires = limb_row(&[0; LIMBS], 1);
    assert!(satisfied(LimbGate::new(), &wires));
    wires[inputs.limbs[0]] = F::from_canonical_u64(1 << 16);
    assert!(!satisfied(LimbGate::new(), &wires));
    wires[outputs.values[0]] = F::from_canonical_u64(1 << 16);
    assert!(!satisfied(LimbGate::new(), &wires));
}

/// Statement 3 of the limbs.
#[test]
fn a_row_that_is_not_enabled_holds_zero() {
    assert!(satisfied(LimbGate::new(), &limb_row(&[0; LIMBS], 0)));
    for limb in 0..LIMBS {
        let mut limbs = [0; LIMBS];
        limbs[limb] = 1 << 15;
        assert!(satisfied(LimbGate::new(), &limb_row(&limbs, 1)));
        assert!(!satisfied(LimbGate::new(), &limb_row(&limbs, 0)));
        assert!(!satisfied(LimbGate::new(), &limb_row(&limbs, 2)));
    }
    assert_eq!(values_of_limbs(&[u16::MAX; LIMBS])[VALUES - 1], 255);
}

const DATA: u64 = tag::DATA_LINK.number() as u64;
const L1: u64 = tag::L1_LINK.number() as u64;

/// The columns of a walk.
fn walk_columns() -> Walk<usize> {
    columns::<ChainWalkRow>().0
}

/// A row of a walk whose hashes are where it stands: idle steps, then steps on D, then on L.
fn walk(idle: usize, on_data: usize) -> Vec<(usize, u64)> {
    let walk = walk_columns();
    let digest = |first: u64, i: usize| if first == 0 { 0 } else { first + i as u64 };
    let (data, l1) = (if on_data == 0 { 0 } else { 100 }, 900);
    let mut current = data;
    let mut given = vec![(walk.stream_before[0], DATA), (walk.active_before[0], 0)];
    for i in 0..DIGEST {
        given.push((walk.before[i], digest(data, i)));
        given.push((walk.l1[i], digest(l1, i)));
    }
    for step in 0..STEPS {
        let active = step >= idle;
        let stream = if active && step >= idle + on_data { L1 } else { DATA };
        if stream == L1 && step == idle + on_data {
            current = l1;
        }
        let last = step + 1 == idle + on_data;
        let previous = if !active || last { 0 } else { current + 10 };
        for i in 0..DIGEST {
            let at = step * DIGEST + i;
            given.push((walk.hash[at], if active { digest(current, i) } else { 77 }));
            given.push((walk.previous[at], digest(previous, i)));
        }
        given.push((walk.active[step], u64::from(active)));
        given.push((walk.stream[step], stream));
        current = if active { previous } else { current };
    }
    given
}

/// Hash and previous of idle steps are free: nothing is taken off.
fn free_wires(idle: usize) -> Vec<usize> {
    let walk = walk_columns();
    [&walk.hash[..idle * DIGEST], &walk.previous[..idle * DIGEST]].concat()
}

#[test]
fn each_wire_of_a_walk_counts() {
    for (idle, on_data) in [(0, 2), (2, 2), (1, 4), (3, 0)] {
        let wires = row(ChainWalkGate::new(), &walk(idle, on_data));
        // Before an idle step any activity of less than one is as good; a circuit starts at zero.
        let mut free = free_wires(idle);
        if idle == 0 {
            free.push(walk_columns().active_before[0]);
        }
        each_wire_counts(ChainWalkGate::new(), &wires, &free);
    }
}

/// Statements 1 to 4 of the walk, by rows that lie in one thing and are consistent in all else.
#[test]
fn a_walk_out_of_order_is_refused() {
    let wires = walk_columns();
    let changed = |idle, on_data, changes: &[(usize, u64)]| {
        let mut given = walk(idle, on_data);
        for (wire, value) in changes {
            let entry = given.iter_mut().find(|(given, _)| given == wire);
            entry.expect("a wire of the walk").1 = *value;
        }
        satisfied(ChainWalkGate::new(), &row(ChainWalkGate::new(), &given))
    };
    assert!(changed(1, 3, &[]));
    assert!(!changed(1, 3, &[(wires.stream[5], DATA)]), "back to D");
    assert!(!changed(1, 3, &[(wires.stream[3], L1)]), "to L before D ends");
    assert!(!changed(1, 3, &[(wires.stream[5], 12)]), "another tag");
    assert!(!changed(1, 3, &[(wires.active[5], 0)]), "idle after a word");
    assert!(!changed(1, 3, &[(wires.active[5], 2)]), "an activity of two");
    assert!(!changed(1, 3, &[(wires.hash[2 * DIGEST + 1], 5)]), "another link");
    assert!(!changed(1, 3, &[(wires.previous[DIGEST], 5)]), "another chain below");
}
