//! The contents of a batch, and the limits that circuits and L1 set to them.
//!
//! Ordering closes a batch before it exceeds the limits, admission refuses a transaction that fits
//! in no batch, and sealing checks the limits again. The protocol's own limits are included.

use sheaf_contracts::chain_limits::{BatchSize, ChainLimits};
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::entry::Entry;
use sheaf_ledger::kind::Kind;
use sheaf_ledger::limits::{DATA_WORDS_MAX, L1_WORDS_MAX};
use sheaf_ledger::transaction::Transaction;

use crate::limits::{CLOSING_DATA_WORDS, SUBMISSION_GAS_PERCENT};

/// The largest batch that can be proven and brought to L1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    pub entries: usize,
    pub signatures: usize,
    /// Data words and L1 words together.
    pub words: usize,
    /// The way of the data words to L1, which limits data words and L1 words too.
    pub data_mode: DataMode,
    /// What the chain takes in one transaction.
    pub chain: ChainLimits,
}

impl BatchLimits {
    /// The protocol's limits on this chain. Each entry that ordering makes publishes one data word
    /// and needs one signature at most, so the limit on data words also limits entries and
    /// signatures.
    pub const fn protocol(data_mode: DataMode, chain: ChainLimits) -> Self {
        Self {
            entries: DATA_WORDS_MAX as usize,
            signatures: DATA_WORDS_MAX as usize,
            words: data_mode.words_max() as usize,
            data_mode,
            chain,
        }
    }

    /// Whether the circuits can prove a batch with these contents, and one L1 transaction can carry
    /// it, whatever its words are and whomever it pays.
    pub const fn fit(&self, contents: &Contents) -> bool {
        let Contents { entries, signatures, words: Words { data, l1 } } = *contents;
        entries <= self.entries
            && signatures <= self.signatures
            && data + l1 <= self.words
            && data <= self.data_mode.data_words_max() as usize
            && data + l1 <= self.data_mode.words_max() as usize
            && l1 <= L1_WORDS_MAX as usize
            && self
                .chain
                .fit(BatchSize::of(self.data_mode, data as u64, l1 as u64), SUBMISSION_GAS_PERCENT)
    }

    /// Whether a batch with these contents still has room for the entries that collect its fees.
    pub const fn leave_room_to_close(&self, contents: Contents) -> bool {
        self.fit(&contents.plus(Contents::CLOSING))
    }

    /// Whether a batch has room for any single request, transfer with one payment, or withdrawal.
    /// With smaller limits the rollup would halt.
    pub const fn are_usable(&self) -> bool {
        self.leave_room_to_close(Contents::REQUEST_MAX)
            && self.leave_room_to_close(Contents::transfer(1, 1))
            && self.leave_room_to_close(Contents::WITHDRAWAL)
    }
}

/// Numbers of words that are published: data words and L1 words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Words {
    pub data: usize,
    pub l1: usize,
}

/// What a batch contains, or what is added to a batch: numbers of entries, signatures and words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contents {
    pub entries: usize,
    pub signatures: usize,
    pub words: Words,
}

impl Contents {
    /// The most that a request of L1 adds: a deposit that opens a slot.
    pub const REQUEST_MAX: Self = Self::of(Kind::Deposit, 1).plus(Self::opens(1));

    /// The contents that a withdrawal adds.
    pub const WITHDRAWAL: Self = Self::of(Kind::Withdraw, 1);

    /// The contents that a transaction adds when it opens `opens` slots for its recipients.
    pub fn of_transaction(transaction: &Transaction, opens: usize) -> Self {
        let paid = Self::of(Kind::Credit, transaction.payments().len());
        Self::of(transaction.kind(), 1).plus(paid).plus(Self::opens(opens))
    }

    /// The most that the end of a batch adds: for each of four pots, an entry that opens a slot and
    /// an entry that collects the fees. Each of these entries has one data word, no L1 word and no
    /// signature.
    const CLOSING: Self = Self::of(Kind::Collect, CLOSING_DATA_WORDS);

    /// The contents that `entries` entries of one kind add.
    pub const fn of(kind: Kind, entries: usize) -> Self {
        let facts = kind.facts();
        let words = Words {
            data: entries * facts.data_words() as usize,
            l1: entries * facts.l1_words() as usize,
        };
        Self { entries, signatures: if facts.spends { entries } else { 0 }, words }
    }

    /// The contents that these entries add.
    pub fn of_entries(entries: &[Entry]) -> Self {
        let each = entries.iter().map(|entry| Self::of(entry.kind(), 1));
        each.fold(Self::default(), Self::plus)
    }

    /// The contents that a transfer of `payments` payments adds when it opens `opens` slots.
    pub const fn transfer(payments: usize, opens: usize) -> Self {
        let paid = Self::of(Kind::Debit, 1).plus(Self::of(Kind::Credit, payments));
        paid.plus(Self::opens(opens))
    }

    /// The contents that opening `slots` slots adds.
    pub const fn opens(slots: usize) -> Self {
        Self::of(Kind::Open, slots)
    }

    /// The sum of both contents.
    #[must_use]
    pub const fn plus(self, more: Self) -> Self {
        Self {
            entries: self.entries + more.entries,
            signatures: self.signatures + more.signatures,
            words: Words {
                data: self.words.data + more.words.data,
                l1: self.words.l1 + more.words.l1,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use sheaf_ledger::owner::Owner;

    use super::*;

    /// What the protocol allows in the mode of these tests.
    const PROTOCOL: BatchLimits = BatchLimits::protocol(DataMode::Calldata, ChainLimits::OSAKA);

    #[test]
    fn each_limit_holds_for_itself() {
        let limits = BatchLimits { entries: 5, signatures: 2, words: 7, ..PROTOCOL };
        let full = Contents { entries: 5, signatures: 2, words: Words { data: 5, l1: 2 } };
        assert!(limits.fit(&full));
        let words = |data, l1| Contents { words: Words { data, l1 }, ..full };
        for beyond in [
            Contents { entries: 6, ..full },
            Contents { signatures: 3, ..full },
            words(6, 2),
            words(5, 3),
        ] {
            assert!(!limits.fit(&beyond), "{beyond:?}");
        }
        // However large the circuits are, the protocol's limits stay.
        let endless = BatchLimits {
            entries: usize::MAX,
            signatures: usize::MAX,
            words: usize::MAX,
            ..PROTOCOL
        };
        let all = PROTOCOL.words;
        assert!(endless.fit(&words(all, 0)) && !endless.fit(&words(all + 1, 0)));
        assert!(endless.fit(&words(all - 2, 2)) && !endless.fit(&words(all - 1, 2)));
    }

    /// In both modes and under both lists of prices, gas limits the pairs of L1 words.
    #[test]
    fn a_pair_more_than_a_transaction_has_gas_for_does_not_fit() {
        let gas = |limits: &BatchLimits, l1: usize| {
            let size = BatchSize::of(limits.data_mode, 2_000, l1 as u64);
            limits.chain.gas_max(size) * SUBMISSION_GAS_PERCENT / 100
        };
        let mut most = Vec::new();
        for data_mode in [DataMode::Calldata, DataMode::Blobs] {
            for chain in [ChainLimits::OSAKA, ChainLimits::AMSTERDAM] {
                let limits = BatchLimits::protocol(data_mode, chain);
                let words =
                    |l1| Contents { words: Words { data: 2_000, l1 }, ..Contents::default() };
                let l1 = (0..=1_024).step_by(2).take_while(|l1| limits.fit(&words(*l1))).last();
                let l1 = l1.expect("no pair fits always");
                assert!(gas(&limits, l1) <= chain.transaction_gas);
                assert!(gas(&limits, l1 + 2) > chain.transaction_gas);
                most.push(l1 / 2);
            }
        }
        assert!(most[1] < most[0] && most[3] < most[2], "{most:?}");
        assert!(most[0] < most[2] && most[1] < most[3], "blobs leave more gas: {most:?}");
    }

    #[test]
    fn contents_are_what_the_table_of_kinds_says() {
        let of = |entries, signatures, data, l1| {
            let words = Words { data, l1 };
            Contents { entries, signatures, words }
        };
        assert_eq!(Contents::WITHDRAWAL, of(1, 1, 1, 2));
        assert_eq!(Contents::REQUEST_MAX, of(2, 0, 2, 2));
        assert_eq!(Contents::transfer(3, 2), of(6, 1, 6, 0));
        assert_eq!(Contents::of(Kind::Idle, 5), of(5, 0, 0, 0));
        let (slot, owner) = (0, Owner::default());
        let (open, exit) = (Entry::Open { slot, owner, token: 0 }, Entry::Exit { slot, owner });
        assert_eq!(Contents::of_entries(&[open, exit]), of(2, 0, 2, 2));
    }

    #[test]
    fn limits_that_stop_the_rollup_are_known() {
        let smallest = BatchLimits { entries: 11, signatures: 1, words: 12, ..PROTOCOL };
        assert!(smallest.are_usable() && PROTOCOL.are_usable());
        for too_small in [
            BatchLimits { entries: 10, ..smallest },
            BatchLimits { signatures: 0, ..smallest },
            BatchLimits { words: 11, ..smallest },
        ] {
            assert!(!too_small.are_usable(), "{too_small:?}");
        }
    }
}
