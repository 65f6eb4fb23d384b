//! Deployment: puts a verifier and the rollup's contract on L1 and checks the first state.
//!
//! The contract computes its first State digest itself. The digest is compared with the ledger's,
//! so that no rollup starts with a contract and a ledger of different versions.

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

use crate::bindings::{DevelopmentVerifier, Groth16Verifier, ISheaf, Sheaf};
use crate::node::client;

/// Why a rollup could not be deployed.
#[derive(Debug, Error)]
pub enum DeploymentError {
    /// A deployment or a call of a contract failed.
    #[error("L1 refused the deployment: {0}")]
    Contract(#[from] alloy::contract::Error),
    /// The node did not return its chain id or its block number.
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
}

/// What the verifier on L1 checks proofs against.
#[derive(Debug, Clone)]
pub enum VerifierKey {
    /// A Groth16 verifying key.
    Groth16(Box<Groth16Verifier::Key>),
    /// No key: the verifier accepts development proofs, which prove nothing. Every chain but 31337
    /// is refused.
    Development,
}

impl VerifierKey {
    /// The key's hash, which the deployed verifier returns as `keyHash`: keccak256 of the key's ABI
    /// encoding. For development proofs, of the words that open each of them.
    pub fn hash(&self) -> B256 {
        match self {
            Self::Groth16(key) => keccak256(key.abi_encode()),
            Self::Development => keccak256("Sheaf development proof"),
        }
    }
}

/// What a deployment decides once, beside the key: roles, delays in seconds, and amounts of ether
/// in L2 units (10^9 wei). `contracts/src/interfaces/ISheaf.sol` has the limits of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The account that may finalise at any time.
    pub operator: Address,
    /// The account that may list tokens; zero for no account.
    pub lister: Address,
    /// Seconds that a request may wait before the request is overdue; at least 3,600.
    pub silence_delay: u64,
    /// Seconds that an exit request may wait before anyone may freeze the rollup; at least four
    /// silence delays.
    pub freeze_delay: u64,
    /// The price of a request while few wait.
    pub request_price: u64,
    /// What an exit request leaves until the exit pays.
    pub exit_bond: u64,
    /// What an account leaves that takes over the operator's role.
    pub takeover_bond: u64,
    /// The most ether that may be claimed in one day; 0 for no limit.
    pub ether_outflow_limit: u64,
}

impl Terms {
    /// The usual terms: requests are overdue after a day, and an exit after a week freezes the
    /// rollup. A request costs 0.0001 ether, an exit leaves 0.01, a takeover 1.
    pub const fn usual(operator: Address, lister: Address) -> Self {
        Self {
            operator,
            lister,
            silence_delay: 86_400,
            freeze_delay: 7 * 86_400,
            request_price: 100_000,
            exit_bond: 10_000_000,
            takeover_bond: 1_000_000_000,
            ether_outflow_limit: 0,
        }
    }

    fn configuration(self, verifier: Address, key_hash: B256) -> ISheaf::Configuration {
        ISheaf::Configuration {
            verifier,
            keyHash: key_hash,
            operator: self.operator,
            lister: self.lister,
            silenceDelay: self.silence_delay,
            freezeDelay: self.freeze_delay,
            requestPrice: self.request_price,
            exitBond: self.exit_bond,
            takeoverBond: self.takeover_bond,
            etherOutflowLimit: self.ether_outflow_limit,
        }
    }
}

/// The addresses of a deployed rollup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployed {
    /// The id of the L1 chain.
    pub chain_id: u64,
    /// The contract that verifies proofs.
    pub verifier: Address,
    /// The rollup's contract.
    pub contract: Address,
    /// The latest L1 block before the deployment, from which the rollup's events are read.
    pub first_block: u64,
}

/// Deploys the verifier and the contract through the L1 node at `url`, from the account of
/// `deployer`, which pays for the gas.
///
/// # Errors
/// `Rpc` when the node does not return chain id or block number; `Contract` when L1 refuses a
/// deployment, for example because of the key or the terms; `NotADevelopmentChain` for development
/// proofs on another chain than 31337; `OtherFirstState` when the contract's first state is not the
/// ledger's.
pub async fn deploy(
    url: Url,
    deployer: PrivateKeySigner,
    verifier: VerifierKey,
    terms: Terms,
) -> Result<Deployed, DeploymentError> {
    let key_hash = verifier.hash();
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
    let contract = Sheaf::deploy(&provider, terms.configuration(verifier, key_hash)).await?;
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
