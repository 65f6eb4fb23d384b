//! Where blobs are looked for if the user names no place.

use anyhow::{Context, Result};
use sheaf_client::BlobSource;
use sheaf_ledger::domain::LOCAL_CHAIN_ID;

/// The sources that the user has named; without any, on a local chain the L1 node.
///
/// # Errors
/// When the URL of the L1 node is none; the error does not repeat it, as it may contain a key.
pub(crate) fn sources(named: &[BlobSource], chain_id: u64, l1: &str) -> Result<Vec<BlobSource>> {
    Ok(match named {
        [] if chain_id == LOCAL_CHAIN_ID => {
            vec![BlobSource::Anvil(l1.parse().context("--l1 is no URL")?)]
        }
        named => named.to_vec(),
    })
}
