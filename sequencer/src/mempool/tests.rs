//! The mempool against its rules; `leaving` empties it, so that tests compare whole contents.

use std::sync::LazyLock;
use std::time::Duration;

use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::key::{DecodedKey, SecretKey};
use sheaf_ledger::domain::Domain;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::limits::PAYMENTS_MAX;
use sheaf_ledger::transaction::{Payment, SignedTransaction, Transaction, Transfer, Withdrawal};

use super::*;

const RICH: Account = Account { balance: 1_000_000, nonce: 0 };

/// The key of every owner here; their L1 addresses tell them apart.
static KEY: LazyLock<(SecretKey, DecodedKey)> = LazyLock::new(|| {
    let mut bytes = [0; 40];
    bytes[0] = 1;
    let secret = SecretKey::from_bytes(&bytes).expect("one is a scalar");
    let key = DecodedKey::new(secret.public_key()).expect("a key of a secret is a point");
    (secret, key)
});

/// Signed by the slot's owner, and admitted.
fn admitted(slot: u32, transaction: Transaction) -> AdmittedTransaction {
    let (secret, key) = &*KEY;
    let domain = Domain(core::array::from_fn(|_| Fe::ONE));
    let mut address = L1Address([0; 20]);
    address.0[..4].copy_from_slice(&slot.to_le_bytes());
    let signed = SignedTransaction::sign(transaction, &domain, (secret, address), &mut rand::rng());
    let checked = signed.and_then(|signed| signed.check(&domain)).expect("the rules of form");
    AdmittedTransaction::new(checked.accept(key).expect("it is signed"), |_| None)
}

/// A withdrawal of 10 units.
fn withdrawal(slot: u32, nonce: u32) -> Withdrawal {
    let (token, fee, valid_until, amount) = (0, 0, 0, 10);
    Withdrawal { slot, token, nonce, fee, valid_until, amount, recipient: L1Address([0; 20]) }
}

fn transaction(slot: u32, nonce: u32) -> AdmittedTransaction {
    admitted(slot, Transaction::Withdrawal(withdrawal(slot, nonce)))
}

/// The same to another recipient: `tag` tells apart those with the same slot and nonce.
fn tagged(slot: u32, nonce: u32, tag: u8) -> AdmittedTransaction {
    let recipient = L1Address([tag; 20]);
    let withdrawal = Withdrawal { recipient, ..withdrawal(slot, nonce) };
    admitted(slot, Transaction::Withdrawal(withdrawal))
}

/// A transfer of one unit to each of so many recipients.
fn transfer(slot: u32, nonce: u32, payments: usize) -> AdmittedTransaction {
    let payments = vec![Payment { owner: Owner([Fe::ZERO; 3]), amount: 1 }; payments];
    let (token, fee, valid_until) = (0, 0, 0);
    let transfer = Transfer { slot, token, nonce, fee, valid_until, payments };
    admitted(slot, Transaction::Transfer(transfer))
}

fn nonce_of(pending: &Pending<char>) -> u32 {
    pending.transaction.terms().nonce
}

/// Slot, nonce and waiters of everything that leaves, in order.
fn leaving(mempool: &mut Mempool<char>) -> Vec<(u32, u32, Vec<char>)> {
    std::iter::from_fn(|| mempool.take())
        .map(|pending| (pending.transaction.terms().slot, nonce_of(&pending), pending.waiters))
        .collect()
}

fn rejection(inserted: Inserted<char>) -> Rejection {
    match inserted {
        Inserted::Rejected(_, rejection) => rejection,
        Inserted::Ready | Inserted::Held(_) => panic!("it was taken"),
    }
}

fn is_ready(inserted: Inserted<char>) -> bool {
    matches!(inserted, Inserted::Ready)
}

#[test]
fn what_is_ready_leaves_in_the_order_of_readiness() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    assert!(is_ready(mempool.insert(transaction(1, 0), 'a', RICH, now)));
    assert!(matches!(mempool.insert(transaction(2, 1), 'b', RICH, now), Inserted::Held('b')));
    assert!(is_ready(mempool.insert(transaction(1, 1), 'c', RICH, now)));
    assert!(is_ready(mempool.insert(transaction(3, 0), 'd', RICH, now)));
    assert!(is_ready(mempool.insert(transaction(2, 0), 'e', RICH, now)));
    assert_eq!((mempool.next_nonce(2), mempool.next_nonce(4)), (Some(2), None));
    let expected = [(1, 0, "a"), (1, 1, "c"), (3, 0, "d"), (2, 0, "e"), (2, 1, "")];
    let expected = expected.map(|(slot, nonce, who)| (slot, nonce, who.chars().collect()));
    assert_eq!(leaving(&mut mempool), expected);
    assert!(mempool.is_empty() && mempool.per_owner.is_empty() && mempool.queues.is_empty());
}

#[test]
fn a_missing_nonce_holds_what_follows() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    mempool.insert(transaction(1, 1), 'a', RICH, now);
    assert_eq!(leaving(&mut mempool), []);
    assert_eq!(mempool.len(), 1);
}

#[test]
fn the_same_again_joins_and_another_with_its_nonce_is_refused() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    for waiter in ['a', 'b', 'c', 'd'] {
        assert!(is_ready(mempool.insert(transaction(1, 0), waiter, RICH, now)));
    }
    assert!(matches!(mempool.insert(transaction(1, 0), 'e', RICH, now), Inserted::Held('e')));
    let other = mempool.insert(tagged(1, 0, 1), 'f', RICH, now);
    assert_eq!(rejection(other), Rejection::NonceTaken { nonce: 0 });
    assert_eq!(leaving(&mut mempool), [(1, 0, vec!['a', 'b', 'c', 'd'])]);
}

#[test]
fn nonces_behind_and_far_ahead_are_refused() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    let account = Account { nonce: 5, ..RICH };
    let refused = rejection(mempool.insert(transaction(1, 4), 'a', account, now));
    assert_eq!(refused, Rejection::NonceUsed { nonce: 4, next: 5 });
    let far = 5 + NONCE_GAP_MAX;
    assert!(matches!(mempool.insert(transaction(1, far), 'b', account, now), Inserted::Held(_)));
    let refused = rejection(mempool.insert(transaction(1, far + 1), 'c', account, now));
    assert_eq!(refused, Rejection::NonceTooFar { nonce: far + 1, next: 5 });
}

#[test]
fn what_waits_is_reserved() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    let account = Account { balance: 25, nonce: 0 };
    assert!(is_ready(mempool.insert(transaction(1, 0), 'a', account, now)));
    assert!(is_ready(mempool.insert(transaction(1, 1), 'b', account, now)));
    let refused = rejection(mempool.insert(transaction(1, 2), 'c', account, now));
    assert_eq!(refused, RuleError::BalanceTooLow { balance: 5, needed: 10 }.into());
    let account = Account { balance: 30, nonce: 0 };
    assert!(is_ready(mempool.insert(transaction(1, 2), 'd', account, now)));
}

#[test]
fn one_owner_cannot_fill_the_mempool() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    let limit = WAITING_PAYMENTS_PER_OWNER_MAX;
    let full = (limit / 4) as u32;
    for nonce in 0..full {
        assert!(is_ready(mempool.insert(transfer(1, nonce, 4), 'a', RICH, now)));
    }
    let refused = rejection(mempool.insert(transaction(1, full), 'b', RICH, now));
    assert_eq!(refused, Rejection::OwnerLimit { limit });
    assert!(is_ready(mempool.insert(transaction(2, 0), 'c', RICH, now)));
    mempool.take();
    let refused = rejection(mempool.insert(transfer(1, full, 5), 'd', RICH, now));
    assert_eq!(refused, Rejection::OwnerLimit { limit });
    assert!(is_ready(mempool.insert(transfer(1, full, 4), 'e', RICH, now)));
}

#[test]
fn what_is_ready_is_bounded_by_its_payments() {
    for payments in [16, PAYMENTS_MAX] {
        let (mut mempool, now) = (Mempool::default(), Instant::now());
        for slot in 0..(READY_PAYMENTS_MAX / payments) as u32 {
            assert!(is_ready(mempool.insert(transfer(slot, 0, payments), 'a', RICH, now)));
        }
        let refused = rejection(mempool.insert(transaction(u32::MAX, 0), 'b', RICH, now));
        assert_eq!(refused, Rejection::MempoolFull);
        // What is held has bounds of its own.
        let held = mempool.insert(transaction(u32::MAX, 1), 'c', RICH, now);
        assert!(matches!(held, Inserted::Held('c')));
        mempool.take();
        assert!(is_ready(mempool.insert(transaction(u32::MAX, 0), 'd', RICH, now)));
    }
}

/// Held transactions become ready with the nonce that they wait for, so the nonce needs room for
/// all of them.
#[test]
fn what_becomes_ready_together_is_bounded_together() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    let most = (READY_PAYMENTS_MAX / PAYMENTS_MAX) as u32;
    for slot in 2..most + 1 {
        assert!(is_ready(mempool.insert(transfer(slot, 0, PAYMENTS_MAX), 'a', RICH, now)));
    }
    // There is room for the first two nonces together and no more; behind them is a gap.
    for nonce in [1, 3] {
        let held = mempool.insert(transfer(1, nonce, PAYMENTS_MAX / 2), 'b', RICH, now);
        assert!(matches!(held, Inserted::Held('b')));
    }
    let refused = rejection(mempool.insert(transfer(1, 0, PAYMENTS_MAX / 2 + 1), 'c', RICH, now));
    assert_eq!(refused, Rejection::MempoolFull);
    assert!(is_ready(mempool.insert(transfer(1, 0, PAYMENTS_MAX / 2), 'd', RICH, now)));
    assert_eq!(mempool.payments(), (READY_PAYMENTS_MAX, PAYMENTS_MAX / 2));
    let refused = rejection(mempool.insert(transaction(1, 2), 'e', RICH, now));
    assert_eq!(refused, Rejection::MempoolFull);
    mempool.take();
    assert!(is_ready(mempool.insert(transaction(1, 2), 'f', RICH, now)));
}

#[test]
fn what_one_owner_has_held_is_bounded_by_its_payments() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    let limit = HELD_PAYMENTS_PER_OWNER_MAX;
    for nonce in 1..=4 {
        let held = mempool.insert(transfer(1, nonce, limit / 4), 'a', RICH, now);
        assert!(matches!(held, Inserted::Held('a')));
    }
    let refused = rejection(mempool.insert(transaction(1, 5), 'b', RICH, now));
    assert_eq!(refused, Rejection::HeldLimit { limit });
    // The nonce that all of them wait for is no held one, and makes room.
    assert!(is_ready(mempool.insert(transaction(1, 0), 'c', RICH, now)));
    assert!(is_ready(mempool.insert(transaction(1, 5), 'd', RICH, now)));
    assert!(matches!(mempool.insert(transaction(1, 7), 'e', RICH, now), Inserted::Held('e')));
}

#[test]
fn held_transactions_of_many_owners_keep_no_ready_one_out() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    let owners = (HELD_PAYMENTS_MAX / HELD_PAYMENTS_PER_OWNER_MAX) as u32;
    let payments = 16;
    for slot in 0..owners {
        for nonce in 1..=(HELD_PAYMENTS_PER_OWNER_MAX / payments) as u32 {
            let held = mempool.insert(transfer(slot, nonce, payments), 'a', RICH, now);
            assert!(matches!(held, Inserted::Held('a')));
        }
    }
    let refused = rejection(mempool.insert(transaction(owners, 1), 'b', RICH, now));
    assert_eq!(refused, Rejection::HeldFull);
    assert!(is_ready(mempool.insert(transaction(owners, 0), 'c', RICH, now)));
    assert_eq!(leaving(&mut mempool), [(owners, 0, vec!['c'])]);
    assert_eq!(mempool.end_holds(now + HOLD_TIMEOUT).len(), HELD_PAYMENTS_MAX / payments);
    assert!(matches!(mempool.insert(transaction(owners, 1), 'd', RICH, now), Inserted::Held('d')));
}

/// Somebody sends later nonces, then the first, which is refused when its turn comes; then the
/// first again, and so on.
#[test]
fn one_owner_whose_queue_is_held_back_again_and_again_keeps_nobody_out() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    let mut nonce = 1;
    while matches!(mempool.insert(transaction(1, nonce), 'a', RICH, now), Inserted::Held(_)) {
        nonce += 1;
    }
    let held = mempool.len();
    let rounds = (READY_PAYMENTS_MAX / held + 2) as u8;
    for tag in 1..=rounds {
        assert!(is_ready(mempool.insert(tagged(1, 0, tag), 'a', RICH, now)));
        assert_eq!((mempool.ready.len(), mempool.held.len()), (held + 1, 0));
        mempool.take();
        assert_eq!(mempool.hold_back(1, 0).len(), 0);
        assert_eq!((mempool.ready.len(), mempool.held.len(), mempool.len()), (0, held, held));
    }
    assert!(is_ready(mempool.insert(transaction(2, 0), 'b', RICH, now)));
    assert!(matches!(mempool.insert(transaction(3, 1), 'c', RICH, now), Inserted::Held('c')));
}

#[test]
fn a_queue_held_back_keeps_no_more_than_may_be_held() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    let limit = HELD_PAYMENTS_PER_OWNER_MAX;
    let most = limit as u32;
    for nonce in 0..most + 3 {
        assert!(is_ready(mempool.insert(transaction(1, nonce), 'a', RICH, now)));
    }
    mempool.take();
    let gone = mempool.hold_back(1, 0);
    let gone: Vec<_> = gone.into_iter().map(|(one, why)| (nonce_of(&one), why)).collect();
    let refused = Rejection::HeldLimit { limit };
    assert_eq!(gone, [(most + 2, refused), (most + 1, refused)]);
    assert!(is_ready(mempool.insert(transaction(1, 0), 'b', RICH, now)));
    assert_eq!(leaving(&mut mempool).len(), limit + 1);
    assert_eq!((mempool.usage, mempool.per_owner.len()), (Usage::default(), 0));
}

#[test]
fn holds_end_and_ready_ones_stay() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    mempool.insert(transaction(1, 1), 'a', RICH, now);
    mempool.insert(transaction(2, 1), 'b', RICH, now);
    mempool.insert(transaction(2, 0), 'c', RICH, now);
    let early = now + HOLD_TIMEOUT - Duration::from_millis(1);
    assert!(mempool.end_holds(early).is_empty());
    let expired = mempool.end_holds(now + HOLD_TIMEOUT);
    let expired: Vec<_> =
        expired.iter().map(|(pending, _)| pending.transaction.terms().slot).collect();
    assert_eq!(expired, [1]);
    assert_eq!(leaving(&mut mempool), [(2, 0, vec!['c']), (2, 1, vec![])]);
}

#[test]
fn what_no_batch_may_take_any_more_leaves_whether_ready_or_held() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    let until = |slot, nonce, valid_until| {
        let withdrawal = Withdrawal { valid_until, ..withdrawal(slot, nonce) };
        admitted(slot, Transaction::Withdrawal(withdrawal))
    };
    for one in [until(1, 0, 9), until(1, 1, 7), until(1, 2, 9), until(2, 1, 7), until(3, 0, 8)] {
        mempool.insert(one, 'a', RICH, now);
    }
    assert!(mempool.expire(7).is_empty());
    let gone = mempool.expire(8);
    let gone: Vec<_> = gone
        .into_iter()
        .map(|(one, why)| (one.transaction.terms().slot, nonce_of(&one), why))
        .collect();
    let expired = Rejection::Rule(RuleError::Expired { valid_until: 7, timestamp: 8 });
    assert_eq!(gone, [(1, 1, expired), (2, 1, expired)]);
    // What came behind the ready one waits for its nonce; its balance is free again.
    assert_eq!((mempool.next_nonce(1), mempool.queues[&1].reserved), (Some(1), 20));
    assert_eq!(leaving(&mut mempool), [(1, 0, vec!['a']), (3, 0, vec!['a'])]);
    assert_eq!((mempool.len(), mempool.expire(10).len()), (1, 1));
    assert_eq!((mempool.usage, mempool.expiring.len()), (Usage::default(), 0));
}

#[test]
fn an_emptied_slot_gives_back_what_it_no_longer_covers() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    for nonce in 0..3 {
        mempool.insert(transaction(1, nonce), 'a', RICH, now);
    }
    let gone = mempool.resync(1, Account { balance: 15, nonce: 0 });
    let gone: Vec<_> = gone.into_iter().map(|(one, why)| (nonce_of(&one), why)).collect();
    let refused = Rejection::Rule(RuleError::BalanceTooLow { balance: 5, needed: 10 });
    assert_eq!(gone, [(1, refused), (2, refused)]);
    assert_eq!(leaving(&mut mempool), [(1, 0, vec!['a'])]);
}

#[test]
fn after_a_refusal_the_rest_of_the_queue_waits_for_its_nonce() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    for nonce in 0..3 {
        mempool.insert(transaction(1, nonce), 'a', RICH, now);
    }
    mempool.take();
    assert!(mempool.hold_back(1, 0).is_empty());
    assert_eq!(leaving(&mut mempool), []);
    assert!(is_ready(mempool.insert(tagged(1, 0, 1), 'b', RICH, now)));
    let nonces: Vec<u32> = leaving(&mut mempool).into_iter().map(|(_, nonce, _)| nonce).collect();
    assert_eq!(nonces, [0, 1, 2]);
    // Held back for good, they expire by the deadline of their arrival.
    mempool.insert(transaction(2, 0), 'a', RICH, now);
    mempool.insert(transaction(2, 1), 'a', RICH, now);
    mempool.take();
    assert!(mempool.hold_back(2, 0).is_empty());
    assert_eq!(mempool.end_holds(now + HOLD_TIMEOUT).len(), 1);
    assert!(mempool.is_empty());
}

#[test]
fn what_was_ready_before_a_gap_keeps_its_turn() {
    let (mut mempool, now) = (Mempool::default(), Instant::now());
    for (slot, nonce) in [(1, 0), (2, 0), (1, 1), (1, 2)] {
        assert!(is_ready(mempool.insert(transaction(slot, nonce), 'a', RICH, now)));
    }
    // The balance still covers the first of the slot's three, which does not go to the back.
    let gone = mempool.resync(1, Account { balance: 10, nonce: 0 });
    assert_eq!(gone.len(), 2);
    assert_eq!(leaving(&mut mempool), [(1, 0, vec!['a']), (2, 0, vec!['a'])]);
}
