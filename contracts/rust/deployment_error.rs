//! Why a rollup could not be deployed.

use std::time::Duration;

use alloy::primitives::{Address, B256};
use alloy::providers::PendingTransactionError;
use sheaf_ledger::domain::LOCAL_CHAIN_ID;
use thiserror::Error;

/// How long a deployment waits for one of its transactions. A transaction that pays twice the base
/// fee is mined within minutes, unless the base fee doubles meanwhile.
pub(crate) const TRANSACTION_PATIENCE: Duration = Duration::from_secs(30 * 60);

/// Why a rollup could not be deployed.
#[derive(Debug, Error)]
pub enum DeploymentError {
    /// A deployment or a call of a contract failed.
    #[error("L1 refused the deployment: {0}")]
    Contract(#[from] alloy::contract::Error),
    /// The node did not answer a plain question: for chain id, code or nonce.
    #[error("L1 does not answer: {0}")]
    Rpc(#[from] alloy::transports::TransportError),
    /// The chain, with id `found`, is not the chain for development proofs.
    #[error("development proofs are for chain {LOCAL_CHAIN_ID} only; this is chain {found}")]
    NotADevelopmentChain { found: u64 },
    /// The contract's first State digest is not the ledger's.
    #[error(
        "the new contract begins with state {found}, this program with {expected}: they are of \
         different versions; rebuild the contracts"
    )]
    OtherFirstState { expected: B256, found: B256 },
    /// A transaction was sent, and no block with it was seen in time.
    #[error(
        "transaction {transaction} is not mined within {} minutes, or the node does not tell: \
         {source}. Look at the transaction before you deploy again: once it is mined, L1 has the \
         contract {contract}",
        TRANSACTION_PATIENCE.as_secs() / 60
    )]
    NotMined { transaction: B256, contract: Address, source: Box<PendingTransactionError> },
    /// A transaction was mined without effect.
    #[error("transaction {transaction} failed on L1 and changed nothing but its sender's balance")]
    Failed { transaction: B256 },
    /// There is no contract at an address.
    #[error("L1 has no contract at {address}")]
    NoCode { address: Address },
    /// What is at the verifier's address returns no key hash.
    #[error("the contract at {verifier} is no verifier: {source}")]
    NoKeyHash { verifier: Address, source: Box<alloy::contract::Error> },
    /// The verifier has another key.
    #[error("the verifier {verifier} has key hash {found}, and these keys have {expected}")]
    OtherKey { verifier: Address, expected: B256, found: B256 },
    /// The contract has no domain, or the domain of another chain, place or version.
    #[error("the contract at {contract} is not a rollup's of this version on this chain")]
    OtherDomain { contract: Address },
    /// The contract was deployed with other terms.
    #[error("the contract {contract} has another {term} than this command was given")]
    OtherTerm { contract: Address, term: &'static str },
    /// Nobody can use the rollup any more.
    #[error("the rollup of contract {contract} is frozen; deploy a new one")]
    Frozen { contract: Address },
}
