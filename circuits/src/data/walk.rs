//! The walk back along D and L: which words the steps take, and where it ends.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::target::{BoolTarget, Target};
use sheaf_ledger::hash::{DIGEST, Tag};

use super::integer::Integer;
use crate::gates::chain_walk::{ChainWalkGate, STEPS};
use crate::hash::hash_under_checked;
use crate::proof::{Builder, F};

/// One step: what the witness says about it.
pub(super) struct StepTarget {
    /// Whether a word is taken.
    pub active: Target,
    /// The tag of the chain that it is taken off.
    pub stream: Target,
    /// That chain before the word.
    pub previous: [Target; DIGEST],
    /// The word, zero in an idle step.
    pub word: Integer,
}

/// Where the walk ends.
pub(super) struct Walked {
    /// The steps, idle ones first.
    pub steps: Vec<StepTarget>,
    /// D after them.
    pub data: HashOutTarget,
    /// L after them.
    pub l1: HashOutTarget,
}

/// Walks `rows` rows of steps back from (`data`, `l1`).
pub(super) fn walk_checked(
    builder: &mut Builder,
    data: HashOutTarget,
    l1: HashOutTarget,
    rows: usize,
) -> Walked {
    let on_data = builder.constant(F::from_canonical_u64(Tag::DataLink as u64));
    let mut current = data.elements;
    let mut held = [on_data, builder.zero()];
    let mut steps = Vec::with_capacity(rows * STEPS);
    for _ in 0..rows {
        let row = builder.add_gate(ChainWalkGate, vec![]);
        let wire = |wire| Target::wire(row, wire);
        for (i, (current, l1)) in current.iter_mut().zip(l1.elements).enumerate() {
            builder.connect(*current, wire(ChainWalkGate::wire_before(i)));
            builder.connect(l1, wire(ChainWalkGate::wire_l1(i)));
            *current = wire(ChainWalkGate::wire_after(i));
        }
        builder.connect(held[0], wire(ChainWalkGate::wire_stream_before()));
        builder.connect(held[1], wire(ChainWalkGate::wire_active_before()));
        for step in 0..STEPS {
            let target = step_checked(builder, row, step);
            held = [target.stream, target.active];
            steps.push(target);
        }
    }
    // The walk ends on L if its last stream says so; then D is zero, and else L is untouched.
    // The gate lets `stream` be one of two neighbouring tags, so the difference is a boolean.
    let past_data = BoolTarget::new_unsafe(builder.sub(held[0], on_data));
    let zero = builder.zero();
    let select =
        |builder: &mut Builder, yes: [Target; DIGEST], no: [Target; DIGEST]| HashOutTarget {
            elements: core::array::from_fn(|i| builder.select(past_data, yes[i], no[i])),
        };
    let data = select(builder, [zero; DIGEST], current);
    let l1 = select(builder, current, l1.elements);
    Walked { steps, data, l1 }
}

/// One step of a row: its word and the hash that links it.
fn step_checked(builder: &mut Builder, row: usize, step: usize) -> StepTarget {
    let wire = |wire| Target::wire(row, wire);
    let active = wire(ChainWalkGate::wire_active(step));
    let stream = wire(ChainWalkGate::wire_stream(step));
    let previous: [Target; DIGEST] =
        core::array::from_fn(|i| wire(ChainWalkGate::wire_previous(step, i)));
    let word = Integer::word_checked(builder, active);
    let mut linked = [previous[0]; 2 * DIGEST];
    linked[..DIGEST].copy_from_slice(&previous);
    linked[DIGEST..].copy_from_slice(&word.values[..DIGEST]);
    let hash = hash_under_checked(builder, stream, &linked);
    for (i, element) in hash.elements.into_iter().enumerate() {
        builder.connect(element, wire(ChainWalkGate::wire_hash(step, i)));
    }
    StepTarget { active, stream, previous, word }
}
