//! When a long-running command has to end: Ctrl-C, a polite signal, or the parent's end.

use anyhow::{Context, Result};
use tokio::io::AsyncReadExt;
use tokio::signal::unix::{SignalKind, signal};

/// Waits until the process should end. With `exit_with_parent`, the end of standard input counts
/// too: a parent that was killed can tell nobody, but its pipe closes.
pub async fn requested(exit_with_parent: bool) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let parent = async {
        if !exit_with_parent {
            return std::future::pending::<()>().await;
        }
        let mut ignored = [0; 64];
        let mut input = tokio::io::stdin();
        while matches!(input.read(&mut ignored).await, Ok(read) if read > 0) {}
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => result.context("cannot listen for Ctrl-C")?,
        _ = terminate.recv() => {}
        () = parent => {}
    }
    Ok(())
}
