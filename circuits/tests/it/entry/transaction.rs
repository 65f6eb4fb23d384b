//! The running transaction and the fee pots: a lie about each statement of `entry::transaction`.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::entry::row::EntryWires;
use sheaf_circuits::entry::transaction::TransactionRow;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::limits::AMOUNT_MAX;
use sheaf_ledger::machine::{FeePot, Machine};

use crate::entry::liar::*;

#[test]
fn transaction_1_one_pot_is_selected() {
    let both = |wires: &mut EntryWires<F>| wires.pot = [F::ONE, F::ONE, F::ZERO];
    let found = Liar::after(&[]).breaks(debit(ALICES, 30, 5), both, &[]);
    assert_eq!(found, only("EntryTransaction"));
    // Two flags and a third that takes one off: their sum is that of one.
    for odd in 0..3 {
        let three = |wires: &mut EntryWires<F>| {
            wires.pot = [F::ONE; 3];
            wires.pot[odd] = F::NEG_ONE;
        };
        let found = Liar::after(&[]).breaks(debit(ALICES, 30, 0), three, &[]);
        assert_eq!(found, only("EntryTransaction"));
    }
    let double = |wires: &mut EntryWires<F>| wires.pot = [F::TWO, F::ZERO, F::ZERO];
    let found = Liar::after(&[]).breaks(debit(ALICES, 30, 0), double, &[]);
    assert_eq!(found, only("EntryTransaction"));
}

#[test]
fn transaction_2_to_5_the_running_transaction() {
    let running = [debit(ALICES, 30, 5)];
    for entry in [
        Entry::Idle { slot: ALICES },
        Entry::Open { slot: NEXT, owner: BOB, token: 1 },
        debit(BOBS, 1, 0),
        withdraw(BOBS, 1, 0),
        deposit(BOBS, 1),
        exit(BOBS, BOB),
        Entry::Collect { slot: BOBS, pot: 1 },
    ] {
        assert_eq!(Liar::after(&running).refused(entry), only("EntryTransaction"), "{entry:?}");
    }
    let found = Liar::after(&running).refused(credit(OTHER_TOKEN, 30));
    assert_eq!(found, only("EntryTransaction"));
    for column in 0..5 {
        let field = wire::<TransactionRow>(|_, outputs, _| {
            let [s0, s1, s2] = outputs.signer;
            [s0, s1, s2, outputs.running_token[0], outputs.remaining[0]][column]
        });
        let found = Liar::after(&[]).shifted(running[0], field);
        assert_eq!(found, only("EntryTransaction"));
    }
}

#[test]
fn transaction_6_and_7_fee_pots() {
    let other_token = Entry::Withdraw {
        slot: OTHER_TOKEN,
        amount: 1,
        fee: 1,
        valid_until: NOW,
        pot: 1,
        recipient: L1Address([1; 20]),
    };
    assert_eq!(Liar::after(&paid()).refused(other_token), only("EntryTransaction"));
    let found = Liar::after(&paid()).refused(debit(OTHER_TOKEN, 1, 1));
    assert_eq!(found, only("EntryTransaction"));
    let collect = Entry::Collect { slot: OTHER_TOKEN, pot: 1 };
    assert_eq!(Liar::after(&paid()).refused(collect), only("EntryTransaction"));
    let full = |machine: &mut Machine| machine.pots[1] = FeePot { token: 1, amount: AMOUNT_MAX };
    let found = Liar::after_changed(&[], full).refused(debit(ALICES, 1, 1));
    assert_eq!(found, only("RangeCheck"));
    for checked in 0..2 {
        let field = wire::<TransactionRow>(|_, outputs, _| {
            [outputs.spare[0], outputs.pot_after[0]][checked]
        });
        let found = Liar::after(&[]).shifted(debit(ALICES, 30, 5), field);
        assert_eq!(found, only("EntryTransaction"));
    }
    for pot in 0..8 {
        let field = wire::<TransactionRow>(|_, outputs, _| outputs.pots[pot]);
        let found = Liar::after(&[]).shifted(debit(ALICES, 30, 5), field);
        assert_eq!(found, only("EntryTransaction"));
    }
    // A Collect that pays from one pot and empties another.
    let two = |machine: &mut Machine| machine.pots[0] = FeePot { token: 1, amount: 9 };
    let held = wire::<TransactionRow>(|_, _, hints| hints.pot_amount[0]);
    let left = wire::<TransactionRow>(|_, outputs, _| outputs.pot_after[0]);
    let forced = [(held, number(9)), (left, F::ZERO)];
    let more = |wires: &mut EntryWires<F>| wires.amount[0] = number(9);
    let collect = Entry::Collect { slot: BOBS, pot: 1 };
    let found = Liar::after_changed(&paid(), two).breaks(collect, more, &forced);
    assert_eq!(found, only("EntryTransaction"));
}

#[test]
fn transaction_8_nothing_is_run_after_its_time() {
    for valid_until in [NOW - 1, 0, u32::MAX] {
        let late = Entry::Debit { slot: ALICES, total: 1, fee: 0, valid_until, pot: 0 };
        assert_eq!(Liar::after(&[]).refused(late), only("EntryTransaction"), "{valid_until}");
        let recipient = L1Address([1; 20]);
        let late =
            Entry::Withdraw { slot: ALICES, amount: 1, fee: 0, valid_until, pot: 0, recipient };
        assert_eq!(Liar::after(&[]).refused(late), only("EntryTransaction"), "{valid_until}");
    }
    for odd in [minus(1), minus(u64::from(u32::MAX)), number(1 << 32)] {
        let tamper = |wires: &mut EntryWires<F>| wires.valid_until[0] = odd;
        let found = Liar::after(&[]).breaks(debit(ALICES, 1, 0), tamper, &[]);
        assert_eq!(found, only("EntryTransaction"));
    }
}

#[test]
fn transaction_9_the_message_is_what_the_owner_signed() {
    let spend = debit(ALICES, 30, 5);
    for column in 0..3 {
        let field = wire::<TransactionRow>(|_, outputs, _| {
            [outputs.tag[0], outputs.slot_and_token[0], outputs.nonce_and_validity[0]][column]
        });
        assert_eq!(Liar::after(&[]).shifted(spend, field), only("EntryTransaction"));
    }
    for element in 0..4 {
        let start = wire::<TransactionRow>(|_, outputs, _| outputs.payee_message[element]);
        let message = wire::<TransactionRow>(|_, outputs, _| outputs.message[element]);
        for (setup, entry) in [(vec![], withdraw(ALICES, 1, 0)), (vec![spend], credit(BOBS, 10))] {
            for field in [start, message] {
                let found = Liar::after(&setup).shifted(entry, field);
                assert_eq!(found, only("EntryTransaction"), "{entry:?}");
            }
        }
    }
}

#[test]
fn transaction_10_a_signature_is_owed_when_all_is_paid() {
    let running = [debit(ALICES, 30, 5)];
    let paid_up = wire::<TransactionRow>(|_, _, hints| hints.paid_up[0]);
    let owed = wire::<TransactionRow>(|_, outputs, _| outputs.owed[0]);
    for (entry, claim) in [(credit(BOBS, 30), F::ZERO), (credit(BOBS, 10), F::ONE)] {
        for wire in [paid_up, owed] {
            let found = Liar::after(&running).breaks(entry, |_| (), &[(wire, claim)]);
            assert_eq!(found, only("EntryTransaction"), "{entry:?}");
        }
        let both = [(paid_up, claim), (owed, claim)];
        let found = Liar::after(&running).breaks(entry, |_| (), &both);
        assert_eq!(found, only("EntryTransaction"), "{entry:?}");
    }
    // Paid up with an inverse that is none.
    let inverse = wire::<TransactionRow>(|_, _, hints| hints.inverse_remaining[0]);
    let forced = [(paid_up, F::ONE), (inverse, F::ZERO), (owed, F::ONE)];
    let found = Liar::after(&running).breaks(credit(BOBS, 10), |_| (), &forced);
    assert_eq!(found, only("EntryTransaction"));
    let found = Liar::after(&[]).breaks(withdraw(ALICES, 1, 0), |_| (), &[(owed, F::ZERO)]);
    assert_eq!(found, only("EntryTransaction"));
}
