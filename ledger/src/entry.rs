//! Entries: the ways in which one slot is read and written. Idle alone changes nothing.

use serde::{Deserialize, Serialize};

use crate::kind::Kind;
use crate::l1_address::L1Address;
use crate::owner::Owner;
use crate::record::{Record, read_front, record_entries};
use crate::rule_error::RuleError;

/// One touch of one slot. `docs/protocol.md`, section 5, has each kind's rules and effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Entry {
    /// Changes nothing; fills up the last entry chunk of a batch.
    Idle { slot: u32 },
    /// Opens the next slot in sequence for an owner and a token.
    Open { slot: u32, owner: Owner, token: u16 },
    /// Starts a signed transfer: takes `total` and `fee`, in L2 units, from the slot, and adds the
    /// fee to the pot. The Credits that follow pay out `total` to the last unit. `valid_until` is
    /// in Unix seconds.
    Debit {
        slot: u32,
        #[serde(with = "crate::decimal")]
        total: u64,
        #[serde(with = "crate::decimal")]
        fee: u64,
        valid_until: u32,
        pot: u8,
    },
    /// Pays one recipient of the running transfer.
    Credit {
        slot: u32,
        #[serde(with = "crate::decimal")]
        amount: u64,
    },
    /// A signed withdrawal: takes `amount` and `fee`, in L2 units, from the slot, adds the fee to
    /// the pot, and pays the amount to an L1 address. `valid_until` is in Unix seconds.
    Withdraw {
        slot: u32,
        #[serde(with = "crate::decimal")]
        amount: u64,
        #[serde(with = "crate::decimal")]
        fee: u64,
        valid_until: u32,
        pot: u8,
        recipient: L1Address,
    },
    /// Pays the amount of a deposit request on L1 to the slot.
    Deposit {
        slot: u32,
        #[serde(with = "crate::decimal")]
        amount: u64,
    },
    /// Consumes an exit request on L1: pays out the slot's whole balance if the slot is open and
    /// belongs to `owner`, and pays nothing otherwise.
    Exit { slot: u32, owner: Owner },
    /// Pays the whole amount of a fee pot to the slot.
    Collect { slot: u32, pot: u8 },
}

impl Entry {
    /// The slot that the entry touches.
    pub const fn slot(&self) -> u32 {
        match *self {
            Self::Idle { slot }
            | Self::Open { slot, .. }
            | Self::Debit { slot, .. }
            | Self::Credit { slot, .. }
            | Self::Withdraw { slot, .. }
            | Self::Deposit { slot, .. }
            | Self::Exit { slot, .. }
            | Self::Collect { slot, .. } => slot,
        }
    }

    /// The entry's kind, whose facts are in the table of kinds.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Idle { .. } => Kind::Idle,
            Self::Open { .. } => Kind::Open,
            Self::Debit { .. } => Kind::Debit,
            Self::Credit { .. } => Kind::Credit,
            Self::Withdraw { .. } => Kind::Withdraw,
            Self::Deposit { .. } => Kind::Deposit,
            Self::Exit { .. } => Kind::Exit,
            Self::Collect { .. } => Kind::Collect,
        }
    }

    /// The code of the entry's kind in the protocol.
    pub const fn code(&self) -> u8 {
        self.kind().code()
    }

    /// The amount that the entry states, in L2 units, and `None` for the other kinds: Collect moves
    /// the amount of a pot, Exit the balance of the slot, Idle and Open nothing.
    pub const fn stated_amount(&self) -> Option<u64> {
        match *self {
            Self::Debit { total: amount, .. }
            | Self::Credit { amount, .. }
            | Self::Withdraw { amount, .. }
            | Self::Deposit { amount, .. } => Some(amount),
            Self::Idle { .. } | Self::Open { .. } | Self::Exit { .. } | Self::Collect { .. } => {
                None
            }
        }
    }

    /// Appends the entry's bytes, as in records and in the log: the code, then the fields in the
    /// order in which they are declared. Integers are little-endian.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        Record::write(self, bytes);
    }

    /// Reads an entry from the front of `bytes`, as `write` appends it. Returns the entry and the
    /// bytes after it.
    ///
    /// # Errors
    /// `MalformedRecord` if the bytes end too early or encode no entry.
    pub fn read(bytes: &[u8]) -> Result<(Self, &[u8]), RuleError> {
        read_front(bytes)
    }
}

record_entries! {
    Idle { slot }
    Open { slot, owner, token }
    Debit { slot, total, fee, valid_until, pot }
    Credit { slot, amount }
    Withdraw { slot, amount, fee, valid_until, pot, recipient }
    Deposit { slot, amount }
    Exit { slot, owner }
    Collect { slot, pot }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{Amount, KINDS};
    use sheaf_crypto::goldilocks::Fe;

    fn examples() -> [Entry; KINDS.len()] {
        let (slot, total, fee, valid_until, pot) = (1, 2, 3, 4, 5);
        let (amount, token) = (6, 7);
        let (owner, recipient) = (Owner([8, 9, 10].map(Fe::from_u64)), L1Address([11; 20]));
        [
            Entry::Idle { slot },
            Entry::Open { slot, owner, token },
            Entry::Debit { slot, total, fee, valid_until, pot },
            Entry::Credit { slot, amount },
            Entry::Withdraw { slot, amount, fee, valid_until, pot, recipient },
            Entry::Deposit { slot, amount },
            Entry::Exit { slot, owner },
            Entry::Collect { slot, pot },
        ]
    }

    #[test]
    fn each_entry_has_the_name_and_the_amount_that_the_table_says() {
        for (entry, facts) in examples().iter().zip(&KINDS) {
            assert_eq!(entry.kind(), facts.kind);
            let json = serde_json::to_value(entry).expect("plain JSON");
            assert_eq!(json["kind"], facts.name);
            assert_eq!(entry.stated_amount().is_some(), facts.amount == Amount::Stated);
        }
    }

    #[test]
    fn bytes_begin_with_the_code_and_go_round() {
        for entry in examples() {
            let mut bytes = Vec::new();
            entry.write(&mut bytes);
            assert_eq!(bytes[0], entry.kind().code());
            let length = bytes.len();
            bytes.push(0xff);
            assert_eq!(Entry::read(&bytes), Ok((entry, &[0xff][..])));
            for length in 0..length {
                assert!(Entry::read(&bytes[..length]).is_err(), "{entry:?} cut at {length}");
            }
        }
        let unknown = [KINDS.len() as u8, 0, 0, 0, 0];
        assert_eq!(Entry::read(&unknown), Err(RuleError::MalformedRecord { offset: 0 }));
    }
}
