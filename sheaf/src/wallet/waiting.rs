//! Waiting until a transaction or a deposit has come as far as its sender wants.

use std::ops::ControlFlow;

use alloy::primitives::B256;
use anyhow::{Context, Result};
use clap::Args;
use sheaf_crypto::hash::Digest;
use sheaf_ledger::Owner;

use super::history::{Movement, recent};
use crate::api::{Api, TransactionStatus};
use crate::waiting::{FINALITY_SECONDS_MAX, Goal, until};

/// What is true when waiting has failed.
const LEFT: &str = "the wallet waits no longer; `sheaf wallet history` shows how far it has come";

#[derive(Debug, Clone, Copy, Args)]
pub struct Waiting {
    /// Wait until it has come this far
    #[arg(long, value_enum, value_name = "STAGE", default_value_t = Goal::Executed)]
    wait: Goal,
}

impl Waiting {
    /// Waits for a transaction that was sent; `status` is the answer it got.
    pub async fn for_transaction(
        self,
        api: &Api,
        id: &Digest,
        status: TransactionStatus,
    ) -> Result<TransactionStatus> {
        if self.wait.is_reached_at(&status.stage) {
            return Ok(status);
        }
        let followed = self.wait.follow(api, id, |status| tell(&status.stage)).await;
        followed.context(LEFT)
    }

    /// Waits for a deposit that L1 has taken. Returns nothing when nobody wanted to wait.
    pub async fn for_deposit(
        self,
        api: &Api,
        owner: &Owner,
        l1_transaction: B256,
    ) -> Result<Option<Movement>> {
        if self.wait == Goal::Received {
            return Ok(None);
        }
        let hash = l1_transaction.to_string();
        let mut told = String::new();
        let credited = until(FINALITY_SECONDS_MAX, async || {
            let page = recent(api, owner).await?;
            let found = page.into_iter().find(|one| one.is_requested_by(&hash));
            let stage = found.as_ref().map_or("received", |found| &found.stage);
            if told != stage {
                tell(stage);
                stage.clone_into(&mut told);
            }
            Ok(match found {
                Some(found) if self.wait.is_reached_at(&found.stage) => ControlFlow::Break(found),
                Some(_) | None => ControlFlow::Continue(told.clone()),
            })
        });
        credited.await.map(Some).context(LEFT)
    }
}

/// Says how far it is.
fn tell(stage: &str) {
    eprintln!("{stage}…");
}
