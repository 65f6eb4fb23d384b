//! Chunks: a sealed batch cut into the parts that single leaf proofs cover. Each chunk leads from
//! one digest to another (`docs/protocol.md`, section 9).
//!
//! A caller passes the capacity of a circuit, or where entries are cut; this module depends on
//! nothing else of circuits.

use core::ops::Range;

use sheaf_crypto::hash::{Digest, Tag};

use crate::apply::Touch;
use crate::batch::SealedBatch;
use crate::binding::{Challenge, Cursor};
use crate::entry::Entry;
use crate::limits::TREE_DEPTH;
use crate::machine::Machine;
use crate::paths::PathWalk;
use crate::record::{Below62, Reader, Record, record_structs, serde_as_record};
use crate::rule_error::RuleError;
use crate::step::OwedSignature;
use crate::tag;
use crate::transaction::SignedMessage;
use crate::word::Word;

/// Consecutive entries, and the machines before and after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryChunk {
    /// The machine before the first entry.
    pub before: Machine,
    /// Every entry with its leaf and path before that entry.
    pub touches: Vec<Touch>,
    /// The signed messages that these entries owe, in order.
    pub signed: Vec<SignedMessage>,
    /// The machine after the last entry.
    pub after: Machine,
}

/// Consecutive links of the chain of signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureChunk {
    /// The chain before the first link.
    pub before: Digest,
    /// The signed messages in order, one for each link.
    pub messages: Vec<SignedMessage>,
    /// The chain after the last link.
    pub after: Digest,
}

/// One step of the cursor: a word, and the chain before the word was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CursorStep {
    /// The chain before the word was appended.
    pub previous: Digest,
    /// The word that the step removes from the chain.
    pub word: Word,
}

/// Consecutive steps of the cursor, which removes the last word of the chains first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataChunk {
    /// The cursor before the first step.
    pub before: Cursor,
    /// The steps in the cursor's order.
    pub steps: Vec<CursorStep>,
    /// The cursor after the last step.
    pub after: Cursor,
}

impl SealedBatch {
    /// The chunk of the entries in this range. Nothing when the range is empty or the batch does
    /// not have all these entries.
    pub fn entry_chunk(&self, range: Range<usize>) -> Option<EntryChunk> {
        if range.is_empty() || range.end > self.entries.len() {
            return None;
        }
        let mut walk = PathWalk::new(self);
        walk.skip(range.start);
        let before = walk.machine();
        let touches = walk.take(range.len());
        let signed = [range.start, range.end].map(|end| owed_signatures(&self.entries[..end]));
        let signed = self.signatures[signed[0]..signed[1]].to_vec();
        Some(EntryChunk { before, touches, signed, after: walk.machine() })
    }

    /// The machine before the first entry, and the machine after each entry at which a chunk ends.
    /// `ends` counts entries from the first one of the batch on, and rises.
    ///
    /// # Panics
    /// When `ends` does not rise.
    pub fn entry_machines(&self, ends: &[usize]) -> Vec<Machine> {
        let mut walk = PathWalk::new(self);
        let mut machines = vec![walk.machine()];
        let mut start = 0;
        for end in ends {
            walk.skip(end.checked_sub(start).expect("the ends of chunks rise"));
            machines.push(walk.machine());
            start = *end;
        }
        machines
    }

    /// The signatures in chunks of at most `capacity`. A batch without signatures gives one empty
    /// chunk, because a batch proof contains a proof of each kind.
    ///
    /// # Panics
    /// When `capacity` is zero.
    pub fn signature_chunks(&self, capacity: usize) -> Vec<SignatureChunk> {
        let mut chain = Digest::ZERO;
        let mut chunks: Vec<SignatureChunk> = self
            .signatures
            .chunks(capacity)
            .map(|messages| {
                let before = chain;
                for signed in messages {
                    let owed = OwedSignature { signer: signed.signer(), message: signed.message };
                    chain = owed.link(&chain);
                }
                SignatureChunk { before, messages: messages.to_vec(), after: chain }
            })
            .collect();
        if chunks.is_empty() {
            chunks.push(SignatureChunk { before: chain, messages: Vec::new(), after: chain });
        }
        chunks
    }

    /// The cursor's steps from the whole chains to zero, in chunks of `capacity`. If one chunk is
    /// shorter, it is the first: the circuit fills it with idle steps, which are harmless only
    /// while y is zero.
    ///
    /// # Panics
    /// When `capacity` is zero.
    pub fn data_chunks(&self, capacity: usize, z: Challenge) -> Vec<DataChunk> {
        let mut steps = links(&self.l1_words, tag::L1_LINK);
        steps.extend(links(&self.data_words, tag::DATA_LINK));
        steps.reverse();
        let mut cursor = Cursor::start(self.after.data, self.after.l1, z);
        let (short, full) = steps.split_at(steps.len() % capacity);
        let chunks = (!short.is_empty()).then_some(short).into_iter().chain(full.chunks(capacity));
        let chunks = chunks.map(|steps| {
            let before = cursor;
            for CursorStep { previous, word } in steps {
                cursor.step_back(*previous, word).expect("the words are those of the chains");
            }
            DataChunk { before, steps: steps.to_vec(), after: cursor }
        });
        chunks.collect()
    }
}

/// How many signatures the first entries of a batch owe: a withdrawal owes one, a transfer owes one
/// with its last Credit.
fn owed_signatures(entries: &[Entry]) -> usize {
    let mut remaining = 0;
    let owes = |entry: &&Entry| match **entry {
        Entry::Withdraw { .. } => true,
        Entry::Debit { total, .. } => {
            remaining = total;
            false
        }
        Entry::Credit { amount, .. } => {
            remaining -= amount;
            remaining == 0
        }
        _ => false,
    };
    entries.iter().filter(owes).count()
}

/// Each word with the chain before it.
fn links(words: &[Word], tag: Tag) -> Vec<CursorStep> {
    let links = words.iter().scan(Digest::ZERO, |chain, word| {
        let previous = *chain;
        *chain = word.link(tag, chain);
        Some(CursorStep { previous, word: *word })
    });
    links.collect()
}

record_structs! {
    EntryChunk { before, touches, signed, after }
    SignatureChunk { before, messages, after }
    CursorStep { previous, word }
    DataChunk { before, steps, after }
}

impl Record for Touch {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { entry, leaf, siblings } = self;
        entry.write(bytes);
        leaf.write(bytes);
        siblings.write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
        let (entry, leaf) = (Record::read(reader)?, Record::read(reader)?);
        let siblings = <[Digest; TREE_DEPTH]>::read(reader)?;
        Ok(Self { entry, leaf, siblings: Box::new(siblings) })
    }
}

impl Record for Cursor {
    fn write(&self, bytes: &mut Vec<u8>) {
        let Self { data, l1, z, y } = self;
        data.write(bytes);
        l1.write(bytes);
        z.map(Below62).write(bytes);
        y.map(Below62).write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
        let (data, l1) = (Record::read(reader)?, Record::read(reader)?);
        let z = <[Below62; 4]>::read(reader)?.map(|limb| limb.0);
        let y = <[Below62; 5]>::read(reader)?.map(|limb| limb.0);
        Ok(Self { data, l1, z, y })
    }
}

serde_as_record!(EntryChunk, SignatureChunk, DataChunk);
