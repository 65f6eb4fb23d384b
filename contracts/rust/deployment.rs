//! Deployment: puts a verifier and the rollup's contract on L1 and checks what came of it.
//!
//! The contract computes its first state itself; it is held against the ledger's, so that a
//! contract and a ledger of different versions never begin together.

use alloy::primitives::{Address, B256, keccak256};
use alloy::providers::{Provider, ProviderBuilder};
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolValue;
use alloy::transports::http::reqwest::Url;
use sheaf_ledger::domain::{Domain, LOCAL_CHAIN_ID};
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::machine::state_digest;
use sheaf_ledger::tree::SlotTree;
use thiserror::Error;

use crate::bindings::{DevelopmentVerifier, Groth16Verifier, Sheaf};
use crate::node::client;

/// Why a rollup could not be deployed.
#[derive(Debug, Error)]
pub enum DeploymentError {
    #[error("L1 refused the deployment: {0}")]
    Contract(#[from] alloy::contract::Error),
    #[error("L1 does not answer: {0}")]
    Rpc(#[from] alloy::transports::TransportError),
    #[error("development proofs are for chain {LOCAL_CHAIN_ID} only; this is chain {found}")]
    NotADevelopmentChain { found: u64 },
    #[error(
        "the new contract begins with state {found}, this program with {expected}: they are of \
         different versions; rebuild the contracts"
    )]
    OtherFirstState { expected: B256, found: B256 },
}

/// What checks proofs on L1.
#[derive(Debug, Clone)]
pub enum VerifierKey {
    /// A Groth16 verifying key.
    Groth16(Box<Groth16Verifier::Key>),
    /// Proofs that prove nothing; refused on every chain but 31337.
    Development,
}

impl VerifierKey {
    /// What the deployed verifier calls this key; development proofs have none.
    pub fn hash(&self) -> Option<B256> {
        match self {
            Self::Groth16(key) => Some(keccak256(key.abi_encode())),
            Self::Development => None,
        }
    }
}

/// Who is who in the new rollup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// Who may finalise at any time; an account without code.
    pub operator: Address,
    /// Who may list tokens; zero for nobody.
    pub lister: Address,
    /// Seconds that a request may wait before it is overdue; at least 3,600.
    pub silence_delay: u64,
}

/// Where the rollup stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployed {
    pub chain_id: u64,
    pub verifier: Address,
    pub contract: Address,
    /// The L1 block to read from.
    pub first_block: u64,
}

/// Deploys the verifier and the contract.
///
/// # Errors
/// When L1 refuses, the chain is not for development proofs, or the first state differs.
pub async fn deploy(
    url: Url,
    deployer: PrivateKeySigner,
    verifier: VerifierKey,
    roles: Roles,
) -> Result<Deployed, DeploymentError> {
    let provider = ProviderBuilder::new().wallet(deployer).connect_client(client(url));
    let chain_id = provider.get_chain_id().await?;
    let first_block = provider.get_block_number().await?;
    let verifier = match verifier {
        VerifierKey::Groth16(key) => *Groth16Verifier::deploy(&provider, *key).await?.address(),
        VerifierKey::Development if chain_id == LOCAL_CHAIN_ID => {
            *DevelopmentVerifier::deploy(&provider).await?.address()
        }
        VerifierKey::Development => {
            return Err(DeploymentError::NotADevelopmentChain { found: chain_id });
        }
    };
    let Roles { operator, lister, silence_delay } = roles;
    let contract = Sheaf::deploy(&provider, verifier, operator, lister, silence_delay).await?;
    let found = contract.state().call().await?;
    let expected = first_state(chain_id, *contract.address());
    if found != expected {
        return Err(DeploymentError::OtherFirstState { expected, found });
    }
    Ok(Deployed { chain_id, verifier, contract: *contract.address(), first_block })
}

/// The State digest of a rollup without slots.
fn first_state(chain_id: u64, contract: Address) -> B256 {
    let domain = Domain::on_chain(chain_id, L1Address(contract.0.0));
    let root = SlotTree::new().root();
    B256::from(state_digest(&root, 0, &domain).to_bytes())
}
