//! Movements: what the entries of a block take from a slot or add to it, for the slot's owner.
//!
//! A movement contains nothing that the block does not contain: movements show a block entry by
//! entry, as an account's history lists it, and no stage decides anything from them. A Collect
//! makes no movement, because a single block does not say how much the pot contained.

use std::fmt;
use std::str::FromStr;

use sheaf_crypto::hash::Digest;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::l1_address::L1Address;
use sheaf_ledger::owner::Owner;
use sheaf_wire::history::MovementKind;

use crate::block::Block;

/// A place in the log; a later place is larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogPosition {
    /// The block's number, from 1.
    pub block: u64,
    /// The index among the block's entries.
    pub entry: u32,
}

/// The cause of a movement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// A signed transaction, by its id.
    Transaction(Digest),
    /// A request of L1, by its number in the contract's queue.
    Request(u64),
}

/// One entry that moved the balance of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Movement {
    pub slot: u32,
    pub position: LogPosition,
    pub kind: MovementKind,
    /// L2 units without the fee; `None` for an exit, which takes the whole balance.
    pub amount: Option<u64>,
    /// L2 units; `None` where the slot's owner signed nothing and so pays no fee.
    pub fee: Option<u64>,
    /// How many payments a sent transfer makes; `None` for every other kind.
    pub payments: Option<u32>,
    /// The payer's slot, or the recipient's slot of a transfer with one payment.
    pub other_slot: Option<u32>,
    /// The L1 address that a withdrawal pays.
    pub recipient: Option<L1Address>,
    /// The owner whom an exit names. An exit takes nothing from a slot of another owner.
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

    /// Reads what `Display` writes (`BLOCK-ENTRY`).
    ///
    /// # Errors
    /// `()` for every other text, and for a block number above `i64::MAX`, which no log has.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (block, entry) = read_place(text).ok_or(())?;
        Ok(Self { block, entry })
    }
}

/// Reads `NUMBER-INDEX`, such as the text of a place in the log. Each pair has one spelling: no
/// sign, no leading zero. The number is at most `i64::MAX`.
pub fn read_place<I: FromStr + fmt::Display>(text: &str) -> Option<(u64, I)> {
    let (number, index) = text.split_once('-')?;
    let number: i64 = number.parse().ok()?;
    let (number, index) = (u64::try_from(number).ok()?, index.parse().ok()?);
    (format!("{number}-{index}") == text).then_some((number, index))
}

/// Whether an entry makes a movement: it does unless it is Idle, Open or Collect.
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

/// The movements of a block, in the order of its entries: one for each entry that `moves`.
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

/// What a block's earlier entries determine about its next entry.
struct Walk<'a> {
    block: &'a Block,
    transactions: Vec<Digest>,
    next_transaction: usize,
    next_request: u64,
    /// The paying slot and the id of the running transfer.
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

    /// The Credits that follow the entry at `index` without another entry between.
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
