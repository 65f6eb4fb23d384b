//! Adoption: what a log acknowledged and L1 does not have, as its owners signed it.
//!
//! When L1 has another account's batch, the database that lacks this batch is of no use any more.
//! Its log still has signed transactions, which another database can execute again. A block has
//! entries and signatures; the transactions are made of these, and their messages are compared.

use sheaf_ledger::domain::Domain;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::slot::Slot;
use sheaf_ledger::transaction::{
    Payment, SignedMessage, SignedTransaction, Transaction, Transfer, Withdrawal,
};

use crate::block::{AppliedTransaction, Block};
use crate::replay::{Replay, ReplayError};
use crate::snapshots::Snapshots;
use crate::store::{Acknowledged, Store};

/// What the log acknowledged after a batch, which must be sealed; 0 is before the first. What still
/// waits there from an earlier adoption comes before it.
///
/// # Errors
/// `Unsigned` when a block does not have a transaction that its owner signed; `Store` when log or
/// snapshot cannot be read; as [`Replay::run`].
pub async fn acknowledged_after(
    (store, snapshots): (&Store, &Snapshots),
    domain: Domain,
    batch: u64,
) -> Result<Acknowledged, ReplayError> {
    let mut replay = match store.batch(batch).await? {
        Some(row) => {
            let replay = Replay::at_snapshot(store, snapshots, domain, batch).await?;
            replay.run_to(store, row.sealed.last_block).await?
        }
        None => Replay::new(domain, None, Vec::new()),
    };
    let mut nonces: Vec<u32> = replay.slots.iter().map(|slot| slot.nonce).collect();
    let mut transactions = Vec::new();
    loop {
        let blocks = store.blocks_between(replay.head.block, u64::MAX).await?;
        if blocks.is_empty() {
            let own = Acknowledged { transactions, requests: replay.next_request };
            return Ok(store.again().await?.before(own));
        }
        let (ran, blocks) = replay.run(blocks).await?;
        replay = ran;
        nonces.resize(replay.slots.len(), 0);
        for block in &blocks {
            for applied in &block.transactions {
                let signed = signed(block, applied, (&replay.slots, &mut nonces));
                let is_own = |signed: &SignedTransaction| {
                    signed.transaction.message(&domain) == Ok(*applied.id())
                };
                let signed = signed.filter(is_own);
                transactions.push(signed.ok_or(ReplayError::Unsigned { block: block.number })?);
            }
        }
    }
}

/// A transaction of a block. `slots` are those after the block or later, whose owners and tokens
/// never change; `nonces` are those before the transaction, and then those after it.
fn signed(
    block: &Block,
    applied: &AppliedTransaction,
    (slots, nonces): (&[Slot], &mut [u32]),
) -> Option<SignedTransaction> {
    let mut entries = block.entries.iter().skip(applied.first_entry() as usize);
    let first = entries.next()?;
    let token = slots.get(first.slot() as usize)?.token;
    let next_nonce = nonces.get_mut(first.slot() as usize)?;
    let nonce = *next_nonce;
    *next_nonce += 1;
    let transaction = match *first {
        Entry::Debit { slot, fee, valid_until, .. } => {
            let credits = entries.map_while(|entry| match *entry {
                Entry::Credit { slot, amount } => Some((slot, amount)),
                _ => None,
            });
            let payment = |(slot, amount): (u32, u64)| {
                let owner = slots.get(slot as usize)?.owner;
                Some(Payment { owner, amount })
            };
            let payments = credits.map(payment).collect::<Option<_>>()?;
            Transaction::Transfer(Transfer { slot, token, nonce, fee, valid_until, payments })
        }
        Entry::Withdraw { slot, amount, fee, valid_until, recipient, .. } => {
            let withdrawal = Withdrawal { slot, token, nonce, fee, valid_until, amount, recipient };
            Transaction::Withdrawal(withdrawal)
        }
        _ => return None,
    };
    let SignedMessage { key, address, message: _, signature } = *applied.signature();
    Some(SignedTransaction { transaction, key, l1_address: address, signature })
}
