//! The watcher: reads the contract's events under enough confirmations, in order, exactly once.
//!
//! Requests, finalised batches and the cursor after them are stored in one database transaction, so
//! a crash at any line neither loses a request nor reads it twice. The cursor has the hash of the
//! last block that was read. If L1 has another block there, a reorganisation went deeper than the
//! confirmations, and the process ends rather than credit a deposit that L1 has dropped. Requests
//! and batches are stored only after their numbers agree with the contract's own counts, unless the
//! node has forgotten the contract's state after an old block.

use std::convert::Infallible;
use std::sync::Arc;

use alloy::primitives::B256;
use alloy::providers::Provider;
use alloy::rpc::types::Log;
use alloy::sol_types::SolEventInterface;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use tracing::{debug, info};

use crate::agreement::{self, Counts};
use crate::events::Events;
use crate::finality;
use crate::l1::{Advance, L1, L1Error, Sheaf};
use crate::lifecycle::{L1Request, RequestKind};
use crate::limits::L1_BLOCKS_PER_QUERY_MAX;
use crate::metrics;
use crate::store::{BatchState, FinalisedBatch, L1Cursor, Store, StoredRequest};

/// From which block and under how many confirmations L1 is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatcherConfig {
    /// The block in which the contract was deployed, and with which reading begins.
    pub first_block: u64,
    /// How many blocks must follow a block before it is read.
    pub confirmations: u64,
}

/// The stage, with its ends of the channels to its neighbours.
#[derive(Debug, Clone)]
pub struct Watcher {
    pub l1: L1,
    pub store: Store,
    pub events: Arc<Events>,
    pub config: WatcherConfig,
}

impl Watcher {
    /// Watches until something fails.
    ///
    /// # Errors
    /// `Unreachable`, `Refused`, `Behind` or `LogsLeftOut` when the node is silent, refuses, lacks
    /// a block or leaves out logs for as long as the patience lasts; `DeepReorg` when L1 has
    /// replaced a confirmed block; `UnknownEvent` for an event that this version cannot read;
    /// `UnknownBatch` or `Diverged` when L1 finalised a batch that the database does not have, or
    /// has with another state; `Store` when the database fails.
    pub async fn run(self) -> Result<Infallible, L1Error> {
        self.l1.repeat(|| self.advance()).await
    }

    /// Reads one range of confirmed blocks, if there is one.
    ///
    /// # Errors
    /// As `run`.
    pub async fn advance(&self) -> Result<Advance, L1Error> {
        let head = self.l1.head().await?;
        let cursor = self.store.l1_cursor().await?;
        metrics::l1_seen(head, cursor.map_or(self.config.first_block, |cursor| cursor.block));
        let from = cursor.map_or(self.config.first_block, |cursor| cursor.block + 1);
        let confirmed = head.checked_sub(self.config.confirmations).filter(|block| *block >= from);
        let Some(confirmed) = confirmed else {
            agreement::check_history(&self.l1, cursor).await?;
            return Ok(Advance::Idle);
        };
        let Some((read_to, logs)) = self.events(from, confirmed).await? else {
            return Ok(Advance::Idle);
        };
        let found = read(&logs)?;
        finality::check(&self.store, &found.finalised).await?;
        let Some(finalised) = self.with_gas(found.finalised).await? else {
            return Ok(Advance::Idle);
        };
        // These checks come last, so that the new logs and the earlier ones are of one history.
        agreement::check_history(&self.l1, cursor).await?;
        let still = self.l1.block_hash(read_to.block).await?;
        if still != Some(B256::from(read_to.hash)) {
            return Ok(Advance::Idle);
        }
        let told = Counts {
            requests: self.store.request_count().await? + found.requests.len() as u64,
            batches: self.store.last_finalised().await? + finalised.len() as u64,
        };
        match agreement::check_counts(&self.l1, read_to, told).await {
            // A node may have forgotten the state after an old block. A log that it leaves out is
            // still noticed at the newest confirmed block, because the contract's counts only grow.
            Err(L1Error::Refused { .. }) if read_to.block < confirmed => {}
            agreement => agreement?,
        }
        self.store.advance_l1(&found.requests, &finalised, read_to).await?;
        self.report(&found.requests, &finalised, read_to);
        Ok(Advance::Done)
    }

    /// The events from block `from` on, and the last block that they cover. The range does not
    /// pass `confirmed` and has at most `L1_BLOCKS_PER_QUERY_MAX` blocks; each refusal of the node
    /// halves it. `None` when L1 does not have the last block any more.
    async fn events(
        &self,
        from: u64,
        confirmed: u64,
    ) -> Result<Option<(L1Cursor, Vec<Log>)>, L1Error> {
        let mut to = confirmed.min(from.saturating_add(L1_BLOCKS_PER_QUERY_MAX - 1));
        loop {
            let hash = self.l1.block_hash(to).await?;
            let Some(hash) = hash else { return Ok(None) };
            match self.l1.events(from, to).await {
                Err(L1Error::Refused { .. }) if to > from => to = from + (to - from) / 2,
                logs => return Ok(Some((L1Cursor { block: to, hash: hash.0 }, logs?))),
            }
        }
    }

    /// Adds the gas that the transactions of final batches have used. `None` when L1 has lost one
    /// of these transactions.
    async fn with_gas(
        &self,
        mut finalised: Vec<FinalisedBatch>,
    ) -> Result<Option<Vec<FinalisedBatch>>, L1Error> {
        for batch in &mut finalised {
            let hash = B256::from(batch.l1_transaction);
            let receipt = self
                .l1
                .ask("a receipt", || async {
                    self.l1.provider().get_transaction_receipt(hash).await
                })
                .await?;
            let Some(receipt) = receipt else { return Ok(None) };
            batch.gas_used = receipt.gas_used;
        }
        Ok(Some(finalised))
    }

    fn report(&self, requests: &[StoredRequest], finalised: &[FinalisedBatch], cursor: L1Cursor) {
        debug!(block = cursor.block, "read L1");
        if !requests.is_empty() {
            info!(requests = requests.len(), block = cursor.block, "requests from L1");
        }
        for FinalisedBatch { number, gas_used, .. } in finalised {
            info!(batch = number, gas_used, "batch is final");
            metrics::gas_used(*gas_used);
            self.events.publish_batch(*number, BatchState::Finalised);
        }
    }
}

/// The requests and final batches in a range of L1 blocks.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    requests: Vec<StoredRequest>,
    finalised: Vec<FinalisedBatch>,
}

/// Reads requests and final batches from the contract's events.
fn read(logs: &[Log]) -> Result<Found, L1Error> {
    let mut found = Found::default();
    for log in logs {
        let transaction = log.transaction_hash.unwrap_or_default();
        let unknown = L1Error::UnknownEvent { transaction };
        let Ok(event) = Sheaf::SheafEvents::decode_log(&log.inner) else { return Err(unknown) };
        let asked = match event.data {
            Sheaf::SheafEvents::DepositRequested(Sheaf::DepositRequested {
                index,
                token,
                amount,
                owner,
                sender,
            }) => {
                let owner = Owner::from_bytes(owner.0).ok_or(unknown)?;
                (index, sender, RequestKind::Deposit { owner, token, amount })
            }
            Sheaf::SheafEvents::ExitRequested(Sheaf::ExitRequested {
                index,
                slot,
                owner,
                sender,
            }) => {
                let owner = Owner::from_bytes(owner.0).ok_or(unknown)?;
                (index, sender, RequestKind::Exit { owner, slot })
            }
            Sheaf::SheafEvents::BatchFinalised(batch) => {
                found.finalised.push(FinalisedBatch {
                    number: batch.number,
                    post_state: batch.postState.0,
                    l1_transaction: transaction.0,
                    l1_block: log.block_number.unwrap_or_default(),
                    gas_used: 0,
                });
                continue;
            }
            Sheaf::SheafEvents::Frozen(_) => return Err(L1Error::Frozen { transaction }),
            // Tokens, money that leaves, and roles concern wallets and the submission, not the
            // ledger. A lease or a handover shows where a batch of another account arrives.
            Sheaf::SheafEvents::TokenListed(_)
            | Sheaf::SheafEvents::CapRaised(_)
            | Sheaf::SheafEvents::PayoutCredited(_)
            | Sheaf::SheafEvents::Claimed(_)
            | Sheaf::SheafEvents::Escaped(_)
            | Sheaf::SheafEvents::Refunded(_)
            | Sheaf::SheafEvents::RoleOffered(_)
            | Sheaf::SheafEvents::RoleAccepted(_)
            | Sheaf::SheafEvents::TakenOver(_)
            | Sheaf::SheafEvents::LeaseEnded(_) => continue,
        };
        let (number, sender, kind) = asked;
        found.requests.push(StoredRequest {
            request: L1Request { number, kind },
            sender: Some(L1Address(sender.0.0)),
            l1_block: log.block_number.unwrap_or_default(),
            l1_transaction: transaction.0,
        });
    }
    Ok(found)
}

/// The requests among the contract's events. What cannot be read is left out: nothing is decided by
/// the result.
pub(crate) fn requests_in(logs: &[Log]) -> Vec<StoredRequest> {
    let found = logs.iter().filter_map(|log| read(std::slice::from_ref(log)).ok());
    found.flat_map(|found| found.requests).collect()
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
        let sent = found.requests.iter().map(|one| one.sender);
        assert!(sent.eq([Some(L1Address([2; 20])); 2]), "exits pay whoever asked for them");
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
