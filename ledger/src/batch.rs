//! Batches: entries collected under the limits, with their signatures, and sealed.
//!
//! A sealed batch contains everything from which its proofs and its L1 transaction are made. This
//! module compares signers and messages, but verifies no signature, because admission has verified
//! each. The caller decides when a batch ends.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use sheaf_crypto::hash::Digest;

use crate::binding::BatchHeader;
use crate::data_reference::{DataReference, words_reference};
use crate::digests::{Links, owed_signatures, signers};
use crate::domain::Domain;
use crate::entry::Entry;
use crate::limits::{DATA_WORDS_MAX, L1_WORDS_MAX};
use crate::machine::Machine;
use crate::multiproof::{Multiproof, PartialTree};
use crate::record::{Reader, Record, serde_as_record};
use crate::rule_error::RuleError;
use crate::run::Run;
use crate::slot::Leaf;
use crate::state_view::StateView;
use crate::step::{OwedSignature, Ruled};
use crate::transaction::SignedMessage;
use crate::tree::SlotTree;
use crate::tree_update::TreeUpdate;
use crate::word::Word;

/// Collects the entries and signatures of one batch, over the state before the batch.
#[derive(Debug, Clone)]
pub struct BatchBuilder<'a, V = SlotTree> {
    view: &'a V,
    run: Run<'a, V>,
    entries: Vec<Entry>,
    signatures: Vec<SignedMessage>,
    links: Links,
}

impl<'a, V: StateView> BatchBuilder<'a, V> {
    /// An empty batch over the state `view`. `timestamp` is the time of every entry, in Unix
    /// seconds.
    pub fn new(view: &'a V, domain: Domain, timestamp: u32) -> Self {
        Self {
            view,
            run: Run::new(view, domain, timestamp),
            entries: Vec::new(),
            signatures: Vec::new(),
            links: Links::default(),
        }
    }

    /// The machine after the last entry, but for its root and its digests, which stay those before
    /// the batch until the batch is sealed.
    pub const fn machine(&self) -> &Machine {
        self.run.machine()
    }

    /// The leaf of a slot after the last entry.
    ///
    /// # Errors
    /// `SlotNotRecorded` if the view does not contain the slot.
    pub fn leaf(&self, slot: u32) -> Result<Leaf, RuleError> {
        self.run.leaf(slot)
    }

    /// Appends entries that leave no transaction running, and the signatures of the transactions
    /// that the entries complete, in the same order. On error the batch is unchanged.
    ///
    /// # Errors
    /// The errors of `Machine::step` and `leaf`; `TransactionRunning` if the last transfer is not
    /// paid out; `TooManyDataWords` or `TooManyL1Words` if the batch would exceed a limit;
    /// `SignatureMissing` or `SignatureUnexpected` if there are too few or too many signatures;
    /// `SignatureMismatch` if a signature has another signer or message than its transaction.
    pub fn push(&mut self, entries: &[Entry], signed: &[SignedMessage]) -> Result<(), RuleError> {
        self.push_all(&[(entries, signed)])
    }

    /// Appends several groups, each as `push` does, with the same results: messages and signers of
    /// all groups are hashed side by side, which is faster. On error the batch is unchanged.
    ///
    /// # Errors
    /// As `push`.
    pub fn push_all(&mut self, groups: &[(&[Entry], &[SignedMessage])]) -> Result<(), RuleError> {
        let rehearsed = self.run.rehearse(groups.iter().map(|(entries, _)| *entries))?;
        let Machine { domain, data_words, l1_words, .. } = rehearsed.machine;
        if data_words > DATA_WORDS_MAX {
            return Err(RuleError::TooManyDataWords { words: data_words });
        }
        if l1_words > L1_WORDS_MAX {
            return Err(RuleError::TooManyL1Words { words: l1_words });
        }
        let ruled = &rehearsed.ruled;
        let owed = owed_signatures(ruled, &domain);
        check_signatures(groups, ruled, &owed)?;
        for (entries, signed) in groups {
            self.entries.extend(*entries);
            self.signatures.extend(*signed);
        }
        let links = &mut self.links;
        links.data_words.extend(ruled.iter().filter_map(|one| one.data_word));
        links.l1_words.extend(ruled.iter().filter_map(|one| one.l1_words).flatten());
        links.signatures.extend(owed);
        self.run.commit(rehearsed);
        Ok(())
    }

    /// Seals the batch under its number. The first batch has the number 1.
    ///
    /// # Errors
    /// `PotNotCollected` if a pot still has fees; `EmptyBatch` if the batch publishes nothing.
    pub fn seal(self, number: u64) -> Result<SealedBatch, RuleError> {
        let Self { view, run, entries, signatures, links } = self;
        run.machine().check_settled()?;
        if links.data_words.is_empty() {
            return Err(RuleError::EmptyBatch);
        }
        let (before, machine) = (*run.before(), *run.machine());
        let leaves = run.finish();
        let changed = || leaves.iter().map(|(slot, leaf)| (*slot, *leaf));
        // The chains are the longest part that nothing can share out.
        let (machine, (opening, update)) = rayon::join(
            || links.append_to(machine),
            || {
                rayon::join(
                    || Multiproof::new(view, leaves.keys().copied()),
                    || TreeUpdate::new(view, changed()),
                )
            },
        );
        let (opening, update) = (opening?, update?);
        let after = Machine { root: update.root(), ..machine };
        let Links { data_words, l1_words, signatures: _ } = links;
        Ok(SealedBatch {
            number,
            opening,
            before,
            entries,
            leaves,
            signatures,
            data_words,
            l1_words,
            after,
            update,
            opened: Opened::default(),
        })
    }
}

/// Checks that each group has exactly the signatures that its entries owe. `ruled` are the results
/// of all entries, and `owed` is what they owe.
fn check_signatures(
    groups: &[(&[Entry], &[SignedMessage])],
    mut ruled: &[Ruled],
    mut owed: &[OwedSignature],
) -> Result<(), RuleError> {
    let signed: Vec<SignedMessage> =
        groups.iter().flat_map(|(_, signed)| *signed).copied().collect();
    let mut given = signed.iter().zip(signers(&signed));
    for (entries, signed) in groups {
        let (of_group, ruled_left) = ruled.split_at(entries.len());
        let count = of_group.iter().filter(|one| one.signer.is_some()).count();
        let (owed_by_group, owed_left) = owed.split_at(count);
        for (owed, (given, signer)) in owed_by_group.iter().zip(given.by_ref().take(signed.len())) {
            if given.message != owed.message || signer != owed.signer {
                return Err(RuleError::SignatureMismatch);
            }
        }
        match signed.len().cmp(&count) {
            Ordering::Less => return Err(RuleError::SignatureMissing),
            Ordering::Greater => return Err(RuleError::SignatureUnexpected),
            Ordering::Equal => (ruled, owed) = (ruled_left, owed_left),
        }
    }
    Ok(())
}

/// A batch that satisfies every rule, with everything that its proofs need.
///
/// The bytes of a batch are its number, the machine's start, the multiproof, the entries and the
/// signatures. Reading the bytes runs the entries again, so a batch that was read is consistent by
/// construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedBatch {
    /// The batch's number. The first batch has the number 1.
    pub number: u64,
    /// The leaves that the batch touches, as they are before the batch, and their paths.
    pub opening: Multiproof,
    /// The machine before the first entry.
    pub before: Machine,
    /// The entries in order.
    pub entries: Vec<Entry>,
    /// Every touched slot with its leaf after the batch.
    pub leaves: BTreeMap<u32, Leaf>,
    /// The signed messages in order, one for each link of the chain of signatures.
    pub signatures: Vec<SignedMessage>,
    /// The data words in order, to which D commits.
    pub data_words: Vec<Word>,
    /// The L1 words in order, to which L commits.
    pub l1_words: Vec<Word>,
    /// The machine after the last entry.
    pub after: Machine,
    /// The nodes of the slot tree above the touched leaves, after the batch.
    update: TreeUpdate,
    opened: Opened,
}

/// The tree that a batch's multiproof opens to, which a batch that was read has opened already. The
/// tree follows from the batch's other fields, so it makes no two batches different.
#[derive(Debug, Clone, Default)]
struct Opened(Option<Arc<PartialTree>>);

impl PartialEq for Opened {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Opened {}

impl SealedBatch {
    /// The batch's time, in Unix seconds.
    pub const fn timestamp(&self) -> u32 {
        self.before.timestamp
    }

    /// The part of the slot tree that the batch touches, as it is before the batch.
    pub(crate) fn tree_before(&self) -> Arc<PartialTree> {
        self.opened.0.clone().unwrap_or_else(|| {
            let opened = self.opening.open(self.before.next_slot);
            Arc::new(opened.expect("a sealed batch's multiproof is whole"))
        })
    }

    /// The State digest before the batch.
    pub fn pre(&self) -> Digest {
        self.before.state()
    }

    /// The State digest after the batch.
    pub fn post(&self) -> Digest {
        self.after.state()
    }

    /// Updates the tree from the state before the batch to the state after it. Hashes nothing:
    /// sealing has hashed every node that changes.
    ///
    /// # Errors
    /// `RootMismatch` if the tree is not at the state before the batch, and is then unchanged.
    pub fn update(&self, tree: &mut SlotTree) -> Result<(), RuleError> {
        tree.update(&self.update)
    }

    /// The values from which z is hashed. `data_reference` names the batch's data words on L1.
    pub fn header(&self, data_reference: DataReference) -> BatchHeader {
        BatchHeader {
            data_reference,
            l1_reference: words_reference(&self.l1_words),
            pre: self.pre(),
            post: self.post(),
            chains: self.after.chains(),
            number: self.number,
            timestamp: self.timestamp(),
        }
    }
}

impl Record for SealedBatch {
    fn write(&self, bytes: &mut Vec<u8>) {
        self.number.write(bytes);
        self.before.domain.write(bytes);
        self.before.timestamp.write(bytes);
        self.before.next_slot.write(bytes);
        self.before.root.write(bytes);
        self.opening.write(bytes);
        self.entries.write(bytes);
        self.signatures.write(bytes);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
        let number = u64::read(reader)?;
        let domain = Domain::read(reader)?;
        let timestamp = u32::read(reader)?;
        let next_slot = u64::read(reader)?;
        let refused = reader.malformed();
        let root = Digest::read(reader)?;
        let part: PartialTree = Multiproof::read(reader)?.open(next_slot)?;
        if part.root() != root {
            return Err(refused);
        }
        let entries = Vec::<Entry>::read(reader)?;
        let signatures = Vec::<SignedMessage>::read(reader)?;
        let mut builder = BatchBuilder::new(&part, domain, timestamp);
        builder.push(&entries, &signatures)?;
        let sealed = builder.seal(number)?;
        Ok(Self { opened: Opened(Some(Arc::new(part))), ..sealed })
    }
}

serde_as_record!(SealedBatch);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::l1_address::L1Address;
    use crate::owner::Owner;

    /// A prover reads a batch and then asks for the tree, which is opened once.
    #[test]
    fn a_batch_that_was_read_has_opened_its_multiproof() {
        let (tree, domain) = (SlotTree::new(), Domain::on_chain(1, L1Address([7; 20])));
        let mut builder = BatchBuilder::new(&tree, domain, 1);
        let open = Entry::Open { slot: 0, owner: Owner::default(), token: 0 };
        builder.push(&[open], &[]).expect("a slot is opened");
        let sealed = builder.seal(1).expect("the batch publishes a word");
        let read = SealedBatch::from_bytes(&sealed.to_bytes()).expect("it reads as it was");
        assert!(Arc::ptr_eq(&read.tree_before(), &read.tree_before()));
        assert!(!Arc::ptr_eq(&sealed.tree_before(), &sealed.tree_before()));
        assert_eq!(read.tree_before().root(), sealed.tree_before().root());
        assert_eq!(read, sealed);
    }
}
