//! What must be true at the end of the story, computed only from the deposits that were made and
//! the transactions that the sequencer acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail, ensure};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::{Owner, Slot};

/// The balances and transactions that must be found at the end. Amounts are in L2 units.
#[derive(Debug, Default)]
pub(super) struct Expectation {
    /// The balance that every owner must have on L2.
    balances: BTreeMap<Owner, u64>,
    /// The transactions of each owner that the sequencer has acknowledged.
    acknowledged: BTreeMap<Owner, BTreeSet<Digest>>,
    /// The fees that the operator must have collected.
    fees: u64,
}

/// A transaction that the sequencer has acknowledged.
#[derive(Debug)]
pub(super) struct Acknowledged<'a> {
    pub id: Digest,
    pub payer: Owner,
    /// The owners that the transaction pays on L2, and the amount for each.
    pub payments: &'a [(Owner, u64)],
    /// The amount that leaves L2.
    pub withdrawn: u64,
    pub fee: u64,
}

/// What the sequencer reports about one owner at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub balance: u64,
    /// The nonce of the owner's next transaction: the number of executed transactions.
    pub next_nonce: u32,
    /// The acknowledged transactions that are final.
    pub finalised: BTreeSet<Digest>,
}

impl Expectation {
    /// Notes a deposit that L1 has taken for an owner.
    pub(super) fn deposit(&mut self, owner: Owner, amount: u64) {
        *self.balances.entry(owner).or_default() += amount;
    }

    /// Notes an acknowledged transaction and its effects on the balances.
    pub(super) fn acknowledge(&mut self, transaction: &Acknowledged<'_>) {
        let Acknowledged { id, payer, payments, withdrawn, fee } = *transaction;
        let total: u64 = payments.iter().map(|(_, amount)| amount).sum();
        *self.balances.entry(payer).or_default() -= total + withdrawn + fee;
        self.fees += fee;
        for (owner, amount) in payments {
            *self.balances.entry(*owner).or_default() += amount;
        }
        self.acknowledged.entry(payer).or_default().insert(id);
    }

    /// Every owner whose balance is expected.
    pub(super) fn owners(&self) -> impl Iterator<Item = Owner> {
        self.balances.keys().copied()
    }

    /// The transactions of an owner that the sequencer has acknowledged.
    pub(super) fn acknowledged(&self, owner: &Owner) -> impl Iterator<Item = Digest> {
        self.acknowledged.get(owner).into_iter().flatten().copied()
    }

    /// Checks what was found about an owner: the balance must be right, and each acknowledged
    /// transaction must be final and executed exactly once.
    ///
    /// # Errors
    /// When one of these is wrong; the error names it.
    pub(super) fn check(&self, owner: &Owner, found: &Found) -> Result<()> {
        let balance = self.balances.get(owner).copied().unwrap_or_default();
        ensure!(
            found.balance == balance,
            "{owner} has {} on L2 instead of {balance}",
            found.balance
        );
        for id in self.acknowledged(owner) {
            ensure!(
                found.finalised.contains(&id),
                "the acknowledged transaction {id} is not final"
            );
        }
        // Each execution uses up one nonce. All acknowledged transactions are executed, so as many
        // executions as transactions mean that none was executed twice.
        let count = self.acknowledged(owner).count();
        ensure!(
            usize::try_from(found.next_nonce) == Ok(count),
            "{owner} has {} executed transactions instead of {count}",
            found.next_nonce
        );
        Ok(())
    }

    /// Checks the slots that the data on L1 lead to: one slot for every owner, with the right
    /// balance and nonce, one slot for the operator with all fees, and no other slot.
    ///
    /// # Errors
    /// When an owner has two slots, or a slot is wrong, missing or not expected.
    pub(super) fn check_slots(&self, slots: &[Slot], operator: Owner) -> Result<()> {
        let found = slots.iter().map(|slot| (slot.owner, (slot.balance, slot.nonce)));
        let found: BTreeMap<Owner, (u64, u32)> = found.collect();
        ensure!(found.len() == slots.len(), "an owner has two slots");
        let mut expected = BTreeMap::from([(operator, (self.fees, 0))]);
        for (owner, balance) in &self.balances {
            let executed = u32::try_from(self.acknowledged(owner).count())?;
            expected.insert(*owner, (*balance, executed));
        }
        let wrong = found.keys().chain(expected.keys());
        let wrong = wrong.into_iter().find(|owner| found.get(owner) != expected.get(owner));
        if let Some(owner) = wrong {
            bail!(
                "by L1's data {owner} has {:?} (balance, nonce) instead of {:?}",
                found.get(owner),
                expected.get(owner)
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sheaf_crypto::key::SecretKey;
    use sheaf_crypto::scalar::Scalar;
    use sheaf_ledger::L1Address;

    use super::*;

    fn owner(number: u64) -> Owner {
        let secret = SecretKey::from_scalar(Scalar::from(number)).expect("not zero");
        Owner::new(&secret.public_key(), &L1Address([0; 20]))
    }

    fn id(number: u8) -> Digest {
        let mut bytes = [0; 32];
        bytes[0] = number;
        Digest::from_bytes(bytes).expect("small numbers are canonical")
    }

    /// Alice has 100, pays 30 to bob for a fee of 1, and withdraws 20 for a fee of 2.
    fn expectation() -> Expectation {
        let mut expectation = Expectation::default();
        let (alice, payments) = (owner(1), [(owner(2), 30)]);
        expectation.deposit(alice, 100);
        let of_alice = |id, payments, withdrawn, fee| Acknowledged {
            id,
            payer: alice,
            payments,
            withdrawn,
            fee,
        };
        expectation.acknowledge(&of_alice(id(1), &payments, 0, 1));
        expectation.acknowledge(&of_alice(id(2), &[], 20, 2));
        expectation
    }

    fn found() -> Found {
        Found { balance: 47, next_nonce: 2, finalised: BTreeSet::from([id(1), id(2)]) }
    }

    #[test]
    fn the_end_that_must_be_is_accepted() {
        let expectation = expectation();
        expectation.check(&owner(1), &found()).expect("it is as it must be");
        let bob = Found { balance: 30, ..Found::default() };
        expectation.check(&owner(2), &bob).expect("it is as it must be");
    }

    #[test]
    fn every_other_end_is_refused() {
        let expectation = expectation();
        let ends = [
            ("a wrong balance", Found { balance: 46, ..found() }),
            ("a missing transaction", Found { finalised: BTreeSet::from([id(1)]), ..found() }),
            (
                "another one in its place",
                Found { finalised: BTreeSet::from([id(1), id(3)]), ..found() },
            ),
            ("one executed twice", Found { next_nonce: 3, ..found() }),
            ("one that took no nonce", Found { next_nonce: 1, ..found() }),
        ];
        for (what, end) in ends {
            assert!(expectation.check(&owner(1), &end).is_err(), "{what} is accepted");
        }
        assert!(expectation.check(&owner(2), &Found::default()).is_err(), "an unpaid recipient");
    }

    #[test]
    fn slots_must_be_those_of_everybody_with_the_fees_for_the_operator() {
        let slot = |number, balance, nonce| Slot { owner: owner(number), token: 0, balance, nonce };
        let check = |slots: &[Slot]| expectation().check_slots(slots, owner(3));
        let [alice, bob, operator] = [slot(1, 47, 2), slot(2, 30, 0), slot(3, 3, 0)];
        check(&[alice, bob, operator]).expect("it is as it must be");
        let ends: [(&str, &[Slot]); 7] = [
            ("a wrong balance", &[slot(1, 46, 2), bob, operator]),
            ("a wrong nonce", &[slot(1, 47, 3), bob, operator]),
            ("an unpaid recipient", &[alice, operator]),
            ("fees that nobody has", &[alice, bob]),
            ("too few fees", &[alice, bob, slot(3, 2, 0)]),
            ("a stranger", &[alice, bob, operator, slot(4, 0, 0)]),
            ("one twice", &[alice, bob, operator, alice]),
        ];
        for (what, slots) in ends {
            assert!(check(slots).is_err(), "{what} is accepted");
        }
    }
}
