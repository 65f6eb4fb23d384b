//! Snapshots: the slots after a sealed batch, in a file.
//!
//! A start and the witness of an old batch begin at a snapshot and run the log from there. A
//! snapshot is written when as many entries were sealed since the one before as there are slots, so
//! that a snapshot costs no entry more than its share. Snapshots are derived from the log: without
//! any, the log is run from its first block.

use std::convert::Infallible;
use std::future::pending;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use sheaf_crypto::hash::Digest;
use sheaf_ledger::owner::Owner;
use sheaf_ledger::slot::Slot;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::derived::{self, Kind};
use crate::limits::{FINALISED_WITNESSES_KEPT, SNAPSHOT_ENTRIES_MIN};
use crate::metrics;
use crate::store::{BatchRow, Store, StoreError};

/// The first bytes of every snapshot. Another layout has another number.
const MAGIC: [u8; 8] = *b"sheafsl1";
/// Bytes of the header: the magic, the batch, the root.
const HEADER_BYTES: usize = 48;
/// Bytes of a slot: owner, token, balance, nonce; integers are big-endian.
const SLOT_BYTES: usize = 38;

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
    /// `None` if no such batch has one. A file that cannot be read as a snapshot, or is not about
    /// the database's batch, is passed over.
    ///
    /// # Errors
    /// `Derived` when the folder cannot be read; the store's errors.
    pub async fn newest(
        &self,
        store: &Store,
        batch: u64,
    ) -> Result<Option<(BatchRow, Vec<Slot>)>, StoreError> {
        let files = derived::files(&self.folder, Kind::Slots)?;
        for (_, path) in files.into_iter().rev().filter(|(number, _)| *number <= batch) {
            let read = path.clone();
            let snapshot = spawn_blocking(move || std::fs::read(read).map(|bytes| decode(&bytes)))
                .await
                .expect("reading a snapshot does not panic")
                .map_err(|source| StoreError::Derived { path: path.clone(), source })?;
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
        Ok(None)
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
            for Slot { owner, token, balance, nonce } in slots {
                file.write_all(&owner.to_bytes())?;
                file.write_all(&token.to_be_bytes())?;
                file.write_all(&balance.to_be_bytes())?;
                file.write_all(&nonce.to_be_bytes())?;
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

/// Reads a snapshot; `None` when the bytes are none.
fn decode(bytes: &[u8]) -> Option<Snapshot> {
    let (header, slots) = bytes.split_first_chunk::<HEADER_BYTES>()?;
    let (magic, header) = header.split_first_chunk::<8>()?;
    let (batch, root) = header.split_first_chunk::<8>()?;
    let (slots, rest) = slots.as_chunks::<SLOT_BYTES>();
    if *magic != MAGIC || !rest.is_empty() {
        return None;
    }
    Some(Snapshot {
        batch: u64::from_be_bytes(*batch),
        root: Digest::from_bytes(root.try_into().ok()?)?,
        slots: slots.iter().map(decode_slot).collect::<Option<_>>()?,
    })
}

fn decode_slot(bytes: &[u8; SLOT_BYTES]) -> Option<Slot> {
    let (owner, rest) = bytes.split_first_chunk::<{ Owner::BYTES }>()?;
    let (token, rest) = rest.split_first_chunk::<2>()?;
    let (balance, nonce) = rest.split_first_chunk::<8>()?;
    Some(Slot {
        owner: Owner::from_bytes(*owner)?,
        token: u16::from_be_bytes(*token),
        balance: u64::from_be_bytes(*balance),
        nonce: u32::from_be_bytes(nonce.try_into().ok()?),
    })
}
