//! Deployment: puts a verifier and the rollup's contract on L1 and checks the first state.
//!
//! [`deploy`] does everything at once. A [`Deployment`] does the same step by step, for a caller
//! who asks first what the steps cost, and notes each transaction before waiting for it.
//!
//! The contract computes its first State digest itself. The digest is compared with the ledger's,
//! so that no rollup starts with a contract and a ledger of different versions.

use alloy::contract::RawCallBuilder;
use alloy::network::Ethereum;
use alloy::primitives::{Address, B256};
use alloy::providers::{DynProvider, PendingTransactionBuilder, Provider, ProviderBuilder};
use alloy::rpc::types::state::{AccountOverride, StateOverride};
use alloy::signers::local::PrivateKeySigner;
use alloy::transports::http::reqwest::Url;
use sheaf_ledger::domain::{Domain, LOCAL_CHAIN_ID};
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::machine::state_digest;
use sheaf_ledger::tree::SlotTree;

use crate::bindings::{DevelopmentVerifier, Groth16Verifier, Sheaf};
use crate::deployment_error::TRANSACTION_PATIENCE;
use crate::node::client;

pub use crate::deployment_error::DeploymentError;
pub use crate::terms::{Listing, Terms, VerifierKey};

/// The addresses of a deployed rollup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployed {
    /// The id of the L1 chain.
    pub chain_id: u64,
    /// The contract that verifies proofs.
    pub verifier: Address,
    /// The rollup's contract.
    pub contract: Address,
    /// The L1 block of the contract's deployment, from which the rollup's events are read.
    pub first_block: u64,
}

/// Deploys the verifier and the contract through the L1 node at `url`, from the account of
/// `deployer`, which pays for the gas.
///
/// # Errors
/// As the steps of [`Deployment`]; `OtherFirstState` when the contract's first state is not the
/// ledger's.
pub async fn deploy(
    url: Url,
    deployer: PrivateKeySigner,
    key: VerifierKey,
    terms: Terms,
) -> Result<Deployed, DeploymentError> {
    let deployment = Deployment::connect(url, deployer, key, terms).await?;
    let place = deployment.next_place().await?;
    let verifier = deployment.send_verifier(place).await?.mined().await?;
    let place = deployment.next_place().await?;
    let contract = deployment.send_contract(place, verifier).await?.mined().await?;
    deployment.check_first_state(contract).await?;
    deployment.deployed(contract).await
}

/// A deployment whose transactions the caller sends one after the other, from one account.
#[derive(Debug, Clone)]
pub struct Deployment {
    provider: DynProvider<Ethereum>,
    account: Address,
    chain_id: u64,
    key: VerifierKey,
    terms: Terms,
}

/// Where the account's next contract will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The contract's address.
    pub address: Address,
    nonce: u64,
}

/// The gas of the transactions that create the contracts, as the node estimates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreationGas {
    /// Of the verifier; `None` for a verifier that L1 has already.
    pub verifier: Option<u64>,
    /// Of the rollup's contract.
    pub contract: u64,
}

/// A transaction that L1 has taken and not mined yet.
#[derive(Debug)]
pub struct Sent {
    /// The transaction's hash.
    pub transaction: B256,
    /// The contract that the transaction creates or calls.
    pub contract: Address,
    pending: PendingTransactionBuilder<Ethereum>,
}

impl Sent {
    fn new(pending: PendingTransactionBuilder<Ethereum>, contract: Address) -> Self {
        Self { transaction: *pending.tx_hash(), contract, pending }
    }

    /// Waits until the transaction is mined and returns the address of its contract.
    ///
    /// # Errors
    /// `NotMined` when the transaction is not in a block within `TRANSACTION_PATIENCE`, or the node
    /// does not answer; `Failed` when the transaction had no effect.
    pub async fn mined(self) -> Result<Address, DeploymentError> {
        let Self { transaction, contract, pending } = self;
        let pending = pending.with_timeout(Some(TRANSACTION_PATIENCE));
        let receipt = pending.get_receipt().await;
        let receipt = receipt.map_err(|source| {
            let source = Box::new(source);
            DeploymentError::NotMined { transaction, contract, source }
        })?;
        if receipt.status() { Ok(contract) } else { Err(DeploymentError::Failed { transaction }) }
    }
}

impl Deployment {
    /// Asks the L1 node at `url` for its chain. Sends no transaction.
    ///
    /// # Errors
    /// `Rpc` when the node does not return its chain id; `NotADevelopmentChain` for development
    /// proofs on another chain than 31337.
    pub async fn connect(
        url: Url,
        deployer: PrivateKeySigner,
        key: VerifierKey,
        terms: Terms,
    ) -> Result<Self, DeploymentError> {
        let account = deployer.address();
        let provider = ProviderBuilder::new().wallet(deployer).connect_client(client(url)).erased();
        let chain_id = provider.get_chain_id().await?;
        if matches!(key, VerifierKey::Development) && chain_id != LOCAL_CHAIN_ID {
            return Err(DeploymentError::NotADevelopmentChain { found: chain_id });
        }
        Ok(Self { provider, account, chain_id, key, terms })
    }

    /// The L1 node, with the account that pays.
    pub const fn provider(&self) -> &DynProvider<Ethereum> {
        &self.provider
    }

    /// The id of the L1 chain.
    pub const fn chain_id(&self) -> u64 {
        self.chain_id
    }

    /// Where the next contract will be that the account creates.
    ///
    /// # Errors
    /// `Rpc` when the node does not return the account's nonce.
    pub async fn next_place(&self) -> Result<Place, DeploymentError> {
        let nonce = self.provider.get_transaction_count(self.account).await?;
        Ok(Place { address: self.account.create(nonce), nonce })
    }

    /// Runs the constructors on the node without sending a transaction, and returns the gas that
    /// they need. `verifier` is a verifier that L1 has already.
    ///
    /// # Errors
    /// `Contract` when L1 refuses key or terms, or when the node takes no state overrides; `Rpc`
    /// when the node does not answer.
    pub async fn estimate(
        &self,
        verifier: Option<Address>,
    ) -> Result<CreationGas, DeploymentError> {
        if let Some(verifier) = verifier {
            let contract = self.contract_creation(verifier).estimate_gas().await?;
            return Ok(CreationGas { verifier: None, contract });
        }
        let creation = self.verifier_creation();
        let gas = creation.estimate_gas().await?;
        // The contract asks the verifier for its key, so the node pretends that there is one. The
        // account's next address is not free: there the node tries the contract out.
        let address = self.account.create(u64::MAX);
        let code = AccountOverride::default().with_code(creation.call_raw().await?);
        let pretended = StateOverride::from_iter([(address, code)]);
        let contract = self.contract_creation(address).state(pretended).estimate_gas().await?;
        Ok(CreationGas { verifier: Some(gas), contract })
    }

    /// Sends the transaction that creates the verifier.
    ///
    /// # Errors
    /// `Contract` when L1 refuses the key, or the node does not take the transaction.
    pub async fn send_verifier(&self, place: Place) -> Result<Sent, DeploymentError> {
        let pending = self.verifier_creation().nonce(place.nonce).send().await?;
        Ok(Sent::new(pending, place.address))
    }

    /// Sends the transaction that creates the rollup's contract.
    ///
    /// # Errors
    /// `Contract` when L1 refuses the terms, or the node does not take the transaction.
    pub async fn send_contract(
        &self,
        place: Place,
        verifier: Address,
    ) -> Result<Sent, DeploymentError> {
        let pending = self.contract_creation(verifier).nonce(place.nonce).send().await?;
        Ok(Sent::new(pending, place.address))
    }

    /// Sends the transaction that lists a token.
    ///
    /// # Errors
    /// `Contract` when L1 refuses the listing, or the node does not take the transaction.
    pub async fn send_listing(
        &self,
        contract: Address,
        listing: Listing,
    ) -> Result<Sent, DeploymentError> {
        let Listing { erc20, scale, cap, outflow_limit } = listing;
        let sheaf = Sheaf::new(contract, &self.provider);
        let pending = sheaf.listToken(erc20, scale, cap, outflow_limit).send().await?;
        Ok(Sent::new(pending, contract))
    }

    /// Checks that the contract at `verifier` checks proofs against the key.
    ///
    /// # Errors
    /// `NoCode` when there is no contract; `NoKeyHash` when the contract there returns no key hash;
    /// `OtherKey` when it has another key; `Rpc` when the node does not answer.
    pub async fn check_verifier(&self, verifier: Address) -> Result<(), DeploymentError> {
        self.require_code(verifier).await?;
        let answer = Groth16Verifier::new(verifier, &self.provider).keyHash().call().await;
        let found = answer.map_err(|source| {
            let source = Box::new(source);
            DeploymentError::NoKeyHash { verifier, source }
        })?;
        let expected = self.key.hash();
        if found == expected {
            Ok(())
        } else {
            Err(DeploymentError::OtherKey { verifier, expected, found })
        }
    }

    /// Checks that `contract` is a rollup's contract with this key and these terms, and not frozen.
    /// The roles may have moved since the deployment, so they are not compared.
    ///
    /// # Errors
    /// As [`Self::check_verifier`] for the contract's verifier; `NoCode` when there is no contract;
    /// `OtherDomain` when the contract is not a rollup's of this version on this chain;
    /// `OtherTerm` when a term differs; `Frozen`.
    pub async fn check_contract(&self, contract: Address) -> Result<(), DeploymentError> {
        self.require_code(contract).await?;
        let sheaf = Sheaf::new(contract, &self.provider);
        let expected = Domain::on_chain(self.chain_id, L1Address(contract.0.0)).to_bytes();
        let domain = sheaf.domain().call().await;
        if !domain.is_ok_and(|found| found.0 == expected) {
            return Err(DeploymentError::OtherDomain { contract });
        }
        self.check_verifier(sheaf.verifier().call().await?).await?;
        let terms = self.terms;
        let agree = [
            ("silence delay", sheaf.silenceDelay().call().await? == terms.silence_delay),
            ("freeze delay", sheaf.freezeDelay().call().await? == terms.freeze_delay),
            ("exit bond", sheaf.exitBond().call().await? == terms.exit_bond),
            ("takeover bond", sheaf.takeoverBond().call().await? == terms.takeover_bond),
            (
                "limit of ether's outflow",
                sheaf.token(0).call().await?.outflowLimit == terms.ether_outflow_limit,
            ),
        ];
        if let Some((term, _)) = agree.into_iter().find(|(_, agrees)| !agrees) {
            return Err(DeploymentError::OtherTerm { contract, term });
        }
        let is_frozen = sheaf.progress().call().await?.frozen;
        if is_frozen { Err(DeploymentError::Frozen { contract }) } else { Ok(()) }
    }

    /// Checks that a new contract begins with the ledger's first state.
    ///
    /// # Errors
    /// `OtherFirstState` when it does not; `Contract` when the contract does not answer.
    pub async fn check_first_state(&self, contract: Address) -> Result<(), DeploymentError> {
        let found = Sheaf::new(contract, &self.provider).state().call().await?;
        let expected = first_state(self.chain_id, contract);
        if found == expected {
            Ok(())
        } else {
            Err(DeploymentError::OtherFirstState { expected, found })
        }
    }

    /// The addresses of the rollup of `contract`.
    ///
    /// # Errors
    /// `Contract` when the contract does not answer.
    pub async fn deployed(&self, contract: Address) -> Result<Deployed, DeploymentError> {
        let sheaf = Sheaf::new(contract, &self.provider);
        let verifier = sheaf.verifier().call().await?;
        let first_block = sheaf.firstBlock().call().await?;
        Ok(Deployed { chain_id: self.chain_id, verifier, contract, first_block })
    }

    async fn require_code(&self, address: Address) -> Result<(), DeploymentError> {
        let code = self.provider.get_code_at(address).await?;
        if code.is_empty() { Err(DeploymentError::NoCode { address }) } else { Ok(()) }
    }

    fn verifier_creation(&self) -> RawCallBuilder<&DynProvider<Ethereum>> {
        let provider = &self.provider;
        let creation = match &self.key {
            VerifierKey::Groth16(key) => Groth16Verifier::deploy_builder(provider, *key.clone()),
            VerifierKey::Development => DevelopmentVerifier::deploy_builder(provider),
        };
        creation.from(self.account)
    }

    fn contract_creation(&self, verifier: Address) -> RawCallBuilder<&DynProvider<Ethereum>> {
        let configuration = self.terms.configuration(verifier, self.key.hash());
        Sheaf::deploy_builder(&self.provider, configuration).from(self.account)
    }
}

/// The State digest of a rollup without slots.
fn first_state(chain_id: u64, contract: Address) -> B256 {
    let domain = Domain::on_chain(chain_id, L1Address(contract.0.0));
    let root = SlotTree::new().root();
    B256::from(state_digest(&root, 0, &domain).to_bytes())
}
