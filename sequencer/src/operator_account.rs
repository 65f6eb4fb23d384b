//! The L1 account that submits batches: its balance, and how many batches the balance pays for.
//!
//! An account that runs empty stops finality, while everything else looks well. So the balance is
//! read again and again, shown by status, metrics and `/healthz`, and a warning comes early.

use std::convert::Infallible;

use alloy::primitives::{Address, U256};
use alloy::providers::Provider;
use sheaf_contracts::chain_limits::ChainLimits;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::l1::{L1, L1Error};
use crate::limits::{OPERATOR_ACCOUNT_INTERVAL, OPERATOR_BATCHES_LOW};
use crate::metrics;
use crate::store::Store;
use crate::submission::gas_limit;

/// What the operator's account has, and for how many batches it is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperatorAccount {
    pub address: Address,
    pub wei: U256,
    /// Batches at the gas of the newest final batch, or the most a batch may take before the first,
    /// and at the highest fee that the node estimates for now.
    pub batches: u64,
}

/// The stage, with its end of the channel to those who show the account.
#[derive(Debug)]
pub struct AccountWatch {
    pub l1: L1,
    pub store: Store,
    pub address: Address,
    pub chain: ChainLimits,
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
        let gas = final_batch.and_then(|batch| batch.gas_used);
        let gas = gas.map_or(self.chain.transaction_gas, |gas| gas_limit(gas, &self.chain));
        let batches = batches_paid(wei, gas, fees.max_fee_per_gas);
        Ok(OperatorAccount { address, wei, batches })
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

/// How many batches of `gas` each a balance pays for at a fee of `wei_per_gas`.
fn batches_paid(wei: U256, gas: u64, wei_per_gas: u128) -> u64 {
    let price = U256::from(gas).saturating_mul(U256::from(wei_per_gas)).max(U256::ONE);
    u64::try_from(wei / price).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_batches_count() {
        let wei = |gwei: u64| U256::from(gwei) * U256::from(1_000_000_000);
        let price = 2_000_000_000;
        assert_eq!(batches_paid(wei(1_200_000), 300_000, price), 2);
        assert_eq!(batches_paid(wei(1_199_999), 300_000, price), 1);
        assert_eq!(batches_paid(U256::ZERO, 300_000, price), 0);
        assert_eq!(batches_paid(U256::MAX, 1, 0), u64::MAX);
    }
}
