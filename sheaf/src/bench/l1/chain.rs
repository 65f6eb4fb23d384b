//! An L1 for measurements, and the deployment of rollups on it whose batches need no proof of their
//! own.

use std::time::Duration;

use alloy::network::EthereumWallet;
use alloy::primitives::{Address, Bytes};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::sol_types::SolCall;
use anyhow::{Context, Result};
use serde_json::Value;
use sheaf_contracts::deployment::{Terms, VerifierKey, deploy};
use sheaf_contracts::{DevelopmentVerifier, Groth16Verifier};
use tokio::time::{sleep, timeout};

use super::rollup::Rollup;
use crate::devnet::{ALICE, BOB, OPERATOR, Process, Settings, anvil, signer};

/// Seconds that anvil may take to answer after its start.
const START_SECONDS_MAX: u64 = 60;
/// The pause between two questions whether anvil answers.
const START_PAUSE: Duration = Duration::from_millis(50);

/// How L1 checked a proof.
#[derive(Debug, Clone)]
pub(super) struct Verification {
    /// The key of the verifier.
    pub key: VerifierKey,
    /// The input of the call `verify`, whose answer was yes.
    pub call: Bytes,
}

/// A running anvil.
pub(super) struct Chain {
    process: Process,
    pub url: String,
    provider: DynProvider,
}

impl Chain {
    /// Starts anvil on the L1 port of these settings, with its files in their folder.
    ///
    /// # Errors
    /// When there is no anvil, or it does not answer.
    pub(super) async fn start(settings: &Settings) -> Result<Self> {
        let process = Process::start(anvil(settings)?, &settings.folder)?;
        let mut wallet = EthereumWallet::new(signer(OPERATOR)?);
        wallet.register_signer(signer(ALICE)?);
        wallet.register_signer(signer(BOB)?);
        let url = settings.l1_url();
        // `deploy` uses the operator's account, too, so L1 is asked for each nonce.
        let provider = ProviderBuilder::default()
            .with_gas_estimation()
            .with_simple_nonce_management()
            .fetch_chain_id()
            .wallet(wallet)
            .connect_http(url.parse()?)
            .erased();
        let answer = async {
            while provider.get_chain_id().await.is_err() {
                sleep(START_PAUSE).await;
            }
        };
        let limit = Duration::from_secs(START_SECONDS_MAX);
        timeout(limit, answer).await.with_context(|| process.last_lines())?;
        Ok(Self { process, url, provider })
    }

    /// Ends anvil.
    ///
    /// # Errors
    /// When the process cannot be signalled.
    pub(super) async fn stop(self) -> Result<()> {
        self.process.stop().await
    }

    /// Deploys a rollup whose verifier checks one proof for each batch.
    ///
    /// # Errors
    /// When L1 refuses a deployment, or the proof.
    pub(super) async fn rollup(&self, verification: &Verification) -> Result<Rollup> {
        let (operator, provider) = (signer(OPERATOR)?, &self.provider);
        let account = operator.address();
        let terms = Terms::usual(account, account);
        let deployed = deploy(self.url.parse()?, operator, VerifierKey::Development, terms).await?;
        let real = match &verification.key {
            VerifierKey::Groth16(key) => {
                *Groth16Verifier::deploy(provider, (**key).clone()).await?.address()
            }
            VerifierKey::Development => *DevelopmentVerifier::deploy(provider).await?.address(),
        };
        let code = (deployed.verifier, answers_as(real, &verification.call)?);
        let _: Value = provider.raw_request("anvil_setCode".into(), code).await?;
        let proof = Groth16Verifier::verifyCall::abi_decode(&verification.call)?.proof;
        Ok(Rollup::new(provider.clone(), &deployed, proof))
    }
}

/// The code of a contract that answers whatever it is asked as `contract` answers `call`. Beside
/// the gas of that answer it costs the 2,600 of a call to an address that was not touched before.
fn answers_as(contract: Address, call: &Bytes) -> Result<Bytes> {
    let [high, low] = u16::try_from(call.len())?.to_be_bytes();
    let mut code = vec![
        // CODECOPY of the call behind this code to the start of the memory.
        0x61, high, low, 0x60, CALL_AT, 0x5f, 0x39, //
        // STATICCALL of the contract with the call, and 32 bytes of answer in its place.
        0x60, 0x20, 0x5f, 0x61, high, low, 0x5f, 0x73,
    ];
    code.extend_from_slice(contract.as_slice());
    // The rest of STATICCALL, POP, and RETURN of the answer.
    code.extend([0x5a, 0xfa, 0x50, 0x60, 0x20, 0x5f, 0xf3]);
    code.extend_from_slice(call);
    Ok(code.into())
}

/// Where the call lies in the code of `answers_as`, in bytes.
const CALL_AT: u8 = 42;
