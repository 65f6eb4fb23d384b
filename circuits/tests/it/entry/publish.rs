//! Words and chains: a lie about each statement of `entry::subject` and `entry::publish`.

use std::collections::BTreeSet;

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field64;
use sheaf_circuits::entry::publish::PublishRow;
use sheaf_circuits::entry::row::EntryWires;
use sheaf_circuits::entry::subject::SubjectRow;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::limits::AMOUNT_MAX;

use crate::entry::liar::*;

#[test]
fn subject_1_to_3_an_element_has_one_split() {
    let named = exit(ALICES, BOB);
    let outputs =
        |i: usize| wire::<SubjectRow>(|_, outputs, _| [outputs.low[0], outputs.high[0]][i]);
    let hints = |i: usize| {
        wire::<SubjectRow>(|_, _, hints| [hints.highs[0], hints.first[30], hints.third[0]][i])
    };
    for target in [outputs(0), outputs(1), hints(0), hints(1), hints(2)] {
        let found = Liar::after(&[]).shifted(named, target);
        assert_eq!(found, only("EntrySubject"));
    }
    // Bob's first element is 5; 5 + p is its rival below 2^64.
    let rival = 5 + F::ORDER;
    let limbs = (0..31)
        .map(|i| (wire::<SubjectRow>(|_, _, hints| hints.first[i]), number(rival >> (2 * i) & 3)));
    let low = (outputs(0), number(rival & AMOUNT_MAX));
    let highs = [(hints(0), number(3)), (outputs(1), number(3)), low];
    let forced: Vec<_> = limbs.chain(highs).collect();
    let found = Liar::after(&[]).breaks(named, |_| (), &forced);
    assert_eq!(found, only("EntrySubject"));
}

#[test]
fn publish_1_words_say_what_was_done() {
    let fields = |i: usize| {
        wire::<PublishRow>(|_, outputs, _| {
            let [w0, w1, w2, w3] = outputs.word;
            [w0, w1, w2, w3, outputs.l1_tail[0]][i]
        })
    };
    let open = Entry::Open { slot: NEXT, owner: BOB, token: 1 };
    for entry in [open, debit(ALICES, 30, 5), withdraw(ALICES, 3, 1), exit(ALICES, ALICE)] {
        for field in 0..5 {
            let found = Liar::after(&[]).shifted(entry, fields(field));
            assert_eq!(found, only("EntryPublish"), "{entry:?}");
        }
    }
}

#[test]
fn publish_2_a_withdrawals_recipient_is_an_address() {
    for (limb, value) in [(2, 1 << 36), (2, 1 << 61), (0, 1 << 62), (1, 3 << 62), (2, 1 << 62)] {
        let tamper = |wires: &mut EntryWires<F>| wires.subject[limb] = number(value);
        let found = Liar::after(&[]).breaks(withdraw(ALICES, 3, 1), tamper, &[]);
        assert_eq!(found, only("EntryPublish"), "limb {limb}");
    }
    let widest = |wires: &mut EntryWires<F>| wires.subject[2] = number((1 << 36) - 1);
    let found = Liar::after(&[]).breaks(withdraw(ALICES, 3, 1), widest, &[]);
    assert_eq!(found, BTreeSet::new());
}

#[test]
fn publish_3_to_5_chains_grow_by_what_is_published_and_owed() {
    let outputs = |i: usize| {
        wire::<PublishRow>(|_, outputs, _| {
            let counts = [outputs.data_words[0], outputs.l1_words[0]];
            [&counts[..], &outputs.signatures, &outputs.data, &outputs.l1].concat()[i]
        })
    };
    let idle = Entry::Idle { slot: ALICES };
    for entry in [idle, debit(ALICES, 30, 5), withdraw(ALICES, 3, 1), deposit(ALICES, 1)] {
        for output in 0..14 {
            let found = Liar::after(&[]).shifted(entry, outputs(output));
            assert_eq!(found, only("EntryPublish"), "{entry:?}");
        }
    }
}
