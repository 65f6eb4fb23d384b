//! Single steps of the stages of the L1 side, with an L1 that is well. A busy machine may keep anvil
//! from answering in time, so a step is repeated while anvil is silent, as the stages do.

use std::time::Instant;

use sheaf_sequencer::l1::{Advance, L1Error};

use crate::l1::rollup::{PATIENCE, Rollup};

impl Rollup {
    /// A step of the submission.
    pub(super) async fn submit_once(&self) -> Advance {
        repeat(async || self.submitter.advance().await).await
    }

    /// A step of the watcher.
    pub(super) async fn watch_once(&self) -> Advance {
        repeat(async || self.watcher.advance().await).await
    }
}

async fn repeat(step: impl AsyncFn() -> Result<Advance, L1Error>) -> Advance {
    let end = Instant::now() + PATIENCE;
    loop {
        match step().await {
            Err(L1Error::Silent { .. }) if Instant::now() < end => {}
            done => return done.expect("L1 is well"),
        }
    }
}
