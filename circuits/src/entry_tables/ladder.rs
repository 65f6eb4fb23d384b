//! The ladder table: each step of the scalar multiplication behind a signature; and the rows of one
//! ladder as an honest prover fills them.
//!
//! 1. `active` is zero or one.
//! 2. The row of rules holds that computes a step ([`crate::signature::double_and_add`]), and its
//!    output is a column.
//! 3. An active row receives the point before the step and sends the point after the step, with the
//!    multiples of the base unchanged, and receives the step's digit of the challenge.
//!
//! Steps are numbered down: the highest digit's step has the number 20, and the point before that
//! step the number 21.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_crypto::fixed_base::generator_product_vartime;
use sheaf_crypto::scalar::Scalar;
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::{Wires, wires};
use sheaf_plonk::proof::F;
use sheaf_plonk::tables::rules::{Collect, TableRules};

use super::buses::{CHALLENGE_DIGITS, LADDERS};
use super::columns::{check_row, fill, run, structure, values};
use crate::signature::curve::NativePoint;
use crate::signature::double_and_add::{DoubleAndAddRow, LadderHints, LadderStep, LadderSum};
use crate::signature::link::LinkWires;
use crate::signature::open_signature::{DIGITS, LadderEnds};
use crate::signature::quintic::to_known;

wires! {
    /// The columns of the table. Lists that are structures elsewhere have the structure's order.
    LadderColumns {
        /// One in a row that is a step, zero in a row that fills the table up.
        active: 1,
        /// The time of the entry that owes the signature.
        time: 1,
        /// The number of the step.
        step: 1,
        /// [`LadderStep`].
        inputs: LadderStep::<Known>::LENGTH,
        /// [`LadderSum`].
        sum: LadderSum::<Known>::LENGTH,
        /// [`LadderHints`].
        hints: LadderHints::<Known>::LENGTH,
    }
}

impl LadderColumns<Known> {
    /// Fills the row of rules; returns the point after the step.
    fn fill(&mut self, inputs: &LadderStep<Known>) -> [[Known; 5]; 2] {
        fill(&mut self.inputs, inputs, |value| value);
        run::<DoubleAndAddRow>(inputs, &mut self.sum, &mut self.hints);
        let hints: LadderHints<Known> = structure(&self.hints);
        [hints.x, self.sum]
    }
}

/// What the generator is multiplied by to give A, B and 3B of the row that fills the table up: such
/// that no sum of the row is zero.
const FILLER_MULTIPLES: [u64; 3] = [1 << 20, 1, 3];

/// The rules of the table.
#[derive(Clone, Copy, Debug, Default)]
pub struct LadderRules;

impl TableRules for LadderRules {
    const NAME: &'static str = "ladder";
    const WIDTH: usize = LadderColumns::<Known>::LENGTH;

    fn filler() -> Vec<F> {
        let point = |multiple: u64| {
            let point = generator_product_vartime(&Scalar::from(multiple));
            NativePoint::from_group(&point).expect("a small multiple is not neutral")
        };
        let [[x, y], [base_x, base_y], [triple_x, triple_y]] = FILLER_MULTIPLES.map(|multiple| {
            let NativePoint { x, y } = point(multiple);
            [x, y].map(to_known)
        });
        let zero = [Known(Some(F::ZERO))];
        let inputs = LadderStep {
            x,
            y,
            base_x,
            base_y,
            triple_x,
            triple_y,
            challenge_digit: zero,
            generator_digits: zero,
        };
        let mut columns = LadderColumns::<Known>::read(&mut || Known(None));
        columns.fill(&inputs);
        values(&columns)
    }

    #[inline(always)]
    fn evaluate<V: Value>(row: &[V], collect: &mut impl Collect<V>) {
        let columns: LadderColumns<V> = structure(row);
        let LadderColumns { active: [active], time: [time], step: [step], .. } = columns;
        collect.zero(active * active - active);
        let inputs: LadderStep<V> = structure(&columns.inputs);
        check_row::<DoubleAndAddRow, V>(&inputs, &columns.sum, &columns.hints, collect);
        let LadderStep { x, y, base_x, base_y, triple_x, triple_y, .. } = inputs;
        let hints: LadderHints<V> = structure(&columns.hints);
        let multiples = [base_x, base_y, triple_x, triple_y];
        let before = step.plus(GoldilocksField::ONE);
        let before = Rung { time, step: before, point: [x, y], multiples };
        let after = Rung { time, step, point: [hints.x, columns.sum], multiples };
        collect.receive(LADDERS, active, &before.message());
        collect.send(LADDERS, active, &after.message());
        collect.receive(CHALLENGE_DIGITS, active, &[time, step, inputs.challenge_digit[0]]);
    }
}

/// A point between two steps of a ladder.
#[derive(Clone, Copy, Debug)]
pub struct Rung<V> {
    /// The time of the entry that owes the signature.
    pub time: V,
    /// How many steps are left.
    pub step: V,
    /// x and y.
    pub point: [[V; 5]; 2],
    /// x and y of the base B, x and y of 3B.
    pub multiples: [[V; 5]; 4],
}

impl<V: Copy> Rung<V> {
    /// The point as a message.
    #[inline(always)]
    pub fn message(&self) -> [V; 32] {
        let mut fields = [self.time; 32];
        fields[1] = self.step;
        let (elements, _) = fields[2..].as_chunks_mut::<5>();
        for (to, from) in elements.iter_mut().zip(self.point.iter().chain(&self.multiples)) {
            *to = *from;
        }
        fields
    }
}

/// The rows between the ends of a signature at this time, that of the highest digit first.
pub(super) fn rows(ends: &LadderEnds<Known>, link: &LinkWires<F>, time: Known) -> Vec<Vec<F>> {
    let LadderEnds { start_x, start_y, base_x, base_y, triple_x, triple_y, .. } = *ends;
    let mut point = [start_x, start_y];
    let row = |step: usize| {
        let [x, y] = point;
        let digits = [link.challenge_digits[step], link.generator_digits[step]];
        let [challenge_digit, generator_digits] = digits.map(|digit| [Known(Some(digit))]);
        let inputs = LadderStep {
            x,
            y,
            base_x,
            base_y,
            triple_x,
            triple_y,
            challenge_digit,
            generator_digits,
        };
        let mut columns = LadderColumns::<Known>::read(&mut || Known(None));
        columns.active = link.active.map(|active| Known(Some(active)));
        columns.time = [time];
        columns.step = [Known(Some(F::from_canonical_usize(step)))];
        point = columns.fill(&inputs);
        values(&columns)
    };
    (0..DIGITS).rev().map(row).collect()
}
