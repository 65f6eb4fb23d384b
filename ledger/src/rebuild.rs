//! Rebuilding the state from what L1 published: all data words of all batches, in order.
//!
//! Rebuilding needs no signatures and no proofs, because the contract accepts only words of a
//! proven batch. The rebuilt slots are right if their root, their number and the domain hash to the
//! State digest on L1. The caller must make this comparison.

use crate::data_word::DataWord;
use crate::kind::Direction;
use crate::limits::{AMOUNT_MAX, NONCE_MAX};
use crate::rule_error::RuleError;
use crate::slot::Slot;
use crate::word::Word;

/// Applies the data words of one batch, as published. `slots` has every open slot at its index.
///
/// Zero words at the end are padding, and are skipped. The contract accepts padding, because the
/// polynomial is the same with and without padding, and a blob is filled up with padding.
///
/// # Errors
/// `WordUnknown` for a word that no entry publishes, also for a zero word before another word;
/// `SlotNotOpen` if a word names a slot that is not open; `BalanceTooLow`, `BalanceTooLarge` or
/// `NonceExhausted` if a balance or nonce would leave its range. No valid batch publishes such
/// words, and the slots are then of no use.
pub fn rebuild(slots: &mut Vec<Slot>, words: &[Word]) -> Result<(), RuleError> {
    let published = words.iter().rposition(|word| *word != Word::default());
    let words = published.map_or(&[][..], |last| &words[..=last]);
    words.iter().try_for_each(|word| rebuild_word(slots, &DataWord::decode(word)?))
}

fn rebuild_word(slots: &mut Vec<Slot>, word: &DataWord) -> Result<(), RuleError> {
    let (kind, slot, amount, fee) = match *word {
        DataWord::Open { owner, token } => {
            slots.push(Slot::opened(owner, token));
            return Ok(());
        }
        DataWord::Moved { kind, slot, amount, fee } => (kind, slot, amount, fee),
    };
    let facts = kind.facts();
    // An exit that paid nothing may name a slot that was never opened.
    if amount == 0 && !facts.needs_open {
        return Ok(());
    }
    let open = open_slot(slots, slot)?;
    match facts.direction {
        // Limbs have 62 bits, so the sum fits.
        Direction::Out => take(open, amount + fee)?,
        Direction::In => {
            let refused = RuleError::BalanceTooLarge { balance: open.balance, amount };
            let sum = open.balance.checked_add(amount).filter(|sum| *sum <= AMOUNT_MAX);
            open.balance = sum.ok_or(refused)?;
        }
        Direction::None => {}
    }
    if facts.spends {
        if open.nonce > NONCE_MAX {
            return Err(RuleError::NonceExhausted);
        }
        open.nonce += 1;
    }
    Ok(())
}

fn open_slot(slots: &mut [Slot], slot: u32) -> Result<&mut Slot, RuleError> {
    slots.get_mut(slot as usize).ok_or(RuleError::SlotNotOpen { slot })
}

fn take(slot: &mut Slot, needed: u64) -> Result<(), RuleError> {
    let refused = RuleError::BalanceTooLow { balance: slot.balance, needed };
    slot.balance = slot.balance.checked_sub(needed).ok_or(refused)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Kind;
    use crate::owner::Owner;

    fn moved(kind: Kind, slot: u32, amount: u64) -> DataWord {
        DataWord::Moved { kind, slot, amount, fee: 0 }
    }

    fn spent(kind: Kind, slot: u32, amount: u64, fee: u64) -> DataWord {
        DataWord::Moved { kind, slot, amount, fee }
    }

    fn one_slot(balance: u64, nonce: u32) -> Vec<Slot> {
        vec![Slot { owner: Owner::default(), token: 1, balance, nonce }]
    }

    #[test]
    fn each_word_has_its_effect() {
        let mut slots = Vec::new();
        let words = [
            DataWord::Open { owner: Owner::default(), token: 1 },
            moved(Kind::Deposit, 0, 100),
            spent(Kind::Debit, 0, 10, 1),
            moved(Kind::Credit, 0, 10),
            spent(Kind::Withdraw, 0, 20, 2),
            moved(Kind::Collect, 0, 3),
            moved(Kind::Exit, 7, 0),
        ];
        assert_eq!(rebuild(&mut slots, &words.map(|word| word.encode())), Ok(()));
        assert_eq!(slots, one_slot(80, 2));
        let exit = moved(Kind::Exit, 0, 80).encode();
        assert_eq!(rebuild(&mut slots, &[exit]), Ok(()));
        assert_eq!(slots, one_slot(0, 2));
    }

    #[test]
    fn what_no_batch_publishes_is_refused() {
        let refusal = |balance, nonce, word: DataWord| {
            rebuild(&mut one_slot(balance, nonce), &[word.encode()]).expect_err("refused").code()
        };
        let closed = moved(Kind::Credit, 1, 1);
        assert_eq!(refusal(0, 0, closed), "slot_not_open");
        let debit = spent(Kind::Debit, 0, 5, 1);
        assert_eq!(refusal(5, 0, debit), "balance_too_low");
        assert_eq!(refusal(6, u32::MAX, debit), "nonce_exhausted");
        assert_eq!(refusal(1, 0, moved(Kind::Exit, 0, 2)), "balance_too_low");
        let credit = moved(Kind::Credit, 0, 1);
        assert_eq!(refusal(AMOUNT_MAX, 0, credit), "balance_too_large");
    }

    #[test]
    fn zero_words_are_padding_at_the_end_and_nowhere_else() {
        let deposit = moved(Kind::Deposit, 0, 1).encode();
        let zero = Word::default();
        let mut slots = one_slot(5, 0);
        assert_eq!(rebuild(&mut slots, &[deposit, zero, zero]), Ok(()));
        assert_eq!(rebuild(&mut slots, &[zero]), Ok(()));
        assert_eq!(slots, one_slot(6, 0));
        for inside in [&[zero, deposit][..], &[deposit, zero, deposit, zero]] {
            let refused = rebuild(&mut one_slot(5, 0), inside);
            assert_eq!(refused, Err(RuleError::WordUnknown));
        }
    }
}
