//! An account on L1: the node that signs and sends for the account, and what became of that.

use alloy::contract::Error as ContractError;
use alloy::network::Ethereum;
use alloy::primitives::U256;
use alloy::providers::{DynProvider, PendingTransactionBuilder, Provider, ProviderBuilder};
use alloy::rpc::types::TransactionReceipt;
use alloy::signers::local::PrivateKeySigner;
use sheaf_contracts::client;

use crate::error::{ClientError, Result};

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

/// Waits until an L1 transaction is mined. `Reverted` when it has failed; `ContractRefused` when
/// the contract refused it before it was sent.
pub(crate) async fn mined(
    sent: std::result::Result<PendingTransactionBuilder<Ethereum>, ContractError>,
) -> Result<TransactionReceipt> {
    let receipt = sent?.get_receipt().await?;
    if !receipt.status() {
        return Err(ClientError::Reverted { transaction: receipt.transaction_hash });
    }
    Ok(receipt)
}

/// The fee of an L1 transaction, in wei.
pub(crate) fn gas_fee(receipt: &TransactionReceipt) -> U256 {
    U256::from(receipt.gas_used) * U256::from(receipt.effective_gas_price)
}
