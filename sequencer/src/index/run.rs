//! A run: an immutable file with the places of consecutive blocks.
//!
//! The file has a header, then a record for each transaction, then a record for each movement.
//! Records have one length, are big-endian and sorted as bytes, so a binary search finds a
//! transaction by its id, and a slot's movements in the log's order.

use std::cmp::Ordering;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use sheaf_crypto::hash::Digest;

use super::TransactionPosition;
use super::recent::{Blocks, Recent};
use crate::derived::{self, Kind};
use crate::movement::LogPosition;
use crate::store::StoreError;

/// The first bytes of every run. Another layout has another number.
const MAGIC: [u8; 8] = *b"sheafix1";
/// Bytes of the header: the magic, the first and last block, the time of the last block, and the
/// counts of both kinds of records.
const HEADER_BYTES: usize = 48;
/// Bytes of a transaction's record: id, block, position.
const TRANSACTION_BYTES: usize = 44;
/// Bytes of a movement's record: slot, block, entry.
const MOVEMENT_BYTES: usize = 16;

/// An open run.
#[derive(Debug)]
pub(super) struct Run {
    path: PathBuf,
    file: File,
    blocks: Blocks,
    transactions: u64,
    movements: u64,
}

/// Opens the runs in `folder`, oldest first. Removes a file that is no run or does not continue the
/// run before it, or block `before`, and every later file.
///
/// # Errors
/// `Derived` when the folder cannot be read or written.
pub(super) fn open_all(folder: &Path, before: u64) -> Result<Vec<Run>, StoreError> {
    let mut runs: Vec<Run> = Vec::new();
    let mut is_continued = true;
    for (_, path) in derived::files(folder, Kind::Index)? {
        let next = runs.last().map_or(before, |run| run.blocks.last) + 1;
        let run = if is_continued { Run::open(&path)? } else { None };
        match run.filter(|run| run.blocks.first == next) {
            Some(run) => runs.push(run),
            None => {
                is_continued = false;
                derived::remove(&path)?;
            }
        }
    }
    Ok(runs)
}

impl Run {
    /// Writes the places of `recent` as a run in `folder`.
    ///
    /// # Errors
    /// `Derived` when the file cannot be written.
    pub(super) fn write(folder: &Path, recent: &Recent) -> Result<Self, StoreError> {
        let blocks = recent.blocks().expect("a run is written of at least one place");
        let transactions = transaction_records(recent);
        let movements = movement_records(recent);
        let path = derived::write(folder, Kind::Index, blocks.last, |file| {
            let mut file = BufWriter::new(file);
            file.write_all(&MAGIC)?;
            let counts = [transactions.len() as u64, movements.len() as u64];
            for number in [blocks.first, blocks.last, blocks.executed_ms].iter().chain(&counts) {
                file.write_all(&number.to_be_bytes())?;
            }
            file.write_all(transactions.as_flattened())?;
            file.write_all(movements.as_flattened())?;
            file.flush()
        })?;
        let reopened = Self::open(&path)?;
        Ok(reopened.expect("the run that was written has its length and its magic"))
    }

    /// Opens a file; `None` when the file is no run.
    fn open(path: &Path) -> Result<Option<Self>, StoreError> {
        let failed = |source| StoreError::Derived { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let mut header = [0; HEADER_BYTES];
        if length < HEADER_BYTES as u64 {
            return Ok(None);
        }
        file.read_exact_at(&mut header, 0).map_err(failed)?;
        let (magic, numbers) = header.split_at(MAGIC.len());
        let (numbers, _) = numbers.as_chunks::<8>();
        let numbers: [u64; 5] = std::array::from_fn(|index| u64::from_be_bytes(numbers[index]));
        let [first, last, executed_ms, transactions, movements] = numbers;
        let expected = (HEADER_BYTES as u64)
            .checked_add(transactions.saturating_mul(TRANSACTION_BYTES as u64))
            .and_then(|length| length.checked_add(movements.saturating_mul(MOVEMENT_BYTES as u64)));
        let is_run = magic == MAGIC && expected == Some(length);
        let (path, blocks) = (path.to_owned(), Blocks { first, last, executed_ms });
        Ok(is_run.then_some(Self { path, file, blocks, transactions, movements }))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) const fn first_block(&self) -> u64 {
        self.blocks.first
    }

    pub(super) const fn last_block(&self) -> u64 {
        self.blocks.last
    }

    /// When the last block was executed, Unix milliseconds.
    pub(super) const fn executed_ms(&self) -> u64 {
        self.blocks.executed_ms
    }

    /// Deletes the run's file.
    ///
    /// # Errors
    /// `Derived` when the file cannot be deleted.
    pub(super) fn remove(&self) -> Result<(), StoreError> {
        derived::remove(&self.path)
    }

    /// The place of a transaction; `None` if the run's blocks do not contain it.
    ///
    /// # Errors
    /// `Derived` when the file cannot be read.
    pub(super) fn transaction(
        &self,
        id: &Digest,
    ) -> Result<Option<TransactionPosition>, StoreError> {
        let mut key = [0; TRANSACTION_BYTES];
        key[..Digest::BYTES].copy_from_slice(&id.to_bytes());
        let section = Section { run: self, start: HEADER_BYTES as u64, count: self.transactions };
        let index = section.first_at_or_after(&key)?;
        if index == self.transactions {
            return Ok(None);
        }
        let record: [u8; TRANSACTION_BYTES] = section.record(index)?;
        let (found, place) = record.split_at(Digest::BYTES);
        let (block, position) = place.split_at(8);
        Ok((found == id.to_bytes()).then(|| TransactionPosition {
            block: u64::from_be_bytes(block.try_into().expect("8 bytes of 12")),
            position: u32::from_be_bytes(position.try_into().expect("4 bytes of 12")),
        }))
    }

    /// At most `limit` places before `before` at which a slot's balance moved, the newest first.
    ///
    /// # Errors
    /// `Derived` when the file cannot be read.
    pub(super) fn movements(
        &self,
        slot: u32,
        before: LogPosition,
        limit: usize,
    ) -> Result<Vec<LogPosition>, StoreError> {
        let start = HEADER_BYTES as u64 + self.transactions * TRANSACTION_BYTES as u64;
        let section = Section { run: self, start, count: self.movements };
        let end = section.first_at_or_after(&movement_record(slot, before))?;
        let mut found = Vec::new();
        for index in (0..end).rev().take(limit) {
            let record: [u8; MOVEMENT_BYTES] = section.record(index)?;
            let (its_slot, place) = record.split_at(4);
            if its_slot != slot.to_be_bytes() {
                break;
            }
            let (block, entry) = place.split_at(8);
            found.push(LogPosition {
                block: u64::from_be_bytes(block.try_into().expect("8 bytes of 12")),
                entry: u32::from_be_bytes(entry.try_into().expect("4 bytes of 12")),
            });
        }
        Ok(found)
    }
}

/// The records of one kind in a run's file.
struct Section<'a> {
    run: &'a Run,
    /// The offset of the first record.
    start: u64,
    count: u64,
}

impl Section<'_> {
    fn record<const N: usize>(&self, index: u64) -> Result<[u8; N], StoreError> {
        let mut record = [0; N];
        let read = self.run.file.read_exact_at(&mut record, self.start + index * N as u64);
        let failed = |source| StoreError::Derived { path: self.run.path.clone(), source };
        read.map_err(failed).map(|()| record)
    }

    /// The index of the first record that is not below `key`; the count if all are below.
    fn first_at_or_after<const N: usize>(&self, key: &[u8; N]) -> Result<u64, StoreError> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = u64::midpoint(low, high);
            match self.record::<N>(middle)?.cmp(key) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal | Ordering::Greater => high = middle,
            }
        }
        Ok(low)
    }
}

fn transaction_records(recent: &Recent) -> Vec<[u8; TRANSACTION_BYTES]> {
    let record = |(id, place): (&Digest, &TransactionPosition)| {
        let mut record = [0; TRANSACTION_BYTES];
        record[..32].copy_from_slice(&id.to_bytes());
        record[32..40].copy_from_slice(&place.block.to_be_bytes());
        record[40..].copy_from_slice(&place.position.to_be_bytes());
        record
    };
    let mut records: Vec<_> = recent.transactions().map(record).collect();
    records.sort_unstable();
    records
}

fn movement_records(recent: &Recent) -> Vec<[u8; MOVEMENT_BYTES]> {
    let places = recent.slots();
    let each = places.flat_map(|(slot, places)| places.iter().map(move |place| (slot, place)));
    let mut records: Vec<_> = each.map(|(slot, place)| movement_record(slot, *place)).collect();
    // Integers are compared faster than bytes, in the same order.
    records.sort_unstable_by_key(|record| u128::from_be_bytes(*record));
    records
}

fn movement_record(slot: u32, place: LogPosition) -> [u8; MOVEMENT_BYTES] {
    let mut record = [0; MOVEMENT_BYTES];
    record[..4].copy_from_slice(&slot.to_be_bytes());
    record[4..12].copy_from_slice(&place.block.to_be_bytes());
    record[12..].copy_from_slice(&place.entry.to_be_bytes());
    record
}
