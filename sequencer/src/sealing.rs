//! Sealing: makes the row, the words and the jobs of a closed batch from its blocks.
//!
//! The stage owns the slot tree. It runs every entry through the ledger's machine, whose rules the
//! proofs will repeat, and stops the process where machine and executor disagree. So a batch that
//! cannot be proven reaches neither a prover nor L1. Ordering decides when a batch closes.

use std::sync::Arc;
use std::time::Instant;

use sheaf_ledger::batch::SealedBatch;
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::domain::Domain;
use sheaf_ledger::tree::SlotTree;
use sheaf_wire::TreeStep;
use tokio::sync::{broadcast, mpsc, watch};
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use crate::block::Block;
use crate::capacity::{BatchLimits, Contents, Words};
use crate::error::StageError;
use crate::events::Event;
use crate::limits::SEALING_INTERVAL;
use crate::metrics;
use crate::proving::ProofVerifier;
use crate::replay::{self, ReplayError};
use crate::snapshots::{self, Snapshot};
use crate::store::{Published, SealedRow, Sealing, Store};
use crate::view::Head;
use crate::witnesses::Witnesses;

/// The stage, with its ends of the channels to its neighbours.
#[derive(Debug)]
pub struct SealingStage {
    pub store: Store,
    pub domain: Domain,
    /// The tree after the newest sealed batch.
    pub tree: SlotTree,
    /// How the data words of batches travel to L1.
    pub data_mode: DataMode,
    /// Plans the steps that prove a batch, and bounds the batch's size.
    pub verifier: Arc<dyn ProofVerifier>,
    /// How many entries were sealed after the newest snapshot.
    pub entries_since_snapshot: u64,
    pub snapshots: mpsc::Sender<Snapshot>,
    pub witnesses: Arc<Witnesses>,
    /// The newest durable block.
    pub head: watch::Receiver<Head>,
    /// The newest sealed batch.
    pub sealed: watch::Sender<u64>,
    pub events: broadcast::Sender<Event>,
}

/// A batch that is ready to be stored, and the tree after it.
struct Prepared {
    tree: SlotTree,
    sealed: SealedBatch,
    row: SealedRow,
    published: Published,
    steps: Vec<TreeStep>,
}

impl SealingStage {
    /// Seals closed batches until the log has ended.
    ///
    /// # Errors
    /// `Store` when the database fails; `ExecutionDiverged` or `SlotDiverged` when machine and
    /// executor disagree; `BatchTooLarge` when the circuits cannot prove a batch; `Panicked`.
    pub async fn run(mut self) -> Result<(), StageError> {
        metrics::snapshot_age(self.entries_since_snapshot);
        loop {
            let next = *self.sealed.borrow() + 1;
            let head = *self.head.borrow_and_update();
            let may_be_closed = head.batch > next || (head.batch == next && !head.batch_is_open);
            if may_be_closed && self.store.batch_is_closed(next).await? {
                let span =
                    info_span!("sealing", batch = next, transactions = Empty, entries = Empty);
                self = self.seal(next).instrument(span).await?;
                continue;
            }
            // The timeout only guards against a wake-up that never arrives.
            let changed = tokio::time::timeout(SEALING_INTERVAL, self.head.changed()).await;
            if let Ok(Err(_)) = changed {
                return Ok(());
            }
        }
    }

    async fn seal(mut self, number: u64) -> Result<Self, StageError> {
        let start = Instant::now();
        let blocks = self.store.blocks_of(number).await?;
        let (tree, domain) = (std::mem::take(&mut self.tree), self.domain);
        let (verifier, data_mode) = (Arc::clone(&self.verifier), self.data_mode);
        let prepared = tokio::task::spawn_blocking(move || {
            let sealed = replay::seal(&tree, domain, number, &blocks)?;
            check_size(&sealed, verifier.limits(data_mode))?;
            let row = row_of(&sealed, &blocks, data_mode);
            prepare(tree, sealed, row, verifier.as_ref())
        })
        .await
        .map_err(|source| StageError::Panicked { source })??;
        let Prepared { tree, sealed, row, published, steps } = prepared;
        self.store.seal(Sealing { row: &row, published: &published, steps: &steps }).await?;
        metrics::sealed(start.elapsed());
        let span = Span::current();
        span.record("transactions", row.transactions).record("entries", row.entries);
        self.witnesses.keep(Arc::new(sealed));
        self.tree = tree;
        self.entries_since_snapshot += row.entries;
        self.offer_snapshot(&row);
        metrics::snapshot_age(self.entries_since_snapshot);
        self.sealed.send_replace(number);
        // There may be no subscriber.
        let _ = self.events.send(Event::from(&row));
        Ok(self)
    }

    /// Sends a snapshot that is due, unless the one before is still being written.
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

fn prepare(
    mut tree: SlotTree,
    sealed: SealedBatch,
    row: SealedRow,
    verifier: &dyn ProofVerifier,
) -> Result<Prepared, StageError> {
    let diverged = |source| ReplayError::ExecutionDiverged { batch: sealed.number, source };
    sealed.update(&mut tree).map_err(diverged)?;
    let steps = verifier.steps(&sealed);
    let published = Published::of(&sealed);
    Ok(Prepared { tree, sealed, row, published, steps })
}

/// Refuses a batch that cannot be proven. Ordering closes no such batch, but after a restart with
/// smaller circuits the log may contain a batch that was closed under the larger limits.
fn check_size(sealed: &SealedBatch, limits: BatchLimits) -> Result<(), StageError> {
    let words = Words { data: sealed.data_words.len(), l1: sealed.l1_words.len() };
    let (entries, signatures) = (sealed.entries.len(), sealed.signatures.len());
    let contents = Contents { entries, signatures, words };
    if limits.fit(&contents) {
        return Ok(());
    }
    Err(StageError::BatchTooLarge { batch: sealed.number, contents, limits })
}

fn row_of(sealed: &SealedBatch, blocks: &[Block], data_mode: DataMode) -> SealedRow {
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
    }
}
