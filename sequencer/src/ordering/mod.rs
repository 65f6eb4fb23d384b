//! Ordering: which transaction comes when. The stage around the engine: it feeds it from the
//! queues, hands its blocks to the log, and tells whoever was refused.

mod engine;
mod open_batch;

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;

use crate::block::ExecutedBlock;
use crate::error::StageError;
use crate::lifecycle::{Admission, L1Request, Outcome};
use crate::limits::{ENTRIES_PER_TURN_MAX, ORDERING_INTERVAL, UNSEALED_BATCHES_MAX};
use crate::metrics;
use crate::store::now_ms;
use crate::tracker::Tracker;

pub use engine::{BatchPolicy, Engine, Entered, Moment, Position, Refusal};
pub use open_batch::{OpenBatch, Pot};

/// What others ask of ordering.
#[derive(Debug)]
pub enum Command {
    /// The nonces to sign next, counting what waits; nothing for a slot that is not open.
    NextNonces { slots: Vec<u32>, answer: oneshot::Sender<Vec<Option<u32>>> },
    /// Close the open batch. Answered with its number, if one is open.
    CloseBatch { answer: oneshot::Sender<Option<u64>> },
    /// How full the mempool is.
    Load { answer: oneshot::Sender<Load> },
}

/// How full the mempool is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Transactions that wait, ready or held.
    pub waiting: usize,
    /// Whether any of them is ready.
    pub has_ready: bool,
}

/// The stage and its neighbours.
#[derive(Debug)]
pub struct Ordering {
    pub engine: Engine,
    pub admissions: mpsc::Receiver<Admission>,
    pub requests: mpsc::Receiver<Vec<L1Request>>,
    pub commands: mpsc::Receiver<Command>,
    pub blocks: mpsc::Sender<ExecutedBlock>,
    /// The newest sealed batch.
    pub sealed: watch::Receiver<u64>,
    pub tracker: Arc<Tracker>,
}

impl Ordering {
    /// Runs until admission is gone.
    ///
    /// # Errors
    /// `StageError::Gone` when log or sealing has ended.
    pub async fn run(mut self) -> Result<(), StageError> {
        let mut clock = tokio::time::interval(ORDERING_INTERVAL);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut admissions = Vec::with_capacity(ENTRIES_PER_TURN_MAX);
        loop {
            tokio::select! {
                Some(command) = self.commands.recv() => self.obey(command),
                Some(requests) = self.requests.recv() => self.engine.take_requests(requests),
                count = self.admissions.recv_many(&mut admissions, ENTRIES_PER_TURN_MAX) => {
                    if count == 0 {
                        return Ok(());
                    }
                    self.enter(&mut admissions);
                }
                _ = clock.tick() => {
                    let expired = self.engine.expire(Instant::now());
                    self.refuse(expired);
                }
            }
            self.emit_blocks().await?;
        }
    }

    fn obey(&mut self, command: Command) {
        // Whoever asked and left does not mind.
        match command {
            Command::NextNonces { slots, answer } => {
                let next = slots.into_iter().map(|slot| self.engine.next_nonce(slot));
                let _ = answer.send(next.collect());
            }
            Command::CloseBatch { answer } => {
                let _ = answer.send(self.engine.request_close());
            }
            Command::Load { answer } => {
                let _ = answer.send(self.engine.load());
            }
        }
    }

    fn enter(&mut self, admissions: &mut Vec<Admission>) {
        let now = Instant::now();
        for admission in admissions.drain(..) {
            let id = admission.transaction.id;
            match self.engine.enter(admission, now) {
                Entered::Ready => {}
                Entered::Held(waiter) => {
                    let _ = waiter.send(Outcome::Held { id });
                }
                Entered::Rejected(waiter, rejection) => {
                    metrics::rejected(&rejection);
                    self.tracker.reject_accepted(id, rejection);
                    let _ = waiter.send(Outcome::Rejected { id: Some(id), rejection });
                }
            }
        }
    }

    async fn emit_blocks(&mut self) -> Result<(), StageError> {
        loop {
            let moment = Moment { instant: Instant::now(), unix_ms: now_ms() };
            let (block, refusals) = self.engine.next_block(moment);
            self.refuse(refusals);
            let Some(block) = block else { return Ok(()) };
            metrics::block_executed(moment.instant.elapsed());
            let batch = block.block.batch;
            let gone = |stage| StageError::Gone { stage };
            self.blocks.send(block).await.map_err(|_| gone("log"))?;
            let is_near = |sealed: &u64| batch.saturating_sub(*sealed) <= UNSEALED_BATCHES_MAX;
            self.sealed.wait_for(is_near).await.map_err(|_| gone("sealing"))?;
        }
    }

    fn refuse(&self, refusals: Vec<Refusal>) {
        for Refusal { id, waiters, rejection } in refusals {
            metrics::rejected(&rejection);
            self.tracker.reject_accepted(id, rejection);
            for waiter in waiters {
                let _ = waiter.send(Outcome::Rejected { id: Some(id), rejection });
            }
        }
    }
}
