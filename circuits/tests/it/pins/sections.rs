//! The parts that define a circuit, each as a line of counts and a digest.

use std::collections::{BTreeMap, HashMap};

use plonky2::field::types::PrimeField64;
use plonky2::gates::gate::GateRef;
use sha3::{Digest as _, Keccak256};
use sheaf_plonk::proof::{Circuit, D, F, Shape};
use sheaf_plonk::verifier_data::gate_values;

use crate::trace::Layout;

fn keccak(bytes: &[u8]) -> String {
    hex::encode(Keccak256::digest(bytes))
}

/// A digest of numbers, each eight bytes long.
fn keccak_of(numbers: impl IntoIterator<Item = u64>) -> String {
    keccak(&numbers.into_iter().flat_map(u64::to_le_bytes).collect::<Vec<u8>>())
}

/// All parts of a circuit, as `part: counts digest`.
pub(super) fn sections(circuit: &Circuit) -> Vec<String> {
    let layout = Layout::new(circuit);
    let (common, rows) = (&circuit.common, layout.rows());
    let mut rows_of: BTreeMap<String, usize> = BTreeMap::new();
    (0..rows).for_each(|row| *rows_of.entry(layout.gate(row)).or_default() += 1);
    let mut parts: Vec<String> =
        common.gates.iter().map(|gate| gate_section(gate, &rows_of, common)).collect();
    parts.sort();
    let named = rows - layout.rows_of("NoopGate").len();
    let gates = (0..rows).map(|row| layout.gate(row) + "\n").collect::<String>();
    parts.push(format!("rows: {named} of {rows} do something, {}", keccak(gates.as_bytes())));
    parts.push(constants_section(&layout));
    parts.push(copies_section(circuit));
    let shape = serde_json::to_vec(common).expect("a shape is plain data");
    let inputs = common.num_public_inputs;
    parts.push(format!("shape: {inputs} public inputs, {}", keccak(&shape)));
    parts
}

fn gate_section(gate: &GateRef<F, D>, rows: &BTreeMap<String, usize>, shape: &Shape) -> String {
    let id = gate.0.id();
    let rows = rows.get(&id).copied().unwrap_or_default();
    let values = gate_values(gate, shape);
    let digest = keccak_of(values.iter().flat_map(|value| value.0).map(|v| v.to_canonical_u64()));
    // A gate's own text goes on with what only plonky2 needs.
    let name = id.split([',', '(', '}']).next().unwrap_or(&id).replace(" {", "").replace(':', "");
    format!("gate {}: {rows} rows, {} constraints, {digest}", name.trim(), values.len())
}

fn constants_section(layout: &Layout) -> String {
    let constants = |row: usize| layout.constants(row).iter().map(PrimeField64::to_canonical_u64);
    let all = || (0..layout.rows()).flat_map(constants);
    let set = all().filter(|constant| *constant != 0).count();
    format!("constants: {set} are not zero, {}", keccak_of(all()))
}

/// The copies as the proof system has them: the cycles of the permutation that the verifier's data
/// commit to. Each wire is named by the first of its cycle, because a cycle's order says nothing.
fn copies_section(circuit: &Circuit) -> String {
    let firsts = first_of_cycles(circuit);
    let copied = firsts.iter().enumerate().filter(|(wire, first)| wire != *first).count();
    let mut sizes: HashMap<usize, usize> = HashMap::new();
    firsts.iter().for_each(|first| *sizes.entry(*first).or_default() += 1);
    let classes = sizes.values().filter(|size| **size > 1).count();
    let digest = keccak_of(firsts.iter().map(|first| *first as u64));
    format!("copies: {copied} in {classes} classes, {digest}")
}

/// By routed wire (row by row): the first wire of its cycle.
fn first_of_cycles(circuit: &Circuit) -> Vec<usize> {
    let (common, prover) = (&circuit.common, &circuit.prover_only);
    let (rows, routed) = (common.degree(), common.config.num_routed_wires);
    let wire_of: HashMap<F, usize> = (0..rows)
        .flat_map(|row| (0..routed).map(move |column| (row, column)))
        .map(|(row, column)| (common.k_is[column] * prover.subgroup[row], row * routed + column))
        .collect();
    let sigmas: Vec<Vec<F>> = prover.constants_sigmas_commitment.polynomials
        [common.num_constants..common.num_constants + routed]
        .iter()
        .map(|sigma| sigma.clone().fft().values)
        .collect();
    let next = |wire: usize| wire_of[&sigmas[wire % routed][wire / routed]];
    let mut firsts = vec![usize::MAX; rows * routed];
    for first in 0..firsts.len() {
        let mut wire = first;
        while firsts[wire] == usize::MAX {
            firsts[wire] = first;
            wire = next(wire);
        }
    }
    firsts
}
