//! Messages: what an owner signs. A message is one hash of the terms, then one hash for each
//! recipient.
//!
//! Transactions and the machine build their messages with these functions.

use core::iter;

use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, Tag, hash, hash_each};

use crate::domain::Domain;
use crate::l1_address::L1Address;
use crate::owner::Owner;
use crate::tag;

/// The terms of a transaction, without its recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The slot that spends.
    pub slot: u32,
    /// The slot's token.
    pub token: u16,
    /// The slot's nonce before the transaction.
    pub nonce: u32,
    /// The last timestamp with which a batch may include the transaction, in Unix seconds.
    pub valid_until: u32,
    /// The sum of a transfer's payments, or the amount of a withdrawal, in L2 units.
    pub total: u64,
    /// L2 units of the same token.
    pub fee: u64,
}

impl Terms {
    /// The sum of total and fee: the balance that the slot needs.
    pub const fn debited(&self) -> u64 {
        self.total + self.fee
    }

    /// m₀ of a transfer: the hash of its terms.
    pub fn debit(&self, domain: &Domain) -> Digest {
        self.hashed(tag::DEBIT, domain)
    }

    /// The message of a withdrawal to `recipient`.
    pub fn withdrawal(&self, domain: &Domain, recipient: &L1Address) -> Digest {
        extended(&self.hashed(tag::WITHDRAW, domain), recipient.limbs(), self.total)
    }

    /// What the message of a transfer with these payments is hashed of.
    pub(crate) fn of_transfer(
        &self,
        domain: &Domain,
        payments: impl Iterator<Item = (Owner, u64)>,
    ) -> Inputs {
        let payees = payments.map(|(owner, amount)| payee(owner.0, amount)).collect();
        Inputs { tag: tag::DEBIT, terms: self.elements(domain), payees }
    }

    /// What the message of a withdrawal to `recipient` is hashed of.
    pub(crate) fn of_withdrawal(&self, domain: &Domain, recipient: &L1Address) -> Inputs {
        let payees = vec![payee(recipient.limbs(), self.total)];
        Inputs { tag: tag::WITHDRAW, terms: self.elements(domain), payees }
    }

    fn hashed(&self, tag: Tag, domain: &Domain) -> Digest {
        hash(tag, &self.elements(domain))
    }

    fn elements(&self, domain: &Domain) -> [Fe; 7] {
        let Self { slot, token, nonce, valid_until, total, fee } = *self;
        let [d0, d1, d2] = domain.0;
        let place = Fe::from_u64(u64::from(slot) | u64::from(token) << 32);
        let once = Fe::from_u64(u64::from(nonce) | u64::from(valid_until) << 32);
        [d0, d1, d2, place, once, Fe::from_u64(total), Fe::from_u64(fee)]
    }
}

/// What an entry adds to the message of its transaction.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Said {
    /// Begins the message of a transfer.
    Debit(Terms),
    /// The whole message of a withdrawal.
    Withdrawal(Terms, L1Address),
    /// One more payment of a transfer.
    Payment(Owner, u64),
}

impl Said {
    /// The message that was `before`, with this added.
    pub(crate) fn after(&self, before: &Digest, domain: &Domain) -> Digest {
        match self {
            Self::Debit(terms) => terms.debit(domain),
            Self::Withdrawal(terms, recipient) => terms.withdrawal(domain, recipient),
            Self::Payment(owner, amount) => pay(before, owner, *amount),
        }
    }
}

/// What a message is hashed of.
#[derive(Debug, Clone)]
pub(crate) struct Inputs {
    tag: Tag,
    terms: [Fe; 7],
    /// A recipient and an amount for each further hash.
    payees: Vec<[Fe; 4]>,
}

/// What the messages of whole transactions are hashed of, whose entries said this in turn.
pub(crate) fn inputs_of<'a>(
    said: impl IntoIterator<Item = &'a Said>,
    domain: &Domain,
) -> Vec<Inputs> {
    let mut inputs: Vec<Inputs> = Vec::new();
    for said in said {
        match said {
            Said::Debit(terms) => inputs.push(terms.of_transfer(domain, iter::empty())),
            Said::Withdrawal(terms, recipient) => {
                inputs.push(terms.of_withdrawal(domain, recipient));
            }
            Said::Payment(owner, amount) => {
                let transfer = inputs.last_mut().expect("a transaction begins with its terms");
                transfer.payees.push(payee(owner.0, *amount));
            }
        }
    }
    inputs
}

/// The messages of several transactions, hashed side by side: first all terms, then the first
/// recipient of each, and so on.
pub(crate) fn messages(inputs: &[Inputs]) -> Vec<Digest> {
    let terms: Vec<_> = inputs.iter().map(|one| (one.tag, one.terms)).collect();
    let mut messages = vec![Digest::ZERO; inputs.len()];
    hash_each(&terms, &mut messages);
    let mut unfinished: Vec<usize> = (0..inputs.len()).collect();
    for round in 0.. {
        unfinished.retain(|index| inputs[*index].payees.len() > round);
        if unfinished.is_empty() {
            break;
        }
        let extend = |index: &usize| {
            let (mut elements, payee) = ([Fe::ZERO; 8], inputs[*index].payees[round]);
            elements[..4].copy_from_slice(&messages[*index].0);
            elements[4..].copy_from_slice(&payee);
            (tag::PAYEE, elements)
        };
        let extended: Vec<_> = unfinished.iter().map(extend).collect();
        let mut digests = vec![Digest::ZERO; extended.len()];
        hash_each(&extended, &mut digests);
        unfinished.iter().zip(digests).for_each(|(index, digest)| messages[*index] = digest);
    }
    messages
}

fn payee(recipient: [Fe; 3], amount: u64) -> [Fe; 4] {
    let [p0, p1, p2] = recipient;
    [p0, p1, p2, Fe::from_u64(amount)]
}

/// The message of a transfer after one more payment.
pub fn pay(message: &Digest, owner: &Owner, amount: u64) -> Digest {
    extended(message, owner.0, amount)
}

fn extended(message: &Digest, payee: [Fe; 3], amount: u64) -> Digest {
    let [m0, m1, m2, m3] = message.0;
    let [p0, p1, p2] = payee;
    hash(tag::PAYEE, &[m0, m1, m2, m3, p0, p1, p2, Fe::from_u64(amount)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms { slot: 1, token: 2, nonce: 3, valid_until: 4, total: 5, fee: 6 };

    #[test]
    fn terms_pack_slot_with_token_and_nonce_with_time() {
        let domain = Domain([7, 8, 9].map(Fe::from_u64));
        let elements = [7, 8, 9, 1 + (2 << 32), 3 + (4 << 32), 5, 6].map(Fe::from_u64);
        assert_eq!(TERMS.debit(&domain), hash(tag::DEBIT, &elements));
        let start = hash(tag::WITHDRAW, &elements).0;
        let recipient = L1Address([0x11; 20]);
        let mut extended = [Fe::from_u64(5); 8];
        extended[..4].copy_from_slice(&start);
        extended[4..7].copy_from_slice(&recipient.limbs());
        assert_eq!(TERMS.withdrawal(&domain, &recipient), hash(tag::PAYEE, &extended));
    }

    #[test]
    fn payments_extend_the_message_in_order() {
        let [alice, bob] = [1, 2].map(|i| Owner([Fe::from_u64(i); 3]));
        let start = TERMS.debit(&Domain([Fe::ZERO; 3]));
        let forth = pay(&pay(&start, &alice, 1), &bob, 1);
        let back = pay(&pay(&start, &bob, 1), &alice, 1);
        assert_ne!(forth, back);
    }
}
