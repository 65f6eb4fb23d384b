//! The L1 account that submits batches: its balance, and how many batches the balance pays for.
//!
//! An account that runs empty stops finality, while everything else looks well. So the balance is
//! read again and again, shown by status, metrics and `/healthz`, and a warning comes early.

use std::convert::Infallible;

use alloy::eips::eip4844::DATA_GAS_PER_BLOB;
use alloy::primitives::{Address, U256};
use alloy::providers::Provider;
use sheaf_contracts::chain_limits::{BatchSize, ChainLimits};
use sheaf_ledger::DataMode;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::l1::{L1, L1Error};
use crate::limits::{OPERATOR_ACCOUNT_INTERVAL, OPERATOR_BATCHES_LOW};
use crate::metrics;
use crate::store::{BatchRow, SealedRow, Store};
use crate::submission::{blob_fee, gas_limit};

/// What the operator's account has, and for how many batches it is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperatorAccount {
    pub address: Address,
    pub wei: U256,
    /// Batches at the gas and the blobs of the newest final batch, or the most a batch may take
    /// before the first, and at the highest fees that a submission would offer now.
    pub batches: u64,
}

/// The stage, with its end of the channel to those who show the account.
#[derive(Debug)]
pub struct AccountWatch {
    pub l1: L1,
    pub store: Store,
    pub address: Address,
    pub chain: ChainLimits,
    /// How the data of the next batches reach L1.
    pub data_mode: DataMode,
    pub shown: watch::Sender<Option<OperatorAccount>>,
}

impl AccountWatch {
    /// Reads the account every `OPERATOR_ACCOUNT_INTERVAL`.
    ///
    /// # Errors
    /// `Store` when the store fails; as `L1::watch`.
    pub async fn run(self) -> Result<Infallible, L1Error> {
        let what = ("the operator's balance", OPERATOR_ACCOUNT_INTERVAL);
        self.l1.watch(what, || self.read(), |account| self.show(account)).await
    }

    async fn read(&self) -> Result<OperatorAccount, L1Error> {
        let address = self.address;
        let wei = self
            .l1
            .ask("a balance", || async { self.l1.provider().get_balance(address).await })
            .await?;
        let fees = self.l1.fees().await?;
        let newest = self.store.last_finalised().await?;
        let final_batch = self.store.batch(newest).await?;
        let Gas { execution, blobs } = self.gas_of(final_batch.as_ref());
        let blob_fee = if blobs == 0 { 0 } else { blob_fee(&self.l1).await? };
        let price = price((execution, fees.max_fee_per_gas), (blobs, blob_fee));
        Ok(OperatorAccount { address, wei, batches: batches_paid(wei, price) })
    }

    /// The gas of a batch like the newest final one, or the most before the first.
    fn gas_of(&self, newest: Option<&BatchRow>) -> Gas {
        let chain = &self.chain;
        let execution = newest.and_then(|batch| batch.gas_used);
        let execution = execution.map_or(chain.transaction_gas, |gas| gas_limit(gas, chain));
        let blobs = match (newest.map(|batch| &batch.sealed), self.data_mode) {
            (Some(&SealedRow { data_mode, data_words, l1_words, .. }), _) => {
                BatchSize::of(data_mode, data_words, l1_words).blobs
            }
            (None, DataMode::Blobs) => chain.transaction_blobs,
            (None, DataMode::Calldata) => 0,
        };
        Gas { execution, blobs: blobs * DATA_GAS_PER_BLOB }
    }

    /// Shows the account, and logs when it becomes low or is filled again.
    fn show(&self, account: OperatorAccount) {
        let OperatorAccount { address, wei, batches } = account;
        metrics::operator_account(wei, batches);
        let is_low = |account: OperatorAccount| account.batches < OPERATOR_BATCHES_LOW;
        let was_low = self.shown.send_replace(Some(account)).is_some_and(is_low);
        match (was_low, is_low(account)) {
            (false, true) => warn!(
                %address, %wei, batches,
                "the operator's account pays for few more batches: send ether to it"
            ),
            (true, false) => info!(%address, %wei, batches, "the operator's account is filled"),
            (true, true) | (false, false) => {}
        }
    }
}

/// What a batch takes, in units of gas and of blob gas.
struct Gas {
    execution: u64,
    blobs: u64,
}

/// The price in wei of two sorts of gas, each with its fee in wei.
fn price(execution: (u64, u128), blobs: (u64, u128)) -> U256 {
    let wei = |(gas, fee)| U256::from(gas).saturating_mul(U256::from(fee));
    wei(execution).saturating_add(wei(blobs))
}

/// How many batches of this price a balance pays for.
fn batches_paid(wei: U256, price: U256) -> u64 {
    u64::try_from(wei / price.max(U256::ONE)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_batches_count() {
        let wei = |gwei: u64| U256::from(gwei) * U256::from(1_000_000_000);
        let price = price((200_000, 2_000_000_000), (100_000, 2_000_000_000));
        assert_eq!(batches_paid(wei(1_200_000), price), 2);
        assert_eq!(batches_paid(wei(1_199_999), price), 1);
        assert_eq!(batches_paid(U256::ZERO, price), 0);
        assert_eq!(batches_paid(U256::MAX, U256::ZERO), u64::MAX);
    }
}
