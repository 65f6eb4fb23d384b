//! Steps backwards along the two word chains: the data chain D to its end, then the L1 chain L.
//!
//! The walk's position is a digest, `current`, on a stream, `stream` (the tag under which the links
//! of that chain are hashed). The walk starts on D. Per step, with `hash` the digest of
//! (`previous`, word) under `stream`:
//!
//! 1. `stream` is one of the two tags and never changes back from L to D.
//! 2. `active` is a boolean and never changes back from one to zero.
//! 3. Changing to L needs `current` = 0; `current` is then `l1`, the L before the walk.
//! 4. In an active step `hash` equals `current`.
//! 5. After an active step `current` is `previous`; an idle step leaves `current` as it was.
//!
//! The gate computes no hash and has no wire for the word: a Poseidon row beside the gate's row
//! computes `hash`.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_crypto::hash::DIGEST;
use sheaf_ledger::tag;
use sheaf_plonk::gates::rules::{RowRules, RulesGate};
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::wires;

/// Steps of one row.
pub const STEPS: usize = 6;

const DATA: u64 = tag::DATA_LINK.number() as u64;
const L1: u64 = tag::L1_LINK.number() as u64;
// The tags differ by one, so the change of stream in a step is 0 or 1.
const _: () = assert!(L1 == DATA + 1);

/// The gate of [`STEPS`] steps.
pub type ChainWalkGate = RulesGate<ChainWalkRow>;

/// The row that takes [`STEPS`] steps.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChainWalkRow;

wires! {
    /// The walk's position before the row, and the steps of the row.
    Walk {
        /// The digest before the row.
        before: 4,
        /// L before the walk.
        l1: 4,
        /// The stream before the first step.
        stream_before: 1,
        /// The activity before the first step.
        active_before: 1,
        /// Whether each step takes a word.
        active: 6,
        /// The stream of each step, as the tag of its hash.
        stream: 6,
        /// The hash of each step, step by step.
        hash: 24,
        /// The chain before the link that each step takes off, step by step.
        previous: 24,
    }
}

wires! {
    /// The walk's position after the row.
    Walked {
        /// The digest after the row.
        after: 4,
    }
}

wires! {
    /// The walk's positions within the row. As wires they keep the degree of the constraints low.
    Between {
        /// The digest before each step but the first, step by step.
        current: 20,
    }
}

impl<V: Value> Walk<V> {
    /// The change of the stream from the step before `step` to `step`.
    #[inline]
    fn change(&self, step: usize) -> V {
        let before = step.checked_sub(1).map_or(self.stream_before[0], |last| self.stream[last]);
        self.stream[step] - before
    }

    /// Element `i` of the walk's digest in step `step` after a change of stream, and element `i` of
    /// the digest after the step. `current` is the element before both.
    #[inline]
    fn step(&self, (step, i): (usize, usize), change: V, current: V) -> (V, V) {
        let stands = change.mul_add(self.l1[i], current);
        let moved = self.previous[step * DIGEST + i] - stands;
        (stands, self.active[step].mul_add(moved, stands))
    }
}

impl RowRules for ChainWalkRow {
    const NAME: &'static str = "ChainWalk";
    const STAGES: &'static [usize] = &[2 * DIGEST + 2 + STEPS * (2 * DIGEST + 2)];
    type Inputs<V: Copy> = Walk<V>;
    type Outputs<V: Copy> = Walked<V>;
    type Hints<V: Copy> = Between<V>;

    fn hints(inputs: &Walk<Known>) -> Between<Known> {
        let mut stands = inputs.before;
        let mut current = [Known(None); (STEPS - 1) * DIGEST];
        for (step, between) in current.chunks_mut(DIGEST).enumerate() {
            let change = inputs.change(step);
            for (i, stands) in stands.iter_mut().enumerate() {
                *stands = inputs.step((step, i), change, *stands).1;
            }
            between.copy_from_slice(&stands);
        }
        Between { current }
    }

    #[inline]
    fn evaluate<V: Value>(
        inputs: &Walk<V>,
        hints: &Between<V>,
        check: &mut impl FnMut(V),
    ) -> Walked<V> {
        let mut current = inputs.before;
        let [mut was_past_data, mut was_active] = [
            inputs.stream_before[0].plus(-GoldilocksField::from_canonical_u64(DATA)),
            inputs.active_before[0],
        ];
        for step in 0..STEPS {
            let (stream, active) = (inputs.stream[step], inputs.active[step]);
            let past_data = stream.plus(-GoldilocksField::from_canonical_u64(DATA));
            let short_of_l1 = stream.plus(-GoldilocksField::from_canonical_u64(L1));
            check(past_data * short_of_l1);
            check(was_past_data * short_of_l1);
            check(active.mul_shifted(active, -GoldilocksField::ONE));
            check(was_active.mul_plus(active, -GoldilocksField::ONE, was_active));
            let change = inputs.change(step);
            for (i, current) in current.iter_mut().enumerate() {
                let (stands, after) = inputs.step((step, i), change, *current);
                check(change * *current);
                check(active * (inputs.hash[step * DIGEST + i] - stands));
                *current = after;
                if let Some(between) = hints.current.get(step * DIGEST + i) {
                    check(*between - after);
                    *current = *between;
                }
            }
            (was_past_data, was_active) = (past_data, active);
        }
        Walked { after: current }
    }
}
