//! The owners of the measured rollup. A few are rich and open the slots of all others; some are
//! payers and have keys; the rest is only paid and needs none.

use anyhow::Result;
use rayon::prelude::*;
use sheaf_crypto::goldilocks::Fe;
use sheaf_crypto::key::{PublicKey, SecretKey};
use sheaf_crypto::scalar::Scalar;
use sheaf_ledger::transaction::{Payment, Transaction, Transfer};
use sheaf_ledger::{Domain, L1Address, Owner, SignedTransaction};

/// Owners whose deposits open the slots.
pub(super) const RICH: u32 = 16;
/// The L1 address in every owner with a key; it matters to no measurement.
const L1_ADDRESS: L1Address = L1Address([1; 20]);
/// The token of every payment: ether.
pub(super) const TOKEN: u16 = 0;

/// An owner with a key, and the slot that pays.
#[derive(Debug)]
pub(super) struct Payer {
    secret: SecretKey,
    /// Kept, because deriving the key costs as much as signing.
    key: PublicKey,
    pub slot: u32,
    /// The nonce to sign next.
    pub nonce: u32,
}

impl Payer {
    /// The payer number `number`; rich owners come first. Slot and nonce are zero until the
    /// sequencer has told them.
    ///
    /// # Errors
    /// Never in practice: every small number but zero is a secret key.
    fn new(number: u32) -> Result<Self> {
        let secret = SecretKey::from_scalar(Scalar::from(u64::from(number) + 1))?;
        Ok(Self { key: secret.public_key(), secret, slot: 0, nonce: 0 })
    }

    pub(super) fn owner(&self) -> Owner {
        Owner::new(&self.key, &L1_ADDRESS)
    }

    /// Signs a transfer without a fee, valid for ever, with the next nonce.
    ///
    /// # Errors
    /// When the payments break a rule of the ledger.
    pub(super) fn sign(
        &mut self,
        payments: Vec<Payment>,
        domain: &Domain,
    ) -> Result<SignedTransaction> {
        let transaction = Transaction::Transfer(Transfer {
            slot: self.slot,
            token: TOKEN,
            nonce: self.nonce,
            fee: 0,
            valid_until: sheaf_ledger::limits::VALID_UNTIL_MAX,
            payments,
        });
        let signature = self.secret.sign(&transaction.message(domain)?, &mut rand::rng());
        self.nonce += 1;
        Ok(SignedTransaction { transaction, key: self.key, l1_address: L1_ADDRESS, signature })
    }
}

/// The rich owners.
///
/// # Errors
/// As `Payer::new`.
pub(super) fn rich() -> Result<Vec<Payer>> {
    (0..RICH).map(Payer::new).collect()
}

/// The other owners by their numbers, payers first.
#[derive(Debug)]
pub(super) struct Owners {
    /// The owners of the payers.
    payers: Vec<Owner>,
    count: u32,
}

impl Owners {
    /// Makes `count` owners, the first `payers` of them with keys.
    ///
    /// # Errors
    /// As `Payer::new`.
    pub(super) fn new(count: u32, payers: u32) -> Result<(Self, Vec<Payer>)> {
        let numbers = (RICH..RICH + payers).into_par_iter();
        let keys = numbers.map(Payer::new).collect::<Result<Vec<_>>>()?;
        let payers = keys.par_iter().map(Payer::owner).collect();
        Ok((Self { payers, count }, keys))
    }

    pub(super) const fn count(&self) -> u32 {
        self.count
    }

    /// The owner with this number. An owner who never pays needs no key, so three small elements
    /// take the place of a key's hash. The sequencer handles both alike.
    pub(super) fn get(&self, number: u32) -> Owner {
        let made = Owner([Fe::from_u64(number.into()), Fe::ONE, Fe::ONE]);
        self.payers.get(number as usize).copied().unwrap_or(made)
    }
}
