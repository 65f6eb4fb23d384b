//! Signed transactions as bytes, for requests that send many of them (docs/protocol.md, section
//! 11).
//!
//! A transaction is the code of its first entry's kind, then the fields in the order of the calls
//! below, as `record` writes each of them. Every value has one encoding, so two different byte
//! strings are never the same transaction. Unlike other records, these bytes are part of the
//! protocol: golden vectors fix them.

use crate::kind::Kind;
use crate::record::{Reader, Record, read_at, record_structs};
use crate::rule_error::RuleError;
use crate::transaction::{Payment, SignedTransaction, Transaction, Transfer, Withdrawal};

record_structs! {
    Payment { owner, amount }
    Transfer { slot, token, nonce, fee, valid_until, payments }
    Withdrawal { slot, token, nonce, fee, valid_until, amount, recipient }
    SignedTransaction { transaction, key, l1_address, signature }
}

impl Record for Transaction {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(self.kind().code());
        match self {
            Self::Transfer(transfer) => transfer.write(bytes),
            Self::Withdrawal(withdrawal) => withdrawal.write(bytes),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, RuleError> {
        let refused = reader.malformed();
        match Kind::from_code(u8::read(reader)?) {
            Some(Kind::Debit) => Record::read(reader).map(Self::Transfer),
            Some(Kind::Withdraw) => Record::read(reader).map(Self::Withdrawal),
            // An owner signs no other kind.
            _ => Err(refused),
        }
    }
}

impl SignedTransaction {
    /// Appends the transaction's bytes.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        Record::write(self, bytes);
    }

    /// Reads the transaction that begins at `offset` of `bytes`, as `write` appends it. Returns the
    /// transaction and the offset after it. No part of the transaction is checked.
    ///
    /// # Errors
    /// `MalformedRecord` if the bytes end too early or encode no transaction. The error's offset
    /// counts from the start of `bytes`.
    pub fn read(bytes: &[u8], offset: usize) -> Result<(Self, usize), RuleError> {
        read_at(bytes, offset)
    }
}
