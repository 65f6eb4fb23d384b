//! An archive file: consecutive blocks of the log, written once and never changed.
//!
//! | part | bytes |
//! |---|---|
//! | header | magic 8, chain id 32, contract 20, first block 8, last block 8 |
//! | a record for each block | number 8, batch 8, timestamp 4, executed_ms 8, closes 1, the body |
//! | an entry for each block | offset of the record 8, the first 8 bytes of the record's SHA3-256 |
//! | checksum | SHA3-256 of everything before, 32 |
//!
//! Integers are big-endian. `closes` is 0 where the block closes no batch, otherwise 1 for size, 2
//! for age, 3 for request. A record ends where the next one begins, the last one where the entries
//! begin. So one block is read, and compared with its entry, without the rest of the file.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use sha3::{Digest as _, Sha3_256};
use sheaf_ledger::l1_address::L1Address;

use super::{ArchiveError, RawBlock, RollupId};
use crate::atomic_file;
use crate::block::CloseReason;

/// The first bytes of every archive file. Another layout has another number.
const MAGIC: [u8; 8] = *b"sheafar1";
const HEADER_BYTES: usize = 76;
/// Bytes of a record before its body.
const COLUMN_BYTES: usize = 29;
const ENTRY_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 32;
const NAME: &str = "blocks";
/// Why a block closes its batch; the place in the list, from 1, is the code in a record.
const REASONS: [CloseReason; 3] = [CloseReason::Size, CloseReason::Age, CloseReason::Request];

/// An archive file whose header and last bytes were read.
#[derive(Debug)]
pub struct ArchiveFile {
    path: PathBuf,
    rollup: RollupId,
    first_block: u64,
    last_block: u64,
    checksum: [u8; CHECKSUM_BYTES],
    /// Where the entries begin.
    entries_at: u64,
}

/// The name of the file with these blocks.
pub(super) fn name(first: u64, last: u64) -> String {
    format!("{NAME}-{first:020}-{last:020}")
}

/// The first and the last block that a file's name gives; `None` for the name of another file.
pub(super) fn numbers_in(path: &Path) -> Option<(u64, u64)> {
    let found = path.file_name()?.to_str()?;
    let (first, last) = found.strip_prefix(NAME)?.strip_prefix('-')?.split_once('-')?;
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (found == name(first, last)).then_some((first, last))
}

impl ArchiveFile {
    /// Writes consecutive blocks to a file in `folder`. Returns the path.
    ///
    /// # Errors
    /// `Io` when the file cannot be written.
    pub fn write(
        folder: &Path,
        rollup: &RollupId,
        blocks: &[RawBlock],
    ) -> Result<PathBuf, ArchiveError> {
        let number = |block: Option<&RawBlock>| block.map_or(0, |block| block.number);
        let (first, last) = (number(blocks.first()), number(blocks.last()));
        let path = folder.join(name(first, last));
        let mut bytes = [&MAGIC[..], &rollup.chain_id, &rollup.contract.0].concat();
        bytes.extend([first, last].map(u64::to_be_bytes).as_flattened());
        let mut entries = Vec::with_capacity(blocks.len() * ENTRY_BYTES);
        for block in blocks {
            let start = bytes.len();
            push_record(&mut bytes, block);
            entries.extend((start as u64).to_be_bytes());
            entries.extend(digest_of(&bytes[start..]));
        }
        bytes.extend(entries);
        let checksum: [u8; CHECKSUM_BYTES] = Sha3_256::digest(&bytes).into();
        bytes.extend(checksum);
        match atomic_file::write(&path, |mut file| file.write_all(&bytes)) {
            Ok(()) => Ok(path),
            Err(source) => Err(ArchiveError::Io { path, source }),
        }
    }

    /// Reads header and checksum of a file, without checking records.
    ///
    /// # Errors
    /// `NotArchive` when the file begins with other bytes; `Damaged` when its length or its name do
    /// not fit its header; `Io`.
    pub fn open(path: &Path) -> Result<Self, ArchiveError> {
        let failed = |source| ArchiveError::Io { path: path.to_owned(), source };
        let damaged = || ArchiveError::Damaged { path: path.to_owned() };
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let mut header = [0; HEADER_BYTES];
        match file.read_exact_at(&mut header, 0) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(damaged()),
            read => read.map_err(failed)?,
        }
        if header[..8] != MAGIC {
            return Err(ArchiveError::NotArchive { path: path.to_owned() });
        }
        let rollup = RollupId {
            chain_id: header[8..40].try_into().expect("32 bytes"),
            contract: L1Address(header[40..60].try_into().expect("20 bytes")),
        };
        let first_block = u64::from_be_bytes(header[60..68].try_into().expect("8 bytes"));
        let last_block = u64::from_be_bytes(header[68..].try_into().expect("8 bytes"));
        if numbers_in(path) != Some((first_block, last_block)) || last_block < first_block {
            return Err(damaged());
        }
        let ending = (last_block - first_block)
            .checked_add(1)
            .and_then(|count| count.checked_mul(ENTRY_BYTES as u64))
            .and_then(|entries| entries.checked_add(CHECKSUM_BYTES as u64));
        let entries_at = ending
            .and_then(|ending| length.checked_sub(ending))
            .filter(|at| *at >= HEADER_BYTES as u64)
            .ok_or_else(damaged)?;
        let mut checksum = [0; CHECKSUM_BYTES];
        file.read_exact_at(&mut checksum, length - CHECKSUM_BYTES as u64).map_err(failed)?;
        let path = path.to_owned();
        Ok(Self { path, rollup, first_block, last_block, checksum, entries_at })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The rollup whose log has the blocks.
    pub const fn rollup(&self) -> &RollupId {
        &self.rollup
    }

    /// The first block of the file.
    pub const fn first_block(&self) -> u64 {
        self.first_block
    }

    /// The last block of the file.
    pub const fn last_block(&self) -> u64 {
        self.last_block
    }

    pub(super) const fn checksum(&self) -> &[u8; CHECKSUM_BYTES] {
        &self.checksum
    }

    /// Every block of the file, after the checksum was compared with all bytes.
    ///
    /// # Errors
    /// `Damaged` when the bytes are not those that were written; `Io`.
    pub fn read_whole(&self) -> Result<Vec<RawBlock>, ArchiveError> {
        let failed = |source| ArchiveError::Io { path: self.path.clone(), source };
        let is_whole = {
            let bytes = fs::read(&self.path).map_err(failed)?;
            bytes.split_last_chunk().is_some_and(|(content, checksum)| {
                *checksum == self.checksum && Sha3_256::digest(content)[..] == self.checksum
            })
        };
        if !is_whole {
            return Err(ArchiveError::Damaged { path: self.path.clone() });
        }
        self.read(self.first_block, self.last_block)
    }

    /// The blocks from `first` to `last`, which the file must have. Each is compared with its
    /// entry.
    ///
    /// # Errors
    /// `Damaged` when a record is not what was written; `Io`.
    pub(super) fn read(&self, first: u64, last: u64) -> Result<Vec<RawBlock>, ArchiveError> {
        let failed = |source| ArchiveError::Io { path: self.path.clone(), source };
        let damaged = || ArchiveError::Damaged { path: self.path.clone() };
        let file = File::open(&self.path).map_err(failed)?;
        // The record of the last block ends where the entry of the next one says.
        let until = if last < self.last_block { last + 1 } else { last };
        let count = usize::try_from(until - first + 1).expect("a file's blocks fit in memory");
        let mut entries = vec![0; count * ENTRY_BYTES];
        let at = self.entries_at + (first - self.first_block) * ENTRY_BYTES as u64;
        file.read_exact_at(&mut entries, at).map_err(failed)?;
        let (entries, _) = entries.as_chunks::<ENTRY_BYTES>();
        let mut ends: Vec<u64> = entries.iter().map(offset_of).collect();
        ends.push(self.entries_at);
        let mut blocks = Vec::new();
        for (number, (entry, span)) in (first..=last).zip(entries.iter().zip(ends.windows(2))) {
            if span[0] < HEADER_BYTES as u64 || span[0] > span[1] || span[1] > self.entries_at {
                return Err(damaged());
            }
            let length = usize::try_from(span[1] - span[0]).expect("a record fits in memory");
            let mut record = vec![0; length];
            file.read_exact_at(&mut record, span[0]).map_err(failed)?;
            let block = read_record(&record).filter(|block| block.number == number);
            if digest_of(&record) != entry[8..] {
                return Err(damaged());
            }
            blocks.push(block.ok_or_else(damaged)?);
        }
        Ok(blocks)
    }
}

fn offset_of(entry: &[u8; ENTRY_BYTES]) -> u64 {
    u64::from_be_bytes(entry[..8].try_into().expect("8 bytes of 16"))
}

/// What an entry says about its record beside the offset.
fn digest_of(record: &[u8]) -> [u8; 8] {
    Sha3_256::digest(record)[..8].try_into().expect("8 bytes of 32")
}

fn push_record(bytes: &mut Vec<u8>, block: &RawBlock) {
    bytes.extend(block.number.to_be_bytes());
    bytes.extend(block.batch.to_be_bytes());
    bytes.extend(block.timestamp.to_be_bytes());
    bytes.extend(block.executed_ms.to_be_bytes());
    let code = (1..).zip(REASONS).find(|(_, reason)| block.closes == Some(*reason));
    bytes.push(code.map_or(0, |(code, _)| code));
    bytes.extend(&block.body);
}

/// Reads a record; `None` when the bytes are none.
fn read_record(record: &[u8]) -> Option<RawBlock> {
    let (columns, body) = record.split_first_chunk::<COLUMN_BYTES>()?;
    let closes = match columns[28] {
        0 => None,
        code => Some(*REASONS.get(usize::from(code) - 1)?),
    };
    Some(RawBlock {
        number: u64::from_be_bytes(columns[..8].try_into().ok()?),
        batch: u64::from_be_bytes(columns[8..16].try_into().ok()?),
        timestamp: u32::from_be_bytes(columns[16..20].try_into().ok()?),
        executed_ms: u64::from_be_bytes(columns[20..28].try_into().ok()?),
        closes,
        body: body.to_vec(),
    })
}
