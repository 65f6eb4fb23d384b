//! The bytes of a block's body in the log.
//!
//! Integers are little-endian and of fixed width, points and digests are encoded as in the
//! protocol, and a list follows its 32-bit count. A block's number, batch, timestamp, time of
//! execution and reason for closing are columns of its row, where SQL can read them, and not part
//! of the body.
//!
//! The first byte is the format's version. A log is kept for as long as its rollup lives, so every
//! version that was ever written must be read for ever. A change of the format gets the next
//! number, a reader of its own, and committed bytes beside those of version 1.

use sheaf_crypto::hash::Digest;
use sheaf_crypto::key::PublicKey;
use sheaf_crypto::signature::Signature;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::transaction::SignedMessage;
use thiserror::Error;

use super::{AppliedTransaction, Block, Change};
use crate::execution::Account;

/// The version of the bodies that this program writes.
const VERSION: u8 = 1;

/// Why a body cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MalformedBlock {
    #[error("the body of the block errs {remaining} bytes before its end: the database is damaged")]
    Bytes { remaining: usize },
    #[error(
        "the body of the block has format {found}, and this program reads format {VERSION}: start \
         the program that wrote it, or a newer one"
    )]
    UnknownVersion { found: u8 },
}

/// Bytes at the front of a body that a `Head` is read from.
pub(crate) const HEAD_BYTES: u32 = 17;

/// What the front of a body says of its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// How many requests of L1 the block consumed.
    pub requests: u32,
    /// How many entries the block has.
    pub entries: u32,
}

impl Head {
    /// Reads the first `HEAD_BYTES` bytes of a body.
    ///
    /// # Errors
    /// As `Block::decode_body`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, MalformedBlock> {
        let mut reader = Reader { bytes };
        reader.version()?;
        let counts = reader.take::<8>().and_then(|_| Some((reader.u32()?, reader.u32()?)));
        let (requests, entries) =
            counts.ok_or(MalformedBlock::Bytes { remaining: reader.bytes.len() })?;
        Ok(Self { requests, entries })
    }
}

impl Block {
    /// The bytes of the body: every field of the block that is no column of the block's row.
    pub fn encode_body(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(
            64 + self.entries.len() * 48 + self.transactions.len() * 180 + self.changes.len() * 16,
        );
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.first_request.to_le_bytes());
        bytes.extend_from_slice(&self.requests.to_le_bytes());
        put_count(&mut bytes, self.entries.len());
        self.entries.iter().for_each(|entry| entry.write(&mut bytes));
        put_count(&mut bytes, self.transactions.len());
        for transaction in &self.transactions {
            bytes.extend_from_slice(&transaction.first_entry.to_le_bytes());
            put_signature(&mut bytes, &transaction.signature);
        }
        put_count(&mut bytes, self.changes.len());
        for Change { slot, account } in &self.changes {
            bytes.extend_from_slice(&slot.to_le_bytes());
            bytes.extend_from_slice(&account.balance.to_le_bytes());
            bytes.extend_from_slice(&account.nonce.to_le_bytes());
        }
        bytes
    }

    /// Reads a body into a block whose columns are set already.
    ///
    /// # Errors
    /// `UnknownVersion` when the first byte is another version's; `Bytes` when there is no byte, or
    /// the bytes after the first are not exactly a body.
    pub fn decode_body(mut self, bytes: &[u8]) -> Result<Self, MalformedBlock> {
        let mut reader = Reader { bytes };
        reader.version()?;
        let block = self.fill(&mut reader).map(|()| self);
        match block {
            Some(block) if reader.bytes.is_empty() => Ok(block),
            _ => Err(MalformedBlock::Bytes { remaining: reader.bytes.len() }),
        }
    }

    fn fill(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        self.first_request = u64::from_le_bytes(reader.take()?);
        self.requests = reader.u32()?;
        self.entries = reader.list(Reader::entry)?;
        self.transactions = reader.list(|reader| {
            let first_entry = reader.u32()?;
            Some(AppliedTransaction::from_log(first_entry, reader.signature()?))
        })?;
        self.changes = reader.list(|reader| {
            let slot = reader.u32()?;
            let account = Account { balance: reader.u64()?, nonce: reader.u32()? };
            Some(Change { slot, account })
        })?;
        Some(())
    }
}

fn put_count(bytes: &mut Vec<u8>, count: usize) {
    let count = u32::try_from(count).expect("a block is far below 2^32 entries");
    bytes.extend_from_slice(&count.to_le_bytes());
}

fn put_signature(bytes: &mut Vec<u8>, signed: &SignedMessage) {
    let SignedMessage { key, address, message, signature } = signed;
    bytes.extend_from_slice(&key.to_bytes());
    bytes.extend_from_slice(&address.0);
    bytes.extend_from_slice(&message.to_bytes());
    bytes.extend_from_slice(&signature.to_bytes());
}

/// Reads from the front of `bytes`. Every method returns nothing when the bytes end or are
/// malformed.
struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.bytes.split_first_chunk::<N>()?;
        self.bytes = rest;
        Some(*head)
    }

    /// Reads the format's version, which must be this program's.
    fn version(&mut self) -> Result<(), MalformedBlock> {
        match self.take() {
            Some([VERSION]) => Ok(()),
            Some([found]) => Err(MalformedBlock::UnknownVersion { found }),
            None => Err(MalformedBlock::Bytes { remaining: 0 }),
        }
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.u32()? as usize;
        // A count that exceeds the remaining bytes ends the loop early, so the count alone must not
        // decide the size of the buffer.
        let mut items = Vec::with_capacity(count.min(self.bytes.len()));
        for _ in 0..count {
            items.push(read(self)?);
        }
        Some(items)
    }

    fn entry(&mut self) -> Option<Entry> {
        let (entry, rest) = Entry::read(self.bytes).ok()?;
        self.bytes = rest;
        Some(entry)
    }

    fn signature(&mut self) -> Option<SignedMessage> {
        let key = PublicKey::from_bytes(&self.take()?).ok()?;
        let address = L1Address(self.take()?);
        let message = Digest::from_bytes(self.take()?)?;
        let signature = Signature::from_bytes(&self.take()?).ok()?;
        Some(SignedMessage { key, address, message, signature })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sheaf_crypto::goldilocks::Fe;
    use sheaf_ledger::kind::KINDS;
    use sheaf_ledger::owner::Owner;

    use super::*;

    /// Of any kind, with any fields that can be read.
    fn entry() -> impl Strategy<Value = Entry> {
        let fields = prop::collection::vec(any::<u8>(), 64);
        (0..KINDS.len(), fields).prop_filter_map("an owner's elements are canonical", |entry| {
            let (kind, fields) = entry;
            let bytes = [&[KINDS[kind].kind.code()], &fields[..]].concat();
            Entry::read(&bytes).ok().map(|(entry, _)| entry)
        })
    }

    fn change() -> impl Strategy<Value = Change> {
        (any::<u32>(), any::<u64>(), any::<u32>())
            .prop_map(|(slot, balance, nonce)| Change { slot, account: Account { balance, nonce } })
    }

    fn block() -> impl Strategy<Value = Block> {
        let lists = (prop::collection::vec(entry(), 0..9), prop::collection::vec(change(), 0..5));
        (lists, any::<u64>(), any::<u32>()).prop_map(|(lists, first_request, requests)| Block {
            number: 3,
            batch: 2,
            timestamp: 7,
            executed_ms: 8,
            closes: None,
            first_request,
            requests,
            entries: lists.0,
            transactions: vec![AppliedTransaction::from_log(5, signed())],
            changes: lists.1,
        })
    }

    fn signed() -> SignedMessage {
        SignedMessage {
            key: PublicKey::from_elements([1, 2, 3, 4, 5].map(Fe::from_u64)),
            address: L1Address([6; 20]),
            message: Digest([7, 8, 9, 10].map(Fe::from_u64)),
            signature: Signature::from_bytes(&[0; Signature::BYTES]).expect("zeros can be read"),
        }
    }

    fn columns(block: &Block) -> Block {
        let (entries, transactions, changes) = (vec![], vec![], vec![]);
        let (first_request, requests) = (0, 0);
        Block { first_request, requests, entries, transactions, changes, ..block.clone() }
    }

    proptest! {
        #[test]
        fn bodies_go_round_and_every_cut_is_seen(block in block()) {
            let body = block.encode_body();
            prop_assert_eq!(columns(&block).decode_body(&body), Ok(block.clone()));
            for length in 0..body.len() {
                prop_assert!(columns(&block).decode_body(&body[..length]).is_err());
            }
            let longer = [body.as_slice(), &[0]].concat();
            let refused = Err(MalformedBlock::Bytes { remaining: 1 });
            prop_assert_eq!(columns(&block).decode_body(&longer), refused);
        }
    }

    #[test]
    fn a_count_beyond_the_bytes_asks_for_no_memory() {
        let mut body = vec![VERSION, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        body.extend_from_slice(&u32::MAX.to_le_bytes());
        let block = columns(&every_entry());
        assert_eq!(block.decode_body(&body), Err(MalformedBlock::Bytes { remaining: 0 }));
    }

    /// The bytes of `every_entry` in version 1. They are never changed: such bodies are in logs.
    const VERSION_1: &str = include_str!("../../tests/fixtures/block_body_version_1.hex");

    fn version_1() -> Vec<u8> {
        hex::decode(VERSION_1.split_whitespace().collect::<String>()).expect("hexadecimal digits")
    }

    /// A block with an entry of every kind.
    fn every_entry() -> Block {
        let owner = Owner([11, 12, 13].map(Fe::from_u64));
        let (valid_until, pot) = (1_800_000_000, 2);
        let entries = vec![
            Entry::Idle { slot: 1 },
            Entry::Open { slot: 2, owner, token: 0x0304 },
            Entry::Debit { slot: 3, total: 0x0506, fee: 7, valid_until, pot },
            Entry::Credit { slot: 4, amount: 1 << 61 },
            Entry::Withdraw {
                slot: 5,
                amount: 8,
                fee: 9,
                valid_until,
                pot,
                recipient: L1Address([0xaa; 20]),
            },
            Entry::Deposit { slot: 6, amount: 10 },
            Entry::Exit { slot: 7, owner },
            Entry::Collect { slot: u32::MAX, pot: 3 },
        ];
        let account = Account { balance: 0x0102_0304_0506_0708, nonce: 9 };
        Block {
            number: 3,
            batch: 2,
            timestamp: 7,
            executed_ms: 8,
            closes: None,
            first_request: 0x1112,
            requests: 2,
            entries,
            transactions: vec![AppliedTransaction { first_entry: 5, signature: signed() }],
            changes: vec![Change { slot: 2, account }],
        }
    }

    #[test]
    fn bodies_of_version_1_are_read_for_ever() {
        let block = every_entry();
        assert_eq!(columns(&block).decode_body(&version_1()), Ok(block.clone()));
        assert_eq!(block.encode_body(), version_1(), "this version is still written");
    }

    #[test]
    fn the_head_of_a_body_has_the_counts_of_requests_and_entries() {
        let (head, block) = (&version_1()[..HEAD_BYTES as usize], every_entry());
        let entries = u32::try_from(block.entries.len()).expect("a few");
        assert_eq!(Head::read(head), Ok(Head { requests: block.requests, entries }));
        let cut = Head::read(&head[..head.len() - 1]);
        assert_eq!(cut, Err(MalformedBlock::Bytes { remaining: 3 }));
        let unknown = Head::read(&[&[7], &head[1..]].concat());
        assert_eq!(unknown, Err(MalformedBlock::UnknownVersion { found: 7 }));
    }

    #[test]
    fn a_body_of_an_unknown_version_is_refused_by_its_number() {
        for found in [0, 2, 255] {
            let mut body = version_1();
            body[0] = found;
            let refused = columns(&every_entry()).decode_body(&body);
            assert_eq!(refused, Err(MalformedBlock::UnknownVersion { found }));
        }
    }
}
