//! Data words: one for each entry but Idle; together they rebuild the state.
//!
//! This module encodes and decodes words; `rebuild` applies words to slots.

use crate::kind::{CODE_BITS, Kind};
use crate::owner::Owner;
use crate::rule_error::RuleError;
use crate::word::{Word, owner_from_limbs, owner_to_limbs};

/// What an entry publishes about itself. `docs/protocol.md`, section 7, has the layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataWord {
    /// The next slot was opened for this owner and token.
    Open { owner: Owner, token: u16 },
    /// An entry of any other kind with a data word moved this amount. Amount and fee are in L2
    /// units, and only kinds that spend have a fee. The amount of an Exit is the amount paid: zero
    /// if the request paid nothing.
    Moved { kind: Kind, slot: u32, amount: u64, fee: u64 },
}

impl DataWord {
    /// The word with this content. Amount and fee must be below 2^62.
    pub fn encode(&self) -> Word {
        let tail = |kind: Kind, rest: u64| u64::from(kind.code()) | rest << CODE_BITS;
        match *self {
            Self::Open { owner, token } => {
                let [l0, l1, l2, highs] = owner_to_limbs(&owner);
                Word([l0, l1, l2, tail(Kind::Open, u64::from(token) | highs << 16)])
            }
            Self::Moved { kind, slot, amount, fee } => {
                Word([amount, fee, 0, tail(kind, u64::from(slot))])
            }
        }
    }

    /// Reads what `encode` writes.
    ///
    /// # Errors
    /// `WordUnknown` if no kind with a data word has the word's code, or if a bit is set that no
    /// entry sets.
    pub fn decode(word: &Word) -> Result<Self, RuleError> {
        let [amount, fee, w2, w3] = word.0;
        let (kind, rest) = (kind_of(w3).ok_or(RuleError::WordUnknown)?, w3 >> CODE_BITS);
        if kind == Kind::Open {
            let token = rest as u16;
            return owner_from_limbs([amount, fee, w2, rest >> 16])
                .map(|owner| Self::Open { owner, token })
                .ok_or(RuleError::WordUnknown);
        }
        let slot = u32::try_from(rest).map_err(|_| RuleError::WordUnknown)?;
        let facts = kind.facts();
        if facts.has_data_word && w2 == 0 && (fee == 0 || facts.spends) {
            Ok(Self::Moved { kind, slot, amount, fee })
        } else {
            Err(RuleError::WordUnknown)
        }
    }
}

/// The kind whose code is in the lowest bits of a word's last limb, equally in data and L1 words.
pub(crate) fn kind_of(last_limb: u64) -> Option<Kind> {
    Kind::from_code((last_limb & ((1 << CODE_BITS) - 1)) as u8)
}

#[cfg(test)]
mod tests {
    use sheaf_crypto::goldilocks::{Fe, ORDER};

    use super::*;
    use crate::kind::KINDS;
    use crate::limits::AMOUNT_MAX;

    const OWNER: Owner = Owner([Fe::from_u64(3 << 62), Fe::from_u64(5), Fe::from_u64(ORDER - 1)]);

    /// The largest word of each kind that has one.
    fn examples() -> Vec<(Kind, DataWord)> {
        let (slot, amount) = (u32::MAX, AMOUNT_MAX);
        let of = |kind: Kind| match kind {
            Kind::Open => DataWord::Open { owner: OWNER, token: u16::MAX },
            _ => {
                let fee = if kind.facts().spends { AMOUNT_MAX - 1 } else { 0 };
                DataWord::Moved { kind, slot, amount, fee }
            }
        };
        let published = KINDS.iter().filter(|facts| facts.has_data_word);
        published.map(|facts| (facts.kind, of(facts.kind))).collect()
    }

    #[test]
    fn each_kind_goes_round_under_its_own_code() {
        for (kind, example) in examples() {
            let word = example.encode();
            assert_eq!(word.0[3] & 15, u64::from(kind.code()));
            assert_eq!(DataWord::decode(&word), Ok(example));
        }
        assert_eq!(examples().len(), 7);
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
        let refused = Err(RuleError::WordUnknown);
        for (kind, example) in examples() {
            let word = example.encode();
            let above_slot = if kind == Kind::Open { 26 } else { 36 };
            let mut changed = word;
            changed.0[3] |= 1 << above_slot;
            assert_eq!(DataWord::decode(&changed), refused);
            if kind != Kind::Open {
                let mut changed = word;
                changed.0[2] = 1;
                assert_eq!(DataWord::decode(&changed), refused);
            }
            let has_fee = [Kind::Debit, Kind::Withdraw].contains(&kind);
            if !has_fee && kind != Kind::Open {
                let mut changed = word;
                changed.0[1] = 1;
                assert_eq!(DataWord::decode(&changed), refused);
            }
        }
        for code in [0, 8, 15] {
            assert_eq!(DataWord::decode(&Word([1, 0, 0, code])), refused);
        }
    }
}
