//! The binary form of `POST /v1/transactions`: an array of signed transactions, and the array of
//! their statuses (docs/protocol.md, section 11).
//!
//! The form says the same as the JSON, in two fifths of the bytes. Each value has one encoding: no
//! byte may be left over, and no field has a second spelling. A reader takes its memory for bytes
//! that are there, never for a count that it has only read.

use sheaf_crypto::hash::{Digest, bytes_from_hex};
use sheaf_ledger::{RuleError, SignedTransaction};
use thiserror::Error;

use super::{Stage, TransactionStatus};
use crate::error_body::ErrorDetail;

/// The media type of both arrays, in `Content-Type` and in `Accept`.
pub const MEDIA_TYPE: &str = "application/octet-stream";

/// The first byte of both arrays. Another layout has another version.
const VERSION: u8 = 1;

/// Bytes before the first element: version and count.
const HEADER: usize = 1 + 4;

/// Bytes of a transfer with one payment.
const TRANSFER_BYTES: usize = 27 + 32 + 140;

/// Bytes of the status of an executed transaction: stage, fields, id, block.
const EXECUTED_BYTES: usize = 1 + 1 + 32 + 8;

// The bits of a status's second byte: each says that the field follows, in this order.
const ID: u8 = 1 << 0;
const BLOCK: u8 = 1 << 1;
const POSITION: u8 = 1 << 2;
const BATCH: u8 = 1 << 3;
const L1_TRANSACTION: u8 = 1 << 4;
const ERROR: u8 = 1 << 5;
/// Only beside an error.
const RETRY_AFTER: u8 = 1 << 6;
const FIELDS: u8 = ID | BLOCK | POSITION | BATCH | L1_TRANSACTION | ERROR | RETRY_AFTER;

/// Why bytes are not an array of transactions or statuses. Offsets count from the array's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BinaryError {
    #[error("the first byte is {found}, and the binary form of this program has version {VERSION}")]
    UnknownVersion { found: u8 },
    #[error("an array has 1 to {count_max} transactions, and this one has {count}")]
    Count { count: u32, count_max: usize },
    /// The position counts from 0.
    #[error("the transaction at position {position} cannot be read: {rule}")]
    Transaction { position: usize, rule: RuleError },
    #[error("the bytes end or err at byte {offset}")]
    Malformed { offset: usize },
    #[error("the array ends at byte {offset}, and the bytes go on")]
    BytesLeft { offset: usize },
}

/// The bytes of an array of transactions.
///
/// # Panics
/// When there are 2^32 transactions or more.
pub fn encode_transactions(transactions: &[SignedTransaction]) -> Vec<u8> {
    let mut bytes = begin(transactions.len(), TRANSFER_BYTES);
    transactions.iter().for_each(|transaction| transaction.write(&mut bytes));
    bytes
}

/// Reads what `encode_transactions` writes, if there are 1 to `count_max` transactions.
///
/// # Errors
/// `Count` for another number of transactions, before any of them is read; `UnknownVersion`,
/// `Transaction`, `Malformed` or `BytesLeft` when the bytes are not such an array.
pub fn decode_transactions(
    bytes: &[u8],
    count_max: usize,
) -> Result<Vec<SignedTransaction>, BinaryError> {
    let mut reader = Reader { bytes, offset: 0 };
    let count = reader.count()?;
    if count == 0 || count as usize > count_max {
        return Err(BinaryError::Count { count, count_max });
    }
    let room = (bytes.len() - reader.offset) / TRANSFER_BYTES;
    let mut transactions = Vec::with_capacity(room.min(count as usize));
    for position in 0..count as usize {
        let read = SignedTransaction::read(bytes, reader.offset);
        let refused = |rule| BinaryError::Transaction { position, rule };
        let (transaction, end) = read.map_err(refused)?;
        transactions.push(transaction);
        reader.offset = end;
    }
    reader.end(transactions)
}

/// The bytes of the statuses of an array. The form has neither `durable`, which follows from the
/// stage, nor an error's transaction, which is the status's id.
///
/// # Panics
/// When a status has an L1 transaction that is not `0x` and 64 digits, or there are 2^32 statuses
/// or more.
pub fn encode_statuses(statuses: &[TransactionStatus]) -> Vec<u8> {
    let mut bytes = begin(statuses.len(), EXECUTED_BYTES);
    statuses.iter().for_each(|status| write_status(status, &mut bytes));
    bytes
}

/// Reads what `encode_statuses` writes.
///
/// # Errors
/// `UnknownVersion`, `Malformed` or `BytesLeft` when the bytes are not such an array.
pub fn decode_statuses(bytes: &[u8]) -> Result<Vec<TransactionStatus>, BinaryError> {
    let mut reader = Reader { bytes, offset: 0 };
    let mut statuses = Vec::new();
    for _ in 0..reader.count()? {
        statuses.push(reader.status()?);
    }
    reader.end(statuses)
}

/// Version and count, in a buffer for so many elements of about `each` bytes.
fn begin(count: usize, each: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER + count * each);
    bytes.push(VERSION);
    write_length(count, &mut bytes);
    bytes
}

fn write_length(length: usize, bytes: &mut Vec<u8>) {
    let length = u32::try_from(length).expect("a list or a text is far below 2^32 long");
    bytes.extend(length.to_le_bytes());
}

fn write_text(text: &str, bytes: &mut Vec<u8>) {
    write_length(text.len(), bytes);
    bytes.extend(text.as_bytes());
}

fn write_status(status: &TransactionStatus, bytes: &mut Vec<u8>) {
    let TransactionStatus { id, stage, durable: _, block, position, batch, l1_transaction, error } =
        status;
    let bit = |field, is_there| if is_there { field } else { 0 };
    let fields = bit(ID, id.is_some())
        | bit(BLOCK, block.is_some())
        | bit(POSITION, position.is_some())
        | bit(BATCH, batch.is_some())
        | bit(L1_TRANSACTION, l1_transaction.is_some())
        | bit(ERROR, error.is_some())
        | bit(RETRY_AFTER, error.as_ref().is_some_and(|error| error.retry_after_s.is_some()));
    bytes.extend([*stage as u8, fields]);
    bytes.extend(id.iter().flat_map(|id| id.to_bytes()));
    bytes.extend(block.iter().flat_map(|block| block.to_le_bytes()));
    bytes.extend(position.iter().flat_map(|position| position.to_le_bytes()));
    bytes.extend(batch.iter().flat_map(|batch| batch.to_le_bytes()));
    if let Some(l1_transaction) = l1_transaction {
        let hash: [u8; 32] = bytes_from_hex(l1_transaction).expect("a hash is 0x and 64 digits");
        bytes.extend(hash);
    }
    if let Some(ErrorDetail { code, message, transaction: _, retry_after_s }) = error {
        write_text(code, bytes);
        write_text(message, bytes);
        bytes.extend(retry_after_s.iter().flat_map(|seconds| seconds.to_le_bytes()));
    }
}

/// A position in the bytes of an array.
struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl Reader<'_> {
    const fn malformed(&self) -> BinaryError {
        BinaryError::Malformed { offset: self.offset }
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], BinaryError> {
        let next = self.bytes.get(self.offset..).and_then(|rest| rest.first_chunk());
        let chunk = *next.ok_or(self.malformed())?;
        self.offset += N;
        Ok(chunk)
    }

    fn count(&mut self) -> Result<u32, BinaryError> {
        match self.take()? {
            [VERSION] => self.take().map(u32::from_le_bytes),
            [found] => Err(BinaryError::UnknownVersion { found }),
        }
    }

    fn end<T>(self, value: T) -> Result<T, BinaryError> {
        let is_end = self.offset == self.bytes.len();
        if is_end { Ok(value) } else { Err(BinaryError::BytesLeft { offset: self.offset }) }
    }

    fn text(&mut self) -> Result<String, BinaryError> {
        let refused = self.malformed();
        let length = u32::from_le_bytes(self.take()?) as usize;
        let text = self.bytes.get(self.offset..).and_then(|rest| rest.get(..length));
        let text = text.and_then(|text| str::from_utf8(text).ok()).ok_or(refused)?;
        self.offset += length;
        Ok(text.to_owned())
    }

    fn status(&mut self) -> Result<TransactionStatus, BinaryError> {
        let refused = self.malformed();
        let [stage, fields] = self.take()?;
        let stage = *Stage::ALL.get(usize::from(stage)).ok_or(refused)?;
        let has = |field| fields & field != 0;
        if fields & !FIELDS != 0 || has(RETRY_AFTER) && !has(ERROR) {
            return Err(refused);
        }
        let id = has(ID).then(|| self.digest()).transpose()?;
        let block = has(BLOCK).then(|| self.take().map(u64::from_le_bytes)).transpose()?;
        let position = has(POSITION).then(|| self.take().map(u32::from_le_bytes)).transpose()?;
        let batch = has(BATCH).then(|| self.take().map(u64::from_le_bytes)).transpose()?;
        let l1_transaction = has(L1_TRANSACTION).then(|| self.l1_hash()).transpose()?;
        let error = has(ERROR).then(|| self.error(id, has(RETRY_AFTER))).transpose()?;
        let durable = stage.is_durable();
        Ok(TransactionStatus { id, stage, durable, block, position, batch, l1_transaction, error })
    }

    fn digest(&mut self) -> Result<Digest, BinaryError> {
        let refused = self.malformed();
        Digest::from_bytes(self.take()?).ok_or(refused)
    }

    fn l1_hash(&mut self) -> Result<String, BinaryError> {
        Ok(format!("0x{}", hex::encode(self.take::<32>()?)))
    }

    fn error(
        &mut self,
        transaction: Option<Digest>,
        may_pass: bool,
    ) -> Result<ErrorDetail, BinaryError> {
        let (code, message) = (self.text()?, self.text()?);
        let retry_after_s = may_pass.then(|| self.take().map(u64::from_le_bytes)).transpose()?;
        Ok(ErrorDetail { code, message, transaction, retry_after_s })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_has_the_code_of_its_place() {
        for (code, stage) in Stage::ALL.into_iter().enumerate() {
            assert_eq!(stage as usize, code);
        }
    }
}
