//! Signed transfers to measure with: each payer has a key and a slot of its own, and pays one other
//! owner.

use std::slice::from_ref;

use anyhow::{Context, Result};
use rayon::prelude::*;
use sheaf_crypto::key::{DecodedKey, SecretKey};
use sheaf_crypto::scalar::Scalar;
use sheaf_ledger::batch::{BatchBuilder, SealedBatch};
use sheaf_ledger::domain::LOCAL_CHAIN_ID;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::limits::DATA_WORDS_MAX;
use sheaf_ledger::slot::Slot;
use sheaf_ledger::transaction::{
    CheckedTransaction, Payment, SignedMessage, Transaction, Transfer,
};
use sheaf_ledger::tree::SlotTree;
use sheaf_ledger::{Domain, L1Address, Owner, SignedTransaction};
use sheaf_sequencer::limits::CLOSING_DATA_WORDS;

/// The balance of every owner before the transfers, in L2 units.
const BALANCE: u64 = 1_000_000;
/// The amount of each transfer, in L2 units.
const AMOUNT: u64 = 10;
/// The fee of each transfer, in L2 units.
const FEE: u64 = 1;
/// The slot that collects the fees.
const OPERATOR: u32 = 0;
const TIMESTAMP: u32 = 1_800_000_000;
/// Data words of a transfer to one payee.
pub(super) const WORDS_PER_TRANSFER: u32 = 2;

/// Owners of one slot each, at indices that are `spacing` apart.
pub(super) struct Payers {
    domain: Domain,
    spacing: u32,
    secrets: Vec<SecretKey>,
    owners: Vec<Owner>,
}

impl Payers {
    /// Makes `count` owners, whose secret keys are 1, 2, 3 and so on.
    ///
    /// # Errors
    /// Never in practice: every such number is a valid secret key.
    pub(super) fn new(count: u32, spacing: u32) -> Result<Self> {
        let domain = Domain::on_chain(LOCAL_CHAIN_ID, L1Address([7; 20]));
        let numbers = (1..=u64::from(count)).into_par_iter();
        let secrets: Vec<SecretKey> = numbers
            .map(|number| SecretKey::from_scalar(Scalar::from(number)))
            .collect::<Result<_, _>>()?;
        let owner = |secret: &SecretKey| Owner::new(&secret.public_key(), &ADDRESS);
        let owners = secrets.par_iter().map(owner).collect();
        Ok(Self { domain, spacing, secrets, owners })
    }

    /// The owners, in the order of their slots.
    pub(super) fn owners(&self) -> &[Owner] {
        &self.owners
    }

    /// The slot of an owner.
    fn slot_of(&self, owner: usize) -> u32 {
        u32::try_from(owner).expect("owners are counted in 32 bits") * self.spacing
    }

    /// A signed transfer from each owner of the first half to one of the second half. The rules are
    /// checked, the signatures are not.
    ///
    /// # Errors
    /// Never in practice: the transfers keep the rules.
    pub(super) fn transfers(&self) -> Result<Vec<CheckedTransaction>> {
        let half = self.owners.len() / 2;
        let transfer = |payer: usize| {
            let transaction = Transaction::Transfer(Transfer {
                slot: self.slot_of(payer),
                token: 0,
                nonce: 0,
                fee: FEE,
                valid_until: TIMESTAMP,
                payments: vec![Payment { owner: self.owners[half + payer], amount: AMOUNT }],
            });
            let (domain, secret) = (&self.domain, (&self.secrets[payer], ADDRESS));
            let signed = SignedTransaction::sign(transaction, domain, secret, &mut rand::rng())?;
            anyhow::Ok(signed.check(domain)?)
        };
        (0..half).into_par_iter().map(transfer).collect()
    }
}

/// The L1 address in every owner; it matters to no measurement.
const ADDRESS: L1Address = L1Address([1; 20]);

/// A full batch before it is sealed: the tree that it follows, and the entries of each transfer
/// with its signed message.
pub(super) struct FullBatch {
    pub tree: SlotTree,
    domain: Domain,
    transfers: Vec<(Vec<Entry>, SignedMessage)>,
}

impl FullBatch {
    /// As many transfers to one payee each as the sequencer puts into a batch of at most `words`
    /// data words, between slots that are `spacing` apart.
    ///
    /// # Errors
    /// Never in practice: the transfers keep the rules.
    pub(super) fn new(words: u32, spacing: u32) -> Result<Self> {
        let payers = Payers::new(DATA_WORDS_MAX, spacing)?;
        let slots = payers.owners.iter().flat_map(|owner| {
            let slot = Slot { owner: *owner, token: 0, balance: BALANCE, nonce: 0 };
            std::iter::repeat_n(slot, spacing as usize)
        });
        let tree = SlotTree::from_slots(slots.collect());
        let count = (words - CLOSING_DATA_WORDS as u32) / WORDS_PER_TRANSFER;
        let half = payers.owners.len() / 2;
        let signed =
            payers.transfers()?.into_par_iter().zip(half..payers.owners.len()).take(count as usize);
        let accepted = signed.map(|(checked, payee)| {
            let key = DecodedKey::new(checked.signed().key).context("it is the payer's key")?;
            let accepted = checked.accept(&key)?;
            let entries = accepted.entries(0, |_| Some(payers.slot_of(payee)))?;
            anyhow::Ok((entries, accepted.signed_message()))
        });
        let transfers = accepted.collect::<Result<_>>()?;
        Ok(Self { tree, domain: payers.domain, transfers })
    }

    /// The number of transfers.
    pub(super) fn transfers(&self) -> usize {
        self.transfers.len()
    }

    /// Runs the entries through the ledger's machine and seals the batch, as the sequencer does.
    ///
    /// # Errors
    /// Never in practice: the batch keeps the rules.
    pub(super) fn seal(&self) -> Result<SealedBatch> {
        let mut batch = BatchBuilder::new(&self.tree, self.domain, TIMESTAMP);
        let transfers = self.transfers.iter();
        let mut groups: Vec<(&[Entry], &[SignedMessage])> =
            transfers.map(|(entries, signed)| (entries.as_slice(), from_ref(signed))).collect();
        let collect = [Entry::Collect { slot: OPERATOR, pot: 0 }];
        groups.push((&collect, &[]));
        batch.push_all(&groups)?;
        Ok(batch.seal(1)?)
    }
}
