//! The rows of one signature as an honest prover fills them: the signature's own row, and a row of
//! the ladder for each digit of the challenge.

use std::sync::OnceLock;

use plonky2::field::types::Field;
use sheaf_ledger::tag;
use sheaf_ledger::transaction::SignedMessage;
use sheaf_plonk::gates::value::Known;
use sheaf_plonk::gates::wires::Wires;
use sheaf_plonk::proof::F;

use super::buses::first_state;
use super::entries::structure;
use super::ladder::LadderColumns;
use super::permutations::{Permutations, tag_of};
use super::rows::{fill, run, values};
use super::signatures::{Row, SignatureColumns};
use crate::signature::double_and_add::{DoubleAndAddRow, LadderHints, LadderStep};
use crate::signature::link::LinkWires;
use crate::signature::open_signature::{DIGITS, LadderEnds, OpenSignatureRow, SignatureParts};

/// The rows of one signature.
#[derive(Clone, Debug)]
pub(super) struct SignatureRows {
    /// The row of the signature table.
    pub signature: Vec<F>,
    /// The rows of the ladder table, that of the highest digit first.
    pub ladder: Vec<Vec<F>>,
    /// The permutations that the signature's row asks for.
    pub permutations: Permutations,
}

impl SignatureRows {
    /// The rows of the signature that the entry at this time owes. The signature is not checked
    /// here: the rows of a wrong signature break rules.
    pub(super) fn new(time: usize, signed: &SignedMessage) -> Self {
        Self::of(&LinkWires::new(signed), F::from_canonical_usize(time))
    }

    /// Rows that satisfy all rules and exchange no message.
    pub(super) fn filler() -> &'static Self {
        static FILLER: OnceLock<SignatureRows> = OnceLock::new();
        FILLER.get_or_init(|| Self::of(&LinkWires::padding(), F::ZERO))
    }

    fn of(link: &LinkWires<F>, time: F) -> Self {
        let known = |value: F| Known(Some(value));
        let mut permutations = Permutations::default();
        let mut columns = SignatureColumns::<Known>::read(&mut || Known(None));
        columns.active = link.active.map(known);
        columns.time = [known(time)];
        columns.address = link.address.map(known);
        columns.message = link.message.map(known);
        fill(&mut columns.parts, &link.parts([F::ZERO; 2]), known);
        let opening = Row::of(&columns).opening();
        columns.owner_hash = permutations.digest(first_state(tag_of(tag::OWNER), 8, &opening));
        let [first, _] = Row::of(&columns).challenge_states();
        columns.challenge_state = permutations.state(first);
        let [_, second] = Row::of(&columns).challenge_states();
        let [low, high, third, fourth] = permutations.digest(second);
        columns.challenge_rest = [third, fourth];
        let mut parts: SignatureParts<Known> = structure(&columns.parts);
        parts.challenge = [low, high];
        fill(&mut columns.parts, &parts, |value| value);
        run::<OpenSignatureRow>(&parts, &mut columns.ends, &mut columns.hints);
        let ladder = ladder(&columns, link);
        Self { signature: values(&columns), ladder, permutations }
    }
}

/// The rows of the ladder between the ends of a signature's row.
fn ladder(signature: &SignatureColumns<Known>, link: &LinkWires<F>) -> Vec<Vec<F>> {
    let ends: LadderEnds<Known> = structure(&signature.ends);
    let LadderEnds { start_x, start_y, base_x, base_y, triple_x, triple_y, .. } = ends;
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
        (columns.active, columns.time) = (signature.active, signature.time);
        columns.step = [Known(Some(F::from_canonical_usize(step)))];
        fill(&mut columns.inputs, &inputs, |value| value);
        run::<DoubleAndAddRow>(&inputs, &mut columns.sum, &mut columns.hints);
        let hints: LadderHints<Known> = structure(&columns.hints);
        point = [hints.x, columns.sum];
        values(&columns)
    };
    (0..DIGITS).rev().map(row).collect()
}
