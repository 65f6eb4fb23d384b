//! The slot that an entry touches: a lie about each statement of `entry::access`, of the range
//! checks and of the path.

use plonky2::field::goldilocks_field::GoldilocksField as F;
use plonky2::field::types::Field;
use sheaf_circuits::entry::access::AccessRow;
use sheaf_circuits::entry::row::EntryWires;
use sheaf_circuits::entry::transaction::TransactionRow;
use sheaf_circuits::entry::witness::EntryWitness;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::limits::AMOUNT_MAX;
use sheaf_ledger::machine::{FeePot, Machine};
use sheaf_ledger::owner::Owner;

use crate::entry::liar::*;
use crate::entry::{circuit, layout, public_inputs};
use crate::trace::Violation;

#[test]
fn what_is_lied_about_here_is_allowed_when_true() {
    let collect = Entry::Collect { slot: ALICES, pot: 1 };
    let opened = Entry::Open { slot: NEXT, owner: BOB, token: 9 };
    let one = debit(ALICES, 30, 5);
    for (setup, entry) in [
        (vec![], Entry::Idle { slot: UNOPENED }),
        (vec![], opened),
        (vec![], one),
        (vec![one], credit(BOBS, 10)),
        (vec![one], credit(BOBS, 30)),
        (vec![], withdraw(ALICES, 95, 5)),
        (vec![], deposit(BOBS, 7)),
        (vec![], exit(ALICES, ALICE)),
        (vec![], exit(ALICES, BOB)),
        (vec![], exit(UNOPENED, BOB)),
        (paid().to_vec(), collect),
    ] {
        let mut honest = Liar::after(&setup);
        let truth = honest.truth(entry);
        assert_eq!(truth.violations(), vec![], "{entry:?}");
        honest.world.run(&honest.world.touch(entry));
        let ends = public_inputs(&honest.before, &honest.world.machine);
        assert_eq!(truth.public_inputs(), ends, "{entry:?}");
    }
}

#[test]
fn access_1_an_entry_is_of_one_kind() {
    let two_kinds = |wires: &mut EntryWires<F>| wires.kind[4] = F::ONE;
    let found = Liar::after(&[]).breaks(exit(ALICES, ALICE), two_kinds, &[]);
    assert_eq!(found, only("EntryAccess"));
    let twice = |wires: &mut EntryWires<F>| wires.kind[4] = F::TWO;
    let found = Liar::after(&[]).breaks(deposit(ALICES, 1), twice, &[]);
    assert!(found.contains("EntryAccess"));
}

#[test]
fn access_2_the_slot_is_the_paths() {
    let slot = wire::<AccessRow>(|_, outputs, _| outputs.slot[0]);
    assert_eq!(Liar::after(&[]).shifted(deposit(ALICES, 1), slot), only("EntryAccess"));
    let half = |wires: &mut EntryWires<F>| wires.bits[3] = F::TWO;
    let found = Liar::after(&[]).breaks(Entry::Idle { slot: ALICES }, half, &[]);
    assert!(found.contains("PoseidonGate".trim_end_matches("Gate")), "{found:?}");
}

#[test]
fn access_3_an_unopened_leaf_is_nothing() {
    let idle = Entry::Idle { slot: UNOPENED };
    for field in 0..6 {
        let tamper = |wires: &mut EntryWires<F>| {
            let EntryWires { owner: [o0, o1, o2], token, balance, nonce, .. } = wires;
            *[o0, o1, o2, &mut token[0], &mut balance[0], &mut nonce[0]][field] = F::ONE;
        };
        assert_eq!(Liar::after(&[]).breaks(idle, tamper, &[]), only("EntryAccess"));
    }
    // An open leaf as unopened, an unopened one as open: the path leads elsewhere.
    let hide = |wires: &mut EntryWires<F>| {
        (wires.open, wires.owner) = ([F::ZERO], [F::ZERO; 3]);
        (wires.token, wires.balance, wires.amount) = ([F::ZERO], [F::ZERO], [F::ZERO]);
    };
    assert!(Liar::after(&[]).breaks(exit(ALICES, ALICE), hide, &[]).contains("Poseidon"));
    let invent = |wires: &mut EntryWires<F>| {
        (wires.open, wires.owner) = ([F::ONE], wires.subject);
        (wires.balance, wires.amount) = ([number(77)], [number(77)]);
    };
    let found = Liar::after(&[]).breaks(exit(UNOPENED, BOB), invent, &[]);
    assert!(found.contains("Poseidon") && !found.contains("EntryAccess"), "{found:?}");
    let after = wire::<AccessRow>(|_, outputs, _| outputs.digest_after[2]);
    assert_eq!(Liar::after(&[]).shifted(deposit(ALICES, 1), after), only("EntryAccess"));
    let before = wire::<AccessRow>(|_, outputs, _| outputs.digest_before[2]);
    assert!(Liar::after(&[]).shifted(deposit(ALICES, 1), before).contains("EntryAccess"));
}

#[test]
fn access_4_slots_are_opened_in_order_and_once() {
    let open = |slot| Entry::Open { slot, owner: BOB, token: 1 };
    assert_eq!(Liar::after(&[]).refused(open(NEXT + 1)), only("EntryAccess"));
    let again = Liar::after_changed(&[], |machine| machine.next_slot = 0);
    assert_eq!(again.refused(open(0)), only("EntryAccess"));
    let next = wire::<AccessRow>(|_, outputs, _| outputs.next_slot[0]);
    assert_eq!(Liar::after(&[]).shifted(open(NEXT), next), only("EntryAccess"));
}

#[test]
fn access_5_nobody_pays_or_is_paid_without_a_slot() {
    assert_eq!(Liar::after(&[]).refused(deposit(UNOPENED, 1)), only("EntryAccess"));
    let running = [debit(ALICES, 30, 5)];
    let found = Liar::after(&running).refused(credit(UNOPENED, 30));
    assert!(found.contains("EntryAccess"));
    assert!(Liar::after(&[]).refused(debit(UNOPENED, 1, 0)).contains("EntryAccess"));
    assert!(Liar::after(&[]).refused(withdraw(UNOPENED, 1, 0)).contains("EntryAccess"));
    let zero = |machine: &mut Machine| machine.pots[0] = FeePot { token: 0, amount: 3 };
    let collect = Entry::Collect { slot: UNOPENED, pot: 0 };
    assert_eq!(Liar::after_changed(&[], zero).refused(collect), only("EntryAccess"));
}

#[test]
fn access_6_only_the_owner_is_the_owner() {
    let same_owner = wire::<AccessRow>(|_, _, hints| hints.same_owner[0]);
    let take = |wires: &mut EntryWires<F>| wires.amount = wires.balance;
    let found = Liar::after(&[]).breaks(exit(ALICES, BOB), take, &[(same_owner, F::ONE)]);
    assert_eq!(found, only("EntryAccess"));
    // An owner who differs in one element, with hints that name no difference.
    let hint = |i: usize| (wire::<AccessRow>(|_, _, hints| hints.difference[i]), F::ZERO);
    let forced = [hint(0), hint(1), hint(2), (same_owner, F::ONE)];
    for element in 0..3 {
        let mut near = ALICE;
        near.0[element] += Fe::ONE;
        let found = Liar::after(&[]).breaks(exit(ALICES, near), take, &forced);
        assert_eq!(found, only("EntryAccess"), "element {element}");
    }
    let keep = |wires: &mut EntryWires<F>| wires.amount = [F::ZERO];
    let found = Liar::after(&[]).breaks(exit(ALICES, ALICE), keep, &[(same_owner, F::ZERO)]);
    assert_eq!(found, only("EntryAccess"));
    let nobody = exit(UNOPENED, Owner::default());
    let found = Liar::after(&[]).breaks(nobody, |_| (), &[(same_owner, F::ONE)]);
    assert_eq!(found, only("EntryAccess"));
}

#[test]
fn access_7_the_one_paid_is_the_slots_owner() {
    let other = |wires: &mut EntryWires<F>| wires.subject[1] += F::ONE;
    let found = Liar::after(&[]).breaks(deposit(ALICES, 1), other, &[]);
    assert_eq!(found, only("EntryAccess"));
    let running = [debit(ALICES, 30, 5)];
    let found = Liar::after(&running).breaks(credit(BOBS, 30), other, &[]);
    assert_eq!(found, only("EntryAccess"));
}

#[test]
fn access_8_to_11_amounts_and_fees() {
    let less = |wires: &mut EntryWires<F>| wires.amount[0] -= F::ONE;
    let found = Liar::after(&[]).breaks(exit(ALICES, ALICE), less, &[]);
    assert_eq!(found, only("EntryAccess"));
    let some = |wires: &mut EntryWires<F>| wires.amount[0] = F::ONE;
    let found = Liar::after(&[]).breaks(exit(ALICES, BOB), some, &[]);
    assert_eq!(found, only("EntryAccess"));
    let collect = Entry::Collect { slot: BOBS, pot: 1 };
    assert_eq!(Liar::after(&paid()).breaks(collect, less, &[]), only("EntryAccess"));

    assert_eq!(Liar::after(&[]).refused(deposit(ALICES, 0)), only("EntryAccess"));
    assert_eq!(Liar::after(&[]).refused(debit(ALICES, 0, 1)), only("EntryAccess"));
    assert_eq!(Liar::after(&[]).refused(withdraw(ALICES, 0, 1)), only("EntryAccess"));
    let running = [debit(ALICES, 30, 5)];
    assert_eq!(Liar::after(&running).refused(credit(BOBS, 0)), only("EntryAccess"));
    let empty = Entry::Collect { slot: BOBS, pot: 2 };
    assert_eq!(Liar::after(&[]).refused(empty), only("EntryAccess"));

    let fee = |wires: &mut EntryWires<F>| wires.fee[0] = F::ONE;
    let found = Liar::after(&[]).breaks(deposit(ALICES, 5), fee, &[]);
    assert_eq!(found, only("EntryAccess"));
}

#[test]
fn access_12_the_leaf_after_follows() {
    let spend = debit(ALICES, 30, 5);
    for column in [0, 1, 2, 3, 4, 5] {
        let field = wire::<AccessRow>(|_, outputs, _| {
            let [o0, o1, o2] = outputs.owner;
            [o0, o1, o2, outputs.token[0], outputs.balance[0], outputs.nonce[0]][column]
        });
        assert_eq!(Liar::after(&[]).shifted(spend, field), only("EntryAccess"));
    }
    assert_eq!(Liar::after(&[]).refused(debit(LAST_NONCE, 1, 0)), only("EntryAccess"));
    let open = Entry::Open { slot: NEXT, owner: BOB, token: 1 };
    let wide = |wires: &mut EntryWires<F>| wires.opened_token[0] = number(1 << 16);
    assert_eq!(Liar::after(&[]).breaks(open, wide, &[]), only("EntryAccess"));
    for limb in [wire::<AccessRow>(|_, _, h| h.nonce[15]), wire::<AccessRow>(|_, _, h| h.token[7])]
    {
        assert_eq!(Liar::after(&[]).shifted(spend, limb), only("EntryAccess"));
    }
}

#[test]
fn amounts_and_what_they_leave_are_below_2_to_the_62() {
    assert_eq!(Liar::after(&[]).refused(deposit(BOBS, AMOUNT_MAX + 1)), only("RangeCheck"));
    assert_eq!(Liar::after(&[]).refused(deposit(FULL, 1)), only("RangeCheck"));
    assert_eq!(Liar::after(&[]).refused(debit(ALICES, 96, 5)), only("RangeCheck"));
    assert_eq!(Liar::after(&[]).refused(withdraw(ALICES, 101, 0)), only("RangeCheck"));
    let running = [debit(ALICES, 30, 5)];
    assert_eq!(Liar::after(&running).refused(credit(BOBS, 31)), only("RangeCheck"));
    // A fee that is paid out of a pot, which holds enough for it.
    let mint = |wires: &mut EntryWires<F>| wires.fee[0] = minus(5);
    let holds = |machine: &mut Machine| machine.pots[1] = FeePot { token: 1, amount: 9 };
    for entry in [debit(ALICES, 30, 0), withdraw(ALICES, 30, 0)] {
        let found = Liar::after_changed(&[], holds).breaks(entry, mint, &[]);
        assert_eq!(found, only("RangeCheck"), "{entry:?}");
    }
    let steal = |wires: &mut EntryWires<F>| wires.amount[0] = minus(5);
    let found = Liar::after(&[]).breaks(deposit(ALICES, 1), steal, &[]);
    assert_eq!(found, only("RangeCheck"));

    // The timestamp, which nothing but its own row checks where no transaction is run.
    let timestamp = wire::<TransactionRow>(|inputs, _, _| inputs.timestamp[0]);
    let late = [(timestamp, number(1 << 62))];
    let found = Liar::after(&[]).breaks(Entry::Idle { slot: ALICES }, |_| (), &late);
    assert_eq!(found, only("RangeCheck"));
}

#[test]
fn one_path_leads_to_both_roots() {
    let mut liar = Liar::after(&[]);
    let mut touch = liar.world.touch(deposit(ALICES, 5));
    touch.siblings[7] = Digest([Fe::ONE; 4]);
    liar.entries.push(EntryWitness::new(&liar.world.machine, &touch));
    let inputs = circuit().partial_witness(&liar.before, &liar.entries).expect("a full chunk");
    let violations = layout().fill(inputs, &[]).violations();
    assert!(!violations.is_empty());
    let is_hash = |violation: &Violation| match violation {
        Violation::Gate { gate, .. } => gate.starts_with("Poseidon"),
        Violation::Copy { .. } => false,
    };
    assert!(violations.iter().all(is_hash), "{violations:?}");
}
