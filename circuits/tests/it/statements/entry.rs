//! The rules of the rows of the entry circuit: statements by the numbers of their modules.

use plonky2::field::types::Field;
use sheaf_circuits::entry::access::AccessRow;
use sheaf_circuits::entry::publish::PublishRow;
use sheaf_circuits::entry::subject::SubjectRow;
use sheaf_circuits::entry::transaction::TransactionRow;
use sheaf_ledger::tag;
use sheaf_plonk::proof::F;

use crate::statements::span::{Comparison, Statements, number, of_limbs, power};

/// `then` where the flag is one, else `otherwise`.
fn choose(flag: F, then: F, otherwise: F) -> F {
    flag * then + (F::ONE - flag) * otherwise
}

pub(super) fn the_slot_before_and_after() -> Comparison {
    Comparison::of::<AccessRow>(|say, (inputs, outputs, hints)| {
        let [opening, debit, credit, withdraw, deposit, exit, collect] = inputs.kind;
        let [[open], [amount], [fee]] = [inputs.open, inputs.amount, inputs.fee];
        let moves = debit + credit + withdraw + deposit + collect;
        // 1
        let kinds = inputs.kind.iter().enumerate();
        kinds.for_each(|(i, flag)| say.bit(&format!("kind {i}"), *flag));
        say.bit("one kind", opening + exit + moves);
        // 2
        let bits = inputs.bits.iter().enumerate();
        let slot: F = bits.map(|(i, bit)| *bit * power(i)).sum();
        say.zero("the slot", outputs.slot[0] - slot);
        // 3
        say.bit("open", open);
        let unopened = F::ONE - open;
        for (i, element) in inputs.owner.iter().enumerate() {
            say.zero(&format!("an unopened leaf's owner, {i}"), unopened * *element);
        }
        say.zero("an unopened leaf's token", unopened * inputs.token[0]);
        say.zero("an unopened leaf's balance", unopened * inputs.balance[0]);
        say.zero("an unopened leaf's nonce", unopened * inputs.nonce[0]);
        for i in 0..4 {
            let (before, after) = (inputs.hash_before[i], inputs.hash_after[i]);
            say.zero(&format!("digest before, {i}"), outputs.digest_before[i] - open * before);
            let after = (open + opening) * after;
            say.zero(&format!("digest after, {i}"), outputs.digest_after[i] - after);
        }
        // 4
        say.zero("Open is of the next slot", opening * (slot - inputs.next_slot[0]));
        say.zero("Open is of an unopened leaf", opening * open);
        say.zero("the next slot", outputs.next_slot[0] - inputs.next_slot[0] - opening);
        // 5
        say.zero("what moves finds the leaf open", moves * unopened);
        // 6 and 7
        let [same_owner] = hints.same_owner;
        let mut differing = F::ZERO;
        for i in 0..3 {
            let difference = inputs.owner[i] - inputs.subject[i];
            say.zero(&format!("the same owner does not differ, {i}"), same_owner * difference);
            let paid = (credit + deposit) * difference;
            say.zero(&format!("the one paid is the owner, {i}"), paid);
            differing += difference * hints.difference[i];
        }
        say.zero("another owner differs", open * (F::ONE - same_owner - differing));
        say.zero("the same owner's leaf is open", same_owner * unopened);
        // 8 to 11
        let whole = same_owner * inputs.balance[0];
        say.zero("Exit's amount", exit * (amount - whole));
        say.zero("Collect's amount", collect * (amount - inputs.pot_amount[0]));
        say.zero("what moves is not zero", moves * (amount * hints.inverse_amount[0] - F::ONE));
        say.zero("who has a fee", fee * (F::ONE - debit - withdraw));
        // 12
        let added = (credit + deposit + collect - debit - withdraw - exit) * amount;
        say.zero("the balance after", outputs.balance[0] - inputs.balance[0] - added + fee);
        for (i, owner) in outputs.owner.iter().enumerate() {
            let owner_after = inputs.owner[i] + opening * inputs.subject[i];
            say.zero(&format!("the owner after, {i}"), *owner - owner_after);
        }
        let nonce = inputs.nonce[0] + debit + withdraw;
        say.zero("the nonce after", outputs.nonce[0] - nonce);
        say.limbs("the nonce after", &hints.nonce);
        say.zero("the nonce after is that of its limbs", nonce - of_limbs(&hints.nonce));
        let token = inputs.token[0] + opening * inputs.opened_token[0];
        say.zero("the token after", outputs.token[0] - token);
        say.limbs("the token after", &hints.token);
        say.zero("the token after is that of its limbs", token - of_limbs(&hints.token));
    })
}

pub(super) fn the_subject_in_words() -> Comparison {
    Comparison::of::<SubjectRow>(|say, (inputs, outputs, hints)| {
        for (i, limbs) in [hints.first, hints.second, hints.third].iter().enumerate() {
            let (element, high) = (inputs.elements[i], hints.highs[i]);
            say.limbs(&format!("low part {i}"), limbs);
            say.limbs(&format!("high part {i}"), &[high]);
            let low = of_limbs(limbs);
            say.zero(&format!("element {i}"), element - low - high * power(62));
            say.zero(&format!("low part {i} as words carry it"), outputs.low[i] - low);
            let (lower, upper) = (of_limbs(&limbs[..16]), of_limbs(&limbs[16..]));
            let gap = number(u64::from(u32::MAX)) - upper - high * power(30);
            let canonical = lower * (gap * hints.inverses[i] - F::ONE);
            say.zero(&format!("the split of element {i} is the canonical one"), canonical);
        }
        say.zero("the high parts", outputs.high[0] - of_limbs(&hints.highs));
    })
}

pub(super) fn the_running_transaction_and_the_pots() -> Comparison {
    Comparison::of::<TransactionRow>(|say, (inputs, outputs, hints)| {
        let [debit, credit, withdraw, collect] = inputs.kind;
        let spends = debit + withdraw;
        let [[amount], [fee], [token]] = [inputs.amount, inputs.fee, inputs.token];
        // 2 to 5
        let [before] = inputs.remaining;
        say.zero("only a Credit finds something remaining", before * (F::ONE - credit));
        say.zero("a Credit's token", credit * (token - inputs.running_token[0]));
        let remaining = before + (debit - credit) * amount;
        say.zero("what remains", outputs.remaining[0] - remaining);
        for i in 0..3 {
            let signer = choose(spends, inputs.owner[i], inputs.signer[i]);
            say.zero(&format!("the signer, {i}"), outputs.signer[i] - signer);
        }
        let running = choose(spends, token, inputs.running_token[0]);
        say.zero("the running token", outputs.running_token[0] - running);
        // 10
        let [paid_up] = hints.paid_up;
        say.zero("nothing remains of what is paid up", paid_up * remaining);
        let left = remaining * hints.inverse_remaining[0];
        say.zero("something remains of what is not", left + paid_up - F::ONE);
        say.zero("owed", outputs.owed[0] - withdraw - credit * paid_up);
        // 8
        let left = spends * (inputs.valid_until[0] - inputs.timestamp[0]);
        say.limbs("the time left", &hints.time_left);
        say.zero("the time left is that of its limbs", left - of_limbs(&hints.time_left));
        let last = number(u64::from(u32::MAX) - 1);
        let validity = last - inputs.valid_until[0];
        say.limbs("the validity left", &hints.validity_left);
        let limbs = of_limbs(&hints.validity_left);
        say.zero("the validity left is that of its limbs", validity - limbs);
        // What the circuit's row of range checks sees.
        let spare = fee + credit * (before - amount);
        say.zero("the fee, or what a Credit leaves", outputs.spare[0] - spare);
        let grown = hints.pot_amount[0] + fee - collect * amount;
        say.zero("the pot after", outputs.pot_after[0] - grown);
        // 9
        let tags = [tag::WITHDRAW, tag::DEBIT].map(|tag| number(tag.element().canonical()));
        say.zero("the header's tag", outputs.tag[0] - choose(withdraw, tags[0], tags[1]));
        let slot_and_token = inputs.slot[0] + token * power(32);
        say.zero("slot and token", outputs.slot_and_token[0] - slot_and_token);
        let nonce_and_validity = inputs.nonce[0] + inputs.valid_until[0] * power(32);
        say.zero("nonce and validity", outputs.nonce_and_validity[0] - nonce_and_validity);
        for i in 0..4 {
            let start = choose(spends, inputs.header_hash[i], inputs.message[i]);
            say.zero(&format!("the payee link's start, {i}"), outputs.payee_message[i] - start);
            let message = choose(credit + withdraw, inputs.payee_hash[i], start);
            say.zero(&format!("the message, {i}"), outputs.message[i] - message);
        }
        state_pots(say, &(*inputs, *outputs, *hints));
    })
}

/// A row of transactions.
type Transaction = (
    <TransactionRow as sheaf_plonk::gates::rules::RowRules>::Inputs<F>,
    <TransactionRow as sheaf_plonk::gates::rules::RowRules>::Outputs<F>,
    <TransactionRow as sheaf_plonk::gates::rules::RowRules>::Hints<F>,
);

/// Statements 1, 6 and 7 of the running transaction.
fn state_pots(say: &mut Statements, (inputs, outputs, hints): &Transaction) {
    let [debit, _, withdraw, collect] = inputs.kind;
    let [[amount], [fee], [token]] = [inputs.amount, inputs.fee, inputs.token];
    let [first, second, third] = inputs.pot;
    let flags = [F::ONE - first - second - third, first, second, third];
    let selected =
        |part: usize| -> F { (0..4).map(|i| flags[i] * inputs.pots[2 * i + part]).sum() };
    let [held] = hints.pot_amount;
    say.zero("what the pot holds", held - selected(1));
    let other_token = (debit + withdraw + collect) * held * (selected(0) - token);
    say.zero("the pot is empty or of the token", other_token);
    for (i, flag) in flags.into_iter().enumerate() {
        say.bit(&format!("pot {i} is selected or not"), flag);
        let (token_before, before) = (inputs.pots[2 * i], inputs.pots[2 * i + 1]);
        let token_after = choose(flag * (debit + withdraw), token, token_before);
        say.zero(&format!("token of pot {i}"), outputs.pots[2 * i] - token_after);
        let after = before + flag * (fee - collect * amount);
        say.zero(&format!("amount of pot {i}"), outputs.pots[2 * i + 1] - after);
    }
}

pub(super) fn words_and_chains() -> Comparison {
    Comparison::of::<PublishRow>(|say, (inputs, outputs, hints)| {
        let [opening, _, _, withdraw, deposit, exit, _] = inputs.kind;
        let [[slot], [token], [high]] = [inputs.slot, inputs.token, inputs.high];
        let [low0, low1, low2] = inputs.low;
        // 2
        say.zero("an address has no high parts", withdraw * high);
        say.limbs("an address's third limb", &hints.address_top);
        let top = of_limbs(&hints.address_top);
        say.zero("an address's third limb is that of its limbs", withdraw * low2 - top);
        // 1
        let kinds = inputs.kind.iter().zip(1..);
        let code: F = kinds.map(|(flag, code)| *flag * number(code)).sum();
        let named = choose(opening, token + high * power(16), slot);
        let word = [
            choose(opening, low0, inputs.amount[0]),
            inputs.fee[0] + opening * low1,
            opening * low2,
            code + named * power(4),
        ];
        say.equal("the data word", &outputs.word, &word);
        let named = token * (F::ONE - exit * (F::ONE - inputs.same_owner[0]));
        let tail = code + named * power(4) + exit * slot * power(20);
        say.zero("the tail of the L1 word", outputs.l1_tail[0] - tail);
        // 3 to 5
        let busy: F = inputs.kind.iter().copied().sum();
        let on_l1 = withdraw + deposit + exit;
        say.zero("data words", outputs.data_words[0] - inputs.data_words[0] - busy);
        say.zero("L1 words", outputs.l1_words[0] - inputs.l1_words[0] - on_l1.double());
        let [owed] = inputs.owed;
        for (what, flag, [after, link, before]) in [
            ("signatures", owed, [outputs.signatures, inputs.signature_link, inputs.signatures]),
            ("the data chain", busy, [outputs.data, inputs.data_link, inputs.data]),
            ("the L1 chain", on_l1, [outputs.l1, inputs.l1_link, inputs.l1]),
        ] {
            let chosen: [F; 4] = core::array::from_fn(|i| choose(flag, link[i], before[i]));
            say.equal(what, &after, &chosen);
        }
    })
}
