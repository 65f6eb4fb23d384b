//! One field is changed in a batch that keeps the rules: the rule that the change breaks refuses
//! the change, and the batch stays as it was.

use core::cmp::Ordering;

use crate::random_batch::{
    Group, TIMESTAMP, World, accepted, actions, domain, opening_slots, unsigned,
};
use crate::random_batch::{wallet_of, wallets};
use proptest::prelude::*;
use sheaf_ledger::kind::{Direction, KINDS};
use sheaf_ledger::limits::{AMOUNT_MAX, DATA_WORDS_MAX, L1_WORDS_MAX, PAYMENTS_MAX};
use sheaf_ledger::machine::FeePot;
use sheaf_ledger::transaction::{Payment, Transfer};
use sheaf_ledger::{
    BatchBuilder, Entry, L1Address, Machine, RuleError, SignedMessage, Slot, SlotTree, Transaction,
};

/// The group with its entry at `index` replaced, and the code of the rule that this breaks.
fn replaced(
    group: &Group,
    index: usize,
    entry: Entry,
    code: &'static str,
) -> (Group, &'static str) {
    let mut changed = group.clone();
    changed.entries[index] = entry;
    (changed, code)
}

fn lies_about_debit(world: &World, group: &Group) -> Vec<(Group, &'static str)> {
    let Entry::Debit { slot, total, fee, valid_until, pot } = group.entries[0] else {
        return Vec::new();
    };
    let Slot { balance, token, .. } = world.slots[slot as usize];
    let with = |total, fee, valid_until, pot, code| {
        replaced(group, 0, Entry::Debit { slot, total, fee, valid_until, pot }, code)
    };
    let closed = Entry::Debit { slot: world.slots.len() as u32, total, fee, valid_until, pot };
    let mut lies = vec![
        with(0, fee, valid_until, pot, "amount_zero"),
        with(AMOUNT_MAX + 1, fee, valid_until, pot, "amount_too_large"),
        with(balance - fee + 1, fee, valid_until, pot, "balance_too_low"),
        with(total, balance - total + 1, valid_until, pot, "balance_too_low"),
        with(total, AMOUNT_MAX + 1, valid_until, pot, "fee_too_large"),
        with(total, fee, TIMESTAMP - 1, pot, "expired"),
        with(total, fee, u32::MAX, pot, "valid_until_too_large"),
        with(total, fee, valid_until + 1, pot, "signature_mismatch"),
        with(total, fee, valid_until, 4, "pot_unknown"),
        replaced(group, 0, closed, "slot_not_open"),
    ];
    if total > 1 {
        lies.push(with(total - 1, fee, valid_until, pot, "credit_too_large"));
    }
    if total + fee < balance {
        lies.push(with(total + 1, fee, valid_until, pot, "transaction_running"));
        lies.push(with(total, fee + 1, valid_until, pot, "signature_mismatch"));
    }
    let taken = world.pots.iter().position(|(held, amount)| *amount > 0 && *held != token);
    lies.extend(taken.map(|pot| with(total, fee, valid_until, pot as u8, "pot_taken")));
    for (other, twin) in world.slots.iter().enumerate() {
        // Its pot must take the other token, or that rule would answer first.
        let takes = |(held, amount): &(u16, u64)| *amount == 0 || *held == twin.token;
        let pot = world.pots.iter().position(takes);
        if let Some(pot) = pot.filter(|_| twin.token != token && twin.balance >= total + fee) {
            let (slot, pot) = (other as u32, pot as u8);
            let entry = Entry::Debit { slot, total, fee, valid_until, pot };
            lies.push(replaced(group, 0, entry, "credit_of_other_token"));
        }
    }
    lies
}

fn lies_about_credits(world: &World, group: &Group) -> Vec<(Group, &'static str)> {
    let last = group.entries.len() - 1;
    let Entry::Credit { slot, amount } = group.entries[last] else { return Vec::new() };
    let token = world.slots[slot as usize].token;
    let with = |slot, amount, code| replaced(group, last, Entry::Credit { slot, amount }, code);
    let mut lies = vec![
        with(slot, 0, "amount_zero"),
        with(slot, AMOUNT_MAX + 1, "amount_too_large"),
        with(slot, amount + 1, "credit_too_large"),
        with(world.slots.len() as u32, amount, "slot_not_open"),
        replaced(group, last, Entry::Idle { slot }, "transaction_running"),
        replaced(
            group,
            last,
            Entry::Exit { slot, owner: wallets()[0].owner },
            "transaction_running",
        ),
    ];
    if amount > 1 {
        lies.push(with(slot, amount - 1, "transaction_running"));
    }
    let owner = world.slots[slot as usize].owner;
    for (index, other) in world.slots.iter().enumerate() {
        if other.token != token {
            lies.push(with(index as u32, amount, "credit_of_other_token"));
        } else if other.owner != owner {
            lies.push(with(index as u32, amount, "signature_mismatch"));
        }
    }
    lies
}

fn lies_about_withdrawal(world: &World, group: &Group) -> Vec<(Group, &'static str)> {
    let Entry::Withdraw { slot, amount, fee, valid_until, pot, recipient } = group.entries[0]
    else {
        return Vec::new();
    };
    let balance = world.slots[slot as usize].balance;
    let with = |amount, fee, valid_until, recipient, code| {
        let entry = Entry::Withdraw { slot, amount, fee, valid_until, pot, recipient };
        replaced(group, 0, entry, code)
    };
    let mut thief = recipient;
    thief.0[19] ^= 1;
    let mut lies = vec![
        with(0, fee, valid_until, recipient, "amount_zero"),
        with(balance - fee + 1, fee, valid_until, recipient, "balance_too_low"),
        with(amount, fee, TIMESTAMP - 1, recipient, "expired"),
        with(amount, fee, u32::MAX, recipient, "valid_until_too_large"),
        with(amount, fee, valid_until, thief, "signature_mismatch"),
    ];
    if amount + fee < balance {
        lies.push(with(amount + 1, fee, valid_until, recipient, "signature_mismatch"));
    }
    lies
}

fn lies_about_the_rest(world: &World, group: &Group) -> Vec<(Group, &'static str)> {
    let next = world.slots.len() as u32;
    let with = |entry, code| replaced(group, 0, entry, code);
    match group.entries[0] {
        Entry::Open { slot, owner, token } => {
            let at = |slot| with(Entry::Open { slot, owner, token }, "slot_not_next");
            let mut lies = vec![at(slot + 1)];
            lies.extend(slot.checked_sub(1).map(at));
            lies
        }
        Entry::Deposit { slot, .. } => {
            let balance = world.slots[slot as usize].balance;
            let of = |slot, amount, code| with(Entry::Deposit { slot, amount }, code);
            let mut lies = vec![
                of(slot, 0, "amount_zero"),
                of(slot, AMOUNT_MAX + 1, "amount_too_large"),
                of(next, 1, "slot_not_open"),
            ];
            // Into an empty slot goes every amount that there is.
            if balance > 0 {
                lies.push(of(slot, AMOUNT_MAX - balance + 1, "balance_too_large"));
            }
            lies
        }
        Entry::Collect { slot, pot } => {
            let of = |slot, pot, code| with(Entry::Collect { slot, pot }, code);
            let mut lies = vec![of(slot, 4, "pot_unknown"), of(next, pot, "slot_not_open")];
            let empty = (0..4).find(|pot| world.pots[usize::from(*pot)].1 == 0);
            lies.extend(empty.map(|pot| of(slot, pot, "pot_empty")));
            let token = world.slots[slot as usize].token;
            let other = world.slots.iter().position(|slot| slot.token != token);
            lies.extend(other.map(|slot| of(slot as u32, pot, "pot_of_other_token")));
            lies
        }
        _ => Vec::new(),
    }
}

fn lies_about_signatures(after: &World, group: &Group) -> Vec<(Group, &'static str)> {
    let mut doubled = group.clone();
    let Some(signed) = group.signed.first().copied() else {
        return Vec::new();
    };
    doubled.signed.push(signed);
    let missing = Group { signed: Vec::new(), ..group.clone() };
    let mut lies = vec![(missing, "signature_missing"), (doubled, "signature_unexpected")];
    for wallet in wallets() {
        let mut changed = group.clone();
        changed.signed[0].address = wallet.l1_address;
        if changed.signed != group.signed {
            lies.push((changed, "signature_mismatch"));
        }
    }
    // The same transaction twice: its nonce has passed, so the message is another.
    let mut replayed = group.clone();
    replayed.entries.extend(&group.entries);
    replayed.signed.extend(&group.signed);
    let (slot, cost) = match group.entries[0] {
        Entry::Debit { slot, total, fee, .. } => (slot, total + fee),
        Entry::Withdraw { slot, amount, fee, .. } => (slot, amount + fee),
        _ => panic!("only these are signed"),
    };
    let covered = after.slots[slot as usize].balance >= cost;
    lies.push((replayed, if covered { "signature_mismatch" } else { "balance_too_low" }));
    lies
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_changed_field_is_refused_by_its_rule(slots in opening_slots(), actions in actions(1..16)) {
        let tree = SlotTree::from_slots(slots.clone());
        let mut world = World::new(slots);
        let mut builder = BatchBuilder::new(&tree, domain(), TIMESTAMP);
        let mut honest = builder.clone();
        for action in &actions {
            let before = world.clone();
            let Some(group) = world.act(action) else { continue };
            let lies = [
                lies_about_debit(&before, &group),
                lies_about_credits(&before, &group),
                lies_about_withdrawal(&before, &group),
                lies_about_the_rest(&before, &group),
                lies_about_signatures(&world, &group),
            ];
            let machine = *builder.machine();
            for (lie, code) in lies.into_iter().flatten() {
                let refused = builder.push(&lie.entries, &lie.signed).map_err(|rule| rule.code());
                prop_assert_eq!(refused, Err(code), "{:?}", lie.entries);
                prop_assert_eq!(*builder.machine(), machine);
            }
            for builder in [&mut builder, &mut honest] {
                prop_assert_eq!(builder.push(&group.entries, &group.signed), Ok(()));
            }
        }
        for (slot, expected) in world.slots.iter().enumerate() {
            prop_assert_eq!(builder.leaf(slot as u32), Ok(Some(*expected)));
        }
        // What was refused has left nothing behind.
        for group in world.settle() {
            for builder in [&mut builder, &mut honest] {
                prop_assert_eq!(builder.push(&group.entries, &group.signed), Ok(()));
            }
        }
        prop_assert_eq!(builder.seal(1), honest.seal(1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn groups_together_are_the_groups_one_by_one(
        slots in opening_slots(), actions in actions(1..24), cut in any::<prop::sample::Index>(),
    ) {
        let tree = SlotTree::from_slots(slots.clone());
        let mut world = World::new(slots);
        let mut groups: Vec<Group> =
            actions.iter().filter_map(|action| world.act(action)).collect();
        groups.extend(world.settle());
        let mut one_by_one = BatchBuilder::new(&tree, domain(), TIMESTAMP);
        let mut together = one_by_one.clone();
        for Group { entries, signed } in &groups {
            prop_assert_eq!(one_by_one.push(entries, signed), Ok(()));
        }
        let pushed = together_in(&groups, |groups| together.push_all(groups));
        prop_assert_eq!(pushed, Ok(()));
        prop_assert_eq!(together.seal(1), one_by_one.seal(1));
        // Each group is whole: it pays out its transfer, and has the signatures that it owes.
        let Some(signed) = groups.iter().position(|group| !group.signed.is_empty()) else {
            return Ok(());
        };
        let mut builder = BatchBuilder::new(&tree, domain(), TIMESTAMP);
        let mut refusal = |groups: &[Group]| {
            together_in(groups, |groups| builder.push_all(groups)).map_err(|rule| rule.code())
        };
        let mut late = groups.clone();
        let signatures = std::mem::take(&mut late[signed].signed);
        late.insert(signed + 1, Group { entries: Vec::new(), signed: signatures.clone() });
        prop_assert_eq!(refusal(&late), Err("signature_missing"));
        let mut early = groups.clone();
        early[signed].signed.clear();
        early.insert(signed, Group { entries: Vec::new(), signed: signatures });
        prop_assert_eq!(refusal(&early), Err("signature_unexpected"));
        let mut torn = groups.clone();
        let count = torn[signed].entries.len();
        if count > 1 {
            let rest = torn[signed].entries.split_off(1 + cut.index(count - 1));
            let signed_rest = std::mem::take(&mut torn[signed].signed);
            torn.insert(signed + 1, Group { entries: rest, signed: signed_rest });
            prop_assert_eq!(refusal(&torn), Err("transaction_running"));
        }
    }
}

/// Passes groups on as slices.
fn together_in<T>(groups: &[Group], push: impl FnOnce(&[(&[Entry], &[SignedMessage])]) -> T) -> T {
    let slices = groups.iter().map(|Group { entries, signed }| (&entries[..], &signed[..]));
    push(&slices.collect::<Vec<_>>())
}

/// A machine and an open slot at which any rule can be tried.
fn bench(slot: Slot) -> (Machine, Option<Slot>) {
    let tree = SlotTree::new();
    (Machine::start(tree.root(), 1, domain(), TIMESTAMP), Some(slot))
}

const DEBIT: Entry = Entry::Debit { slot: 0, total: 5, fee: 1, valid_until: TIMESTAMP, pot: 0 };

fn rich() -> Slot {
    Slot { balance: 10, ..Slot::opened(wallets()[0].owner, 1) }
}

/// Each entry that does something to a rich slot, with a pot that can be collected.
fn one_of_each() -> [Entry; KINDS.len()] {
    let (slot, amount, owner) = (0, 1, wallets()[0].owner);
    let recipient = L1Address([1; 20]);
    [
        Entry::Idle { slot },
        Entry::Open { slot: 1, owner, token: 0 },
        DEBIT,
        Entry::Credit { slot, amount },
        Entry::Withdraw { slot, amount, fee: 2, valid_until: TIMESTAMP, pot: 1, recipient },
        Entry::Deposit { slot, amount },
        Entry::Exit { slot, owner },
        Entry::Collect { slot, pot: 0 },
    ]
}

#[test]
fn what_an_entry_does_is_what_the_table_of_kinds_says() {
    for (entry, facts) in one_of_each().iter().zip(&KINDS) {
        let (mut machine, rich) = bench(rich());
        machine.pots[0] = FeePot { token: 1, amount: 1 };
        machine.token = 1;
        machine.remaining = if facts.continues { 1 } else { 0 };
        let refused = { machine }.step(entry, &None).map_err(|rule| rule.code());
        assert_eq!(refused.err() == Some("slot_not_open"), facts.needs_open, "{}", facts.name);
        let before = if entry.slot() == 0 { rich } else { None };
        let (start, stepped) = (machine, machine.step(entry, &before).expect(facts.name));
        assert_eq!(machine.data_words, facts.data_words(), "{}", facts.name);
        assert_eq!(machine.l1_words, facts.l1_words(), "{}", facts.name);
        let running = Machine { remaining: 2, ..start }.step(entry, &before);
        let is_refused = running.map_err(|rule| rule.code()).err() == Some("transaction_running");
        assert_eq!(is_refused, !facts.continues, "{}", facts.name);
        let (Some(before), Some(after)) = (before, stepped.leaf) else { continue };
        let direction = match after.balance.cmp(&before.balance) {
            Ordering::Less => Direction::Out,
            Ordering::Equal => Direction::None,
            Ordering::Greater => Direction::In,
        };
        assert_eq!(direction, facts.direction, "{}", facts.name);
        assert_eq!(after.nonce - before.nonce, u32::from(facts.spends), "{}", facts.name);
    }
}

#[test]
fn a_slots_last_nonce_is_never_signed() {
    let (mut machine, leaf) = bench(Slot { nonce: u32::MAX - 1, ..rich() });
    let last = machine.step(&DEBIT, &leaf).expect("nonce 2^32 - 2 may be signed").leaf;
    assert_eq!(last.map(|slot| slot.nonce), Some(u32::MAX));
    machine.remaining = 0;
    assert_eq!(machine.step(&DEBIT, &last), Err(RuleError::NonceExhausted));
}

#[test]
fn balances_and_pots_stay_below_two_to_the_62() {
    let (mut machine, leaf) = bench(Slot { balance: AMOUNT_MAX, ..rich() });
    let before = machine;
    let refused = RuleError::BalanceTooLarge { balance: AMOUNT_MAX, amount: 1 };
    assert_eq!(machine.step(&Entry::Deposit { slot: 0, amount: 1 }, &leaf), Err(refused));
    machine.pots[0] = FeePot { token: 1, amount: AMOUNT_MAX };
    assert_eq!(machine.step(&DEBIT, &leaf), Err(RuleError::PotTooLarge { pot: 0 }));
    assert_eq!(
        machine.step(&Entry::Collect { slot: 0, pot: 0 }, &leaf).map_err(|e| e.code()),
        Err("balance_too_large")
    );
    machine.pots = before.pots;
    assert_eq!(machine, before);
    assert!(machine.step(&DEBIT, &leaf).is_ok());
}

#[test]
fn an_emptied_pot_takes_any_token() {
    let (mut machine, leaf) = bench(rich());
    machine.pots[0] = FeePot { token: 9, amount: 1 };
    let refused = RuleError::PotTaken { pot: 0, held: 9, token: 1 };
    assert_eq!(machine.step(&DEBIT, &leaf), Err(refused));
    machine.pots[0].amount = 0;
    assert!(machine.step(&DEBIT, &leaf).is_ok());
    assert_eq!(machine.pots[0], FeePot { token: 1, amount: 1 });
}

#[test]
fn an_open_slot_is_not_opened_again() {
    let (mut machine, leaf) = bench(rich());
    let open = Entry::Open { slot: 1, owner: wallets()[1].owner, token: 0 };
    assert_eq!(machine.step(&open, &leaf), Err(RuleError::SlotAlreadyOpen { slot: 1 }));
    assert!(machine.step(&open, &None).is_ok());
    machine.next_slot = 1 << 32;
    let refused = Err(RuleError::SlotNotNext { slot: 0, next_slot: 1 << 32 });
    assert_eq!(
        machine.step(&Entry::Open { slot: 0, owner: wallets()[1].owner, token: 0 }, &None),
        refused
    );
}

#[test]
fn nothing_but_credits_stands_in_a_transaction() {
    let (mut machine, leaf) = bench(rich());
    let after = machine.step(&DEBIT, &leaf).expect("covered").leaf;
    let owner = wallets()[0].owner;
    let recipient = L1Address([1; 20]);
    let (amount, fee, valid_until, pot) = (1, 0, TIMESTAMP, 0);
    let others = [
        Entry::Idle { slot: 0 },
        Entry::Open { slot: 1, owner, token: 0 },
        DEBIT,
        Entry::Withdraw { slot: 0, amount, fee, valid_until, pot, recipient },
        Entry::Deposit { slot: 0, amount },
        Entry::Exit { slot: 0, owner },
        Entry::Collect { slot: 0, pot },
    ];
    let running = machine;
    for entry in others {
        let refused = Err(RuleError::TransactionRunning { remaining: 5 });
        assert_eq!(machine.step(&entry, &after), refused, "{entry:?}");
        assert_eq!(machine, running);
    }
    let credit = Entry::Credit { slot: 0, amount: 5 };
    assert!(machine.step(&credit, &after).is_ok_and(|stepped| stepped.owed.is_some()));
    let refused = Err(RuleError::CreditTooLarge { amount: 5, remaining: 0 });
    assert_eq!(machine.step(&credit, &after), refused);
}

#[test]
fn a_batch_ends_settled_and_not_empty() {
    let tree = SlotTree::from_slots(vec![rich()]);
    let builder = || BatchBuilder::new(&tree, domain(), TIMESTAMP);
    assert_eq!(builder().seal(1).err(), Some(RuleError::EmptyBatch));
    let payments = vec![Payment { owner: wallets()[0].owner, amount: 5 }];
    let (slot, token, nonce, fee, valid_until) = (0, 1, 0, 1, TIMESTAMP);
    let transfer = Transfer { slot, token, nonce, fee, valid_until, payments };
    let accepted = accepted(Transaction::Transfer(transfer), wallet_of(&wallets()[0].owner));
    let entries = accepted.entries(2, |_| Some(0)).expect("resolved");
    let mut batch = builder();
    batch.push(&entries, &[accepted.signed_message()]).expect("covered and signed");
    assert_eq!(batch.clone().seal(1).err(), Some(RuleError::PotNotCollected { pot: 2 }));
    let Group { entries, signed } = unsigned(Entry::Collect { slot: 0, pot: 2 });
    batch.push(&entries, &signed).expect("the pot holds a fee");
    assert!(batch.seal(1).is_ok());
}

#[test]
fn a_batch_takes_its_last_word_and_no_more() {
    let tree = SlotTree::from_slots(vec![rich()]);
    let mut batch = BatchBuilder::new(&tree, domain(), TIMESTAMP);
    let exit = Entry::Exit { slot: 0, owner: wallets()[1].owner };
    let exits = vec![exit; L1_WORDS_MAX as usize / 2];
    batch.push(&exits, &[]).expect("exactly the limit of L1 words");
    let refused = Err(RuleError::TooManyL1Words { words: L1_WORDS_MAX + 2 });
    assert_eq!(batch.push(&[exit], &[]), refused);
    let owner = wallets()[0].owner;
    let opens = |from: u32, to: u32| -> Vec<Entry> {
        (from..to).map(|slot| Entry::Open { slot, owner, token: 0 }).collect()
    };
    let room = DATA_WORDS_MAX - L1_WORDS_MAX / 2;
    let refused = Err(RuleError::TooManyDataWords { words: DATA_WORDS_MAX + 1 });
    assert_eq!(batch.push(&opens(1, room + 2), &[]), refused);
    batch.push(&opens(1, room + 1), &[]).expect("exactly the limit of data words");
    assert_eq!(batch.machine().data_words, DATA_WORDS_MAX);
    let sealed = batch.seal(1).expect("settled");
    let mut updated = tree.clone();
    assert_eq!(sealed.update(&mut updated), Ok(()));
    assert_eq!(updated.len(), room as usize + 1);
    const { assert!(PAYMENTS_MAX + 2 <= DATA_WORDS_MAX as usize) };
}
