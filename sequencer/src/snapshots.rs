//! Snapshots: the slots after a sealed batch, in a file.
//!
//! A start and the witness of an old batch begin at a snapshot and run the log from there. A
//! snapshot is written when as many entries were sealed since the one before as there are slots, so
//! that a snapshot costs no entry more than its share. Snapshots are derived from the log: without
//! any, the log is run from its first block, on the base of the database if it has one.

use std::convert::Infallible;
use std::future::pending;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use sheaf_crypto::hash::Digest;
use sheaf_ledger::slot::Slot;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::derived::{self, Kind};
use crate::limits::{FINALISED_WITNESSES_KEPT, SNAPSHOT_ENTRIES_MIN};
use crate::metrics;
use crate::slot_bytes;
use crate::store::{BatchRow, Store, StoreError};

/// The first bytes of every snapshot. Another layout has another number.
const MAGIC: [u8; 8] = *b"sheafsl1";
/// Bytes of the header: the magic, the batch, the root.
const HEADER_BYTES: usize = 48;

/// The slots after a batch.
#[derive(Debug)]
pub struct Snapshot {
    pub batch: u64,
    /// The root of the tree over the slots.
    pub root: Digest,
    pub slots: Vec<Slot>,
}

/// The snapshots in a folder.
#[derive(Debug, Clone)]
pub struct Snapshots {
    folder: PathBuf,
}

impl Snapshots {
    /// The snapshots in `folder`.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The slots after the newest batch up to `batch` that has a snapshot, and that batch's row;
    /// without such a file, the base of the database. `None` if neither is there. A file that
    /// cannot be read as a snapshot, is not about the database's batch, or is older than the base,
    /// is passed over.
    ///
    /// # Errors
    /// `Derived` when the folder cannot be read; the store's errors.
    pub async fn newest(
        &self,
        store: &Store,
        batch: u64,
    ) -> Result<Option<(BatchRow, Vec<Slot>)>, StoreError> {
        let (files, base) = (derived::files(&self.folder, Kind::Slots)?, store.base().batch);
        let fits = |(number, _): &(u64, PathBuf)| (base..=batch).contains(number);
        for (_, path) in files.into_iter().rev().filter(fits) {
            let file = path.clone();
            let snapshot = spawn_blocking(move || read(&file)).await;
            let snapshot = snapshot.expect("reading a snapshot does not panic")?;
            let Some(snapshot) = snapshot else {
                tracing::warn!(file = %path.display(), "this is no snapshot of slots: passed over");
                continue;
            };
            match store.batch(snapshot.batch).await? {
                Some(row) if row.sealed.post_root == snapshot.root => {
                    return Ok(Some((row, snapshot.slots)));
                }
                Some(_) | None => {
                    tracing::warn!(file = %path.display(), "another log's snapshot: passed over");
                }
            }
        }
        match store.batch(base).await? {
            Some(row) if base <= batch => Ok(Some((row, store.base_slots().await?))),
            Some(_) | None => Ok(None),
        }
    }

    /// Writes a snapshot.
    ///
    /// # Errors
    /// `Derived` when the file cannot be written.
    pub fn write(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let Snapshot { batch, root, slots } = snapshot;
        derived::write(&self.folder, Kind::Slots, *batch, |file| {
            let mut file = BufWriter::new(file);
            file.write_all(&MAGIC)?;
            file.write_all(&batch.to_be_bytes())?;
            file.write_all(&root.to_bytes())?;
            for slot in slots {
                file.write_all(&slot_bytes::encode(slot))?;
            }
            file.flush()
        })?;
        Ok(())
    }

    /// Writes a snapshot, and removes those that no start and no witness needs.
    ///
    /// # Errors
    /// `Derived` when a file cannot be written or removed; the store's errors.
    pub async fn keep(&self, store: &Store, snapshot: Snapshot) -> Result<(), StoreError> {
        let needed = store.last_finalised().await?.saturating_sub(FINALISED_WITNESSES_KEPT);
        let snapshots = self.clone();
        let write = move || {
            let (batch, slots) = (snapshot.batch, snapshot.slots.len());
            let _entered = tracing::info_span!("snapshot", batch, slots).entered();
            let start = Instant::now();
            snapshots.write(&snapshot)?;
            metrics::snapshot_written(start.elapsed());
            snapshots.remove_before(needed)
        };
        spawn_blocking(write).await.expect("writing a snapshot does not panic")
    }

    /// Removes every snapshot that is older than the newest one up to `batch`.
    ///
    /// # Errors
    /// `Derived` when a file cannot be removed.
    pub fn remove_before(&self, batch: u64) -> Result<(), StoreError> {
        let mut old: Vec<_> = derived::files(&self.folder, Kind::Slots)?
            .into_iter()
            .take_while(|(number, _)| *number <= batch)
            .collect();
        old.pop();
        old.iter().try_for_each(|(_, path)| derived::remove(path))
    }
}

/// Whether a snapshot is due, `entries` after the one before, of `slots` slots.
pub fn is_due(entries: u64, slots: usize) -> bool {
    entries >= SNAPSHOT_ENTRIES_MIN.max(slots as u64)
}

/// Keeps the snapshots that sealing sends. Runs for ever: when sealing has ended, sealing's own end
/// ends the process.
///
/// # Errors
/// `Derived` when a snapshot cannot be written; the store's errors.
pub async fn run(
    snapshots: Snapshots,
    store: Store,
    mut sent: mpsc::Receiver<Snapshot>,
) -> Result<Infallible, StoreError> {
    loop {
        let Some(snapshot) = sent.recv().await else { pending().await };
        snapshots.keep(&store, snapshot).await?;
    }
}

/// Reads a file; `None` when the file is no snapshot.
///
/// # Errors
/// `Derived` when the file cannot be read.
pub fn read(path: &Path) -> Result<Option<Snapshot>, StoreError> {
    let bytes = std::fs::read(path);
    let failed = |source| StoreError::Derived { path: path.to_owned(), source };
    bytes.map(|bytes| decode(&bytes)).map_err(failed)
}

/// Reads a snapshot; `None` when the bytes are none.
fn decode(bytes: &[u8]) -> Option<Snapshot> {
    let (header, slots) = bytes.split_first_chunk::<HEADER_BYTES>()?;
    let (magic, header) = header.split_first_chunk::<8>()?;
    let (batch, root) = header.split_first_chunk::<8>()?;
    if *magic != MAGIC {
        return None;
    }
    Some(Snapshot {
        batch: u64::from_be_bytes(*batch),
        root: Digest::from_bytes(root.try_into().ok()?)?,
        slots: slot_bytes::decode(slots)?,
    })
}
