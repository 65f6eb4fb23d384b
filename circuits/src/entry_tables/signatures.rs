//! The signature table: each signature that an entry owes; and the rows of one signature as an
//! honest prover fills them.
//!
//! 1. `active` is zero or one. An active row receives the entry's time, the signer and the message.
//! 2. The signer is the first three elements of Hash(Owner, key, address).
//! 3. The challenge is the first two elements of Hash(Challenge, R, key, message).
//! 4. The row of rules holds that opens a signature ([`crate::signature::open_signature`]), and its
//!    outputs are columns.
//! 5. The windows of the two digits that the opening reads one by one are 0, 1, 2 or 3.
//! 6. The row sends each digit of the challenge to the ladder, sends where the ladder starts, and
//!    receives where the ladder must end. Every one of these messages has the entry's time.
//!
//! Entries have different times, and an entry owes one signature at most. So no two rows speak of
//! one time, and the rows of one ladder cannot take a digit of another.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_crypto::hash::DIGEST;
use sheaf_crypto::poseidon::{RATE, WIDTH};
use sheaf_ledger::tag;
use sheaf_ledger::transaction::SignedMessage;
use sheaf_plonk::gates::range_check::check_limbs;
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::{Wires, wires};
use sheaf_plonk::proof::F;
use sheaf_plonk::tables::permutation::STATES;
use sheaf_plonk::tables::rules::{Collect, TableRules};

use super::buses::{
    Asked, CHALLENGE_DIGITS, LADDERS, SIGNATURES, check_digest, check_hash, first_state,
    owed_message,
};
use super::columns::{check_row, fill, run, structure, values};
use super::ladder::{self, Rung};
use super::permutations::{Permutations, tag_of};
use crate::signature::link::{BORDER_DIGIT, LinkWires, MIDDLE_DIGIT};
use crate::signature::open_signature::{
    DIGITS, LadderEnds, OpenSignatureRow, OpeningHints, SignatureParts,
};

/// Elements of a challenge's hash: R, key and message.
const CHALLENGE: usize = 14;

wires! {
    /// The columns of the table. Lists that are structures elsewhere have the structure's order.
    SignatureColumns {
        /// One in a row that is a signature, zero in a row that fills the table up.
        active: 1,
        /// The time of the entry that owes the signature.
        time: 1,
        /// The L1 address, in limbs.
        address: 3,
        /// Hash(Owner, key, address).
        owner_hash: DIGEST,
        /// The signed message.
        message: DIGEST,
        /// The state of the challenge's hash after the first of its two permutations.
        challenge_state: WIDTH,
        /// The last two elements of Hash(Challenge, R, key, message).
        challenge_rest: 2,
        /// [`SignatureParts`].
        parts: SignatureParts::<Known>::LENGTH,
        /// [`LadderEnds`].
        ends: LadderEnds::<Known>::LENGTH,
        /// [`OpeningHints`].
        hints: OpeningHints::<Known>::LENGTH,
    }
}

/// The rules of the table.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignatureRules;

impl TableRules for SignatureRules {
    const NAME: &'static str = "signatures";
    const WIDTH: usize = SignatureColumns::<Known>::LENGTH;

    fn filler() -> Vec<F> {
        SignatureRows::of(&LinkWires::padding(), F::ZERO).signature
    }

    #[inline(always)]
    fn evaluate<V: Value>(row: &[V], collect: &mut impl Collect<V>) {
        let columns: SignatureColumns<V> = structure(row);
        let row = Row::of(&columns);
        let [active] = columns.active;
        collect.zero(active * active - active);
        row.check_hashes(collect);
        check_row::<OpenSignatureRow, V>(&row.parts, &columns.ends, &columns.hints, collect);
        row.exchange(collect);
    }
}

/// A row whose lists are structures again.
pub(super) struct Row<'a, V> {
    columns: &'a SignatureColumns<V>,
    parts: SignatureParts<V>,
    ends: LadderEnds<V>,
}

impl<'a, V: Value> Row<'a, V> {
    #[inline(always)]
    pub(super) fn of(columns: &'a SignatureColumns<V>) -> Self {
        Self { columns, parts: structure(&columns.parts), ends: structure(&columns.ends) }
    }

    /// Statements 2 and 3.
    #[inline(always)]
    fn check_hashes(&self, collect: &mut impl Collect<V>) {
        let SignatureColumns { active: [count], owner_hash, challenge_state, .. } = self.columns;
        let owner = Asked { count: *count, digest: owner_hash };
        check_hash(owner, tag::OWNER, &self.opening(), collect);
        let [first, second] = self.challenge_states();
        let mut fields = [*count; 2 * WIDTH];
        fields[..WIDTH].copy_from_slice(&first);
        fields[WIDTH..].copy_from_slice(challenge_state);
        collect.send(STATES, *count, &fields);
        let ([low, high], [third, fourth]) = (self.parts.challenge, self.columns.challenge_rest);
        let digest = [low, high, third, fourth];
        check_digest(Asked { count: *count, digest: &digest }, &second, collect);
    }

    /// What the owner is the hash of: key and address.
    #[inline(always)]
    pub(super) fn opening(&self) -> [V; 8] {
        let ([k0, k1, k2, k3, k4], [a0, a1, a2]) = (self.parts.key, self.columns.address);
        [k0, k1, k2, k3, k4, a0, a1, a2]
    }

    /// The states before both permutations of the challenge's hash.
    #[inline(always)]
    pub(super) fn challenge_states(&self) -> [[V; WIDTH]; 2] {
        let ([r0, r1, r2, r3, r4], [k0, k1, k2, k3, k4]) = (self.parts.r, self.parts.key);
        let [m0, m1, m2, m3] = self.columns.message;
        let number = |value| r0.constant(GoldilocksField::from_canonical_u64(value));
        let tag = number(tag::CHALLENGE.element().canonical());
        let first = first_state(tag, CHALLENGE, &[r0, r1, r2, r3, r4, k0, k1, k2]);
        let mut second = self.columns.challenge_state;
        second[..RATE].copy_from_slice(&[k3, k4, m0, m1, m2, m3, number(0), number(0)]);
        [first, second]
    }

    /// Statements 1, 5 and 6.
    #[inline(always)]
    fn exchange(&self, collect: &mut impl Collect<V>) {
        let SignatureColumns { active: [count], time: [time], owner_hash, message, .. } =
            self.columns;
        let [o0, o1, o2, _] = *owner_hash;
        collect.receive(SIGNATURES, *count, &owed_message(*time, &[o0, o1, o2], message));
        let number = |value: usize| time.constant(GoldilocksField::from_canonical_usize(value));
        for (place, digit) in self.digits(collect).into_iter().enumerate() {
            collect.send(CHALLENGE_DIGITS, *count, &[*time, number(place), digit]);
        }
        let LadderEnds { start_x, start_y, end_x, end_y, .. } = self.ends;
        let LadderEnds { base_x, base_y, triple_x, triple_y, .. } = self.ends;
        let rung = |step, x, y| Rung {
            time: *time,
            step: number(step),
            point: [x, y],
            multiples: [base_x, base_y, triple_x, triple_y],
        };
        collect.send(LADDERS, *count, &rung(DIGITS, start_x, start_y).message());
        collect.receive(LADDERS, *count, &rung(0, end_x, end_y).message());
    }

    /// Bits 0 … 125 of the challenge in digits of six bits, lowest first.
    #[inline(always)]
    fn digits(&self, collect: &mut impl Collect<V>) -> [V; DIGITS] {
        let SignatureParts { digits_0_to_4, digits_6_to_9, .. } = &self.parts;
        let SignatureParts { digits_11_to_15, digits_16_to_20, .. } = &self.parts;
        let SignatureParts { windows_of_5, windows_of_10, .. } = &self.parts;
        let mut check = |value| collect.zero(value);
        let [middle, border] =
            [windows_of_5, windows_of_10].map(|windows| check_limbs(windows, &mut check));
        core::array::from_fn(|place| match place {
            0..MIDDLE_DIGIT => digits_0_to_4[place],
            MIDDLE_DIGIT => middle,
            6..BORDER_DIGIT => digits_6_to_9[place - 6],
            BORDER_DIGIT => border,
            11..16 => digits_11_to_15[place - 11],
            _ => digits_16_to_20[place - 16],
        })
    }
}

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
        let ends = structure(&columns.ends);
        let ladder = ladder::rows(&ends, link, columns.time[0]);
        Self { signature: values(&columns), ladder, permutations }
    }
}
