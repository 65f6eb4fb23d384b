//! L1 words: two for each entry that consumes a request or pays out on L1.
//!
//! The contract acts on L1 words: it credits payouts, and checks that requests are consumed in
//! order. The queue of requests is on L1, and this module does not see the queue.

use crate::data_word::kind_of;
use crate::kind::{CODE_BITS, Kind, L1Role};
use crate::l1_address::L1Address;
use crate::owner::Owner;
use crate::rule_error::RuleError;
use crate::word::{Word, owner_from_limbs, owner_to_limbs};

/// The content of a pair of L1 words, with amounts in L2 units. `docs/protocol.md`, section 7, has
/// the layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum L1Effect {
    /// The contract credits the amount to the recipient.
    Withdraw { token: u16, amount: u64, recipient: L1Address },
    /// A deposit request was consumed.
    Deposit { token: u16, amount: u64, owner: Owner },
    /// An exit request was consumed. Token and amount are zero if the slot is not open or belongs
    /// to another owner.
    Exit { slot: u32, token: u16, amount: u64, owner: Owner },
}

impl L1Effect {
    /// The words A and B. Amounts must be below 2^62.
    pub fn encode(&self) -> [Word; 2] {
        let (slot, token, amount, b) = match *self {
            Self::Withdraw { token, amount, recipient } => {
                (0, token, amount, Word::of_address(&recipient))
            }
            Self::Deposit { token, amount, owner } => {
                (0, token, amount, Word(owner_to_limbs(&owner)))
            }
            Self::Exit { slot, token, amount, owner } => {
                (slot, token, amount, Word(owner_to_limbs(&owner)))
            }
        };
        let above = u64::from(token) | u64::from(slot) << 16;
        [Word([amount, 0, 0, u64::from(self.kind().code()) | above << CODE_BITS]), b]
    }

    /// The kind of the entry that publishes these words.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Withdraw { .. } => Kind::Withdraw,
            Self::Deposit { .. } => Kind::Deposit,
            Self::Exit { .. } => Kind::Exit,
        }
    }

    /// Reads what `encode` writes.
    ///
    /// # Errors
    /// `WordUnknown` if no kind with L1 words has the code of word A, or if a bit is set that no
    /// entry sets.
    pub fn decode([a, b]: &[Word; 2]) -> Result<Self, RuleError> {
        let [amount, w1, w2, w3] = a.0;
        let (token, above) = ((w3 >> CODE_BITS) as u16, w3 >> (CODE_BITS + 16));
        let slot = u32::try_from(above).map_err(|_| RuleError::WordUnknown)?;
        let kind = kind_of(w3).ok_or(RuleError::WordUnknown)?;
        if w1 != 0 || w2 != 0 || (kind != Kind::Exit && slot != 0) {
            return Err(RuleError::WordUnknown);
        }
        let owner = owner_from_limbs(b.0);
        match (kind, owner) {
            (Kind::Withdraw, _) => {
                b.to_address().map(|to| Self::Withdraw { token, amount, recipient: to })
            }
            (Kind::Deposit, Some(owner)) => Some(Self::Deposit { token, amount, owner }),
            (Kind::Exit, Some(owner)) => Some(Self::Exit { slot, token, amount, owner }),
            _ => None,
        }
        .ok_or(RuleError::WordUnknown)
    }

    /// The words of the request that the effect consumes, as the contract chains them in its queue:
    /// the words of an exit request have zero as token and amount. `None` for a withdrawal, which
    /// consumes no request.
    pub fn request(&self) -> Option<[Word; 2]> {
        let asked = match *self {
            Self::Exit { slot, owner, .. } => Self::Exit { slot, token: 0, amount: 0, owner },
            other => other,
        };
        (self.kind().facts().l1 == L1Role::Consumes).then(|| asked.encode())
    }
}

#[cfg(test)]
mod tests {
    use sheaf_crypto::goldilocks::Fe;

    use super::*;
    use crate::kind::KINDS;
    use crate::limits::AMOUNT_MAX;

    const OWNER: Owner = Owner([Fe::from_u64(7), Fe::from_u64(1 << 63), Fe::from_u64(9)]);

    fn examples() -> [L1Effect; 3] {
        let (token, amount) = (u16::MAX, AMOUNT_MAX);
        [
            L1Effect::Withdraw { token, amount, recipient: L1Address([0xee; 20]) },
            L1Effect::Deposit { token, amount, owner: OWNER },
            L1Effect::Exit { slot: u32::MAX, token, amount, owner: OWNER },
        ]
    }

    #[test]
    fn each_kind_goes_round_under_its_own_code() {
        for (example, code) in examples().into_iter().zip(4..) {
            let words = example.encode();
            assert_eq!(words[0].0[3] & 15, code);
            assert_eq!(L1Effect::decode(&words), Ok(example));
        }
        let seen_on_l1 = KINDS.iter().filter(|facts| facts.l1 != L1Role::None);
        let seen_on_l1: Vec<Kind> = seen_on_l1.map(|facts| facts.kind).collect();
        assert_eq!(examples().map(|example| example.kind()).as_slice(), seen_on_l1);
    }

    #[test]
    fn bits_that_no_entry_sets_are_refused() {
        for example in examples() {
            let words = example.encode();
            let top = if matches!(example, L1Effect::Exit { .. }) { 52 } else { 20 };
            for (word, limb, bit) in [(0, 1, 0), (0, 2, 0), (0, 3, top), (1, 3, 6)] {
                let mut changed = words;
                changed[word].0[limb] |= 1 << bit;
                assert_eq!(L1Effect::decode(&changed), Err(RuleError::WordUnknown));
            }
            let mut changed = words;
            changed[0].0[3] ^= 15;
            assert_eq!(L1Effect::decode(&changed), Err(RuleError::WordUnknown));
        }
    }

    #[test]
    fn an_exit_was_requested_without_token_and_amount() {
        let [withdraw, deposit, exit] = examples();
        assert_eq!(withdraw.request(), None);
        assert_eq!(deposit.request(), Some(deposit.encode()));
        let asked = L1Effect::Exit { slot: u32::MAX, token: 0, amount: 0, owner: OWNER };
        assert_eq!(exit.request(), Some(asked.encode()));
    }
}
