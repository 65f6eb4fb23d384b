//! When a long-running command has to end: Ctrl-C or a polite signal.

use anyhow::{Context, Result};
use tokio::signal::unix::{SignalKind, signal};

/// Waits until the process should end.
pub(crate) async fn requested() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result.context("cannot listen for Ctrl-C")?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
