//! To first order, the inputs of every row of rules determine the row's outputs and hints, and each
//! output has a constraint without which it is not determined.
//!
//! A constraint's derivatives say how small changes of the wires move the constraint. While the
//! inputs stay, outputs and hints can change only along a vector on which all derivatives vanish.
//! If no such vector moves a wire, a prover may only jump to another solution, which the mutations
//! look for. Rows are taken from honest witnesses of all kinds of entries, of signatures and of
//! words.

pub(crate) mod dual;
pub(crate) mod kernel;

use std::collections::BTreeSet;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use rayon::prelude::*;
use sheaf_circuits::data::DataCircuit;
use sheaf_circuits::data::chain_walk::ChainWalkRow;
use sheaf_circuits::data::limbs::LimbRow;
use sheaf_circuits::data::multiply_add::MultiplyAddRow;
use sheaf_circuits::entry::access::AccessRow;
use sheaf_circuits::entry::circuit::EntryCircuit;
use sheaf_circuits::entry::publish::PublishRow;
use sheaf_circuits::entry::subject::SubjectRow;
use sheaf_circuits::entry::transaction::TransactionRow;
use sheaf_circuits::signature::circuit::SignatureCircuit;
use sheaf_circuits::signature::double_and_add::DoubleAndAddRow;
use sheaf_circuits::signature::open_signature::OpenSignatureRow;
use sheaf_plonk::gates::range_check::RangeCheckRow;
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::wires::Wires;

use self::dual::Dual;
use self::kernel::support_of_kernel;
use crate::mutation::harness::IsFree;
use crate::mutation::{data, entry, signature};
use crate::signature::rows::columns;
use crate::trace::{Layout, Trace};

/// The derivatives of a row's constraints by the row's outputs and hints.
struct Derivatives {
    /// By constraint, and then by output or hint.
    constraints: Vec<Vec<F>>,
    /// The outputs and hints that the row's own case does not leave open, from 0.
    held: BTreeSet<usize>,
}

/// A row's constraints, with their derivatives by one of its wires.
fn along<R: RowRules>(wires: &[F], moved: usize) -> Vec<Dual> {
    let mut wires = wires.iter().enumerate();
    let mut next = || {
        let (column, &value) = wires.next().expect("a wire for each column");
        Dual { value, slope: F::from_bool(column == moved) }
    };
    let inputs = R::Inputs::<Dual>::read(&mut next);
    let outputs = R::Outputs::<Dual>::read(&mut next);
    let hints = R::Hints::<Dual>::read(&mut next);
    let mut found = Vec::new();
    let computed = R::evaluate(&inputs, &hints, &mut |value| found.push(value));
    let pairs = columns(&outputs).into_iter().zip(columns(&computed));
    found.extend(pairs.map(|(column, value)| column - value));
    found
}

impl Derivatives {
    fn of<R: RowRules>(trace: &Trace, row: usize, is_free: IsFree) -> Self {
        let inputs = <R::Inputs<F> as Wires<F>>::LENGTH;
        let outputs = <R::Outputs<F> as Wires<F>>::LENGTH;
        let end = inputs + outputs + <R::Hints<F> as Wires<F>>::LENGTH;
        let wires: Vec<F> = (0..end).map(|column| trace.get(row, column)).collect();
        let honest = along::<R>(&wires, end);
        assert!(honest.iter().all(|constraint| constraint.value.is_zero()), "{} {row}", R::NAME);
        let mut constraints = vec![Vec::new(); honest.len()];
        for column in inputs..end {
            for (row, constraint) in constraints.iter_mut().zip(along::<R>(&wires, column)) {
                row.push(constraint.slope);
            }
        }
        let held = (inputs..end).filter(|&column| !is_free(trace, (row, column)));
        Self { constraints, held: held.map(|column| column - inputs).collect() }
    }

    /// The outputs and hints that can move while the inputs stay, though the row's case does not
    /// leave them open. `without` is a constraint that is left out.
    fn moving(&self, without: Option<usize>) -> BTreeSet<usize> {
        let constraints = self.constraints.iter().enumerate();
        let left = constraints.filter(|(number, _)| Some(*number) != without);
        let moving = support_of_kernel(left.map(|(_, row)| row.clone()).collect());
        moving.intersection(&self.held).copied().collect()
    }
}

/// Demands that each row of `R` is determined, and that each output moves when one of the row's
/// constraints is left out. Hints need not: a limb is held by its range and by the sum of limbs.
fn check<R: RowRules>(traces: &[&Trace], is_free: IsFree) {
    let rows_of = |trace: &&Trace| {
        let rows = trace.layout.rows_of(&format!("{}Gate", R::NAME));
        rows.into_iter().map(|row| Derivatives::of::<R>(trace, row, is_free)).collect::<Vec<_>>()
    };
    let rows: Vec<Derivatives> = traces.iter().flat_map(rows_of).collect();
    for (number, row) in rows.iter().enumerate() {
        let moving = row.moving(None);
        assert!(moving.is_empty(), "{} of number {number}: {moving:?} move", R::NAME);
    }
    let row = rows.first().expect("the circuits have the row");
    let constraints = (0..row.constraints.len()).into_par_iter();
    let moved: Vec<BTreeSet<usize>> = constraints.map(|one| row.moving(Some(one))).collect();
    let moved: BTreeSet<usize> = moved.into_iter().flatten().collect();
    let outputs = 0..<R::Outputs<F> as Wires<F>>::LENGTH;
    let firm: Vec<usize> = outputs.filter(|output| !moved.contains(output)).collect();
    assert!(firm.is_empty(), "{}: no single constraint holds the outputs {firm:?}", R::NAME);
}

/// What the case of an entry leaves open. Three factors make one sum, so that they can move
/// together where one of them alone cannot.
fn is_free_in_an_entry(honest: &Trace, (row, column): (usize, usize)) -> bool {
    let is_access = honest.layout.gate(row) == format!("{}Gate", AccessRow::NAME);
    let (_, _, hints) = entry::columns::<AccessRow>();
    (is_access && hints.difference.contains(&column)) || entry::is_free(honest, (row, column))
}

#[test]
fn entries_are_determined_by_their_inputs() {
    let circuit = EntryCircuit::build(EntryCircuit::capacity_for(9));
    let layout = Layout::new(&circuit.data);
    let chunks = entry::chunks(1, circuit.capacity());
    let traces = chunks.each_ref().map(|chunk| layout.fill(chunk.witness(&circuit), &[]));
    let traces = traces.each_ref();
    check::<AccessRow>(&traces, is_free_in_an_entry);
    check::<TransactionRow>(&traces, is_free_in_an_entry);
    check::<PublishRow>(&traces, is_free_in_an_entry);
    check::<SubjectRow>(&traces, is_free_in_an_entry);
    check::<RangeCheckRow>(&traces, is_free_in_an_entry);
}

#[test]
fn signatures_are_determined_by_their_inputs() {
    let circuit = SignatureCircuit::build(signature::CAPACITY);
    let layout = Layout::new(&circuit.data);
    let inputs = circuit.partial_witness(&signature::before(), &signature::links());
    let trace = layout.fill(inputs.expect("one for each position"), &[]);
    check::<OpenSignatureRow>(&[&trace], |_, _| false);
    check::<DoubleAndAddRow>(&[&trace], |_, _| false);
}

/// `ReduceRow` is left out: the limbs of its quotient and remainder are held by their ranges, which
/// the rows of `LimbRow` check.
#[test]
fn words_are_determined_by_their_inputs() {
    let circuit = DataCircuit::build(data::CAPACITY);
    let layout = Layout::new(&circuit.circuit);
    let trace = layout.fill(circuit.witness(&data::honest()).expect("an honest chunk"), &[]);
    check::<ChainWalkRow>(&[&trace], |_, _| false);
    check::<LimbRow>(&[&trace], |_, _| false);
    check::<MultiplyAddRow>(&[&trace], |_, _| false);
}
