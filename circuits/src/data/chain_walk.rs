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

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_crypto::hash::DIGEST;
use sheaf_ledger::tag;
use sheaf_plonk::gates::rules::{RowRules, RulesGate};
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::wires;

/// Steps that one row takes.
pub const STEPS: usize = 6;

const DATA: u64 = tag::DATA_LINK.number() as u64;
const L1: u64 = tag::L1_LINK.number() as u64;
// The step from one stream to the other adds one.
const _: () = assert!(L1 == DATA + 1);

/// The gate of [`STEPS`] steps.
pub type ChainWalkGate = RulesGate<ChainWalkRow>;

/// The row that takes [`STEPS`] steps.
#[derive(Clone, Copy, Debug, Default)]
pub struct ChainWalkRow;

wires! {
    /// Where the walk comes from, and its steps.
    Walk {
        /// Where it stands before the row.
        before: 4,
        /// The L1 chain's end.
        l1: 4,
        /// The stream before the first step.
        stream_before: 1,
        /// The activity before the first step.
        active_before: 1,
        /// Whether each step is taken.
        active: 6,
        /// The stream of each step, as the tag of its hash.
        stream: 6,
        /// The hash of each step, step by step.
        hash: 24,
        /// The digest before the link that each step takes off, step by step.
        previous: 24,
    }
}

wires! {
    /// Where the walk goes.
    Walked {
        /// Where it stands after the row.
        after: 4,
    }
}

wires! {
    /// Where the walk stands within the row, which keeps degrees low.
    Between {
        /// Before each step but the first, step by step.
        current: 20,
    }
}

impl<V: Value> Walk<V> {
    /// How much the stream changes before step `step`.
    #[inline]
    fn change(&self, step: usize) -> V {
        let before = step.checked_sub(1).map_or(self.stream_before[0], |last| self.stream[last]);
        self.stream[step] - before
    }

    /// Element `i` of where the walk stands at step `step` once the stream has changed, and of
    /// where it stands after the step.
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
