//! The machine that runs over the entries of a batch: its fields and its digests.
//!
//! `step` has the effect of an entry on every field but the root. `apply`, `recorder` and `chunk`
//! set the root.

use serde::{Deserialize, Serialize};
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::hash::{Digest, hash};

use crate::domain::Domain;
use crate::limits::POTS;
use crate::owner::Owner;
use crate::rule_error::RuleError;
use crate::tag;

/// Elements of a machine.
pub const MACHINE: usize = 40;

/// The fees of one token that no Collect has paid out yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeePot {
    /// The token of the fees. Collect does not change the token.
    pub token: u16,
    /// The fees, in L2 units.
    #[serde(with = "crate::decimal")]
    pub amount: u64,
}

/// The machine between two entries. `docs/protocol.md`, section 6, has its elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// The root of the slot tree.
    pub root: Digest,
    /// The index that the next Open takes; 2^32 when all slots are open.
    pub next_slot: u64,
    /// The rollup's domain, which never changes.
    pub domain: Domain,
    /// Unix seconds, one for the whole batch.
    pub timestamp: u32,
    /// The owner of the last slot that an entry spent from.
    pub signer: Owner,
    /// The token of that slot.
    pub token: u16,
    /// What Credits have still to pay, in L2 units. Zero means that no transaction is running.
    #[serde(with = "crate::decimal")]
    pub remaining: u64,
    /// The message of the last transaction, up to its last entry.
    pub message: Digest,
    /// The fee pots, numbered from 0.
    pub pots: [FeePot; POTS],
    /// The chain of signatures owed.
    pub signatures: Digest,
    /// The chain of data words: D.
    pub data: Digest,
    /// The chain of L1 words: L.
    pub l1: Digest,
    /// The number of links of D.
    pub data_words: u32,
    /// The number of links of L.
    pub l1_words: u32,
}

impl Machine {
    /// The machine before the first entry of a batch.
    pub fn start(root: Digest, next_slot: u64, domain: Domain, timestamp: u32) -> Self {
        Self {
            root,
            next_slot,
            domain,
            timestamp,
            signer: Owner::default(),
            token: 0,
            remaining: 0,
            message: Digest::ZERO,
            pots: [FeePot::default(); POTS],
            signatures: Digest::ZERO,
            data: Digest::ZERO,
            l1: Digest::ZERO,
            data_words: 0,
            l1_words: 0,
        }
    }

    /// The machine with an empty chain of signatures: the machine of proofs that show beside each
    /// entry that its owner signed, and so need no chain.
    #[must_use]
    pub const fn without_signatures(self) -> Self {
        Self { signatures: Digest::ZERO, ..self }
    }

    /// The machine's elements, in the protocol's order.
    pub fn elements(&self) -> [Fe; MACHINE] {
        // Destructured whole, so that a field left out does not compile.
        let Self {
            root,
            next_slot,
            domain,
            timestamp,
            signer,
            token,
            remaining,
            message,
            pots,
            signatures,
            data,
            l1,
            data_words,
            l1_words,
        } = self;
        let pots = pots.map(|FeePot { token, amount }| [u64::from(token), amount]);
        let pots = pots.as_flattened().iter().copied().map(Fe::from_u64);
        let mut elements = [Fe::ZERO; MACHINE];
        let sequence = (root.0.into_iter())
            .chain([Fe::from_u64(*next_slot)])
            .chain(domain.0)
            .chain([Fe::from(*timestamp)])
            .chain(signer.0)
            .chain([Fe::from(u32::from(*token)), Fe::from_u64(*remaining)])
            .chain(message.0)
            .chain(pots)
            .chain(signatures.0)
            .chain(data.0)
            .chain(l1.0)
            .chain([Fe::from(*data_words), Fe::from(*l1_words)]);
        for (element, value) in elements.iter_mut().zip(sequence) {
            *element = value;
        }
        elements
    }

    /// Hash(Machine, elements): the digest at each end of a segment of entries.
    pub fn digest(&self) -> Digest {
        hash(tag::MACHINE, &self.elements())
    }

    /// The State digest of the machine's root, next slot and domain.
    pub fn state(&self) -> Digest {
        state_digest(&self.root, self.next_slot, &self.domain)
    }

    /// Hash(Chains, D, L), on which the challenge z depends.
    pub fn chains(&self) -> Digest {
        let mut elements = [Fe::ZERO; 8];
        elements[..4].copy_from_slice(&self.data.0);
        elements[4..].copy_from_slice(&self.l1.0);
        hash(tag::CHAINS, &elements)
    }

    /// Checks that a batch may end here: no transaction is running and every fee pot is empty.
    ///
    /// # Errors
    /// `TransactionRunning` if Credits have still to pay; `PotNotCollected` for the first pot that
    /// is not empty.
    pub fn check_settled(&self) -> Result<(), RuleError> {
        if self.remaining != 0 {
            return Err(RuleError::TransactionRunning { remaining: self.remaining });
        }
        match (0..).zip(&self.pots).find(|(_, pot)| pot.amount != 0) {
            Some((pot, _)) => Err(RuleError::PotNotCollected { pot }),
            None => Ok(()),
        }
    }
}

/// The State digest, which the contract stores between batches: Hash(State, root, next_slot,
/// domain).
pub fn state_digest(root: &Digest, next_slot: u64, domain: &Domain) -> Digest {
    let ([r0, r1, r2, r3], [d0, d1, d2]) = (root.0, domain.0);
    hash(tag::STATE, &[r0, r1, r2, r3, Fe::from_u64(next_slot), d0, d1, d2])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine whose elements are 1, 2, … 40.
    fn counted() -> Machine {
        let digest = |first: u64| Digest([0, 1, 2, 3].map(|i| Fe::from_u64(first + i)));
        let triple = |first: u64| [0, 1, 2].map(|i| Fe::from_u64(first + i));
        let pot = |token: u16| FeePot { token, amount: u64::from(token) + 1 };
        Machine {
            root: digest(1),
            next_slot: 5,
            domain: Domain(triple(6)),
            timestamp: 9,
            signer: Owner(triple(10)),
            token: 13,
            remaining: 14,
            message: digest(15),
            pots: [19, 21, 23, 25].map(pot),
            signatures: digest(27),
            data: digest(31),
            l1: digest(35),
            data_words: 39,
            l1_words: 40,
        }
    }

    #[test]
    fn elements_stand_in_the_protocols_order() {
        let expected: [Fe; MACHINE] = core::array::from_fn(|i| Fe::from_u64(i as u64 + 1));
        assert_eq!(counted().elements(), expected);
        assert_eq!(counted().digest(), hash(tag::MACHINE, &expected));
    }

    #[test]
    fn a_batch_starts_from_nothing_but_the_state() {
        let Machine { root, next_slot, domain, timestamp, .. } = counted();
        let start = Machine::start(root, next_slot, domain, timestamp);
        assert_eq!(start.elements()[..9], counted().elements()[..9]);
        assert_eq!(start.elements()[9..], [Fe::ZERO; 31]);
        assert_eq!(start.check_settled(), Ok(()));
        assert_eq!(start.state(), counted().state());
        let elements = [1, 2, 3, 4, 5, 6, 7, 8].map(Fe::from_u64);
        assert_eq!(start.state(), hash(tag::STATE, &elements));
        let chains = [31, 32, 33, 34, 35, 36, 37, 38].map(Fe::from_u64);
        assert_eq!(counted().chains(), hash(tag::CHAINS, &chains));
    }

    #[test]
    fn what_is_not_settled_is_named() {
        let Machine { root, next_slot, domain, timestamp, .. } = counted();
        let start = Machine::start(root, next_slot, domain, timestamp);
        let running = Machine { remaining: 1, ..start };
        let refused = Err(RuleError::TransactionRunning { remaining: 1 });
        assert_eq!(running.check_settled(), refused);
        let mut owing = start;
        owing.pots[3] = FeePot { token: 0, amount: 1 };
        assert_eq!(owing.check_settled(), Err(RuleError::PotNotCollected { pot: 3 }));
        let mut emptied = start;
        emptied.pots[3] = FeePot { token: 1, amount: 0 };
        assert_eq!(emptied.check_settled(), Ok(()));
    }
}
