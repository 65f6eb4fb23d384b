//! Transactions from JSON to entries: what each step accepts and what it refuses.

use crate::random_batch::{accepted, domain, wallets};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::{Value, json};
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::{DecodedKey, PublicKey};
use sheaf_ledger::limits::{AMOUNT_MAX, PAYMENTS_MAX};
use sheaf_ledger::message::pay;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::transaction::{CheckedTransaction, Payment, Transfer, Withdrawal};
use sheaf_ledger::{Domain, Entry, L1Address, RuleError, SignedTransaction, Transaction};

fn transfer() -> Transfer {
    let pay = |wallet: usize, amount| Payment { owner: wallets()[wallet].owner, amount };
    let payments = vec![pay(1, 5), pay(2, AMOUNT_MAX - 5)];
    Transfer { slot: 3, token: 1, nonce: 7, fee: 2, valid_until: 1_900_000_000, payments }
}

fn withdrawal() -> Withdrawal {
    let (slot, token, nonce, fee, valid_until) = (3, 1, 7, AMOUNT_MAX, 1_900_000_000);
    let recipient = L1Address([0xaa; 20]);
    Withdrawal { slot, token, nonce, fee, valid_until, amount: 9, recipient }
}

fn signed(transaction: Transaction) -> SignedTransaction {
    let wallet = &wallets()[0];
    let key = (&wallet.secret, wallet.l1_address);
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    SignedTransaction::sign(transaction, &domain(), key, &mut rng).expect("in range")
}

fn both() -> [SignedTransaction; 2] {
    [signed(Transaction::Transfer(transfer())), signed(Transaction::Withdrawal(withdrawal()))]
}

fn json_of(signed: &SignedTransaction) -> Value {
    serde_json::to_value(signed).expect("plain JSON")
}

#[test]
fn json_goes_round_with_amounts_as_strings() {
    for signed in both() {
        let json = json_of(&signed);
        assert_eq!(serde_json::from_value::<SignedTransaction>(json).expect("round"), signed);
    }
    let json = json_of(&both()[0]);
    assert_eq!(json["transfer"]["payments"][1]["amount"], json!((AMOUNT_MAX - 5).to_string()));
    assert_eq!(json["transfer"]["fee"], json!("2"));
    assert_eq!(json.get("withdrawal"), None);
}

#[test]
fn json_of_another_shape_is_refused() {
    let [transfer, withdrawal] = both().map(|signed| json_of(&signed));
    let changed = |path: &str, value: Value| {
        let mut json = transfer.clone();
        *json.pointer_mut(path).expect("the field is there") = value;
        json
    };
    let mut two = transfer.clone();
    two["withdrawal"] = withdrawal["withdrawal"].clone();
    let mut none = transfer.clone();
    none.as_object_mut().expect("an object").remove("transfer");
    let mut unknown = transfer.clone();
    unknown["memo"] = json!("hello");
    let mut unknown_inside = transfer.clone();
    unknown_inside["transfer"]["memo"] = json!("hello");
    let mut incomplete = transfer.clone();
    incomplete["transfer"].as_object_mut().expect("an object").remove("nonce");
    let refused = [
        two,
        none,
        unknown,
        unknown_inside,
        incomplete,
        changed("/transfer/fee", json!(2)),
        changed("/transfer/slot", json!("3")),
        changed("/transfer/slot", json!(1u64 << 32)),
        changed("/transfer/token", json!(65_536)),
        changed("/transfer/payments/0/owner", json!("sheaf1")),
        changed("/l1_address", json!("0x00")),
        changed("/signature", json!("0x")),
        changed("/key", json!("0x")),
    ];
    assert!(serde_json::from_value::<SignedTransaction>(transfer).is_ok());
    for json in refused {
        assert!(serde_json::from_value::<SignedTransaction>(json.clone()).is_err(), "{json}");
    }
}

#[test]
fn rules_without_state_are_checked_before_the_signature() {
    let refusal = |transaction: Transaction| {
        let message = transaction.message(&domain()).map_err(|rule| rule.code());
        let sent = SignedTransaction { transaction, ..both()[0].clone() };
        let checked = sent.check(&domain()).map_err(|rule| rule.code());
        assert_eq!(message.err(), checked.as_ref().err().copied());
        checked.err()
    };
    let change = |change: fn(&mut Transfer)| {
        let mut changed = transfer();
        change(&mut changed);
        refusal(Transaction::Transfer(changed))
    };
    assert_eq!(change(|_| {}), None);
    assert_eq!(change(|transfer| transfer.payments.clear()), Some("no_payments"));
    let many = |transfer: &mut Transfer| {
        transfer.payments = vec![Payment { amount: 1, ..transfer.payments[0] }; PAYMENTS_MAX + 1];
    };
    assert_eq!(change(many), Some("too_many_payments"));
    assert_eq!(change(|transfer| transfer.payments[0].amount = 0), Some("amount_zero"));
    let large = |transfer: &mut Transfer| transfer.payments[0].amount = AMOUNT_MAX + 1;
    assert_eq!(change(large), Some("amount_too_large"));
    assert_eq!(change(|transfer| transfer.payments[0].amount = 6), Some("total_too_large"));
    assert_eq!(change(|transfer| transfer.fee = AMOUNT_MAX + 1), Some("fee_too_large"));
    assert_eq!(change(|transfer| transfer.valid_until = u32::MAX), Some("valid_until_too_large"));
    assert_eq!(change(|transfer| transfer.nonce = u32::MAX), Some("nonce_exhausted"));
    let all = |transfer: &mut Transfer| {
        transfer.payments = vec![Payment { amount: 1, ..transfer.payments[0] }; PAYMENTS_MAX];
    };
    assert_eq!(change(all), None);
    let amount = |amount| refusal(Transaction::Withdrawal(Withdrawal { amount, ..withdrawal() }));
    assert_eq!(amount(AMOUNT_MAX), None);
    assert_eq!(amount(0), Some("amount_zero"));
    assert_eq!(amount(AMOUNT_MAX + 1), Some("amount_too_large"));
}

#[test]
fn the_neutral_key_is_refused() {
    let key = PublicKey::from_elements([Fe::ZERO; 5]);
    let sent = SignedTransaction { key, ..both()[0].clone() };
    assert_eq!(sent.check(&domain()).err(), Some(RuleError::NeutralKey));
}

#[test]
fn only_the_owners_signature_is_accepted() {
    let decoded = |wallet: usize| DecodedKey::new(wallets()[wallet].secret.public_key());
    let [right, other] = [0, 1].map(|wallet| decoded(wallet).expect("a point"));
    let elsewhere = Domain::on_chain(1, L1Address([0xc0; 20]));
    let [transfer, withdrawal] = both();
    let refusal = |sent: &SignedTransaction, domain: &Domain, key: &DecodedKey| {
        sent.clone().check(domain).expect("in range").accept(key).err()
    };
    let refused = Some(RuleError::WrongSignature);
    for sent in [&transfer, &withdrawal] {
        assert_eq!(refusal(sent, &domain(), &right), None);
        assert_eq!(refusal(sent, &domain(), &other), refused);
        assert_eq!(refusal(sent, &elsewhere, &right), refused);
    }
    let swapped = SignedTransaction { signature: withdrawal.signature, ..transfer.clone() };
    assert_eq!(refusal(&swapped, &domain(), &right), refused);
    let key = *other.key();
    assert_eq!(refusal(&SignedTransaction { key, ..transfer }, &domain(), &other), refused);
}

#[test]
fn bad_signatures_are_found_among_many() {
    let mut sent: Vec<SignedTransaction> = (0..20)
        .map(|nonce| signed(Transaction::Transfer(Transfer { nonce, ..transfer() })))
        .collect();
    sent[3].signature = sent[4].signature;
    sent[11].key = wallets()[1].secret.public_key();
    // An encoding that belongs to no point.
    let decode = |first| {
        DecodedKey::new(PublicKey::from_elements([first, Fe::ZERO, Fe::ZERO, Fe::ZERO, Fe::ZERO]))
    };
    let nowhere = (1..100).map(Fe::from_u64).find(|first| decode(*first).is_err());
    let first = nowhere.expect("half of all encodings are no points");
    sent[19].key = PublicKey::from_elements([first, Fe::ZERO, Fe::ZERO, Fe::ZERO, Fe::ZERO]);
    let checked: Vec<CheckedTransaction> =
        sent.into_iter().map(|sent| sent.check(&domain()).expect("in range")).collect();
    let ids: Vec<_> = checked.iter().map(|checked| *checked.id()).collect();
    let verdicts = CheckedTransaction::accept_all(checked, |key| DecodedKey::new(*key));
    for (position, verdict) in verdicts.iter().enumerate() {
        if [3, 11, 19].contains(&position) {
            assert_eq!(verdict.as_ref().err(), Some(&RuleError::WrongSignature), "{position}");
        } else {
            let accepted = verdict.as_ref().expect("signed");
            assert_eq!(*accepted.checked().id(), ids[position]);
        }
    }
}

#[test]
fn entries_follow_the_payments() {
    let valid_until = 1_900_000_000;
    let moved = accepted(Transaction::Transfer(transfer()), &wallets()[0]);
    let slot_of = |owner: &_| wallets().iter().position(|wallet| wallet.owner == *owner);
    let entries = moved.entries(2, |owner| slot_of(owner).map(|slot| slot as u32 + 10));
    let expected = vec![
        Entry::Debit { slot: 3, total: AMOUNT_MAX, fee: 2, valid_until, pot: 2 },
        Entry::Credit { slot: 11, amount: 5 },
        Entry::Credit { slot: 12, amount: AMOUNT_MAX - 5 },
    ];
    assert_eq!(entries, Ok(expected));
    let unknown = wallets()[2].owner;
    let refused = moved.entries(2, |owner| (*owner != unknown).then_some(1));
    assert_eq!(refused, Err(RuleError::RecipientNotOpen { payment: 1 }));
    let paid_out = accepted(Transaction::Withdrawal(withdrawal()), &wallets()[0]);
    let recipient = L1Address([0xaa; 20]);
    let (slot, amount, fee, pot) = (3, 9, AMOUNT_MAX, 0);
    let expected = vec![Entry::Withdraw { slot, amount, fee, valid_until, pot, recipient }];
    assert_eq!(paid_out.entries(0, |_| None), Ok(expected));
}

/// The message of a transaction, one hash after another, as the machine follows it.
fn message(transaction: &Transaction) -> Digest {
    let terms = transaction.terms().expect("in range");
    match transaction {
        Transaction::Transfer(transfer) => {
            let start = terms.debit(&domain());
            let extend = |message, paid: &Payment| pay(&message, &paid.owner, paid.amount);
            transfer.payments.iter().fold(start, extend)
        }
        Transaction::Withdrawal(withdrawal) => terms.withdrawal(&domain(), &withdrawal.recipient),
    }
}

#[test]
fn transactions_checked_side_by_side_are_those_checked_one_by_one() {
    let [of_two, out] = both();
    let with_payments = |count: usize, amount| {
        let payments = vec![Payment { owner: wallets()[1].owner, amount }; count];
        let transaction = Transaction::Transfer(Transfer { payments, ..transfer() });
        SignedTransaction { transaction, ..of_two.clone() }
    };
    let mut all = Vec::new();
    for round in 0..30 {
        let (longer, key) =
            (with_payments(1 + round * 7 % 40, 3), wallets()[round % 4].secret.public_key());
        let of_another = SignedTransaction { key, ..out.clone() };
        // Two that break a rule of form, in between.
        let neutral = PublicKey::from_elements([Fe::ZERO; 5]);
        let neutral = SignedTransaction { key: neutral, ..of_two.clone() };
        all.extend([longer, with_payments(2, 0), of_another, neutral, of_two.clone()]);
    }
    let checked = SignedTransaction::check_all(all.clone(), &domain());
    assert_eq!(checked.len(), all.len());
    for (signed, checked) in all.into_iter().zip(checked) {
        assert_eq!(signed.clone().check(&domain()), checked);
        if let Ok(checked) = checked {
            let owner = Owner::new(&signed.key, &signed.l1_address);
            assert_eq!((*checked.id(), *checked.owner()), (message(&signed.transaction), owner));
            assert_eq!(*checked.signed(), signed);
        }
    }
}
