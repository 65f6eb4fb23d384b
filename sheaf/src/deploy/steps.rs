//! The transactions of a deployment, one after the other.

use std::path::Path;

use alloy::primitives::Address;
use anyhow::{Context, Result};
use sheaf_contracts::deployment::{Deployed, Deployment, Place, Sent};
use sheaf_ledger::L1Address;

use super::plan::Intent;
use super::unfinished::{self, Unfinished};
use crate::output;

/// Sends what the intent lacks: verifier, contract, listings. Writes the note about the deployment
/// at `file` before each contract.
///
/// # Errors
/// When the note cannot be written, or L1 refuses a transaction or does not mine it in time.
pub(super) async fn run(deployment: &Deployment, intent: &Intent, file: &Path) -> Result<Deployed> {
    let contract = match intent.contract {
        Some(contract) => contract,
        None => create(deployment, intent, file).await?,
    };
    for one in intent.tokens.iter().filter(|one| !one.is_done) {
        let number = one.token.number;
        let listed = async {
            let sent = deployment.send_listing(contract, one.listing).await?;
            output::note(format_args!("token {number}: transaction {}", sent.transaction));
            sent.mined().await
        };
        listed.await.with_context(|| {
            format!(
                "token {number} is not listed; give --contract {contract} to go on from the \
                 contract"
            )
        })?;
    }
    Ok(deployment.deployed(contract).await?)
}

async fn create(deployment: &Deployment, intent: &Intent, file: &Path) -> Result<Address> {
    let path = unfinished::path(file);
    let note = |verifier: Address, contract: Option<Address>| {
        let chain_id = deployment.chain_id();
        let (verifier, contract) =
            (L1Address(verifier.0.0), contract.map(|one| L1Address(one.0.0)));
        Unfinished { chain_id, verifier, contract }.write(&path)
    };
    let verifier = match intent.verifier {
        Some(verifier) => verifier,
        None => {
            let place: Place = deployment.next_place().await?;
            note(place.address, None)?;
            mined("verifier", deployment.send_verifier(place).await?).await?
        }
    };
    let go_on = || format!("give --verifier {verifier} to go on from the verifier");
    let place = deployment.next_place().await.with_context(go_on)?;
    note(verifier, Some(place.address))?;
    let sent = deployment.send_contract(place, verifier).await.with_context(go_on)?;
    let contract = mined("contract", sent).await.with_context(go_on)?;
    deployment.check_first_state(contract).await?;
    Ok(contract)
}

/// Says what was sent, waits for it, and says what is there.
async fn mined(name: &str, sent: Sent) -> Result<Address> {
    output::note(format_args!(
        "{name}: transaction {}, which makes {}",
        sent.transaction, sent.contract
    ));
    let address = sent.mined().await?;
    output::note(format_args!("{name}: mined; --{name} {address} goes on from here"));
    Ok(address)
}
