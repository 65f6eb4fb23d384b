//! The log: a transaction is answered "executed" only after its block is durable.
//!
//! The stage takes the blocks that have arrived while the disk was busy and appends them together.
//! An acknowledgement waits for that append and nothing else. After the append the stage updates
//! index and view in memory, answers the waiters, sends events to subscribers and wakes sealing.
//! When an append fails, the stage ends without an answer to anybody, and a restart reads from the
//! database which blocks are durable.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{broadcast, mpsc, watch};

use crate::block::{Block, BlockWaiters, ExecutedBlock};
use crate::error::StageError;
use crate::events::Event;
use crate::index::Index;
use crate::lifecycle::Outcome;
use crate::limits::BLOCKS_PER_COMMIT_MAX;
use crate::metrics;
use crate::store::BlockLog;
use crate::tracker::Tracker;
use crate::view::{Head, View};

/// The stage and its neighbours.
#[derive(Debug)]
pub struct Log<L> {
    pub store: L,
    pub blocks: mpsc::Receiver<ExecutedBlock>,
    pub index: Arc<Index>,
    pub view: Arc<View>,
    pub tracker: Arc<Tracker>,
    /// The newest durable block.
    pub head: watch::Sender<Head>,
    pub events: broadcast::Sender<Event>,
}

impl<L: BlockLog> Log<L> {
    /// Runs until ordering has ended.
    ///
    /// # Errors
    /// `StageError::Store` when an append fails: whether its blocks are durable is then not known.
    pub async fn run(mut self) -> Result<(), StageError> {
        let mut executed = Vec::with_capacity(BLOCKS_PER_COMMIT_MAX);
        let epoch = self.store.epoch();
        while self.blocks.recv_many(&mut executed, BLOCKS_PER_COMMIT_MAX).await > 0 {
            let (blocks, waiters): (Vec<Block>, Vec<Vec<BlockWaiters>>) =
                executed.drain(..).map(|one| (one.block, one.waiters)).unzip();
            let start = Instant::now();
            self.store.append(epoch, self.view.head().block, &blocks).await?;
            metrics::committed(start.elapsed());
            metrics::reached("executed", blocks.iter().map(|one| one.transactions.len()).sum());
            self.publish(&blocks, waiters);
            self.index.room().await;
        }
        Ok(())
    }

    fn publish(&self, blocks: &[Block], waiters: Vec<Vec<BlockWaiters>>) {
        self.index.insert(blocks);
        self.view.advance(blocks);
        for (block, waiters) in blocks.iter().zip(waiters) {
            self.tracker.forget(waiters.iter().map(|one| &one.id));
            for BlockWaiters { id, waiters } in waiters {
                for waiter in waiters {
                    // The client may have stopped waiting.
                    let _ = waiter.send(Outcome::Executed { id, block: block.number });
                }
            }
            // There may be no subscriber.
            let _ = self.events.send(Event::from(block));
        }
        self.head.send_replace(self.view.head());
    }
}
