//! Sealing: makes the row, the words and the jobs of a closed batch from its blocks.
//!
//! Three parts run side by side, each about one batch: reading blocks, running them, and storing
//! the result. The middle part owns the slot tree. It runs every entry through the ledger's
//! machine, whose rules the proofs will repeat, and stops the process where machine and executor
//! disagree. So a batch that cannot be proven reaches neither a prover nor L1. Ordering decides
//! when a batch closes.

use std::sync::Arc;
use std::time::Instant;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use sheaf_contracts::blobs;
use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::data_reference::DataReference;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::tree::SlotTree;
use sheaf_ledger::word::Word;
use sheaf_wire::TreeStep;
use tokio::sync::{mpsc, watch};
use tracing::field::Empty;
use tracing::{Span, info_span};

use crate::block::Block;
use crate::capacity::{BatchLimits, Contents, Words};
use crate::error::StageError;
use crate::events::Events;
use crate::limits::{SEALING_INTERVAL, SEALING_NICENESS, SEALING_QUEUE};
use crate::metrics;
use crate::proving::ProofVerifier;
use crate::replay::{self, ReplayError};
use crate::snapshots::{self, Snapshot};
use crate::store::{BatchState, Published, SealedRow, Sealing, Store, StoreError};
use crate::view::Head;
use crate::witnesses::Witnesses;

/// The stage: its parts in the order in which a batch passes them.
#[derive(Debug)]
pub struct SealingStage {
    pub reader: Reader,
    pub runner: Runner,
    pub keeper: Keeper,
}

/// Reads the blocks of closed batches.
#[derive(Debug)]
pub struct Reader {
    pub store: Store,
    /// The batch to seal next.
    pub next: u64,
    /// The newest durable block.
    pub head: watch::Receiver<Head>,
}

/// The threads of sealing: as many as there are processors. On threads that sealing shared with
/// admission, each level of the tree would wait behind signatures. They give way to the threads
/// that acknowledgements wait for, as far as the system allows.
///
/// # Errors
/// When the system starts no threads.
pub fn threads() -> Result<ThreadPool, ThreadPoolBuildError> {
    let give_way = |_| {
        // Without the right to do so, the threads are as important as the others.
        let _ = rustix::process::setpriority_process(None, SEALING_NICENESS);
    };
    ThreadPoolBuilder::new().start_handler(give_way).build()
}

/// Runs the blocks of a batch and hashes the tree after it.
#[derive(Debug)]
pub struct Runner {
    pub threads: Arc<ThreadPool>,
    pub domain: Domain,
    /// The tree after the newest batch that was run.
    pub tree: SlotTree,
    /// How the data words of batches travel to L1.
    pub data_mode: DataMode,
    /// The largest batch that the circuits can prove and one L1 transaction can carry.
    pub limits: BatchLimits,
    /// Plans the steps that prove a batch.
    pub verifier: Arc<dyn ProofVerifier>,
    /// How many entries were run after the newest snapshot.
    pub entries_since_snapshot: u64,
    pub snapshots: mpsc::Sender<Snapshot>,
}

/// Stores sealed batches and tells of them.
#[derive(Debug)]
pub struct Keeper {
    pub store: Store,
    pub witnesses: Arc<Witnesses>,
    /// The newest sealed batch.
    pub sealed: watch::Sender<u64>,
    pub events: Arc<Events>,
}

/// A closed batch.
struct Closed {
    number: u64,
    blocks: Vec<Block>,
    /// When sealing began with the batch.
    start: Instant,
}

/// A batch that is ready to be stored.
struct Prepared {
    sealed: SealedBatch,
    row: SealedRow,
    published: Published,
    /// The versioned hashes of the blobs that publish the data words.
    blobs: Vec<[u8; 32]>,
    steps: Vec<TreeStep>,
    start: Instant,
}

impl SealingStage {
    /// Seals closed batches until the log has ended.
    ///
    /// # Errors
    /// `Store` when the database fails; `Replay` when machine and executor disagree;
    /// `BatchTooLarge` when the circuits cannot prove a batch; `Panicked`.
    pub async fn run(self) -> Result<(), StageError> {
        let Self { reader, runner, keeper } = self;
        let (closed, read) = mpsc::channel(SEALING_QUEUE);
        let (prepared, ran) = mpsc::channel(SEALING_QUEUE);
        let reading = async { Ok(reader.run(closed).await?) };
        let keeping = async { Ok(keeper.run(ran).await?) };
        tokio::try_join!(reading, runner.run(read, prepared), keeping).map(drop)
    }
}

impl Reader {
    async fn run(mut self, closed: mpsc::Sender<Closed>) -> Result<(), StoreError> {
        loop {
            let (number, head) = (self.next, *self.head.borrow_and_update());
            let is_closed = head.batch > number || (head.batch == number && !head.batch_is_open);
            if is_closed {
                let start = Instant::now();
                let blocks = self.store.blocks_of(number).await?;
                if closed.send(Closed { number, blocks, start }).await.is_err() {
                    // The next part has failed, and its error ends the stage.
                    return Ok(());
                }
                self.next += 1;
                continue;
            }
            // The timeout only guards against a wake-up that never arrives.
            let changed = tokio::time::timeout(SEALING_INTERVAL, self.head.changed()).await;
            if let Ok(Err(_)) = changed {
                return Ok(());
            }
        }
    }
}

impl Runner {
    async fn run(
        mut self,
        mut closed: mpsc::Receiver<Closed>,
        prepared: mpsc::Sender<Prepared>,
    ) -> Result<(), StageError> {
        metrics::snapshot_age(self.entries_since_snapshot);
        while let Some(batch) = closed.recv().await {
            let span =
                info_span!("sealing", batch = batch.number, transactions = Empty, entries = Empty);
            let work = move || {
                let threads = Arc::clone(&self.threads);
                let prepared = threads.install(|| span.in_scope(|| self.prepare(&batch)))?;
                Ok::<_, StageError>((self, prepared))
            };
            let worked = tokio::task::spawn_blocking(work).await;
            let (runner, batch) = worked.map_err(|source| StageError::Panicked { source })??;
            self = runner;
            if prepared.send(batch).await.is_err() {
                // The next part has failed, and its error ends the stage.
                return Ok(());
            }
        }
        Ok(())
    }

    fn prepare(&mut self, batch: &Closed) -> Result<Prepared, StageError> {
        let Closed { number, blocks, start } = batch;
        let sealed = replay::seal(&self.tree, self.domain, *number, blocks)?;
        check_size(&sealed, self.limits)?;
        let (data_reference, blobs) = named(self.data_mode, &sealed.data_words);
        let row = row_of(&sealed, blocks, (self.data_mode, data_reference));
        let diverged = |source| ReplayError::ExecutionDiverged { batch: *number, source };
        sealed.update(&mut self.tree).map_err(diverged)?;
        self.entries_since_snapshot += row.entries;
        self.offer_snapshot(&row);
        metrics::snapshot_age(self.entries_since_snapshot);
        let span = Span::current();
        span.record("transactions", row.transactions).record("entries", row.entries);
        let (published, steps) = (Published::of(&sealed), self.verifier.steps(&sealed));
        Ok(Prepared { sealed, row, published, blobs, steps, start: *start })
    }

    /// Sends a snapshot that is due, unless the one before is still being written. A snapshot may
    /// be written before its batch is stored: a start that finds no such batch passes it over.
    fn offer_snapshot(&mut self, row: &SealedRow) {
        if !snapshots::is_due(self.entries_since_snapshot, self.tree.len()) {
            return;
        }
        if let Ok(room) = self.snapshots.try_reserve() {
            let (batch, root) = (row.number, row.post_root);
            room.send(Snapshot { batch, root, slots: self.tree.slots().to_vec() });
            self.entries_since_snapshot = 0;
        }
    }
}

impl Keeper {
    async fn run(self, mut prepared: mpsc::Receiver<Prepared>) -> Result<(), StoreError> {
        while let Some(batch) = prepared.recv().await {
            let Prepared { sealed, row, published, blobs, steps, start } = batch;
            let sealing =
                Sealing { row: &row, published: &published, blobs: &blobs, steps: &steps };
            self.store.seal(sealing).await?;
            metrics::sealed(start.elapsed());
            self.witnesses.keep(Arc::new(sealed));
            self.sealed.send_replace(row.number);
            self.events.publish_batch(row.number, BatchState::Sealed);
        }
        Ok(())
    }
}

/// Refuses a batch that cannot be proven, or whose transaction could exceed a limit of L1. Ordering
/// closes no such batch, but after a restart with smaller circuits or dearer prices of L1 the log
/// may contain a batch that was closed under the larger limits.
fn check_size(sealed: &SealedBatch, limits: BatchLimits) -> Result<(), StageError> {
    let words = Words { data: sealed.data_words.len(), l1: sealed.l1_words.len() };
    let (entries, signatures) = (sealed.entries.len(), sealed.signatures.len());
    let contents = Contents { entries, signatures, words };
    if limits.fit(&contents) {
        return Ok(());
    }
    let limits = Box::new(limits);
    Err(StageError::BatchTooLarge { batch: sealed.number, contents, limits })
}

/// What names data words that are published in this mode, and the versioned hashes of their blobs;
/// calldata has none.
fn named(data_mode: DataMode, data_words: &[Word]) -> (DataReference, Vec<[u8; 32]>) {
    match data_mode {
        DataMode::Calldata => (DataReference::calldata(data_words), Vec::new()),
        DataMode::Blobs => {
            let blobs = blobs::of_words(data_words);
            let hashes: Vec<_> =
                blobs.par_iter().map(|blob| blobs::versioned_hash(blob).0).collect();
            (DataReference::blobs(&hashes), hashes)
        }
    }
}

fn row_of(
    sealed: &SealedBatch,
    blocks: &[Block],
    (data_mode, data_reference): (DataMode, DataReference),
) -> SealedRow {
    let number_of = |block: Option<&Block>| block.map_or(0, |block| block.number);
    SealedRow {
        number: sealed.number,
        timestamp: sealed.timestamp(),
        first_block: number_of(blocks.first()),
        last_block: number_of(blocks.last()),
        first_request: blocks.first().map_or(0, |block| block.first_request),
        requests: blocks.iter().map(|block| u64::from(block.requests)).sum(),
        transactions: blocks.iter().map(|block| block.transactions.len() as u64).sum(),
        entries: sealed.entries.len() as u64,
        data_words: sealed.data_words.len() as u64,
        l1_words: sealed.l1_words.len() as u64,
        pre_state: sealed.pre(),
        post_state: sealed.post(),
        post_root: sealed.after.root,
        next_slot: sealed.after.next_slot,
        data_mode,
        data_reference: Some(data_reference),
    }
}
