//! The watcher: reads the contract's events behind enough confirmations, in order, exactly once.
//!
//! Requests, finalised batches and the cursor behind them are stored in one database transaction,
//! so a crash at any line neither loses a request nor reads it twice. It remembers the hash of the
//! last block that it read; if L1 no longer has that block, a reorganisation went deeper than the
//! confirmations, and the process ends rather than credit a deposit that L1 forgot.

use std::convert::Infallible;

use alloy::primitives::B256;
use alloy::rpc::types::Log;
use alloy::sol_types::SolEventInterface;
use sheaf_ledger::owner::Owner;
use tokio::time::sleep;
use tracing::{debug, info};

use crate::finality;
use crate::l1::{L1, L1Error, Sheaf};
use crate::lifecycle::{L1Request, RequestKind};
use crate::limits::{L1_BLOCKS_PER_QUERY_MAX, L1_POLL_INTERVAL};
use crate::store::{FinalisedBatch, L1Cursor, Store, StoredRequest};

/// From where and how deep L1 is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatcherConfig {
    /// The block in which the contract was deployed: nothing before it matters.
    pub first_block: u64,
    /// Blocks that must lie on top of one before it is believed.
    pub confirmations: u64,
}

/// Watches until something fails.
///
/// # Errors
/// When L1 stays silent too long, forgets what it had confirmed, or the database fails.
pub async fn run(l1: L1, store: Store, config: WatcherConfig) -> Result<Infallible, L1Error> {
    loop {
        if !advance(&l1, &store, config).await? {
            sleep(L1_POLL_INTERVAL).await;
        }
    }
}

/// Reads one range of confirmed blocks, if there is one; says whether there was.
///
/// # Errors
/// As `run`.
pub async fn advance(l1: &L1, store: &Store, config: WatcherConfig) -> Result<bool, L1Error> {
    let confirmed = l1.head().await?.saturating_sub(config.confirmations);
    let cursor = store.l1_cursor().await?;
    if let Some(cursor) = cursor {
        check_still_there(l1, cursor).await?;
    }
    let from = cursor.map_or(config.first_block, |cursor| cursor.block + 1);
    let to = confirmed.min(from.saturating_add(L1_BLOCKS_PER_QUERY_MAX - 1));
    if from > to {
        return Ok(false);
    }
    // The hash is read before the events and must be the same after them: otherwise the events may
    // be of two different histories.
    let Some(hash) = l1.block_hash(to).await? else { return Ok(false) };
    let logs = l1.events(from, to).await?;
    if l1.block_hash(to).await? != Some(hash) {
        return Ok(false);
    }
    let found = read(&logs)?;
    finality::check(store, &found.finalised).await?;
    let cursor = L1Cursor { block: to, hash: hash.0 };
    store.advance_l1(&found.requests, &found.finalised, cursor).await?;
    report(&found, cursor);
    Ok(true)
}

/// What a range of blocks held.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    requests: Vec<StoredRequest>,
    finalised: Vec<FinalisedBatch>,
}

fn report(found: &Found, cursor: L1Cursor) {
    debug!(block = cursor.block, "read L1");
    if !found.requests.is_empty() {
        info!(requests = found.requests.len(), block = cursor.block, "requests from L1");
    }
    for batch in &found.finalised {
        info!(batch = batch.number, "batch is final");
    }
}

async fn check_still_there(l1: &L1, cursor: L1Cursor) -> Result<(), L1Error> {
    let read = B256::from(cursor.hash);
    if l1.block_hash(cursor.block).await? == Some(read) {
        Ok(())
    } else {
        Err(L1Error::DeepReorg { block: cursor.block, read })
    }
}

/// Sorts the contract's events into what the rollup acts on.
fn read(logs: &[Log]) -> Result<Found, L1Error> {
    let mut found = Found::default();
    for log in logs {
        let transaction = log.transaction_hash.unwrap_or_default();
        let unknown = L1Error::UnknownEvent { transaction };
        let Ok(event) = Sheaf::SheafEvents::decode_log(&log.inner) else { return Err(unknown) };
        let kind = match event.data {
            Sheaf::SheafEvents::DepositRequested(Sheaf::DepositRequested {
                index,
                token,
                amount,
                owner,
                sender: _,
            }) => {
                let owner = Owner::from_bytes(owner.0).ok_or(unknown)?;
                (index, RequestKind::Deposit { owner, token, amount })
            }
            Sheaf::SheafEvents::ExitRequested(Sheaf::ExitRequested {
                index,
                slot,
                owner,
                sender: _,
            }) => {
                let owner = Owner::from_bytes(owner.0).ok_or(unknown)?;
                (index, RequestKind::Exit { owner, slot })
            }
            Sheaf::SheafEvents::BatchFinalised(batch) => {
                found.finalised.push(FinalisedBatch {
                    number: batch.number,
                    post_state: batch.postState.0,
                    l1_transaction: transaction.0,
                });
                continue;
            }
            // What is listed, paid and claimed concerns wallets, not the ledger.
            Sheaf::SheafEvents::TokenListed(_)
            | Sheaf::SheafEvents::PayoutCredited(_)
            | Sheaf::SheafEvents::Claimed(_) => continue,
        };
        let (number, kind) = kind;
        found.requests.push(StoredRequest {
            request: L1Request { number, kind },
            l1_block: log.block_number.unwrap_or_default(),
            l1_transaction: transaction.0,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Address, FixedBytes, LogData};
    use alloy::sol_types::SolEvent;

    use super::*;

    fn log(data: LogData) -> Log {
        let inner = alloy::primitives::Log { address: Address::repeat_byte(1), data };
        Log { inner, block_number: Some(7), ..Log::default() }
    }

    #[test]
    fn requests_are_read_in_order() {
        let owner = FixedBytes([0; 24]);
        let sender = Address::repeat_byte(2);
        let deposit = Sheaf::DepositRequested { index: 3, sender, token: 1, amount: 5, owner };
        let exit = Sheaf::ExitRequested { index: 4, sender, slot: 9, owner };
        let logs = [log(deposit.encode_log_data()), log(exit.encode_log_data())];
        let found = read(&logs).expect("both are known");
        let owner = Owner::from_bytes([0; 24]).expect("zeros are canonical");
        let expected = [
            L1Request { number: 3, kind: RequestKind::Deposit { owner, token: 1, amount: 5 } },
            L1Request { number: 4, kind: RequestKind::Exit { owner, slot: 9 } },
        ];
        assert_eq!(found.requests.iter().map(|one| one.request).collect::<Vec<_>>(), expected);
        assert!(found.finalised.is_empty());
    }

    #[test]
    fn an_unknown_event_ends_the_watch() {
        let strange = LogData::new_unchecked(vec![B256::repeat_byte(9)], Default::default());
        assert!(matches!(read(&[log(strange)]), Err(L1Error::UnknownEvent { .. })));
    }

    #[test]
    fn an_owner_that_is_no_owner_ends_the_watch() {
        let deposit = Sheaf::DepositRequested {
            index: 0,
            sender: Address::ZERO,
            token: 0,
            amount: 1,
            owner: FixedBytes([0xFF; 24]),
        };
        let result = read(&[log(deposit.encode_log_data())]);
        assert!(matches!(result, Err(L1Error::UnknownEvent { .. })));
    }
}
