//! Signed transactions as bytes: what is written is read again, and nothing else is.
//!
//! The transactions are random in every field, and most of them break a rule: reading checks the
//! form alone. `rule_vectors` compares the bytes with the golden ones.

use proptest::prelude::*;
use sheaf_crypto::goldilocks::{Fe, ORDER};
use sheaf_crypto::key::PublicKey;
use sheaf_crypto::quintic::Fe5;
use sheaf_crypto::scalar::Scalar;
use sheaf_crypto::signature::Signature;
use sheaf_ledger::transaction::{Payment, Transfer, Withdrawal};
use sheaf_ledger::{Kind, L1Address, Owner, RuleError, SignedTransaction, Transaction};

/// Bytes of a transfer before its payments: kind, slot, token, nonce, fee, `valid_until`, count.
const BEFORE_PAYMENTS: usize = 1 + 4 + 2 + 4 + 8 + 4 + 4;
/// Bytes of a payment: owner, amount.
const PAYMENT: usize = 24 + 8;
/// Bytes of a withdrawal: kind, slot, token, nonce, fee, `valid_until`, amount, recipient.
const WITHDRAWAL: usize = 1 + 4 + 2 + 4 + 8 + 4 + 8 + 20;
/// Bytes of key, L1 address and signature.
const SIGNED: usize = 40 + 20 + 80;

fn element() -> impl Strategy<Value = Fe> {
    (0..ORDER).prop_map(Fe::from_u64)
}

fn payment() -> impl Strategy<Value = Payment> {
    let owner = prop::array::uniform3(element()).prop_map(Owner);
    (owner, any::<u64>()).prop_map(|(owner, amount)| Payment { owner, amount })
}

fn transaction() -> impl Strategy<Value = Transaction> {
    let terms = (any::<u32>(), any::<u16>(), any::<u32>(), any::<u64>(), any::<u32>());
    let payments = prop::collection::vec(payment(), 0..5);
    let paid_out = (any::<u64>(), any::<[u8; 20]>());
    (any::<bool>(), terms, payments, paid_out).prop_map(
        |(pays, (slot, token, nonce, fee, valid_until), payments, (amount, recipient))| {
            let recipient = L1Address(recipient);
            if pays {
                let transfer = Transfer { slot, token, nonce, fee, valid_until, payments };
                Transaction::Transfer(transfer)
            } else {
                let of = Withdrawal { slot, token, nonce, fee, valid_until, amount, recipient };
                Transaction::Withdrawal(of)
            }
        },
    )
}

fn signed() -> impl Strategy<Value = SignedTransaction> {
    let key = prop::array::uniform5(element()).prop_map(PublicKey::from_elements);
    let scalar = prop::collection::vec(any::<u8>(), Scalar::WIDE_BYTES).prop_map(|bytes| {
        Scalar::from_wide_bytes(&bytes.try_into().expect("as many bytes as were asked for"))
    });
    let signature =
        (prop::array::uniform5(element()), scalar).prop_map(|(r, s)| Signature { r: Fe5(r), s });
    let l1_address = any::<[u8; 20]>().prop_map(L1Address);
    (transaction(), key, l1_address, signature).prop_map(
        |(transaction, key, l1_address, signature)| SignedTransaction {
            transaction,
            key,
            l1_address,
            signature,
        },
    )
}

fn bytes_of(signed: &SignedTransaction) -> Vec<u8> {
    let mut bytes = Vec::new();
    signed.write(&mut bytes);
    bytes
}

fn refused(offset: usize) -> Result<(SignedTransaction, usize), RuleError> {
    Err(RuleError::MalformedRecord { offset })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bytes_go_round_and_no_cut_is_read(signed in signed(), before in 0..3_usize) {
        let whole = [vec![0xee; before], bytes_of(&signed)].concat();
        let length = match &signed.transaction {
            Transaction::Transfer(of) => BEFORE_PAYMENTS + PAYMENT * of.payments.len(),
            Transaction::Withdrawal(_) => WITHDRAWAL,
        };
        prop_assert_eq!(whole.len(), before + length + SIGNED);
        // The bytes after a transaction belong to the next one.
        let longer = [&whole[..], &[0xff]].concat();
        let read = SignedTransaction::read(&longer, before);
        prop_assert_eq!(read, Ok((signed, whole.len())));
        for end in 0..whole.len() {
            let cut = SignedTransaction::read(&whole[..end], before);
            let Err(RuleError::MalformedRecord { offset }) = cut else {
                return Err(TestCaseError::fail(format!("cut at {end}: {cut:?}")));
            };
            prop_assert!(offset <= end.max(before));
        }
    }

    /// Whatever bytes are read, no others are the same transaction.
    #[test]
    fn a_transaction_has_one_encoding(
        signed in signed(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = bytes_of(&signed);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok((read, end)) = SignedTransaction::read(&bytes, 0) {
            prop_assert_eq!(&bytes_of(&read)[..], &bytes[..end]);
        }
    }
}

fn transfer() -> SignedTransaction {
    let element = Fe::from_u64(7);
    let payment = Payment { owner: Owner([element; 3]), amount: 5 };
    let payments = vec![payment; 2];
    let (slot, token, nonce, fee, valid_until) = (1, 2, 3, 4, 5);
    SignedTransaction {
        transaction: Transaction::Transfer(Transfer {
            slot,
            token,
            nonce,
            fee,
            valid_until,
            payments,
        }),
        key: PublicKey::from_elements([element; 5]),
        l1_address: L1Address([9; 20]),
        signature: Signature { r: Fe5([element; 5]), s: Scalar::ONE },
    }
}

#[test]
fn only_kinds_that_an_owner_signs_are_read() {
    let bytes = bytes_of(&transfer());
    assert_eq!(bytes[0], Kind::Debit.code());
    for code in (0..=u8::MAX).filter(|code| *code != Kind::Debit.code()) {
        let other = [&[code], &bytes[1..]].concat();
        // These bytes of a transfer are those of a withdrawal, too, and of something after it.
        if code == Kind::Withdraw.code() {
            assert!(SignedTransaction::read(&other, 0).is_ok_and(|(_, end)| end < other.len()));
        } else {
            assert_eq!(SignedTransaction::read(&other, 0), refused(0), "{code}");
        }
    }
}

#[test]
fn an_element_or_scalar_that_is_not_canonical_is_refused_where_it_begins() {
    let bytes = bytes_of(&transfer());
    let payments = BEFORE_PAYMENTS + 2 * PAYMENT;
    let (key, r, s) = (payments, payments + 40 + 20, payments + 40 + 20 + 40);
    let with = |offset: usize, value: &[u8]| {
        let mut changed = bytes.clone();
        changed[offset..offset + value.len()].copy_from_slice(value);
        SignedTransaction::read(&changed, 0)
    };
    let (largest, p) = (ORDER - 1, ORDER);
    // An owner's elements are big-endian; those of key and R are little-endian.
    assert!(with(BEFORE_PAYMENTS + PAYMENT + 16, &largest.to_be_bytes()).is_ok());
    let second = BEFORE_PAYMENTS + PAYMENT;
    assert_eq!(with(second + 16, &p.to_be_bytes()), refused(second));
    assert!(with(key + 32, &largest.to_le_bytes()).is_ok());
    assert_eq!(with(key + 32, &p.to_le_bytes()), refused(key));
    assert!(with(r, &largest.to_le_bytes()).is_ok());
    assert_eq!(with(r, &p.to_le_bytes()), refused(r));
    assert!(with(s, &(-Scalar::ONE).to_le_bytes()).is_ok());
    let mut n = (-Scalar::ONE).to_le_bytes();
    n[0] += 1;
    assert_eq!(with(s, &n), refused(r), "R and s are one value");
}

/// A buffer for the count alone would have 128 GiB.
#[test]
fn a_count_of_payments_asks_for_no_memory() {
    let mut bytes = bytes_of(&transfer());
    let count = BEFORE_PAYMENTS - 4;
    bytes[count..BEFORE_PAYMENTS].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(SignedTransaction::read(&bytes, 0), refused(count));
    // As many as there are bytes left: the first that is missing ends the reading.
    let left = u32::try_from(bytes.len() - BEFORE_PAYMENTS).expect("a few");
    bytes[count..BEFORE_PAYMENTS].copy_from_slice(&left.to_le_bytes());
    assert!(SignedTransaction::read(&bytes, 0).is_err());
}
