//! The index: where in the log a transaction is, and where a slot's balance moved.
//!
//! The index is derived from the log and follows it. Places of the newest blocks are in memory and
//! are known before any client is told that its transaction is durable. A stage behind the log
//! writes older places to files, each a sorted *run* about consecutive blocks. No acknowledgement
//! waits for a file, and a file that is missing or does not fit the log is made again at a start.

mod recent;
mod run;

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::Instant;

use sheaf_crypto::hash::Digest;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;

use self::recent::Recent;
use self::run::Run;
use crate::block::Block;
use crate::error::StageError;
use crate::limits::{INDEX_RECENT_RECORDS_MAX, INDEX_RUN_RECORDS};
use crate::metrics;
use crate::movement::LogPosition;
use crate::store::{Store, StoreError};

/// The place of a transaction in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionPosition {
    pub block: u64,
    /// The transaction's index among the block's transactions.
    pub position: u32,
}

/// The index, shared between the log, the stage that writes runs, and readers.
#[derive(Debug)]
pub struct Index {
    folder: PathBuf,
    /// The block before the log's first.
    before: u64,
    parts: RwLock<Parts>,
    /// Tells the stage that the recent places fill a run.
    filled: Notify,
    /// Tells the log that a run was written.
    written: Notify,
}

/// The parts of the index, by age. Every place is in exactly one of them.
#[derive(Debug, Default)]
struct Parts {
    recent: Recent,
    /// The places that are being written as a run.
    frozen: Option<Arc<Recent>>,
    /// Oldest first, about consecutive blocks from the log's first on.
    runs: Arc<Vec<Arc<Run>>>,
}

impl Index {
    /// Opens the runs in `folder`, which is made if need be. `before` is the block before the log's
    /// first. A file that is no run, or does not continue the run before it or the log's beginning,
    /// is removed with every later one.
    ///
    /// # Errors
    /// `Derived` when the folder cannot be read or written.
    pub fn open(folder: &Path, before: u64) -> Result<Self, StoreError> {
        let runs = run::open_all(folder, before)?.into_iter().map(Arc::new).collect();
        let parts = Parts { runs: Arc::new(runs), ..Parts::default() };
        Ok(Self {
            folder: folder.to_owned(),
            before,
            parts: RwLock::new(parts),
            filled: Notify::new(),
            written: Notify::new(),
        })
    }

    /// Indexes each block of the log up to `block` that is not indexed yet. Removes runs that are
    /// about another log, as after the database was restored from a backup.
    ///
    /// # Errors
    /// `Derived` when a run cannot be written; the store's errors.
    pub async fn catch_up(&self, store: &Store, block: u64) -> Result<(), StoreError> {
        while let Some(run) = self.newest_run()
            && self.last_in_memory().is_none()
        {
            if store.executed_ms(run.last_block()).await? == Some(run.executed_ms()) {
                break;
            }
            tracing::warn!(file = %run.path().display(), "the index is not this log's: made again");
            self.remove_newest_run()?;
        }
        loop {
            let blocks = store.blocks_between(self.last_block(), block).await?;
            if blocks.is_empty() {
                return Ok(());
            }
            self.follow(&blocks).await?;
        }
    }

    /// Indexes those of consecutive blocks that are not indexed yet, and writes a run whenever the
    /// places fill one. The block before the first of them must be indexed.
    ///
    /// # Errors
    /// `Derived` when a run cannot be written.
    pub async fn follow(&self, blocks: &[Block]) -> Result<(), StoreError> {
        let last = self.last_block();
        for block in blocks.iter().filter(|block| block.number > last) {
            self.insert(std::slice::from_ref(block));
            if self.is_filled() {
                self.write_run().await?;
                tracing::info!(block = block.number, "indexing the log");
            }
        }
        Ok(())
    }

    /// Writes every place in memory as a run, unless the runs go beyond block `block`: a start then
    /// indexes no block up to that one.
    ///
    /// # Errors
    /// `Derived` when the run cannot be written.
    pub async fn write_beyond(&self, block: u64) -> Result<(), StoreError> {
        if self.newest_run().is_none_or(|run| run.last_block() <= block) {
            self.write_run().await?;
        }
        Ok(())
    }

    /// Adds the places of blocks that follow every block added before. Readers see them at once.
    pub fn insert(&self, blocks: &[Block]) {
        let mut parts = self.parts.write().expect("no holder of the lock panics");
        blocks.iter().for_each(|block| parts.recent.insert(block));
        let is_filled = parts.recent.records() >= INDEX_RUN_RECORDS;
        drop(parts);
        if is_filled {
            self.filled.notify_one();
        }
    }

    /// Waits until the recent places are few enough for further blocks.
    pub async fn room(&self) {
        loop {
            let written = self.written.notified();
            if self.recent_records() < INDEX_RECENT_RECORDS_MAX {
                return;
            }
            written.await;
        }
    }

    /// The place of a transaction; `None` if no indexed block contains it.
    ///
    /// # Errors
    /// `Derived` when a run cannot be read.
    pub async fn transaction(
        &self,
        id: &Digest,
    ) -> Result<Option<TransactionPosition>, StoreError> {
        let runs = {
            let parts = self.parts.read().expect("no holder of the lock panics");
            if let Some(found) = parts.in_memory().find_map(|recent| recent.transaction(id)) {
                return Ok(Some(found));
            }
            Arc::clone(&parts.runs)
        };
        let id = *id;
        on_disk(move || {
            let mut newest_first = runs.iter().rev();
            newest_first.find_map(|run| run.transaction(&id).transpose()).transpose()
        })
        .await
    }

    /// At most `limit` places at which a slot's balance moved, the newest first. With `before`,
    /// only places before that one.
    ///
    /// # Errors
    /// `Derived` when a run cannot be read.
    pub async fn movements(
        &self,
        slot: u32,
        before: Option<LogPosition>,
        limit: usize,
    ) -> Result<Vec<LogPosition>, StoreError> {
        let before = before.unwrap_or(LogPosition { block: u64::MAX, entry: u32::MAX });
        let mut found = Vec::new();
        let runs = {
            let parts = self.parts.read().expect("no holder of the lock panics");
            for recent in parts.in_memory() {
                found.extend(recent.movements(slot, before).take(limit - found.len()));
            }
            Arc::clone(&parts.runs)
        };
        if found.len() == limit {
            return Ok(found);
        }
        on_disk(move || {
            for run in runs.iter().rev().filter(|run| run.first_block() <= before.block) {
                if found.len() == limit {
                    break;
                }
                found.extend(run.movements(slot, before, limit - found.len())?);
            }
            Ok(found)
        })
        .await
    }

    /// Writes runs until the process ends.
    ///
    /// # Errors
    /// `Store` when a run cannot be written.
    pub async fn run(self: Arc<Self>) -> Result<(), StageError> {
        loop {
            self.filled.notified().await;
            while self.is_filled() {
                self.write_run().await?;
            }
        }
    }

    /// Writes the recent places as a run. Places of blocks that arrive meanwhile become the recent
    /// ones.
    async fn write_run(&self) -> Result<(), StoreError> {
        let frozen = {
            let mut parts = self.parts.write().expect("no holder of the lock panics");
            let next = Recent::after(&parts.recent);
            let frozen = Arc::new(std::mem::replace(&mut parts.recent, next));
            parts.frozen = Some(Arc::clone(&frozen));
            frozen
        };
        let folder = self.folder.clone();
        let write = move || {
            let (blocks, records) = (frozen.blocks(), frozen.records());
            let last_block = blocks.map(|blocks| blocks.last);
            let _entered = tracing::info_span!("index_run", last_block, records).entered();
            let start = Instant::now();
            let run = Run::write(&folder, &frozen)?;
            metrics::run_written(start.elapsed());
            Ok(run)
        };
        let run = on_disk(write).await?;
        {
            let mut parts = self.parts.write().expect("no holder of the lock panics");
            Arc::make_mut(&mut parts.runs).push(Arc::new(run));
            parts.frozen = None;
        }
        self.written.notify_waiters();
        Ok(())
    }

    fn is_filled(&self) -> bool {
        self.recent_records() >= INDEX_RUN_RECORDS
    }

    /// How many places are in memory and wait for a run, apart from those that are being written.
    pub fn recent_records(&self) -> usize {
        self.parts.read().expect("no holder of the lock panics").recent.records()
    }

    /// How many runs there are.
    pub fn runs(&self) -> usize {
        self.parts.read().expect("no holder of the lock panics").runs.len()
    }

    /// The newest block that is indexed; before the first, the block before the log's first.
    fn last_block(&self) -> u64 {
        let in_runs = || self.newest_run().map(|run| run.last_block());
        self.last_in_memory().or_else(in_runs).unwrap_or(self.before)
    }

    /// The newest block whose places are in memory.
    fn last_in_memory(&self) -> Option<u64> {
        let parts = self.parts.read().expect("no holder of the lock panics");
        parts.in_memory().find_map(|recent| Some(recent.blocks()?.last))
    }

    fn newest_run(&self) -> Option<Arc<Run>> {
        self.parts.read().expect("no holder of the lock panics").runs.last().cloned()
    }

    fn remove_newest_run(&self) -> Result<(), StoreError> {
        let mut parts = self.parts.write().expect("no holder of the lock panics");
        match Arc::make_mut(&mut parts.runs).pop() {
            Some(run) => run.remove(),
            None => Ok(()),
        }
    }
}

impl Parts {
    /// The places in memory, the newest first.
    fn in_memory(&self) -> impl Iterator<Item = &Recent> {
        std::iter::once(&self.recent).chain(self.frozen.as_deref())
    }
}

/// Runs work that reads or writes files, away from the threads that serve clients.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    spawn_blocking(work).await.expect("reading and writing runs does not panic")
}
