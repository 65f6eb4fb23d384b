//! An account on L1: the node that signs and sends for the account, and what became of that.

use std::time::Duration;

use alloy::contract::Error as ContractError;
use alloy::network::Ethereum;
use alloy::primitives::{B256, U256};
use alloy::providers::{DynProvider, PendingTransactionBuilder, Provider, ProviderBuilder};
use alloy::rpc::types::TransactionReceipt;
use alloy::signers::local::PrivateKeySigner;
use sheaf_contracts::client;
use tokio::time::timeout;

use crate::error::{ClientError, Result};

/// What a caller does with the name of an act and the hash of its L1 transaction, once the node has
/// taken the transaction: the act cannot be taken back, and is not in a block yet.
pub type Tell = fn(&'static str, B256);

/// How long a transaction that the node has taken is waited for. It may be mined later.
const MINED_PATIENCE: Duration = Duration::from_secs(600);

/// The node at the URL `l1`, which sends what `signer` signs. Nothing is sent yet. The node is
/// asked for the nonce of each transaction, because other programs may use the account, too.
pub(crate) fn connect(signer: PrivateKeySigner, l1: &str) -> Result<DynProvider> {
    // The error does not repeat the URL, which may contain a key.
    let url = l1.parse().map_err(|source| ClientError::L1Url { source })?;
    let provider = ProviderBuilder::default()
        .with_gas_estimation()
        .with_simple_nonce_management()
        .fetch_chain_id()
        .wallet(signer)
        .connect_client(client(url));
    Ok(provider.erased())
}

/// What to send along for a request of this price, in wei: twice as much, because the price may
/// double before the request is mined, and the contract gives back what is above.
pub(crate) fn with_margin(price: U256) -> U256 {
    price * U256::from(2)
}

/// Waits until an L1 transaction is mined, after `tell` was told its hash. `NotMined` when no block
/// with it is seen in time; else `Failed` with the error, such as `Reverted`, or `ContractRefused`
/// for a transaction that was not sent.
pub(crate) async fn mined(
    (act, tell): (&'static str, Tell),
    sent: std::result::Result<PendingTransactionBuilder<Ethereum>, ContractError>,
) -> Result<TransactionReceipt> {
    let failed = |error| ClientError::Failed { act, source: Box::new(error) };
    let pending = sent.map_err(|error| failed(error.into()))?;
    let transaction = *pending.tx_hash();
    tell(act, transaction);
    let not_mined = |source| ClientError::NotMined { act, transaction, source };
    let receipt = timeout(MINED_PATIENCE, pending.get_receipt()).await;
    let receipt = receipt.map_err(|_elapsed| not_mined(None))?;
    let receipt = receipt.map_err(|source| not_mined(Some(Box::new(source))))?;
    match receipt.status() {
        true => Ok(receipt),
        false => Err(failed(ClientError::Reverted { transaction })),
    }
}

/// The fee of an L1 transaction, in wei.
pub(crate) fn gas_fee(receipt: &TransactionReceipt) -> U256 {
    U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price)
}
