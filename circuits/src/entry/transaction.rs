//! The running transaction and the fee pots.
//!
//! 1. At most one of pots 1, 2 and 3 is selected. If none of them is, pot 0 is selected.
//! 2. Every entry but Credit finds nothing remaining.
//! 3. A Credit's token is the running transaction's.
//! 4. A Debit adds its amount to what remains, a Credit takes its amount from what remains.
//! 5. An entry that spends makes the slot's owner the signer and the slot's token the running
//!    token.
//! 6. An entry that spends finds its pot empty or of the slot's token. A Collect finds its pot of
//!    the slot's token, because its amount is the pot's and not zero.
//! 7. An entry that spends adds its fee to its pot and gives the pot the slot's token. A Collect
//!    empties its pot. No other pot changes.
//! 8. An entry that spends: timestamp ≤ valid_until ≤ 2^32 − 2.
//! 9. The header's tag and packed elements are those of the kind. The payee link continues m0 for a
//!    Withdraw, and the running message for a Credit. The message after is m0 for a Debit, the
//!    payee link for a Withdraw and a Credit, and the message before for all other kinds.
//! 10. A signature is owed after a Withdraw, and after a Credit that leaves nothing remaining.
//!
//! The row of [`crate::entry::access`] checks that each flag of a kind is 0 or 1, and that only
//! entries that spend have a fee. The circuit's row of range checks checks that a fee and what a
//! Credit leaves are not negative, and that the pot stays below 2^62. It reads two outputs of this
//! row: the selected pot's amount after, and `spare`, which is the fee or, for a Credit, the amount
//! that remains. (After a Debit its amount remains, and after all other kinds nothing.)

use plonky2::field::goldilocks_field::GoldilocksField;
use plonky2::field::types::Field;
use sheaf_ledger::kind::{Amount, Kind, KindFacts};
use sheaf_ledger::tag;
use sheaf_plonk::gates::range_check::{check_limbs, limbs_of};
use sheaf_plonk::gates::rules::RowRules;
use sheaf_plonk::gates::value::{Known, Value};
use sheaf_plonk::gates::wires::{Wires, wires};

use crate::entry::access::inverse_or_zero;
use crate::entry::flags::{self, Flags};
use crate::entry::publish::choose;

/// The last second until which a transaction can be valid.
const LAST_VALID_UNTIL: u64 = (1 << 32) - 2;

/// A row of the rules above.
#[derive(Clone, Copy, Debug, Default)]
pub struct TransactionRow;

wires! {
    /// The inputs from the machine, the slot and the entry.
    TransactionInputs {
        /// A flag of each kind that changes the running transaction or a pot.
        kind: flags::TRANSACTION.len(),
        /// Flags of pots 1, 2 and 3.
        pot: 3,
        /// The machine's pots: token and amount of each.
        pots: 8,
        /// The slot's number.
        slot: 1,
        /// The leaf's owner.
        owner: 3,
        /// The leaf's token.
        token: 1,
        /// The leaf's nonce before.
        nonce: 1,
        /// The entry's amount.
        amount: 1,
        /// The entry's fee.
        fee: 1,
        /// The entry's last valid second.
        valid_until: 1,
        /// The machine's timestamp.
        timestamp: 1,
        /// The machine's signer before.
        signer: 3,
        /// The machine's running token before.
        running_token: 1,
        /// The amount that remains to be paid before.
        remaining: 1,
        /// The machine's message before.
        message: 4,
        /// m0: the hash of the header.
        header_hash: 4,
        /// The hash of the payee link.
        payee_hash: 4,
    }
}

wires! {
    /// Parts of the machine after the entry, and elements for the hashes and the range checks.
    TransactionOutputs {
        /// Token and amount of each pot after.
        pots: 8,
        /// The signer after.
        signer: 3,
        /// The running token after.
        running_token: 1,
        /// The amount that remains to be paid after.
        remaining: 1,
        /// The header's tag.
        tag: 1,
        /// slot + 2^32·token
        slot_and_token: 1,
        /// nonce + 2^32·valid_until
        nonce_and_validity: 1,
        /// The message that the payee link continues.
        payee_message: 4,
        /// The message after.
        message: 4,
        /// One if a signature is owed.
        owed: 1,
        /// The fee, or the amount that remains after a Credit: to be range-checked.
        spare: 1,
        /// The selected pot's amount after: to be range-checked.
        pot_after: 1,
    }
}

wires! {
    /// The prover's choices, which the rules check. Limbs have two bits.
    TransactionHints {
        /// The selected pot's amount before. The circuit connects this wire to the access row.
        pot_amount: 1,
        /// One if nothing remains after the entry.
        paid_up: 1,
        /// The inverse of the amount that remains after; any value where nothing remains.
        inverse_remaining: 1,
        /// The limbs of valid_until − timestamp for an entry that spends; else zeros.
        time_left: 16,
        /// The limbs of 2^32 − 2 − valid_until.
        validity_left: 16,
    }
}

impl RowRules for TransactionRow {
    const NAME: &'static str = "EntryTransaction";
    // First all inputs but the two hashes, then the header's hash, which the payee link continues,
    // then the payee link's, which the message after needs.
    const STAGES: &'static [usize] = &[
        TransactionInputs::<Known>::LENGTH - 8,
        TransactionInputs::<Known>::LENGTH - 4,
        TransactionInputs::<Known>::LENGTH,
    ];
    type Inputs<V: Copy> = TransactionInputs<V>;
    type Outputs<V: Copy> = TransactionOutputs<V>;
    type Hints<V: Copy> = TransactionHints<V>;

    fn hints(inputs: &TransactionInputs<Known>) -> TransactionHints<Known> {
        let pot_amount = selected(inputs, 1);
        let remaining = remaining_after(inputs);
        let spends = Flags::of_transaction(&inputs.kind).spends();
        let time_left = spends * (inputs.valid_until[0] - inputs.timestamp[0]);
        TransactionHints {
            pot_amount: [pot_amount],
            paid_up: [remaining.map(|left| GoldilocksField::from_bool(left.is_zero()))],
            inverse_remaining: [inverse_or_zero(remaining)],
            time_left: limbs_of(time_left),
            validity_left: limbs_of(inputs.valid_until[0].taken_from(last_valid_until())),
        }
    }

    #[inline(always)]
    fn evaluate<V: Value>(
        inputs: &TransactionInputs<V>,
        hints: &TransactionHints<V>,
        check: &mut impl FnMut(V),
    ) -> TransactionOutputs<V> {
        let remaining = check_remaining(inputs, hints, check);
        let left = credit_leaves(inputs);
        check_time(inputs, hints, check);
        let pots = check_pots(inputs, hints, check);
        let kind = Flags::of_transaction(&inputs.kind);
        let spends = kind.spends();
        let four_bytes = GoldilocksField::from_canonical_u64(1 << 32);
        let tags = [tag::DEBIT, tag::WITHDRAW]
            .map(|tag| GoldilocksField::from_canonical_u64(tag.element().canonical()));
        // The payee link continues m0 if the entry spends, else the message before. Where the entry
        // pays nobody, `payee_message` is the message after.
        let payee_message = choose(spends, &inputs.message, &inputs.header_hash);
        let message = choose(kind.sum(KindFacts::pays), &payee_message, &inputs.payee_hash);
        TransactionOutputs {
            pots,
            signer: choose(spends, &inputs.signer, &inputs.owner),
            running_token: choose(spends, &inputs.running_token, &inputs.token),
            remaining: [remaining],
            tag: [kind.of(Kind::Withdraw).times(tags[1] - tags[0]).plus(tags[0])],
            slot_and_token: [inputs.token[0].times_plus(four_bytes, inputs.slot[0])],
            nonce_and_validity: [inputs.valid_until[0].times_plus(four_bytes, inputs.nonce[0])],
            payee_message,
            message,
            owed: [kind.sum(|facts| facts.spends && facts.pays())
                + kind.of(Kind::Credit) * hints.paid_up[0]],
            spare: [inputs.fee[0] + left],
            pot_after: [hints.pot_amount[0] + pot_growth(inputs)],
        }
    }
}

fn last_valid_until() -> GoldilocksField {
    GoldilocksField::from_canonical_u64(LAST_VALID_UNTIL)
}

/// The flags of all four pots, pot 0 first.
#[inline(always)]
fn pot_flags<V: Value>(inputs: &TransactionInputs<V>) -> [V; 4] {
    let [first, second, third] = inputs.pot;
    [(first + second + third).taken_from(GoldilocksField::ONE), first, second, third]
}

/// The selected pot's token (`part` 0) or amount (`part` 1).
#[inline(always)]
fn selected<V: Value>(inputs: &TransactionInputs<V>, part: usize) -> V {
    let [flag, rest @ ..] = pot_flags(inputs);
    let mut sum = flag * inputs.pots[part];
    for (flag, pot) in rest.into_iter().zip(inputs.pots[2..].chunks(2)) {
        sum = sum + flag * pot[part];
    }
    sum
}

/// The amount by which the selected pot grows; negative for a Collect.
#[inline(always)]
fn pot_growth<V: Value>(inputs: &TransactionInputs<V>) -> V {
    let of_pot = Flags::of_transaction(&inputs.kind).sum(|facts| facts.amount == Amount::Pot);
    inputs.fee[0] - of_pot * inputs.amount[0]
}

#[inline(always)]
fn remaining_after<V: Value>(inputs: &TransactionInputs<V>) -> V {
    let kind = Flags::of_transaction(&inputs.kind);
    inputs.remaining[0] + (kind.of(Kind::Debit) - kind.of(Kind::Credit)) * inputs.amount[0]
}

/// The amount that remains after a Credit; zero for all other kinds.
#[inline(always)]
fn credit_leaves<V: Value>(inputs: &TransactionInputs<V>) -> V {
    let credit = Flags::of_transaction(&inputs.kind).of(Kind::Credit);
    credit * (inputs.remaining[0] - inputs.amount[0])
}

/// Statements 2, 3 and 4, and the flag `paid_up` of 10; returns the amount that remains after.
#[inline(always)]
fn check_remaining<V: Value>(
    inputs: &TransactionInputs<V>,
    hints: &TransactionHints<V>,
    check: &mut impl FnMut(V),
) -> V {
    let credit = Flags::of_transaction(&inputs.kind).of(Kind::Credit);
    check(credit * inputs.remaining[0] - inputs.remaining[0]);
    check(credit * (inputs.token[0] - inputs.running_token[0]));
    let remaining = remaining_after(inputs);
    let ([paid_up], [inverse]) = (hints.paid_up, hints.inverse_remaining);
    check(paid_up * remaining);
    check(remaining * inverse - paid_up.taken_from(GoldilocksField::ONE));
    remaining
}

/// Statement 8. The upper bound is checked for every kind. The limbs of 2^32 − 2 − valid_until also
/// admit valid_until = −1. An entry that spends cannot have this value: the timestamp is below
/// 2^62, as the circuit checks, so −1 − timestamp modulo p is not below 2^32.
#[inline(always)]
fn check_time<V: Value>(
    inputs: &TransactionInputs<V>,
    hints: &TransactionHints<V>,
    check: &mut impl FnMut(V),
) {
    let kind = Flags::of_transaction(&inputs.kind);
    let time_left = check_limbs(&hints.time_left, check);
    check(kind.spends() * (inputs.valid_until[0] - inputs.timestamp[0]) - time_left);
    let validity_left = check_limbs(&hints.validity_left, check);
    check(inputs.valid_until[0].taken_from(last_valid_until()) - validity_left);
}

/// Statements 1, 6 and 7; returns the pots after.
#[inline(always)]
fn check_pots<V: Value>(
    inputs: &TransactionInputs<V>,
    hints: &TransactionHints<V>,
    check: &mut impl FnMut(V),
) -> [V; 8] {
    let kind = Flags::of_transaction(&inputs.kind);
    let pots = pot_flags(inputs);
    for flag in pots {
        check(flag * flag - flag);
    }
    let [pot_amount] = hints.pot_amount;
    let [token] = inputs.token;
    check(pot_amount - selected(inputs, 1));
    let other_token = selected(inputs, 0) - token;
    let names_pot = kind.sum(|facts| facts.spends || facts.amount == Amount::Pot);
    check(names_pot * pot_amount * other_token);
    let growth = pot_growth(inputs);
    let mut after = inputs.pots;
    for (pot, flag) in after.as_chunks_mut::<2>().0.iter_mut().zip(pots) {
        pot[0] = pot[0] + flag * kind.spends() * (token - pot[0]);
        pot[1] = pot[1] + flag * growth;
    }
    after
}
