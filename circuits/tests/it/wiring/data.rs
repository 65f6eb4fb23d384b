//! The sources of the inputs of the data circuit.

use plonky2::field::types::Field;
use sheaf_circuits::data::DataCircuit;
use sheaf_circuits::data::chain_walk::{ChainWalkRow, STEPS};
use sheaf_circuits::data::limbs::{LIMBS, LimbRow};
use sheaf_circuits::data::multiply_add::MultiplyAddRow;
use sheaf_circuits::data::reduce::ReduceRow;
use sheaf_ledger::tag;
use sheaf_plonk::proof::F;

use crate::trace::Layout;
use crate::wiring::net::{Hash, Net, Row, Wire};

/// More than one group of words, and more than one row of steps.
pub(super) const CAPACITY: usize = 36;
/// Words that are evaluated together.
const GROUP: usize = 31;

type Limbs = [Wire; LIMBS];

/// One step: its word, the hash that links the word.
struct Step {
    word: Row<LimbRow>,
    hash: Hash,
}

/// An integer of 16-bit limbs that the prover gives.
fn given_integer(net: &mut Net, what: &str, enabled: Wire) -> Row<LimbRow> {
    let row = net.row::<LimbRow>();
    net.given(&row.inputs.limbs);
    net.same(&format!("what enables {what}"), &row.inputs.enabled, &[enabled]);
    row
}

/// The limbs are those of the next row of limbs, which checks their range; returns their values.
fn compare_range(net: &mut Net, what: &str, limbs: &Limbs) -> [Wire; 5] {
    let row = net.row::<LimbRow>();
    let one = net.one();
    net.same(&format!("limbs of {what}"), &row.inputs.limbs, limbs);
    net.same(&format!("what enables {what}"), &row.inputs.enabled, &[one]);
    row.outputs.values
}

/// The next rows add these products and reduce their sum; returns limbs and values of what is left.
fn compare_products(net: &mut Net, what: &str, products: &[[Limbs; 2]]) -> (Limbs, [Wire; 5]) {
    let mut total = [net.zero(); LIMBS];
    for (i, [left, right]) in products.iter().enumerate() {
        let row = net.row::<MultiplyAddRow>();
        net.same(&format!("left factor {i} of {what}"), &row.inputs.left, left);
        net.same(&format!("right factor {i} of {what}"), &row.inputs.right, right);
        net.same(&format!("total before factor {i} of {what}"), &row.inputs.before, &total);
        total = row.outputs.after;
    }
    let row = net.row::<ReduceRow>();
    net.same(&format!("total of {what}"), &row.inputs.columns, &total);
    let zero = net.zero();
    let carries = |first: usize| {
        core::array::from_fn(|i| row.hints.carries.get(first + i).copied().unwrap_or(zero))
    };
    compare_range(net, &format!("the quotient of {what}"), &row.hints.quotient);
    compare_range(net, &format!("the lower carries of {what}"), &carries(0));
    compare_range(net, &format!("the upper carries of {what}"), &carries(LIMBS));
    let remainder = row.hints.remainder;
    (remainder, compare_range(net, &format!("the remainder of {what}"), &remainder))
}

/// Where the walk ends.
struct Walked {
    steps: Vec<Step>,
    current: [Wire; 4],
    /// The stream of the last step.
    stream: Wire,
    /// The activity of the first step.
    first: Wire,
}

/// The rows of all steps.
fn compare_walk(net: &mut Net, [data, l1]: [[Wire; 4]; 2]) -> Walked {
    let (mut current, mut steps) = (data, Vec::new());
    let (mut stream, mut active) = (net.constant(u64::from(tag::DATA_LINK.number())), net.zero());
    let mut first = None;
    for number in 0..CAPACITY / STEPS {
        let group: [Step; STEPS] =
            core::array::from_fn(|_| Step { word: net.row(), hash: net.hash(8) });
        let Row { inputs: walk, outputs, .. } = net.row::<ChainWalkRow>();
        let what = |of: &str| format!("{of} of walk {number}");
        net.same(&what("where it stands before"), &walk.before, &current);
        net.same(&what("the L1 chain"), &walk.l1, &l1);
        net.same(&what("the stream before"), &walk.stream_before, &[stream]);
        net.same(&what("the activity before"), &walk.active_before, &[active]);
        for (i, Step { word, hash }) in group.iter().enumerate() {
            let step = walk.active[i];
            net.given(&[step, walk.stream[i]]);
            let previous: [Wire; 4] = core::array::from_fn(|j| walk.previous[4 * i + j]);
            net.given(&previous);
            net.given(&word.inputs.limbs);
            net.same(&what("what enables a word"), &word.inputs.enabled, &[step]);
            let zero = net.zero();
            net.same("the 249th bit of a word", &word.outputs.values[4..], &[zero]);
            let linked = [&previous[..], &word.outputs.values[..4]].concat();
            net.hashes(&what("a word's link"), hash, (walk.stream[i], &linked));
            net.same(&what("the hash of a link"), &walk.hash[4 * i..4 * i + 4], &hash.digest);
            first = first.or(Some(step));
        }
        (current, stream, active) = (outputs.after, walk.stream[STEPS - 1], walk.active[STEPS - 1]);
        steps.extend(group);
    }
    Walked { steps, current, stream, first: first.expect("there are steps") }
}

/// Each coordinate of `yes` where the bit is one, else of `no`.
fn select(net: &mut Net, bit: Wire, [yes, no]: [[Wire; 4]; 2]) -> [Wire; 4] {
    core::array::from_fn(|i| {
        let constants = [F::ONE, F::NEG_ONE];
        let without = net.sum("a chain after", constants, [bit, no[i], no[i]]);
        net.sum("a chain after", constants, [bit, yes[i], without])
    })
}

/// Compares the inputs of all rows of the circuit.
pub(super) fn compare(net: &mut Net) {
    let (zero, one) = (net.zero(), net.one());
    let z = given_integer(net, "z", one);
    net.same("the 249th bit of z", &z.outputs.values[4..], &[zero]);
    let y = given_integer(net, "y", one);
    let [data, l1] = chains(net);
    let Walked { steps, current: end, stream, first } = compare_walk(net, [data, l1]);

    // An idle step is among the first if there is one, and then y is zero.
    for value in y.outputs.values {
        let kept = net.sum("y where no step is idle", [F::ONE, F::ZERO], [first, value, first]);
        net.same("y where no step is idle", &[kept], &[value]);
    }
    // The walk has left the data chain if its last stream says so.
    let on_data = net.constant(u64::from(tag::DATA_LINK.number()));
    let past_data = net.difference("whether D is past", stream, on_data);
    let data_after = select(net, past_data, [[zero; 4], end]);
    let l1_after = select(net, past_data, [end, l1]);

    let y_after = compare_evaluation(net, [z.inputs.limbs, y.inputs.limbs], &steps);
    let z_values = &z.outputs.values[..4];
    let before = [&data[..], &l1, z_values, &y.outputs.values].concat();
    let after = [&data_after[..], &l1_after, z_values, &y_after].concat();
    let mut public = Vec::new();
    for (what, cursor) in [("the cursor before", before), ("the cursor after", after)] {
        let hash = net.hash(cursor.len());
        net.hashes_tagged(what, &hash, (tag::CURSOR, &cursor));
        public.extend(hash.digest);
    }
    net.states(&public);
}

#[test]
fn every_input_of_words_has_its_source() {
    let circuit = DataCircuit::build(CAPACITY);
    let layout = Layout::new(&circuit.circuit);
    let mut net = Net::new(&layout);
    compare(&mut net);
    net.finish();
}

/// The ends of the two chains where the first row of the walk reads them.
fn chains(net: &Net) -> [[Wire; 4]; 2] {
    let walk = net.first_row::<ChainWalkRow>().inputs;
    [walk.before, walk.l1]
}

/// Groups of words at powers of z; returns the values of y after them.
fn compare_evaluation(net: &mut Net, [z, y]: [Limbs; 2], steps: &[Step]) -> [Wire; 5] {
    let (zero, one) = (net.zero(), net.one());
    let mut power_zero = [zero; LIMBS];
    power_zero[0] = one;
    let mut powers = vec![power_zero, z];
    while powers.len() <= GROUP.min(steps.len()) {
        let what = format!("power {} of z", powers.len());
        let last = powers[powers.len() - 1];
        powers.push(compare_products(net, &what, &[[last, z]]).0);
    }
    let (mut y, mut values) = (y, None);
    for (number, group) in steps.chunks(GROUP).enumerate() {
        let words = group.iter().map(|step| step.word.inputs.limbs);
        let words =
            words.zip(powers[..group.len()].iter().rev()).map(|(word, power)| [word, *power]);
        let products: Vec<[Limbs; 2]> =
            [[y, powers[group.len()]]].into_iter().chain(words).collect();
        let (left, left_values) = compare_products(net, &format!("group {number}"), &products);
        (y, values) = (left, Some(left_values));
    }
    values.expect("there are words")
}
