//! Transactions as their owners send them, and the types through which they become entries:
//! signed → checked (rules without state) → accepted (signature).
//!
//! Each type is made only from the type before it, so a transaction that was not checked does not
//! execute. `step` has the rules that need the state.

use rand::CryptoRng;
use rayon::prelude::*;
use serde::{Deserialize, Serialize, de};
use sheaf_crypto::error::Error as CryptoError;
use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::{DecodedKey, PublicKey, SecretKey};
use sheaf_crypto::signature::{Signature, verify};
use sheaf_crypto::signature_batch::{Claim, verify_all};

use crate::domain::Domain;
use crate::entry::Entry;
use crate::kind::Kind;
use crate::l1_address::L1Address;
use crate::limits::{AMOUNT_MAX, NONCE_MAX, PAYMENTS_MAX, VALID_UNTIL_MAX};
use crate::message::{Inputs, Terms, messages};
use crate::owner::Owner;
use crate::record::record_structs;
use crate::rule_error::RuleError;

/// Transactions that one task hashes.
const CHECKED_PER_TASK: usize = 64;

/// One payment of a transfer. The payment names an owner, and execution finds the owner's slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payment {
    /// The recipient.
    pub owner: Owner,
    /// L2 units, 1 to 2^62 − 1.
    #[serde(with = "crate::decimal")]
    pub amount: u64,
}

/// Pays from one slot to 1 to 1,024 owners.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// The slot that pays.
    pub slot: u32,
    /// The slot's token.
    pub token: u16,
    /// The slot's nonce before the transaction.
    pub nonce: u32,
    /// L2 units of the same token.
    #[serde(with = "crate::decimal")]
    pub fee: u64,
    /// The last timestamp with which a batch may include the transaction, in Unix seconds.
    pub valid_until: u32,
    /// 1 to 1,024 payments, in the order in which the message hashes them.
    pub payments: Vec<Payment>,
}

/// Pays from one slot to an L1 address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// The slot that pays.
    pub slot: u32,
    /// The slot's token.
    pub token: u16,
    /// The slot's nonce before the transaction.
    pub nonce: u32,
    /// L2 units of the same token.
    #[serde(with = "crate::decimal")]
    pub fee: u64,
    /// The last timestamp with which a batch may include the transaction, in Unix seconds.
    pub valid_until: u32,
    /// L2 units, 1 to 2^62 − 1.
    #[serde(with = "crate::decimal")]
    pub amount: u64,
    /// The L1 address that the contract credits.
    pub recipient: L1Address,
}

/// A transaction that an owner can sign.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Transaction {
    /// Payments to owners of slots.
    Transfer(Transfer),
    /// A payment to an L1 address.
    Withdrawal(Withdrawal),
}

impl Transaction {
    /// Checks every rule that needs no state, and returns the terms.
    ///
    /// # Errors
    /// `NoPayments` or `TooManyPayments` if a transfer does not have 1 to 1,024 payments;
    /// `AmountZero` or `AmountTooLarge` if an amount is not 1 to 2^62 − 1; `TotalTooLarge` if the
    /// payments' sum is 2^62 or more; `FeeTooLarge` if the fee is 2^62 or more;
    /// `ValidUntilTooLarge` or `NonceExhausted` if the last valid second or the nonce is 2^32 − 1.
    pub fn terms(&self) -> Result<Terms, RuleError> {
        let (slot, token, nonce, fee, valid_until, total) = match self {
            Self::Transfer(transfer) => {
                let Transfer { slot, token, nonce, fee, valid_until, payments } = transfer;
                (*slot, *token, *nonce, *fee, *valid_until, total(payments)?)
            }
            Self::Withdrawal(withdrawal) => {
                let Withdrawal { slot, token, nonce, fee, valid_until, amount, recipient: _ } =
                    withdrawal;
                check_amount(*amount)?;
                (*slot, *token, *nonce, *fee, *valid_until, *amount)
            }
        };
        if fee > AMOUNT_MAX {
            return Err(RuleError::FeeTooLarge { fee });
        }
        if valid_until > VALID_UNTIL_MAX {
            return Err(RuleError::ValidUntilTooLarge);
        }
        if nonce > NONCE_MAX {
            return Err(RuleError::NonceExhausted);
        }
        Ok(Terms { slot, token, nonce, valid_until, total, fee })
    }

    /// The kind of the first entry, which spends.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Transfer(_) => Kind::Debit,
            Self::Withdrawal(_) => Kind::Withdraw,
        }
    }

    /// The payments to owners of slots, which become one Credit each. Only a transfer has any.
    pub fn payments(&self) -> &[Payment] {
        match self {
            Self::Transfer(transfer) => &transfer.payments,
            Self::Withdrawal(_) => &[],
        }
    }

    /// The number of recipients: the payments of a transfer, or 1 if the first entry itself names
    /// the recipient.
    pub fn recipients(&self) -> usize {
        if self.kind().facts().pays() { 1 } else { self.payments().len() }
    }

    /// The message to sign; its bytes are the transaction's id.
    ///
    /// # Errors
    /// The errors of `terms`: a transaction that breaks a rule has no message.
    pub fn message(&self, domain: &Domain) -> Result<Digest, RuleError> {
        let [message] = messages(&[self.hashed(&self.terms()?, domain)])[..] else {
            unreachable!("there is one message of one transaction")
        };
        Ok(message)
    }

    /// What the message is hashed of.
    fn hashed(&self, terms: &Terms, domain: &Domain) -> Inputs {
        match self {
            Self::Transfer(Transfer { payments, .. }) => {
                terms.of_transfer(domain, payments.iter().map(|paid| (paid.owner, paid.amount)))
            }
            Self::Withdrawal(Withdrawal { recipient, .. }) => {
                terms.of_withdrawal(domain, recipient)
            }
        }
    }
}

fn total(payments: &[Payment]) -> Result<u64, RuleError> {
    match payments.len() {
        0 => return Err(RuleError::NoPayments),
        1..=PAYMENTS_MAX => {}
        payments => return Err(RuleError::TooManyPayments { payments }),
    }
    let total = payments.iter().try_fold(0, |sum, payment| {
        check_amount(payment.amount)?;
        Ok(sum + u128::from(payment.amount))
    })?;
    match u64::try_from(total) {
        Ok(total) if total <= AMOUNT_MAX => Ok(total),
        _ => Err(RuleError::TotalTooLarge),
    }
}

fn check_amount(amount: u64) -> Result<(), RuleError> {
    match amount {
        0 => Err(RuleError::AmountZero),
        1..=AMOUNT_MAX => Ok(()),
        _ => Err(RuleError::AmountTooLarge { amount }),
    }
}

/// A transaction as a wallet sends it, with key, L1 address and signature. The hash of key and L1
/// address must be the slot's owner. No part of the transaction is checked yet.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Sent", into = "Sent")]
pub struct SignedTransaction {
    /// The transaction that was signed.
    pub transaction: Transaction,
    /// The key that signs for the slot's owner.
    pub key: PublicKey,
    /// The L1 address of the slot's owner.
    pub l1_address: L1Address,
    /// The signature of the transaction's message.
    pub signature: Signature,
}

impl SignedTransaction {
    /// Signs a transaction, as a wallet does, with the secret key and the L1 address of the slot's
    /// owner.
    ///
    /// # Errors
    /// The errors of `Transaction::terms`.
    pub fn sign(
        transaction: Transaction,
        domain: &Domain,
        (secret, l1_address): (&SecretKey, L1Address),
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RuleError> {
        let signature = secret.sign(&transaction.message(domain)?, rng);
        Ok(Self { transaction, key: secret.public_key(), l1_address, signature })
    }

    /// Checks every rule that needs neither state nor signature, and computes id and owner.
    ///
    /// # Errors
    /// `NeutralKey` for the key for which anybody can sign; otherwise the errors of
    /// `Transaction::terms`.
    pub fn check(self, domain: &Domain) -> Result<CheckedTransaction, RuleError> {
        let mut checked = Self::check_all(vec![self], domain);
        checked.pop().expect("there is one result of one transaction")
    }

    /// The same for several transactions, whose ids and owners are hashed side by side and on all
    /// threads. The results are in the order of the transactions.
    pub fn check_all(
        signed: Vec<Self>,
        domain: &Domain,
    ) -> Vec<Result<CheckedTransaction, RuleError>> {
        let terms: Vec<Result<Terms, RuleError>> = signed.iter().map(Self::terms).collect();
        let kept: Vec<(&Self, &Terms)> = signed
            .iter()
            .zip(&terms)
            .filter_map(|(signed, terms)| Some((signed, terms.as_ref().ok()?)))
            .collect();
        let hash = |kept: &[(&Self, &Terms)]| {
            let inputs =
                |(signed, terms): &(&Self, &Terms)| signed.transaction.hashed(terms, domain);
            let ids = messages(&kept.iter().map(inputs).collect::<Vec<_>>());
            let owners =
                Owner::each(kept.iter().map(|(signed, _)| (&signed.key, &signed.l1_address)));
            ids.into_iter().zip(owners)
        };
        let hashed: Vec<(Digest, Owner)> =
            kept.par_chunks(CHECKED_PER_TASK).flat_map_iter(hash).collect();
        let mut hashed = hashed.into_iter();
        let checked = signed.into_iter().zip(terms).map(|(signed, terms)| {
            let terms = terms?;
            let (id, owner) = hashed.next().expect("what keeps the rules of form was hashed");
            Ok(CheckedTransaction { signed, terms, id, owner })
        });
        checked.collect()
    }

    fn terms(&self) -> Result<Terms, RuleError> {
        if self.key.elements().iter().all(|element| element.is_zero()) {
            return Err(RuleError::NeutralKey);
        }
        self.transaction.terms()
    }
}

/// A signed transaction in JSON: either `transfer` or `withdrawal`, and the other fields.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    transfer: Option<Transfer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withdrawal: Option<Withdrawal>,
    key: PublicKey,
    l1_address: L1Address,
    signature: Signature,
}

impl TryFrom<Sent> for SignedTransaction {
    type Error = de::value::Error;

    fn try_from(sent: Sent) -> Result<Self, Self::Error> {
        let Sent { transfer, withdrawal, key, l1_address, signature } = sent;
        let transaction = match (transfer, withdrawal) {
            (Some(transfer), None) => Transaction::Transfer(transfer),
            (None, Some(withdrawal)) => Transaction::Withdrawal(withdrawal),
            _ => return Err(de::Error::custom("expected one of transfer and withdrawal")),
        };
        Ok(Self { transaction, key, l1_address, signature })
    }
}

impl From<SignedTransaction> for Sent {
    fn from(signed: SignedTransaction) -> Self {
        let SignedTransaction { transaction, key, l1_address, signature } = signed;
        let (transfer, withdrawal) = match transaction {
            Transaction::Transfer(transfer) => (Some(transfer), None),
            Transaction::Withdrawal(withdrawal) => (None, Some(withdrawal)),
        };
        Self { transfer, withdrawal, key, l1_address, signature }
    }
}

/// A transaction that satisfies every rule that needs neither state nor signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedTransaction {
    signed: SignedTransaction,
    terms: Terms,
    id: Digest,
    owner: Owner,
}

impl CheckedTransaction {
    /// The transaction as the wallet sent it.
    pub const fn signed(&self) -> &SignedTransaction {
        &self.signed
    }

    /// The terms of the transaction.
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The message; its bytes are the transaction's id.
    pub const fn id(&self) -> &Digest {
        &self.id
    }

    /// The hash of key and L1 address. Whether it is the slot's owner can be checked only with the
    /// state.
    pub const fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Checks the signature. `key` comes from `DecodedKey::new` or from a cache of decoded keys.
    ///
    /// # Errors
    /// `WrongSignature` if the signature is invalid, or if `key` is another key than the
    /// transaction's.
    pub fn accept(self, key: &DecodedKey) -> Result<AcceptedTransaction, RuleError> {
        let fits =
            *key.key() == self.signed.key && verify(key, &self.id, &self.signed.signature).is_ok();
        if fits { Ok(AcceptedTransaction(self)) } else { Err(RuleError::WrongSignature) }
    }

    /// Checks many signatures at once, on all threads of the current pool. `decode` is
    /// `DecodedKey::new` or a cache in front of it.
    ///
    /// Returns one result for each transaction, in order: `WrongSignature` if the signature is
    /// invalid, or if `decode` fails or returns another key.
    pub fn accept_all(
        checked: Vec<Self>,
        decode: impl Fn(&PublicKey) -> Result<DecodedKey, CryptoError>,
    ) -> Vec<Result<AcceptedTransaction, RuleError>> {
        let claim = |one: &Self| {
            let SignedTransaction { key, signature, .. } = one.signed;
            let key = decode(&key).ok().filter(|decoded| *decoded.key() == key)?;
            Some(Claim { key, message: one.id, signature })
        };
        let claims: Vec<Option<Claim>> = checked.iter().map(claim).collect();
        let decoded: Vec<Claim> = claims.iter().flatten().copied().collect();
        let mut verdicts = verify_all(&decoded).into_iter();
        let accepted = checked.into_iter().zip(claims).map(|(one, claim)| {
            let valid = claim.is_some() && verdicts.next() == Some(true);
            if valid { Ok(AcceptedTransaction(one)) } else { Err(RuleError::WrongSignature) }
        });
        accepted.collect()
    }
}

/// A transaction with a valid signature. Only `CheckedTransaction::accept` and `accept_all` make
/// one, and both check the signature.
///
/// The types enforce the order of the checks:
///
/// ```
/// use sheaf_crypto::key::DecodedKey;
/// use sheaf_ledger::transaction::{AcceptedTransaction, SignedTransaction};
/// use sheaf_ledger::{Domain, RuleError};
///
/// fn accepted(
///     signed: SignedTransaction,
///     domain: &Domain,
///     key: &DecodedKey,
/// ) -> Result<AcceptedTransaction, RuleError> {
///     signed.check(domain)?.accept(key)
/// }
/// ```
///
/// A transaction whose signature nobody has checked has no entries:
///
/// ```compile_fail
/// use sheaf_ledger::transaction::SignedTransaction;
/// use sheaf_ledger::{Domain, Entry, RuleError};
///
/// fn entries(signed: SignedTransaction, domain: &Domain) -> Result<Vec<Entry>, RuleError> {
///     signed.check(domain)?.entries(0, |_| None)
/// }
/// ```
///
/// Other modules cannot make an accepted transaction out of a checked one:
///
/// ```compile_fail
/// use sheaf_ledger::transaction::{AcceptedTransaction, CheckedTransaction};
///
/// fn accepted(checked: CheckedTransaction) -> AcceptedTransaction {
///     AcceptedTransaction(checked)
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedTransaction(CheckedTransaction);

impl AcceptedTransaction {
    /// The transaction with its terms, id and owner.
    pub const fn checked(&self) -> &CheckedTransaction {
        &self.0
    }

    /// The signed message for the link that the transaction's entries append to the chain of
    /// signatures.
    pub fn signed_message(&self) -> SignedMessage {
        let CheckedTransaction { signed, id, .. } = &self.0;
        let SignedTransaction { key, l1_address, signature, transaction: _ } = *signed;
        SignedMessage { key, address: l1_address, message: *id, signature }
    }

    /// The transaction's entries, which pay its fee into `pot`. `resolve` returns the slot of the
    /// transaction's token that a recipient has.
    ///
    /// # Errors
    /// `RecipientNotOpen` if `resolve` returns no slot. An Open must come first.
    pub fn entries(
        &self,
        pot: u8,
        mut resolve: impl FnMut(&Owner) -> Option<u32>,
    ) -> Result<Vec<Entry>, RuleError> {
        let Terms { slot, valid_until, total, fee, .. } = self.0.terms;
        match &self.0.signed.transaction {
            Transaction::Transfer(Transfer { payments, .. }) => {
                let mut entries = Vec::with_capacity(payments.len() + 1);
                entries.push(Entry::Debit { slot, total, fee, valid_until, pot });
                for (payment, Payment { owner, amount }) in payments.iter().enumerate() {
                    let refused = RuleError::RecipientNotOpen { payment };
                    let slot = resolve(owner).ok_or(refused)?;
                    entries.push(Entry::Credit { slot, amount: *amount });
                }
                Ok(entries)
            }
            Transaction::Withdrawal(Withdrawal { amount, recipient, .. }) => {
                let (amount, recipient) = (*amount, *recipient);
                Ok(vec![Entry::Withdraw { slot, amount, fee, valid_until, pot, recipient }])
            }
        }
    }
}

/// A link of a batch's chain of signatures, with everything that proves the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedMessage {
    /// The key that signed.
    pub key: PublicKey,
    /// The L1 address of the signer.
    pub address: L1Address,
    /// The message that was signed.
    pub message: Digest,
    /// The key's signature of the message.
    pub signature: Signature,
}

record_structs! {
    SignedMessage { key, address, message, signature }
}

impl SignedMessage {
    /// The owner that is the hash of key and address.
    pub fn signer(&self) -> Owner {
        Owner::new(&self.key, &self.address)
    }
}
