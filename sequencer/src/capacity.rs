//! What a batch holds, and how much the circuits that will prove it bear.
//!
//! Ordering closes a batch before it outgrows them, admission refuses what could never fit, and
//! sealing checks again. The protocol's own limits are among them.

use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::limits::DATA_WORDS_MAX;

use crate::limits::CLOSING_DATA_WORDS;

/// The largest batch that can be proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimits {
    pub entries: usize,
    pub signatures: usize,
    /// Data words and L1 words together.
    pub words: usize,
    /// How the data words travel, which bounds both kinds of words too.
    pub data_mode: DataMode,
}

impl BatchLimits {
    /// What the protocol allows: each entry publishes a data word, and owes a signature at most.
    pub const fn protocol(data_mode: DataMode) -> Self {
        Self {
            entries: DATA_WORDS_MAX as usize,
            signatures: DATA_WORDS_MAX as usize,
            words: data_mode.words_max() as usize,
            data_mode,
        }
    }

    /// Whether a batch with these contents can be proven, and go to L1 in one transaction.
    pub const fn bear(&self, contents: &Contents) -> bool {
        let Contents { entries, signatures, words: Words { data, l1 } } = *contents;
        entries <= self.entries
            && signatures <= self.signatures
            && data + l1 <= self.words
            && data + l1 <= self.data_mode.words_max() as usize
            && l1 <= self.data_mode.l1_words_max() as usize
    }

    /// Whether a batch with these contents can also collect its fees.
    pub const fn leave_room_to_close(&self, contents: Contents) -> bool {
        self.bear(&contents.plus(Contents::CLOSING))
    }

    /// Whether any single request, payment or withdrawal fits. Where it does not, the rollup could
    /// not go on.
    pub const fn are_usable(&self) -> bool {
        self.leave_room_to_close(Contents::REQUEST_MAX)
            && self.leave_room_to_close(Contents::transfer(1, 1))
            && self.leave_room_to_close(Contents::WITHDRAWAL)
    }
}

/// What something publishes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Words {
    pub data: usize,
    pub l1: usize,
}

/// What a batch holds, or what something adds to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Contents {
    pub entries: usize,
    pub signatures: usize,
    pub words: Words,
}

impl Contents {
    /// The most that a request of L1 adds: a deposit that opens a slot.
    pub const REQUEST_MAX: Self = Self::request(2);

    /// What a withdrawal adds.
    pub const WITHDRAWAL: Self =
        Self { entries: 1, signatures: 1, words: Words { data: 1, l1: 2 } };

    /// What the end of a batch adds at most: every word of it is an entry's.
    const CLOSING: Self = Self::opens(CLOSING_DATA_WORDS);

    /// What a request of L1 with this many entries adds.
    pub const fn request(entries: usize) -> Self {
        Self { entries, signatures: 0, words: Words { data: entries, l1: 2 } }
    }

    /// What a transfer adds that opens slots for some of its recipients.
    pub const fn transfer(payments: usize, opens: usize) -> Self {
        let entries = 1 + payments + opens;
        Self { entries, signatures: 1, words: Words { data: entries, l1: 0 } }
    }

    /// What entries add that nobody signs and L1 does not see.
    pub const fn opens(entries: usize) -> Self {
        Self { entries, signatures: 0, words: Words { data: entries, l1: 0 } }
    }

    /// Both together.
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
    use super::*;

    /// What the protocol allows in the mode of these tests.
    const PROTOCOL: BatchLimits = BatchLimits::protocol(DataMode::Calldata);

    #[test]
    fn each_limit_holds_for_itself() {
        let limits = BatchLimits { entries: 5, signatures: 2, words: 7, ..PROTOCOL };
        let full = Contents { entries: 5, signatures: 2, words: Words { data: 5, l1: 2 } };
        assert!(limits.bear(&full));
        let words = |data, l1| Contents { words: Words { data, l1 }, ..full };
        for beyond in [
            Contents { entries: 6, ..full },
            Contents { signatures: 3, ..full },
            words(6, 2),
            words(5, 3),
        ] {
            assert!(!limits.bear(&beyond), "{beyond:?}");
        }
        // However large the circuits are, the protocol's limits stay.
        let endless = BatchLimits {
            entries: usize::MAX,
            signatures: usize::MAX,
            words: usize::MAX,
            ..PROTOCOL
        };
        let (all, l1) = (PROTOCOL.words, DataMode::Calldata.l1_words_max() as usize);
        assert!(endless.bear(&words(all - l1, l1)) && endless.bear(&words(all, 0)));
        assert!(!endless.bear(&words(all - l1 + 1, l1)) && !endless.bear(&words(all + 1, 0)));
        assert!(!endless.bear(&words(0, l1 + 1)));
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
