//! Movements: what the entries of a block take from a slot or give to it, for whoever owns it.
//!
//! They say nothing that the block does not say; they say it entry by entry, as an account reads
//! its history. Nothing is decided from them. Fees that the operator collects are not among them:
//! how much a pot held, a single block does not say.

use std::fmt;
use std::str::FromStr;

use sheaf_crypto::hash::Digest;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_wire::history::MovementKind;

use crate::block::Block;

/// A place in the log; a later one is larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogPosition {
    pub block: u64,
    /// The index among the block's entries.
    pub entry: u32,
}

/// What a movement comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    Transaction(Digest),
    /// A request of L1, by its number in the contract's queue.
    Request(u64),
}

/// One movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub slot: u32,
    pub position: LogPosition,
    pub kind: MovementKind,
    /// L2 units without the fee; nothing for an exit, which takes what is there.
    pub amount: Option<u64>,
    /// L2 units; only what was signed for costs one.
    pub fee: Option<u64>,
    /// The recipients of a transfer.
    pub payments: Option<u32>,
    /// The payer, or the one recipient of a transfer that has only one.
    pub other_slot: Option<u32>,
    /// Where a withdrawal goes.
    pub recipient: Option<L1Address>,
    /// Who asked for an exit: of any other owner's slot it takes nothing.
    pub exits: Option<Owner>,
    pub cause: Cause,
}

impl fmt::Display for LogPosition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.block, self.entry)
    }
}

impl FromStr for LogPosition {
    type Err = ();

    /// Reads what `Display` writes, for blocks that a log can have.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (block, entry) = text.split_once('-').ok_or(())?;
        let number: i64 = block.parse().map_err(|_| ())?;
        let position = Self {
            block: u64::try_from(number).map_err(|_| ())?,
            entry: entry.parse().map_err(|_| ())?,
        };
        // One spelling for each place: no sign, no leading zero.
        if position.to_string() == text { Ok(position) } else { Err(()) }
    }
}

/// Whether an entry makes a movement.
pub const fn moves(entry: &Entry) -> bool {
    match entry {
        Entry::Idle { .. } | Entry::Open { .. } | Entry::Collect { .. } => false,
        Entry::Debit { .. }
        | Entry::Credit { .. }
        | Entry::Withdraw { .. }
        | Entry::Deposit { .. }
        | Entry::Exit { .. } => true,
    }
}

/// The movements of a block, in its order: one for each entry that `moves`.
pub fn movements_of(block: &Block) -> Vec<Movement> {
    let mut walk = Walk {
        block,
        transactions: block.transactions.iter().map(|one| *one.id()).collect(),
        next_transaction: 0,
        next_request: block.first_request,
        payer: None,
    };
    let indexed = (0_u32..).zip(&block.entries);
    indexed.filter_map(|(index, entry)| walk.step(index, entry)).collect()
}

/// What the entries before say about the next one.
struct Walk<'a> {
    block: &'a Block,
    transactions: Vec<Digest>,
    next_transaction: usize,
    next_request: u64,
    /// The running transaction's slot and id.
    payer: Option<(u32, Digest)>,
}

impl Walk<'_> {
    fn step(&mut self, index: u32, entry: &Entry) -> Option<Movement> {
        let position = LogPosition { block: self.block.number, entry: index };
        let plain = |kind, amount, cause| Movement {
            slot: entry.slot(),
            position,
            kind,
            amount,
            fee: None,
            payments: None,
            other_slot: None,
            recipient: None,
            exits: None,
            cause,
        };
        Some(match *entry {
            Entry::Idle { .. } | Entry::Open { .. } | Entry::Collect { .. } => return None,
            Entry::Debit { slot, total, fee, .. } => {
                let id = self.take_transaction();
                self.payer = Some((slot, id));
                let credits = self.credits_after(index);
                let payments = u32::try_from(credits.len()).expect("a transfer pays at most 1,024");
                let other_slot = if let [one] = credits { Some(one.slot()) } else { None };
                Movement {
                    fee: Some(fee),
                    payments: Some(payments),
                    other_slot,
                    ..plain(MovementKind::Sent, Some(total), Cause::Transaction(id))
                }
            }
            Entry::Credit { amount, .. } => {
                let (payer, id) = self.payer.expect("a Credit follows its Debit in one block");
                Movement {
                    other_slot: Some(payer),
                    ..plain(MovementKind::Received, Some(amount), Cause::Transaction(id))
                }
            }
            Entry::Withdraw { amount, fee, recipient, .. } => {
                let cause = Cause::Transaction(self.take_transaction());
                Movement {
                    fee: Some(fee),
                    recipient: Some(recipient),
                    ..plain(MovementKind::Withdrawn, Some(amount), cause)
                }
            }
            Entry::Deposit { amount, .. } => {
                let cause = Cause::Request(self.take_request());
                plain(MovementKind::Deposited, Some(amount), cause)
            }
            Entry::Exit { owner, .. } => {
                let cause = Cause::Request(self.take_request());
                Movement { exits: Some(owner), ..plain(MovementKind::Exited, None, cause) }
            }
        })
    }

    /// The Credits right behind an entry.
    fn credits_after(&self, index: u32) -> &[Entry] {
        let rest = &self.block.entries[index as usize + 1..];
        let is_credit = |entry: &&Entry| matches!(entry, Entry::Credit { .. });
        &rest[..rest.iter().take_while(is_credit).count()]
    }

    fn take_transaction(&mut self) -> Digest {
        let id = self.transactions[self.next_transaction];
        self.next_transaction += 1;
        id
    }

    fn take_request(&mut self) -> u64 {
        let number = self.next_request;
        self.next_request += 1;
        number
    }
}
