//! The slot that an entry touches: its number, and its leaf before and after.
//!
//! 1. At most one kind's flag is set; Idle sets no flag.
//! 2. `slot` is the number whose bits are the path's.
//! 3. An unopened leaf has the zero digest and zero fields. The digest of an open leaf is the hash
//!    of its fields.
//! 4. Open: the leaf is unopened, slot = next slot, and the next slot grows by one.
//! 5. A kind that needs an open slot finds the leaf open.
//! 6. `same_owner` is one exactly if the leaf is open and its owner is the subject.
//! 7. Where the kind's subject is the slot's owner (Credit, Deposit), the subject is the leaf's
//!    owner.
//! 8. Exit's amount is the whole balance if `same_owner` is one, else zero.
//! 9. Collect's amount is the whole amount of the entry's pot.
//! 10. The amount is not zero where the kind needs one.
//! 11. Only an entry that spends has a fee.
//! 12. The leaf after is what the entry's kind makes of the leaf before. The nonce after is below
//!     2^32 and the token after is below 2^16. (The circuit's row of range checks checks the amount
//!     and the balance after.)
//!
//! The Poseidon gates of the path constrain each bit of the path, their swap wire, to 0 or 1.
//! Balance, nonce and token *before* are in range because these rules wrote the leaf.

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_ledger::kind::{Amount, Kind, KindFacts, Subject};
use sheaf_plonk::gates::range_check::{check_limbs, limbs_of};
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::{Wires, wires};

use crate::entry::flags::{self, Flags};

/// A row of the rules above.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccessRow;

wires! {
    /// The inputs from the entry, its leaf, its pot and the machine.
    AccessInputs {
        /// A flag of each kind but Idle.
        kind: flags::ALL.len(),
        /// The path's bits, lowest first.
        bits: 32,
        /// The machine's next slot before the entry.
        next_slot: 1,
        /// One if the leaf is open.
        open: 1,
        /// The leaf's owner.
        owner: 3,
        /// The leaf's token.
        token: 1,
        /// The leaf's balance.
        balance: 1,
        /// The leaf's nonce.
        nonce: 1,
        /// The owner or L1 address that the entry names.
        subject: 3,
        /// The token of the slot that Open opens.
        opened_token: 1,
        /// The entry's amount.
        amount: 1,
        /// The entry's fee.
        fee: 1,
        /// Hash of the leaf's fields before.
        hash_before: 4,
        /// The amount of the entry's pot before.
        pot_amount: 1,
        /// Hash of the leaf's fields after.
        hash_after: 4,
    }
}

wires! {
    /// The slot after the entry.
    AccessOutputs {
        /// The slot's number.
        slot: 1,
        /// The machine's next slot after the entry.
        next_slot: 1,
        /// The leaf's digest before.
        digest_before: 4,
        /// The owner after.
        owner: 3,
        /// The token after.
        token: 1,
        /// The balance after.
        balance: 1,
        /// The nonce after.
        nonce: 1,
        /// The leaf's digest after.
        digest_after: 4,
    }
}

wires! {
    /// The prover's choices, which the rules check.
    AccessHints {
        /// One if the leaf is open and its owner is the subject. The circuit connects this wire to
        /// the row that publishes.
        same_owner: 1,
        /// The inverse of the amount; any value where the kind needs no amount.
        inverse_amount: 1,
        /// Factors such that Σ (owner − subject)·factor = 1 where owner and subject differ.
        difference: 3,
        /// The limbs, of two bits, of the nonce after.
        nonce: 16,
        /// The limbs, of two bits, of the token after.
        token: 8,
    }
}

/// The inverse of `value`, and zero for zero.
pub(crate) fn inverse_or_zero(value: Known) -> Known {
    value.map(|value| value.try_inverse().unwrap_or(GoldilocksField::ZERO))
}

impl RowRules for AccessRow {
    const NAME: &'static str = "EntryAccess";
    // First all inputs but the last two, which depend on this row's outputs: the pot's amount needs
    // the slot, and the hash after needs the leaf's fields after.
    const STAGES: &'static [usize] =
        &[AccessInputs::<Known>::LENGTH - 5, AccessInputs::<Known>::LENGTH];
    type Inputs<V: Copy> = AccessInputs<V>;
    type Outputs<V: Copy> = AccessOutputs<V>;
    type Hints<V: Copy> = AccessHints<V>;

    fn hints(inputs: &AccessInputs<Known>) -> AccessHints<Known> {
        let kind = Flags::of_all(&inputs.kind);
        let zero = GoldilocksField::ZERO;
        let mut difference =
            core::array::from_fn(|i| inverse_or_zero(inputs.owner[i] - inputs.subject[i]));
        let mut found = false;
        for witness in &mut difference {
            let needed = !found && *witness != Known(Some(zero));
            found |= needed;
            *witness = witness.map(|witness| if needed { witness } else { zero });
        }
        let equal = GoldilocksField::from_bool(!found);
        AccessHints {
            same_owner: [inputs.open[0].map(|open| open * equal)],
            inverse_amount: [inverse_or_zero(inputs.amount[0])],
            difference,
            nonce: limbs_of(nonce_after(inputs)),
            token: limbs_of(inputs.token[0] + kind.of(Kind::Open) * inputs.opened_token[0]),
        }
    }

    #[inline(always)]
    fn evaluate<V: Value>(
        inputs: &AccessInputs<V>,
        hints: &AccessHints<V>,
        check: &mut impl FnMut(V),
    ) -> AccessOutputs<V> {
        let slot = check_kind_and_slot(inputs, check);
        check_leaf(inputs, check);
        check_subject(inputs, hints, check);
        check_amounts(inputs, hints, check);
        after(inputs, hints, slot, check)
    }
}

/// Statements 1, 2 and the slot's part of 4; returns the slot.
#[inline(always)]
fn check_kind_and_slot<V: Value>(inputs: &AccessInputs<V>, check: &mut impl FnMut(V)) -> V {
    let kind = Flags::of_all(&inputs.kind);
    let busy = kind.sum(|_| true);
    for flag in inputs.kind.into_iter().chain([busy]) {
        check(flag * flag - flag);
    }
    let slot = V::sum_of_powers(&inputs.bits, GoldilocksField::TWO);
    check(kind.of(Kind::Open) * (slot - inputs.next_slot[0]));
    slot
}

/// Statements 3 and 5 and the leaf's part of 4.
#[inline(always)]
fn check_leaf<V: Value>(inputs: &AccessInputs<V>, check: &mut impl FnMut(V)) {
    let kind = Flags::of_all(&inputs.kind);
    let [open] = inputs.open;
    check(open * open - open);
    let fields = [inputs.token[0], inputs.balance[0], inputs.nonce[0]];
    for field in inputs.owner.into_iter().chain(fields) {
        check(open * field - field);
    }
    check(kind.of(Kind::Open) * open);
    let needs_open = kind.sum(|facts| facts.needs_open);
    check(needs_open * open - needs_open);
}

/// Statements 6 and 7.
#[inline(always)]
fn check_subject<V: Value>(
    inputs: &AccessInputs<V>,
    hints: &AccessHints<V>,
    check: &mut impl FnMut(V),
) {
    let kind = Flags::of_all(&inputs.kind);
    let ([open], [same_owner]) = (inputs.open, hints.same_owner);
    let mut differs = same_owner.taken_from(GoldilocksField::ONE);
    for i in 0..3 {
        let difference = inputs.owner[i] - inputs.subject[i];
        check(same_owner * difference);
        check(kind.sum(|facts| facts.subject == Subject::SlotOwner) * difference);
        differs = differs - difference * hints.difference[i];
    }
    check(open * differs);
    check(same_owner * open - same_owner);
}

/// Statements 8 to 11.
#[inline(always)]
fn check_amounts<V: Value>(
    inputs: &AccessInputs<V>,
    hints: &AccessHints<V>,
    check: &mut impl FnMut(V),
) {
    let kind = Flags::of_all(&inputs.kind);
    let ([amount], [fee]) = (inputs.amount, inputs.fee);
    let (of_balance, of_pot) = (
        kind.sum(|facts| facts.amount == Amount::Balance),
        kind.sum(|facts| facts.amount == Amount::Pot),
    );
    check(of_balance * (amount - hints.same_owner[0] * inputs.balance[0]));
    check(of_pot * (amount - inputs.pot_amount[0]));
    let needs_amount = kind.sum(KindFacts::needs_amount);
    check(needs_amount * (amount * hints.inverse_amount[0]) - needs_amount);
    check(kind.spends() * fee - fee);
}

#[inline(always)]
fn nonce_after<V: Value>(inputs: &AccessInputs<V>) -> V {
    let mut nonce = inputs.nonce[0];
    for flag in Flags::of_all(&inputs.kind).each(|facts| facts.spends) {
        nonce = nonce + flag;
    }
    nonce
}

/// Statement 12, the digests of 3 and the next slot of 4; returns the row's outputs.
#[inline(always)]
fn after<V: Value>(
    inputs: &AccessInputs<V>,
    hints: &AccessHints<V>,
    slot: V,
    check: &mut impl FnMut(V),
) -> AccessOutputs<V> {
    let kind = Flags::of_all(&inputs.kind);
    let (opening, [open]) = (kind.of(Kind::Open), inputs.open);
    let open_after = open + opening;
    let balance = inputs.balance[0] + kind.direction() * inputs.amount[0] - inputs.fee[0];
    let nonce = nonce_after(inputs);
    let token = inputs.token[0] + opening * inputs.opened_token[0];
    let nonce_in_range = check_limbs(&hints.nonce, check);
    check(nonce_in_range - nonce);
    let token_in_range = check_limbs(&hints.token, check);
    check(token_in_range - token);
    let next_slot = [inputs.next_slot[0] + opening];
    let digest_before = scaled(open, inputs.hash_before);
    let mut owner = inputs.owner;
    for (owner, subject) in owner.iter_mut().zip(inputs.subject) {
        *owner = *owner + opening * subject;
    }
    AccessOutputs {
        slot: [slot],
        next_slot,
        digest_before,
        owner,
        token: [token],
        balance: [balance],
        nonce: [nonce],
        digest_after: scaled(open_after, inputs.hash_after),
    }
}

/// The elements times `factor`.
#[inline(always)]
fn scaled<V: Value>(factor: V, mut elements: [V; 4]) -> [V; 4] {
    for element in &mut elements {
        *element = factor * *element;
    }
    elements
}
