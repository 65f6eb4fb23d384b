//! Data words: one for each entry but Idle; together they rebuild the state.
//!
//! It writes and reads words. What a word does to a slot is `rebuild`'s.

use crate::owner::Owner;
use crate::rule_error::RuleError;
use crate::word::{Word, owner_from_limbs, owner_to_limbs};

/// The entry's code in the lowest four bits of w3: equal in data words and L1 words.
pub(crate) const OPEN: u64 = 1;
pub(crate) const DEBIT: u64 = 2;
pub(crate) const CREDIT: u64 = 3;
pub(crate) const WITHDRAW: u64 = 4;
pub(crate) const DEPOSIT: u64 = 5;
pub(crate) const EXIT: u64 = 6;
pub(crate) const COLLECT: u64 = 7;

/// What an entry publishes about itself. `docs/protocol.md`, section 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataWord {
    /// The next slot belongs to this owner and token.
    Open {
        owner: Owner,
        token: u16,
    },
    Debit {
        slot: u32,
        total: u64,
        fee: u64,
    },
    Credit {
        slot: u32,
        amount: u64,
    },
    Withdraw {
        slot: u32,
        amount: u64,
        fee: u64,
    },
    Deposit {
        slot: u32,
        amount: u64,
    },
    /// The amount is what was paid: zero where the request paid nothing.
    Exit {
        slot: u32,
        amount: u64,
    },
    Collect {
        slot: u32,
        amount: u64,
    },
}

impl DataWord {
    /// The word that says this. Amounts must be below 2^62.
    pub fn encode(&self) -> Word {
        let of = |code, slot: u32, amount, fee| Word([amount, fee, 0, code | u64::from(slot) << 4]);
        match *self {
            Self::Open { owner, token } => {
                let [l0, l1, l2, highs] = owner_to_limbs(&owner);
                Word([l0, l1, l2, OPEN | u64::from(token) << 4 | highs << 20])
            }
            Self::Debit { slot, total, fee } => of(DEBIT, slot, total, fee),
            Self::Credit { slot, amount } => of(CREDIT, slot, amount, 0),
            Self::Withdraw { slot, amount, fee } => of(WITHDRAW, slot, amount, fee),
            Self::Deposit { slot, amount } => of(DEPOSIT, slot, amount, 0),
            Self::Exit { slot, amount } => of(EXIT, slot, amount, 0),
            Self::Collect { slot, amount } => of(COLLECT, slot, amount, 0),
        }
    }

    /// Reads what `encode` writes.
    ///
    /// # Errors
    /// `WordUnknown` for an unknown code, and where a bit is set that no entry sets.
    pub fn decode(word: &Word) -> Result<Self, RuleError> {
        let [amount, fee, w2, w3] = word.0;
        let (code, rest) = (w3 & 15, w3 >> 4);
        if code == OPEN {
            let token = rest as u16;
            return owner_from_limbs([amount, fee, w2, rest >> 16])
                .map(|owner| Self::Open { owner, token })
                .ok_or(RuleError::WordUnknown);
        }
        let slot = u32::try_from(rest).map_err(|_| RuleError::WordUnknown)?;
        if w2 != 0 {
            return Err(RuleError::WordUnknown);
        }
        match (code, fee) {
            (DEBIT, fee) => Ok(Self::Debit { slot, total: amount, fee }),
            (WITHDRAW, fee) => Ok(Self::Withdraw { slot, amount, fee }),
            (CREDIT, 0) => Ok(Self::Credit { slot, amount }),
            (DEPOSIT, 0) => Ok(Self::Deposit { slot, amount }),
            (EXIT, 0) => Ok(Self::Exit { slot, amount }),
            (COLLECT, 0) => Ok(Self::Collect { slot, amount }),
            _ => Err(RuleError::WordUnknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::AMOUNT_MAX;
    use sheaf_crypto::goldilocks::{Fe, ORDER};

    const OWNER: Owner = Owner([Fe::from_u64(3 << 62), Fe::from_u64(5), Fe::from_u64(ORDER - 1)]);

    fn examples() -> [DataWord; 7] {
        let (slot, amount, fee) = (u32::MAX, AMOUNT_MAX, AMOUNT_MAX - 1);
        [
            DataWord::Open { owner: OWNER, token: u16::MAX },
            DataWord::Debit { slot, total: amount, fee },
            DataWord::Credit { slot, amount },
            DataWord::Withdraw { slot, amount, fee },
            DataWord::Deposit { slot, amount },
            DataWord::Exit { slot, amount },
            DataWord::Collect { slot, amount },
        ]
    }

    #[test]
    fn each_kind_goes_round_under_its_own_code() {
        for (example, code) in examples().into_iter().zip(1..) {
            let word = example.encode();
            assert_eq!(word.0[3] & 15, code);
            assert_eq!(DataWord::decode(&word), Ok(example));
        }
    }

    #[test]
    fn open_packs_token_and_high_bits() {
        let word = DataWord::Open { owner: OWNER, token: 9 }.encode();
        let highs = 3 + 16 * 3;
        let low = (ORDER - 1) & AMOUNT_MAX;
        assert_eq!(word, Word([0, 5, low, 1 + 16 * 9 + (highs << 20)]));
    }

    #[test]
    fn bits_that_no_entry_sets_are_refused() {
        for example in examples() {
            let word = example.encode();
            let above_slot = if matches!(example, DataWord::Open { .. }) { 26 } else { 36 };
            let mut changed = word;
            changed.0[3] |= 1 << above_slot;
            assert_eq!(DataWord::decode(&changed), Err(RuleError::WordUnknown));
            if !matches!(example, DataWord::Open { .. }) {
                let mut changed = word;
                changed.0[2] = 1;
                assert_eq!(DataWord::decode(&changed), Err(RuleError::WordUnknown));
            }
            let has_fee = matches!(example, DataWord::Debit { .. } | DataWord::Withdraw { .. });
            if !has_fee && !matches!(example, DataWord::Open { .. }) {
                let mut changed = word;
                changed.0[1] = 1;
                assert_eq!(DataWord::decode(&changed), Err(RuleError::WordUnknown));
            }
        }
        for code in [0, 8, 15] {
            assert_eq!(DataWord::decode(&Word([1, 0, 0, code])), Err(RuleError::WordUnknown));
        }
    }
}
