//! The log: a transaction is answered "executed" only after its block is durable.
//!
//! The stage takes the blocks that have arrived while the disk was busy and appends them together.
//! An acknowledgement waits for that append and nothing else. After the append the stage updates
//! index and view in memory, answers the waiters, sends events to subscribers and wakes sealing.
//! When an append fails, the stage ends without an answer to anybody, and a restart reads from the
//! database which blocks are durable.

use std::iter::repeat_n;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{mpsc, watch};
use tracing::{Instrument, debug_span};

use crate::block::{Block, BlockWaiters, ExecutedBlock};
use crate::directory::Directory;
use crate::error::StageError;
use crate::events::Events;
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
    pub directory: Arc<Directory>,
    pub events: Arc<Events>,
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
            let (blocks, mut waiters): (Vec<Block>, Vec<Vec<BlockWaiters>>) =
                executed.drain(..).map(|one| (one.block, one.waiters)).unzip();
            let transactions = blocks.iter().map(|one| one.transactions.len()).sum();
            let (first, last) = (blocks.first(), blocks.last());
            let span = debug_span!(
                "commit",
                first_block = first.map(|one| one.number),
                last_block = last.map(|one| one.number),
                transactions
            );
            let start = Instant::now();
            let append = self.store.append(epoch, self.view.head().block, &blocks);
            append.instrument(span).await?;
            let durable = Instant::now();
            metrics::committed(durable.duration_since(start));
            metrics::reached("executed", transactions);
            let waiting = waiters.iter_mut().flatten().flat_map(|one| &mut one.waiters);
            metrics::took("durable", waiting.map(|waiter| waiter.reach(durable)));
            self.publish(&blocks, waiters, durable);
            self.index.room().await;
        }
        Ok(())
    }

    /// Shows blocks that have been durable since `durable`, and answers their waiters.
    fn publish(&self, blocks: &[Block], waiters: Vec<Vec<BlockWaiters>>, durable: Instant) {
        let mut answered = 0;
        self.index.insert(blocks);
        self.view.advance(blocks);
        for (block, waiters) in blocks.iter().zip(waiters) {
            self.tracker.forget(waiters.iter().map(|one| &one.id));
            for BlockWaiters { id, waiters } in waiters {
                answered += waiters.len();
                for waiter in waiters {
                    waiter.send(Outcome::Executed { id, block: block.number });
                }
            }
        }
        metrics::took("acknowledged", repeat_n(durable.elapsed(), answered));
        for block in blocks {
            self.events.publish_block(block, &self.directory);
        }
        self.head.send_replace(self.view.head());
    }
}
