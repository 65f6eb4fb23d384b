//! The walk back along D and L: which words the steps take, and where the walk ends.

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOutTarget;
use plonky2::iop::target::{BoolTarget, Target};
use sheaf_crypto::hash::DIGEST;
use sheaf_ledger::tag;
use sheaf_plonk::gates::rules::add_row;
use sheaf_plonk::hash::hash_under_checked;
use sheaf_plonk::proof::{Builder, F};

use super::integer::Integer;
use crate::data::chain_walk::{ChainWalkRow, STEPS, Walk};

/// The targets of one step, which the witness sets.
pub(super) struct StepTarget {
    /// Whether the step takes a word.
    pub active: Target,
    /// The tag of the chain that the word is taken off.
    pub stream: Target,
    /// The chain before the word.
    pub previous: [Target; DIGEST],
    /// The word, zero in an idle step.
    pub word: Integer,
}

/// The steps of a walk, and both chains at its end.
pub(super) struct Walked {
    /// The steps, idle steps first.
    pub steps: Vec<StepTarget>,
    /// D after the steps.
    pub data: HashOutTarget,
    /// L after the steps.
    pub l1: HashOutTarget,
}

/// Walks `rows` rows of steps back from (`data`, `l1`).
pub(super) fn walk_checked(
    builder: &mut Builder,
    data: HashOutTarget,
    l1: HashOutTarget,
    rows: usize,
) -> Walked {
    let on_data = builder.constant(F::from_canonical_u32(tag::DATA_LINK.number()));
    let mut current = data.elements;
    let mut held = [on_data, builder.zero()];
    let mut steps = Vec::with_capacity(rows * STEPS);
    for _ in 0..rows {
        // The row below constrains activity, stream, hash and chain of each step.
        let linked: [LinkedStep; STEPS] =
            core::array::from_fn(|_| LinkedStep::new_unchecked(builder));
        let row = Walk {
            before: current,
            l1: l1.elements,
            stream_before: [held[0]],
            active_before: [held[1]],
            active: core::array::from_fn(|step| linked[step].target.active),
            stream: core::array::from_fn(|step| linked[step].target.stream),
            hash: core::array::from_fn(|i| linked[i / DIGEST].hash[i % DIGEST]),
            previous: core::array::from_fn(|i| linked[i / DIGEST].target.previous[i % DIGEST]),
        };
        let (walked, _) = add_row::<ChainWalkRow>(builder, &row);
        current = walked.after;
        held = [row.stream[STEPS - 1], row.active[STEPS - 1]];
        steps.extend(linked.map(|step| step.target));
    }
    // If the last step's stream is L then D is zero at the end, and otherwise L is unchanged. The
    // gate constrains `stream` to one of two neighbouring tags, so the difference is a boolean.
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

/// A step and the hash that links its word.
struct LinkedStep {
    target: StepTarget,
    hash: [Target; DIGEST],
}

impl LinkedStep {
    /// A fresh step. Word and hash are constrained here; activity and stream are not, until they
    /// become inputs of a row of the walk.
    fn new_unchecked(builder: &mut Builder) -> Self {
        let (active, stream) = (builder.add_virtual_target(), builder.add_virtual_target());
        let previous = builder.add_virtual_target_arr();
        let word = Integer::word_checked(builder, active);
        let mut linked = [active; 2 * DIGEST];
        linked[..DIGEST].copy_from_slice(&previous);
        linked[DIGEST..].copy_from_slice(&word.values[..DIGEST]);
        let hash = hash_under_checked(builder, stream, &linked).elements;
        Self { target: StepTarget { active, stream, previous, word }, hash }
    }
}
