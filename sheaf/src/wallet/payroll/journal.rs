//! The journal of a payroll: which transfers were signed, and what became of each. The journal lies
//! beside the file, so that the command can be stopped and run again without paying twice.
//!
//! A record is on disk before its transfer is sent. A record that a crash has cut off was never
//! followed by its transfer, so that it counts as not written.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy::primitives::B256;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use sheaf_crypto::hash::Digest;
use sheaf_ledger::{L1Address, Owner, SignedTransaction};

use crate::file_lock::lock;
use crate::whole_file::PRIVATE;

/// What a journal is about. Another file, payer or token has another journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Subject {
    /// The keccak256 hash of the payroll's file.
    pub file: B256,
    pub owner: Owner,
    pub chain_id: u64,
    pub contract: L1Address,
    pub token: u16,
}

/// A line of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Record {
    Subject(Subject),
    /// A transfer that may be sent from now on, with the part of the payroll that it pays.
    Signed {
        part: usize,
        sent: Sent,
    },
    /// The sequencer has refused a transfer that it had never seen before.
    Refused {
        part: usize,
    },
    /// The transfer of a part is durable.
    Executed {
        part: usize,
    },
}

/// A transfer that was signed for a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sent {
    pub id: Digest,
    /// L2 units.
    pub fee: u64,
    pub transaction: SignedTransaction,
}

/// What is known of a part's transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// The transfer may have been executed.
    Open(Sent),
    Executed(Sent),
}

/// A journal that no other process writes.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    parts: BTreeMap<usize, Standing>,
}

impl Journal {
    /// Opens the journal, or makes a new one, and locks it for this process.
    ///
    /// # Errors
    /// When another process pays by this journal; when the journal is about another payroll; when
    /// it cannot be read or written, or is no journal.
    pub(super) fn open(path: &Path, subject: &Subject) -> Result<Self> {
        let shown = path.display();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(PRIVATE);
        let file = options.open(path).with_context(|| format!("cannot open {shown}"))?;
        ensure!(lock(&file, path, Duration::ZERO)?, "another process pays by {shown}");
        let mut journal = Self { path: path.to_owned(), file, parts: BTreeMap::new() };
        match journal.read().with_context(|| format!("{shown} is no journal of this version"))? {
            None => journal.append(&Record::Subject(subject.clone()))?,
            Some(found) => ensure!(
                found == *subject,
                "{shown} is about other payments: the file, the wallet, the rollup or the token \
                 has changed since. Move the journal away if nothing of this file was paid yet"
            ),
        }
        Ok(journal)
    }

    /// Reads what is there, and cuts off a record that a crash left incomplete.
    fn read(&mut self) -> Result<Option<Subject>> {
        let mut text = String::new();
        self.file.read_to_string(&mut text)?;
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        self.file.set_len(whole as u64)?;
        self.file.seek(SeekFrom::End(0))?;
        let mut subject = None;
        for line in text[..whole].lines() {
            match serde_json::from_str(line)? {
                Record::Subject(found) => subject = Some(found),
                Record::Signed { part, sent } => _ = self.parts.insert(part, Standing::Open(sent)),
                Record::Refused { part } => _ = self.parts.remove(&part),
                Record::Executed { part } => self.close(part),
            }
        }
        Ok(subject)
    }

    fn close(&mut self, part: usize) {
        if let Some(Standing::Open(sent)) = self.parts.remove(&part) {
            self.parts.insert(part, Standing::Executed(sent));
        }
    }

    /// What is known of a part; `None` when nothing was signed for it, or the sequencer has refused
    /// what was.
    pub(super) fn part(&self, part: usize) -> Option<&Standing> {
        self.parts.get(&part)
    }

    /// Whether a part's transfer is durable.
    pub(super) fn is_executed(&self, part: usize) -> bool {
        matches!(self.part(part), Some(Standing::Executed(_)))
    }

    /// Notes a transfer before it is sent.
    ///
    /// # Errors
    /// When the journal cannot be written; then the transfer must not be sent.
    pub(super) fn signed(&mut self, part: usize, sent: &Sent) -> Result<()> {
        self.append(&Record::Signed { part, sent: sent.clone() })?;
        self.parts.insert(part, Standing::Open(sent.clone()));
        Ok(())
    }

    /// Notes that the sequencer has refused a transfer that it had never seen before.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub(super) fn refused(&mut self, part: usize) -> Result<()> {
        self.append(&Record::Refused { part })?;
        self.parts.remove(&part);
        Ok(())
    }

    /// Notes that a part's transfer is durable.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub(super) fn executed(&mut self, part: usize) -> Result<()> {
        self.append(&Record::Executed { part })?;
        self.close(part);
        Ok(())
    }

    fn append(&mut self, record: &Record) -> Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        let written = self.file.write_all(&line).and_then(|()| self.file.sync_data());
        written.with_context(|| format!("cannot write {}", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use sheaf_crypto::key::SecretKey;
    use sheaf_ledger::transaction::{Payment, Transfer};
    use sheaf_ledger::{Domain, Transaction};
    use tempfile::TempDir;

    use super::*;

    fn subject() -> Subject {
        let (owner, contract) = (Owner::default(), L1Address([7; 20]));
        Subject { file: B256::ZERO, owner, chain_id: 31_337, contract, token: 0 }
    }

    fn sent(nonce: u32) -> Sent {
        let contract = L1Address([7; 20]);
        let domain = Domain::on_chain(31_337, contract);
        let secret = SecretKey::from_bytes(&[7; 40]).expect("it is below the order");
        let payments = vec![Payment { owner: Owner::default(), amount: 1 }];
        let transaction = Transaction::Transfer(Transfer {
            slot: 0,
            token: 0,
            nonce,
            fee: 1,
            valid_until: 1,
            payments,
        });
        let id = transaction.message(&domain).expect("it has a form");
        let transaction =
            SignedTransaction::sign(transaction, &domain, (&secret, contract), &mut rand::rng())
                .expect("it has a form");
        Sent { id, fee: 1, transaction }
    }

    fn place() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("payroll.csv.journal");
        (folder, path)
    }

    #[test]
    fn a_journal_knows_after_a_crash_what_it_knew_before() {
        let (_folder, path) = place();
        let (first, second, third) = (sent(0), sent(1), sent(2));
        let mut journal = Journal::open(&path, &subject()).expect("it is new");
        journal.signed(0, &first).expect("writable");
        journal.executed(0).expect("writable");
        journal.signed(1, &second).expect("writable");
        journal.refused(1).expect("writable");
        journal.signed(2, &third).expect("writable");
        drop(journal);
        // A crash has cut off the next record.
        let mut text = fs::read_to_string(&path).expect("it is there");
        text.push_str("{\"executed\":{\"pa");
        fs::write(&path, text).expect("it is ours");
        for _ in 0..2 {
            let journal = Journal::open(&path, &subject()).expect("it is ours");
            assert_eq!(journal.part(0), Some(&Standing::Executed(first.clone())));
            assert_eq!(journal.part(1), None);
            assert_eq!(journal.part(2), Some(&Standing::Open(third.clone())));
        }
    }

    #[test]
    fn a_journal_of_another_payroll_is_refused() {
        let (_folder, path) = place();
        drop(Journal::open(&path, &subject()).expect("it is new"));
        let other = Subject { file: B256::repeat_byte(1), ..subject() };
        let said = format!("{:#}", Journal::open(&path, &other).expect_err("another file"));
        assert!(said.contains("is about other payments"), "{said}");
        fs::write(&path, "a,b\n").expect("it is ours");
        let said = format!("{:#}", Journal::open(&path, &subject()).expect_err("no journal"));
        assert!(said.contains("is no journal"), "{said}");
    }

    #[test]
    fn two_processes_do_not_pay_by_one_journal() {
        let (_folder, path) = place();
        let held = Journal::open(&path, &subject()).expect("it is new");
        let said = format!("{:#}", Journal::open(&path, &subject()).expect_err("it is held"));
        assert!(said.contains("another process pays by"), "{said}");
        drop(held);
        Journal::open(&path, &subject()).expect("it is free");
    }
}
