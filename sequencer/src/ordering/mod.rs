//! Ordering: decides the order of transactions. This module is the stage around the engine: it
//! feeds the engine from the queues, sends the engine's blocks to the log, and answers clients
//! whose transactions are refused.

mod engine;
mod gate;
mod open_batch;

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::MissedTickBehavior;
use tracing::field::Empty;
use tracing::{Instrument, debug_span, info, warn};

use crate::block::ExecutedBlock;
use crate::error::StageError;
use crate::intake::Queued;
use crate::lifecycle::{Admission, L1Request, Outcome};
use crate::limits::{ENTRIES_PER_TURN_MAX, ORDERING_INTERVAL, UNSEALED_BATCHES_MAX};
use crate::metrics;
use crate::pause::Pause;
use crate::rejection::Rejection;
use crate::store::now_ms;
use crate::tracker::Tracker;

pub use engine::{BatchPolicy, Engine, Entered, Moment, NewestBlock, Position, Refusal};
pub use gate::Gate;
pub use open_batch::{OpenBatch, Pot};

/// A question or an order of the API to ordering.
#[derive(Debug)]
pub enum Command {
    /// Asks for each slot's nonce to sign next, waiting transactions counted; `None` for a slot
    /// that is not open.
    NextNonces { slots: Vec<u32>, answer: oneshot::Sender<Vec<Option<u32>>> },
    /// Closes the open batch with its next block. The answer is its number, or `None` if no batch
    /// is open.
    CloseBatch { answer: oneshot::Sender<Option<u64>> },
    /// Asks how full the mempool is, and how far the blocks are.
    Load { answer: oneshot::Sender<Load> },
}

/// How full the mempool is, and how far the blocks are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// How many transactions wait, ready or held.
    pub waiting: usize,
    /// How long the open batch has been open; `None` while no batch is open.
    pub open_batch: Option<Duration>,
    /// The block made last, durable or on its way to the log; `None` before the first.
    pub newest_block: Option<NewestBlock>,
    /// Why no batch may be opened; `None` while a batch is open or may be opened.
    pub pause: Option<Pause>,
    pub queues: QueueLengths,
}

/// How much waits around ordering.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueLengths {
    /// Admitted transactions on their way to the mempool.
    pub admissions: usize,
    /// Payments of the mempool's ready transactions, and of its held ones.
    pub ready: usize,
    pub held: usize,
    /// Executed blocks that wait for the log.
    pub blocks: usize,
}

/// The stage, with its ends of the channels to its neighbours.
#[derive(Debug)]
pub struct Ordering {
    pub engine: Engine,
    pub gate: Gate,
    pub admissions: mpsc::Receiver<Queued<Admission>>,
    pub requests: mpsc::Receiver<Vec<L1Request>>,
    pub commands: mpsc::Receiver<Command>,
    pub blocks: mpsc::Sender<ExecutedBlock>,
    /// The newest sealed batch.
    pub sealed: watch::Receiver<u64>,
    pub tracker: Arc<Tracker>,
}

/// The pause that was logged last, so that each pause is logged once.
#[derive(Debug, Default)]
struct Said(Option<Pause>);

impl Said {
    fn hear(&mut self, pause: Option<Pause>) {
        let kind = |pause: Option<Pause>| pause.map(|pause| pause.code());
        if kind(self.0) == kind(pause) {
            return;
        }
        match pause {
            Some(pause) => warn!(code = pause.code(), "no batch is opened: {pause}"),
            None => info!("batches are opened again"),
        }
        self.0 = pause;
    }
}

impl Ordering {
    /// Runs until admission has ended.
    ///
    /// # Errors
    /// `StageError::Gone` when log or sealing has ended.
    pub async fn run(mut self) -> Result<(), StageError> {
        let mut clock = tokio::time::interval(ORDERING_INTERVAL);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut admissions = Vec::with_capacity(ENTRIES_PER_TURN_MAX);
        let mut said = Said::default();
        loop {
            tokio::select! {
                Some(command) = self.commands.recv() => self.obey(command),
                Some(requests) = self.requests.recv(), if self.engine.wants_requests() => {
                    self.engine.take_requests(requests);
                }
                count = self.admissions.recv_many(&mut admissions, ENTRIES_PER_TURN_MAX) => {
                    if count == 0 {
                        return Ok(());
                    }
                    self.enter(&mut admissions);
                }
                _ = clock.tick() => {
                    let expired = self.engine.expire(self.gate.settled(moment()));
                    self.refuse(expired);
                }
            }
            self.emit_blocks().await?;
            said.hear(self.pause());
        }
    }

    /// Why no batch may be opened; `None` while a batch is open or may be opened.
    fn pause(&self) -> Option<Pause> {
        self.gate.pause(self.engine.batch_to_open()?, moment())
    }

    fn obey(&mut self, command: Command) {
        // A client that has left receives no answer, which is no failure.
        match command {
            Command::NextNonces { slots, answer } => {
                let next = slots.into_iter().map(|slot| self.engine.next_nonce(slot));
                let _ = answer.send(next.collect());
            }
            Command::CloseBatch { answer } => {
                let _ = answer.send(self.engine.request_close());
            }
            Command::Load { answer } => {
                let _ = answer.send(Load {
                    waiting: self.engine.waiting(),
                    open_batch: self.engine.open_batch_age(Instant::now()),
                    newest_block: self.engine.newest_block(),
                    pause: self.pause(),
                    queues: self.queue_lengths(),
                });
            }
        }
    }

    fn queue_lengths(&self) -> QueueLengths {
        let (ready, held) = self.engine.payments();
        let blocks = self.blocks.max_capacity() - self.blocks.capacity();
        QueueLengths { admissions: self.admissions.len(), ready, held, blocks }
    }

    fn enter(&mut self, admissions: &mut Vec<Queued<Admission>>) {
        let (now, pause) = (moment(), self.pause());
        for Queued { item: admission, room: _ } in admissions.drain(..) {
            let id = *admission.transaction.id();
            let valid_until = admission.transaction.terms().valid_until;
            let pause = pause.or_else(|| self.gate.doubt(valid_until, now));
            // A pause refuses no transaction that waits already and is sent again.
            let pause = pause.filter(|_| !self.engine.knows(&admission.transaction));
            let entered = match pause {
                Some(pause) => Entered::Rejected(admission.waiter, Rejection::Paused(pause)),
                None => self.engine.enter(admission, now.instant),
            };
            match entered {
                Entered::Ready => {}
                Entered::Held(waiter) => {
                    waiter.send(Outcome::Held { id });
                }
                Entered::Rejected(waiter, rejection) => {
                    metrics::rejected(&rejection);
                    self.tracker.reject_accepted(id, rejection);
                    waiter.send(Outcome::Rejected { id: Some(id), rejection });
                }
            }
        }
    }

    async fn emit_blocks(&mut self) -> Result<(), StageError> {
        while self.pause().is_none() {
            let moment = self.gate.opening(moment());
            if !self.engine.is_block_due(moment) {
                break;
            }
            let span = debug_span!("block", block = Empty, batch = Empty, transactions = Empty);
            let (block, refusals) = span.in_scope(|| self.engine.next_block(moment));
            self.refuse(refusals);
            let Some(mut block) = block else { break };
            let executed = Instant::now();
            metrics::block_executed(executed.duration_since(moment.instant));
            let waiters = block.waiters.iter_mut().flat_map(|one| &mut one.waiters);
            metrics::took("executed", waiters.map(|waiter| waiter.reach(executed)));
            span.record("block", block.block.number).record("batch", block.block.batch);
            span.record("transactions", block.block.transactions.len());
            self.hand_over(block).instrument(span).await?;
        }
        Ok(())
    }

    /// Sends a block to the log, and waits until sealing is near enough for another one.
    async fn hand_over(&mut self, block: ExecutedBlock) -> Result<(), StageError> {
        let batch = block.block.batch;
        let gone = |stage| StageError::Gone { stage };
        let blocks = self.blocks.clone();
        self.answer_until(blocks.send(block)).await.map_err(|_| gone("log"))?;
        let mut sealed = self.sealed.clone();
        let is_near = |sealed: &u64| batch.saturating_sub(*sealed) <= UNSEALED_BATCHES_MAX;
        let near = async { sealed.wait_for(is_near).await.map(drop) };
        self.answer_until(near).await.map_err(|_| gone("sealing"))
    }

    /// Waits for another stage, and answers commands meanwhile.
    async fn answer_until<T>(&mut self, other: impl Future<Output = T>) -> T {
        let mut other = pin!(other);
        loop {
            tokio::select! {
                biased;
                done = &mut other => return done,
                Some(command) = self.commands.recv() => self.obey(command),
            }
        }
    }

    fn refuse(&self, refusals: Vec<Refusal>) {
        for Refusal { id, waiters, rejection } in refusals {
            metrics::rejected(&rejection);
            self.tracker.reject_accepted(id, rejection);
            for waiter in waiters {
                waiter.send(Outcome::Rejected { id: Some(id), rejection });
            }
        }
    }
}

fn moment() -> Moment {
    let unix_ms = now_ms();
    Moment { instant: Instant::now(), unix_ms, batch_ms: unix_ms }
}
