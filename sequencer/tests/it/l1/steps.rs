//! Single steps of the stages of the L1 side. A busy machine may keep anvil from answering in time,
//! so a step is repeated while anvil is silent, as the stages do.

use std::time::Instant;

use sheaf_sequencer::l1::{Advance, L1Error};

use crate::l1::rollup::{PATIENCE, Rollup};

impl Rollup {
    /// A step of the submission.
    pub(super) async fn submit_once(&self) -> Result<Advance, L1Error> {
        answered(async || self.submitter.advance().await).await
    }

    /// A step of the watcher.
    pub(super) async fn watch_once(&self) -> Result<Advance, L1Error> {
        answered(async || self.watcher.advance().await).await
    }
}

/// Does a step until anvil has answered all that the step asks.
pub(super) async fn answered(
    step: impl AsyncFn() -> Result<Advance, L1Error>,
) -> Result<Advance, L1Error> {
    let end = Instant::now() + PATIENCE;
    loop {
        match step().await {
            Err(L1Error::Silent { .. }) if Instant::now() < end => {}
            done => return done,
        }
    }
}
