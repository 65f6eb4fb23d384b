//! One transfer alone on a rollup of its own: the time from sending to finality, the gas of its
//! batch on L1, and how its proof was checked there.

use std::time::Instant;

use alloy::consensus::Transaction as _;
use alloy::primitives::{Address, B256, Bytes};
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::sol_types::SolCall;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use sheaf_client::waiting::{self, credited};
use sheaf_client::{Api, Payment, Stage};
use sheaf_contracts::Sheaf;
use sheaf_crypto::hash::Digest;
use sheaf_wire::batches::BatchBody;

use super::chain::Verification;
use crate::bench::report::{Bound, Report};
use crate::devnet::{ALICE, BOB, Settings, Site, run_network, verifier_key};
use crate::output;

/// The deposit of alice, in gwei.
const DEPOSIT: u64 = 1_000_000_000;
/// The amount that alice pays to bob in each transfer, in gwei.
const AMOUNT: u64 = 1_000;
/// Age in seconds at which the sequencer closes a batch. The deposit and the first transfer share a
/// batch.
pub(super) const BATCH_AGE_SECONDS: u64 = 3;
/// Gas of a zero byte of calldata (EIP-2028).
const ZERO_BYTE_GAS: u64 = 4;
/// Gas of any other byte of calldata (EIP-2028).
const BYTE_GAS: u64 = 16;

/// Runs a rollup and measures one transfer on it. A first batch, which is not measured, opens the
/// slots and makes the worker build its circuits. Returns how L1 checked the transfer's proof.
///
/// # Errors
/// When the rollup does not start or is stopped, or a batch does not become final.
pub(super) async fn measure(settings: Settings, report: &mut Report) -> Result<Verification> {
    run_network(settings, async |site: &Site| run(site, report).await)
        .await?
        .context("it was stopped")
}

async fn run(site: &Site, report: &mut Report) -> Result<Verification> {
    let api = site.api()?;
    let (alice, bob) = (site.payer(ALICE).await?, site.payer(BOB).await?);
    alice.deposit(DEPOSIT, alice.owner()).await.context("the deposit failed")?;
    credited(&alice, DEPOSIT).await.context("the deposit is not credited on L2")?;
    let payment = || vec![Payment { owner: bob.owner(), amount: AMOUNT }];
    output::note("a first batch opens the slots");
    let first = alice.send(payment()).await?.id.context("it is executed")?;
    finalised(&api, &first).await?;

    output::note("sending the transfer");
    let start = Instant::now();
    let second = alice.send(payment()).await?.id.context("it is executed")?;
    let batch = finalised(&api, &second).await?;
    let seconds = start.elapsed().as_secs_f64();
    let hash = batch.l1_transaction.as_deref().context("a final batch has its transaction")?;
    let hash: B256 = hash.parse()?;
    let provider = ProviderBuilder::new().connect_http(site.settings().l1_url().parse()?).erased();
    let gas = gas(&provider, hash).await?;

    report.add("single_transfer_seconds", seconds, Bound::AtMost(150.0));
    report.add("finalise_gas", gas.without_data as f64, Bound::AtMost(400e3));
    report.add("gas_used", gas.used as f64, Bound::None);
    let proof = batch.proven_ms.context("a final batch is proven")? - batch.sealed_ms;
    report.add("proof_seconds", proof as f64 / 1e3, Bound::None);
    Ok(Verification {
        key: verifier_key(site.settings()).await?,
        call: verification(&provider, hash, site.deployed().verifier).await?,
    })
}

/// Waits until the batch of a transaction is final.
async fn finalised(api: &Api, id: &Digest) -> Result<BatchBody> {
    let status = waiting::transaction(api, id, Stage::Finalised, |_| {}).await;
    let batch = status.context("the transfer is late")?.batch;
    Ok(api.batch(batch.context("a final transaction is in a batch")?).await?)
}

struct Gas {
    used: u64,
    /// The gas without the cost of the data words as calldata.
    without_data: u64,
}

async fn gas(provider: &DynProvider, hash: B256) -> Result<Gas> {
    let receipt = provider.get_transaction_receipt(hash).await?.context("it is on L1")?;
    let transaction = provider.get_transaction_by_hash(hash).await?.context("it is on L1")?;
    let call = Sheaf::finaliseCall::abi_decode(transaction.input())?;
    ensure!(call.l1Words.is_empty(), "a transfer pays nothing out on L1");
    let cost = |byte: &u8| if *byte == 0 { ZERO_BYTE_GAS } else { BYTE_GAS };
    let data: u64 = call.data.iter().map(cost).sum();
    Ok(Gas { used: receipt.gas_used, without_data: receipt.gas_used - data })
}

/// The input of the call in which a transaction asked the contract `verifier` for its proof.
async fn verification(provider: &DynProvider, hash: B256, verifier: Address) -> Result<Bytes> {
    let tracer = json!({ "tracer": "callTracer" });
    let trace: Value =
        provider.raw_request("debug_traceTransaction".into(), (hash, tracer)).await?;
    let calls = trace["calls"].as_array().map_or(&[][..], Vec::as_slice);
    let asked =
        |call: &&Value| call["to"].as_str().is_some_and(|to| to.parse().ok() == Some(verifier));
    let call = calls.iter().find(asked).context("the batch's proof was checked")?;
    serde_json::from_value(call["input"].clone()).context("the trace of a call has its input")
}
