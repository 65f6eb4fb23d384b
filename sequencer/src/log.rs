//! The log: what is answered "executed" is durable.
//!
//! It takes every block that has come while the disk was busy, commits them together, and only
//! then lets anybody know: the view, those who wait, sealing, subscribers. When the commit fails
//! nobody is told anything and the stage ends: what is durable then, a restart finds out.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{broadcast, mpsc, watch};

use crate::block::{Block, BlockWaiters, ExecutedBlock};
use crate::error::StageError;
use crate::events::Event;
use crate::lifecycle::Outcome;
use crate::limits::BLOCKS_PER_COMMIT_MAX;
use crate::metrics;
use crate::store::Store;
use crate::tracker::Tracker;
use crate::view::{Head, View};

/// The stage and its neighbours.
#[derive(Debug)]
pub struct Log {
    pub store: Store,
    pub blocks: mpsc::Receiver<ExecutedBlock>,
    pub view: Arc<View>,
    pub tracker: Arc<Tracker>,
    /// The newest durable block.
    pub head: watch::Sender<Head>,
    pub events: broadcast::Sender<Event>,
}

impl Log {
    /// Runs until ordering is gone.
    ///
    /// # Errors
    /// When the store fails: nothing of what it was given then counts as durable.
    pub async fn run(mut self) -> Result<(), StageError> {
        let mut executed = Vec::with_capacity(BLOCKS_PER_COMMIT_MAX);
        while self.blocks.recv_many(&mut executed, BLOCKS_PER_COMMIT_MAX).await > 0 {
            let (blocks, waiters): (Vec<Block>, Vec<Vec<BlockWaiters>>) =
                executed.drain(..).map(|one| (one.block, one.waiters)).unzip();
            let start = Instant::now();
            self.store.append_blocks(&blocks).await?;
            metrics::committed(start.elapsed());
            metrics::reached("executed", blocks.iter().map(|one| one.transactions.len()).sum());
            self.publish(&blocks, waiters);
        }
        Ok(())
    }

    fn publish(&self, blocks: &[Block], waiters: Vec<Vec<BlockWaiters>>) {
        self.view.advance(blocks);
        for (block, waiters) in blocks.iter().zip(waiters) {
            self.tracker.forget(waiters.iter().map(|one| &one.id));
            for BlockWaiters { id, waiters } in waiters {
                for waiter in waiters {
                    // Whoever stopped waiting does not mind.
                    let _ = waiter.send(Outcome::Executed { id, block: block.number });
                }
            }
            // Nobody may be listening.
            let _ = self.events.send(Event::from(block));
        }
        self.head.send_replace(self.view.head());
    }
}
