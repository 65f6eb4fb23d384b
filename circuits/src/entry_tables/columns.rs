//! Structures of columns: rows of rules as parts of a table's row, as constraints and as an honest
//! prover fills them.

use plonky2::field::types::Field;
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::F;
use sheaf_plonk::tables::rules::Collect;

/// A structure from its values in order.
#[inline(always)]
pub(super) fn structure<V: Copy, W: Wires<V>>(values: &[V]) -> W {
    let mut values = values.iter().copied();
    W::read(&mut || values.next().expect("as many values as the structure has"))
}

/// Room for the constraints and outputs of a row of rules, so that few lists grow.
const CONSTRAINTS: usize = 192;

/// Constrains outputs to what the rules compute. A list takes the constraints, because what a
/// closure does with them is not inlined into the function that enables AVX-512.
#[inline(always)]
pub(super) fn check_row<R: RowRules, V: Value>(
    inputs: &R::Inputs<V>,
    outputs: &[V],
    hints: &[V],
    collect: &mut impl Collect<V>,
) {
    let hints: R::Hints<V> = structure(hints);
    let mut found = Vec::with_capacity(CONSTRAINTS);
    let computed = R::evaluate(inputs, &hints, &mut |value| found.push(value));
    computed.visit(&mut |value| found.push(value));
    let (zeros, computed) = found.split_at(found.len() - outputs.len());
    for zero in zeros {
        collect.zero(*zero);
    }
    for (computed, output) in computed.iter().zip(outputs) {
        collect.zero(*computed - *output);
    }
}

/// The values of a row's columns, zero where the value is not known.
pub(super) fn values<W: Wires<Known>>(columns: &W) -> Vec<F> {
    let mut row = Vec::with_capacity(W::LENGTH);
    columns.visit(&mut |value| row.push(value.0.unwrap_or(F::ZERO)));
    row
}

/// Writes the values of a structure in order.
pub(super) fn fill<T: Copy, W: Wires<T>>(to: &mut [Known], from: &W, known: impl Fn(T) -> Known) {
    let mut to = to.iter_mut();
    from.visit(&mut |value| *to.next().expect("a column for each value") = known(value));
}

/// Writes outputs and hints of a row, as far as they follow from the inputs that are known.
pub(super) fn run<R: RowRules>(
    inputs: &R::Inputs<Known>,
    outputs: &mut [Known],
    hints: &mut [Known],
) {
    let found = R::hints(inputs);
    fill(hints, &found, |value| value);
    fill(outputs, &R::evaluate(inputs, &found, &mut |_| ()), |value| value);
}
