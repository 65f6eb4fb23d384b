//! Executing again what a database had acknowledged that an adoption has set aside: through the own
//! API, in order, after the requests of L1 that the old log had consumed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde::Serialize;
use sheaf_client::{Api, Stage};
use sheaf_ledger::SignedTransaction;
use sheaf_sequencer::store::Store;
use sheaf_wire::ErrorDetail;
use tokio::time::sleep;

use crate::whole_file;

/// Transactions in one request to the own API.
const SENT_AT_ONCE: usize = 1_024;
/// How long one request to the own API is repeated.
const API_PATIENCE: Duration = Duration::from_secs(120);
/// How long the requests that the old log had consumed are waited for: payments may spend them.
const REQUESTS_PATIENCE: Duration = Duration::from_secs(300);
/// How often it is looked whether they are consumed.
const REQUESTS_PAUSE: Duration = Duration::from_millis(250);

/// A transaction that was acknowledged and cannot be executed any more.
#[derive(Serialize)]
struct Refused<'a> {
    transaction: &'a SignedTransaction,
    error: Option<ErrorDetail>,
}

/// Executes again what waits in the database. What is refused is logged and listed in the file
/// `list`.
///
/// # Errors
/// When the database or the file cannot be read or written, or the sequencer does not answer. A
/// later start begins anew, which executes nothing twice.
pub(crate) async fn execute(store: Store, api: SocketAddr, list: &Path) -> Result<()> {
    let again = store.again().await?;
    if again.transactions.is_empty() {
        return Ok(());
    }
    wait_for_requests(&store, again.requests).await?;
    let api = Api::patient(&format!("http://{}", reachable(api)), API_PATIENCE)?;
    let mut refused = Vec::new();
    for some in again.transactions.chunks(SENT_AT_ONCE) {
        for (transaction, status) in some.iter().zip(api.submit_all(some).await?) {
            if status.stage == Stage::Rejected {
                let code = status.error.as_ref().map(|error| error.code.as_str());
                tracing::warn!(id = ?status.id, code, "acknowledged, and refused now");
                refused.push(Refused { transaction, error: status.error });
            }
        }
    }
    let executed = again.transactions.len() - refused.len();
    tracing::info!(executed, refused = refused.len(), "what was acknowledged is executed again");
    if !refused.is_empty() {
        let content = serde_json::to_vec(&refused)?;
        let written = whole_file::write(list, &content, whole_file::PRIVATE);
        written.with_context(|| format!("{} cannot be written", list.display()))?;
    }
    Ok(store.forget_again().await?)
}

/// Waits until the log has consumed as many requests as the old one, for `REQUESTS_PATIENCE`.
async fn wait_for_requests(store: &Store, requests: u64) -> Result<()> {
    let start = Instant::now();
    let last = store.last_batch().await?.map(|last| last.sealed);
    let (mut block, mut consumed) =
        last.map_or((0, 0), |last| (last.last_block, last.first_request + last.requests));
    while consumed < requests && start.elapsed() < REQUESTS_PATIENCE {
        match store.blocks_between(block, u64::MAX).await?.last() {
            Some(last) => {
                (block, consumed) = (last.number, last.first_request + u64::from(last.requests));
            }
            None => sleep(REQUESTS_PAUSE).await,
        }
    }
    Ok(())
}

/// The address at which this machine reaches its own API.
fn reachable(api: SocketAddr) -> SocketAddr {
    let here = if api.ip().is_unspecified() { IpAddr::from(Ipv4Addr::LOCALHOST) } else { api.ip() };
    SocketAddr::new(here, api.port())
}
