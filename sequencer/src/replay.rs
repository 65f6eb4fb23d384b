//! Replay: runs blocks of the log again, by the ledger's own rules.
//!
//! Two ways with one result. `Replay` runs entries over the slots alone and hashes nothing, which
//! is fast and gives no root; recovery and the witnesses of old batches begin so. `seal` runs a
//! batch over a slot tree and gives its root and everything that its proofs need. Both compare each
//! slot with the value that the executor left in the block.

use sheaf_crypto::hash::Digest;
use sheaf_ledger::batch::{BatchBuilder, SealedBatch};
use sheaf_ledger::domain::Domain;
use sheaf_ledger::machine::Machine;
use sheaf_ledger::rule_error::RuleError;
use sheaf_ledger::slot::Slot;
use sheaf_ledger::transaction::SignedMessage;
use sheaf_ledger::tree::SlotTree;
use thiserror::Error;

use crate::block::Block;
use crate::execution::Account;
use crate::snapshots::Snapshots;
use crate::store::{BatchRow, Store, StoreError};
use crate::view::Head;

/// Why blocks cannot be run again.
#[derive(Debug, Error)]
pub enum ReplayError {
    #[error("the ledger refuses what was executed in batch {batch} ({})", .source.code())]
    ExecutionDiverged { batch: u64, source: RuleError },
    #[error("slot {slot} after batch {batch} differs between executor and ledger")]
    SlotDiverged { batch: u64, slot: u32 },
    #[error("the log continues with block {found} where block {expected} belongs")]
    LogGap { expected: u64, found: u64 },
    #[error("the slots do not lead to the root of batch {batch}")]
    RootDiverged { batch: u64 },
    #[error("block {block} does not have a transaction as its owner signed it")]
    Unsigned { block: u64 },
    #[error("running the log again panicked")]
    Panicked { source: tokio::task::JoinError },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ReplayError {
    /// The error's name for logs, which never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::ExecutionDiverged { .. } => "execution_diverged",
            Self::SlotDiverged { .. } => "slot_diverged",
            Self::LogGap { .. } => "log_gap",
            Self::RootDiverged { .. } => "root_diverged",
            Self::Unsigned { .. } => "unsigned",
            Self::Panicked { .. } => "stage_panicked",
            Self::Store(store) => store.code(),
        }
    }
}

/// The open batch after its blocks were run again.
#[derive(Debug)]
pub struct Replayed {
    /// The machine after the last entry, whose root and digests are those of an empty machine.
    pub machine: Machine,
    pub entries: usize,
    pub signatures: usize,
}

/// The state while the blocks of the log are run again, one after another.
#[derive(Debug)]
pub struct Replay {
    domain: Domain,
    pub slots: Vec<Slot>,
    /// The open batch, if there is one.
    pub open: Option<Replayed>,
    pub head: Head,
    pub next_block: u64,
    pub next_batch: u64,
    pub next_request: u64,
    /// How many entries were run.
    pub entries: u64,
}

impl Replay {
    /// The state after a sealed batch, which left `slots`; without a batch, the state before the
    /// first block.
    pub fn new(domain: Domain, last: Option<&BatchRow>, slots: Vec<Slot>) -> Self {
        let head = last.map_or_else(Head::default, |batch| Head {
            block: batch.sealed.last_block,
            batch: batch.sealed.number,
            batch_is_open: false,
            timestamp: batch.sealed.timestamp,
            executed_ms: batch.sealed_ms,
            next_request: batch.sealed.first_request + batch.sealed.requests,
        });
        let (next_block, next_batch) = (head.block + 1, head.batch + 1);
        let next_request = head.next_request;
        Self { domain, slots, open: None, head, next_block, next_batch, next_request, entries: 0 }
    }

    /// The state at the newest snapshot up to a batch; without a snapshot, the state before the
    /// first block.
    ///
    /// # Errors
    /// The errors of `Snapshots::newest`.
    pub async fn at_snapshot(
        store: &Store,
        snapshots: &Snapshots,
        domain: Domain,
        batch: u64,
    ) -> Result<Self, StoreError> {
        Ok(match snapshots.newest(store, batch).await? {
            Some((row, slots)) => Self::new(domain, Some(&row), slots),
            None => Self::new(domain, None, Vec::new()),
        })
    }

    /// Runs the blocks of the log up to block `last`, or to the log's end if that comes first.
    ///
    /// # Errors
    /// `Store` when the log cannot be read; as `run`.
    pub async fn run_to(mut self, store: &Store, last: u64) -> Result<Self, ReplayError> {
        loop {
            let blocks = store.blocks_between(self.head.block, last).await?;
            if blocks.is_empty() {
                return Ok(self);
            }
            (self, _) = self.run(blocks).await?;
        }
    }

    /// Runs the next blocks, away from the threads that serve clients. Returns the blocks again.
    ///
    /// # Errors
    /// `Panicked`; as `apply`.
    pub async fn run(mut self, blocks: Vec<Block>) -> Result<(Self, Vec<Block>), ReplayError> {
        let run = move || {
            blocks.iter().try_for_each(|block| self.apply(block))?;
            Ok((self, blocks))
        };
        let ran = tokio::task::spawn_blocking(run).await;
        ran.map_err(|source| ReplayError::Panicked { source })?
    }

    /// Runs the next block.
    ///
    /// # Errors
    /// `LogGap` when the block is not the next; `ExecutionDiverged` when the ledger refuses the
    /// block; `SlotDiverged` when ledger and executor disagree about a slot.
    fn apply(&mut self, block: &Block) -> Result<(), ReplayError> {
        if block.number != self.next_block
            || block.batch != self.next_batch
            || block.first_request != self.next_request
        {
            return Err(ReplayError::LogGap { expected: self.next_block, found: block.number });
        }
        let diverged = |source| ReplayError::ExecutionDiverged { batch: block.batch, source };
        let mut open = self.open.take().unwrap_or_else(|| {
            // The replay follows neither root nor digests.
            let next_slot = self.slots.len() as u64;
            let machine = Machine::start(Digest::ZERO, next_slot, self.domain, block.timestamp);
            Replayed { machine, entries: 0, signatures: 0 }
        });
        for entry in &block.entries {
            let index = entry.slot() as usize;
            let leaf = self.slots.get(index).copied();
            let after = open.machine.follow(entry, &leaf).map_err(diverged)?;
            match (self.slots.get_mut(index), after) {
                (Some(slot), Some(after)) => *slot = after,
                (None, Some(opened)) => self.slots.push(opened),
                (_, None) => {}
            }
        }
        open.entries += block.entries.len();
        open.signatures += block.transactions.len();
        self.entries += block.entries.len() as u64;
        for change in &block.changes {
            let replayed = self.slots.get(change.slot as usize).map(account_of);
            if replayed != Some(change.account) {
                return Err(ReplayError::SlotDiverged { batch: block.batch, slot: change.slot });
            }
        }
        self.next_block += 1;
        self.next_request += u64::from(block.requests);
        self.head = Head::of(block);
        if block.closes.is_some() {
            open.machine.check_settled().map_err(diverged)?;
            self.next_batch += 1;
        } else {
            self.open = Some(open);
        }
        Ok(())
    }
}

/// The slots after a sealed batch: those of the newest snapshot up to the batch, and the log from
/// there.
///
/// # Errors
/// `Store` when log or snapshot cannot be read; as [`Replay::run`].
pub async fn slots_after(
    (store, snapshots): (&Store, &Snapshots),
    domain: Domain,
    row: &BatchRow,
) -> Result<Vec<Slot>, ReplayError> {
    let replay = Replay::at_snapshot(store, snapshots, domain, row.sealed.number).await?;
    let replay = replay.run_to(store, row.sealed.last_block).await?;
    Ok(replay.slots)
}

/// The tree of the slots after a sealed batch.
///
/// # Errors
/// `RootDiverged` when the slots do not lead to the batch's root.
pub fn tree_of(slots: Vec<Slot>, row: &BatchRow) -> Result<SlotTree, ReplayError> {
    let tree = SlotTree::from_slots(slots);
    if tree.root() == row.sealed.post_root {
        Ok(tree)
    } else {
        Err(ReplayError::RootDiverged { batch: row.sealed.number })
    }
}

/// Seals a batch: runs its blocks over the tree before it, which stays unchanged.
///
/// # Errors
/// `ExecutionDiverged` when the ledger refuses the blocks; `SlotDiverged` when ledger and executor
/// disagree about a slot.
pub fn seal(
    tree: &SlotTree,
    domain: Domain,
    number: u64,
    blocks: &[Block],
) -> Result<SealedBatch, ReplayError> {
    let diverged = |source| ReplayError::ExecutionDiverged { batch: number, source };
    let timestamp = blocks.first().map_or(0, |block| block.timestamp);
    let mut builder = BatchBuilder::new(tree, domain, timestamp);
    let signed = |block: &Block| -> Vec<SignedMessage> {
        block.transactions.iter().map(|transaction| *transaction.signature()).collect()
    };
    let signed: Vec<Vec<SignedMessage>> = blocks.iter().map(signed).collect();
    let entries = blocks.iter().map(|block| block.entries.as_slice());
    let groups: Vec<_> = entries.zip(signed.iter().map(Vec::as_slice)).collect();
    builder.push_all(&groups).map_err(diverged)?;
    let sealed = builder.seal(number).map_err(diverged)?;
    compare(&sealed, blocks)?;
    Ok(sealed)
}

/// Compares each slot of the batch between executor and ledger, in both directions.
fn compare(sealed: &SealedBatch, blocks: &[Block]) -> Result<(), ReplayError> {
    let changes = blocks.iter().flat_map(|block| &block.changes);
    let mut executed: Vec<(u32, Account)> =
        changes.map(|change| (change.slot, change.account)).collect();
    // A stable sort, after which a slot's newest account is its last one.
    executed.sort_by_key(|(slot, _)| *slot);
    let mut newest = executed.chunk_by(|(one, _), (next, _)| one == next).filter_map(<[_]>::last);
    // The leaf of a slot that an Exit named and that was never opened has no account.
    let proven = sealed.leaves.iter().filter_map(|(slot, leaf)| Some((*slot, leaf.as_ref()?)));
    let mut proven = proven.map(|(slot, leaf)| (slot, account_of(leaf)));
    loop {
        let slot = match (newest.next(), proven.next()) {
            (None, None) => return Ok(()),
            (Some(executed), Some(proven)) if *executed == proven => continue,
            (Some((executed, _)), Some((proven, _))) => *executed.min(&proven),
            (Some((slot, _)), None) => *slot,
            (None, Some((slot, _))) => slot,
        };
        return Err(ReplayError::SlotDiverged { batch: sealed.number, slot });
    }
}

/// Balance and nonce of a slot.
pub fn account_of(slot: &Slot) -> Account {
    Account { balance: slot.balance, nonce: slot.nonce }
}

#[cfg(test)]
mod tests {
    use sheaf_ledger::entry::Entry;
    use sheaf_ledger::l1_address::L1Address;
    use sheaf_ledger::owner::Owner;

    use super::*;
    use crate::block::{Change, CloseReason};

    const OWNER: Owner = Owner([sheaf_crypto::goldilocks::Fe::ONE; 3]);

    fn block(number: u64, entries: Vec<Entry>, accounts: &[(u32, u64)]) -> Block {
        let change = |&(slot, balance)| Change { slot, account: Account { balance, nonce: 0 } };
        Block {
            number,
            batch: 1,
            timestamp: 1_800_000_000,
            executed_ms: 0,
            closes: (number == 2).then_some(CloseReason::Age),
            first_request: 0,
            requests: 0,
            entries,
            transactions: Vec::new(),
            changes: accounts.iter().map(change).collect(),
        }
    }

    /// The slot at which a batch diverges: two slots get deposits in two blocks, and an exit names
    /// slot 9, which nobody has opened.
    fn diverged(first: &[(u32, u64)], second: &[(u32, u64)]) -> Option<u32> {
        let open = |slot| Entry::Open { slot, owner: OWNER, token: 0 };
        let deposit = |slot, amount| Entry::Deposit { slot, amount };
        let entries = vec![open(0), open(1), deposit(0, 5), deposit(1, 6)];
        let blocks = [
            block(1, entries, first),
            block(2, vec![deposit(0, 2), Entry::Exit { slot: 9, owner: OWNER }], second),
        ];
        let domain = Domain::on_chain(31_337, L1Address([7; 20]));
        match seal(&SlotTree::new(), domain, 1, &blocks) {
            Ok(_) => None,
            Err(ReplayError::SlotDiverged { batch: 1, slot }) => Some(slot),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn each_slot_must_have_what_the_executor_left_last() {
        assert_eq!(diverged(&[(0, 5), (1, 6)], &[(0, 7)]), None);
        assert_eq!(diverged(&[(0, 4), (1, 6)], &[(0, 7)]), None, "a later block has the last word");
        assert_eq!(diverged(&[(0, 7), (1, 6)], &[(0, 5)]), Some(0));
        assert_eq!(diverged(&[(0, 5), (1, 5)], &[(0, 7)]), Some(1));
        // One that the executor did not touch, first and last.
        assert_eq!(diverged(&[(1, 6)], &[]), Some(0));
        assert_eq!(diverged(&[(0, 5)], &[(0, 7)]), Some(1));
        // One that the ledger did not touch, before and behind others, or did not open.
        assert_eq!(diverged(&[(0, 5), (1, 6)], &[(0, 7), (2, 0)]), Some(2));
        assert_eq!(diverged(&[(0, 5), (1, 6)], &[(0, 7), (9, 0)]), Some(9));
    }

    #[test]
    fn running_blocks_again_keeps_the_rules_and_hashes_nothing() {
        let domain = Domain::on_chain(31_337, L1Address([7; 20]));
        let begin = || Replay::new(domain, None, Vec::new());
        let open = Entry::Open { slot: 0, owner: OWNER, token: 0 };
        let deposit = |amount| Entry::Deposit { slot: 0, amount };
        let mut replay = begin();
        replay.apply(&block(1, vec![open, deposit(5)], &[(0, 5)])).expect("it keeps the rules");
        let Replayed { machine, .. } = replay.open.expect("the batch is open");
        assert_eq!((machine.data_words, machine.l1_words), (2, 2));
        assert_eq!([machine.data, machine.l1, machine.message], [Digest::ZERO; 3]);
        let refused = begin().apply(&block(1, vec![open, deposit(0)], &[(0, 0)]));
        assert_eq!(refused.expect_err("it breaks a rule").code(), "execution_diverged");
    }
}
