//! Rebuilding the state from what L1 published: all data words of all batches, in order.
//!
//! A rebuilder needs no signatures and no proofs: the contract has checked those. What he rebuilds
//! is right when its root opens the state on L1, which is his to compare.

use crate::data_word::DataWord;
use crate::limits::{AMOUNT_MAX, NONCE_MAX};
use crate::rule_error::RuleError;
use crate::slot::Slot;
use crate::word::Word;

/// Applies the data words of one batch as it was published. The slots stand at their indices.
///
/// Zero words at the end are padding: they change no evaluation, so that the contract accepts them,
/// and a blob always has them.
///
/// # Errors
/// `WordUnknown`, `SlotNotOpen`, `BalanceTooLow`, `BalanceTooLarge` or `NonceExhausted` for words
/// that no valid batch has published; the slots are then of no use.
pub fn rebuild(slots: &mut Vec<Slot>, words: &[Word]) -> Result<(), RuleError> {
    let published = words.iter().rposition(|word| *word != Word::default());
    let words = published.map_or(&[][..], |last| &words[..=last]);
    words.iter().try_for_each(|word| rebuild_word(slots, &DataWord::decode(word)?))
}

fn rebuild_word(slots: &mut Vec<Slot>, word: &DataWord) -> Result<(), RuleError> {
    match *word {
        DataWord::Open { owner, token } => slots.push(Slot::opened(owner, token)),
        DataWord::Debit { slot, total: amount, fee } | DataWord::Withdraw { slot, amount, fee } => {
            // Limbs have 62 bits, so the sum fits.
            let open = open_slot(slots, slot)?;
            take(open, amount + fee)?;
            if open.nonce > NONCE_MAX {
                return Err(RuleError::NonceExhausted);
            }
            open.nonce += 1;
        }
        DataWord::Credit { slot, amount }
        | DataWord::Deposit { slot, amount }
        | DataWord::Collect { slot, amount } => {
            let open = open_slot(slots, slot)?;
            let refused = RuleError::BalanceTooLarge { balance: open.balance, amount };
            let sum = open.balance.checked_add(amount).filter(|sum| *sum <= AMOUNT_MAX);
            open.balance = sum.ok_or(refused)?;
        }
        // An exit that paid nothing may name a slot that was never opened.
        DataWord::Exit { amount: 0, .. } => {}
        DataWord::Exit { slot, amount } => take(open_slot(slots, slot)?, amount)?,
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
    use crate::owner::Owner;

    fn one_slot(balance: u64, nonce: u32) -> Vec<Slot> {
        vec![Slot { owner: Owner::default(), token: 1, balance, nonce }]
    }

    #[test]
    fn each_word_has_its_effect() {
        let mut slots = Vec::new();
        let words = [
            DataWord::Open { owner: Owner::default(), token: 1 },
            DataWord::Deposit { slot: 0, amount: 100 },
            DataWord::Debit { slot: 0, total: 10, fee: 1 },
            DataWord::Credit { slot: 0, amount: 10 },
            DataWord::Withdraw { slot: 0, amount: 20, fee: 2 },
            DataWord::Collect { slot: 0, amount: 3 },
            DataWord::Exit { slot: 7, amount: 0 },
        ];
        assert_eq!(rebuild(&mut slots, &words.map(|word| word.encode())), Ok(()));
        assert_eq!(slots, one_slot(80, 2));
        let exit = DataWord::Exit { slot: 0, amount: 80 }.encode();
        assert_eq!(rebuild(&mut slots, &[exit]), Ok(()));
        assert_eq!(slots, one_slot(0, 2));
    }

    #[test]
    fn what_no_batch_publishes_is_refused() {
        let refusal = |balance, nonce, word: DataWord| {
            rebuild(&mut one_slot(balance, nonce), &[word.encode()]).expect_err("refused").code()
        };
        let closed = DataWord::Credit { slot: 1, amount: 1 };
        assert_eq!(refusal(0, 0, closed), "slot_not_open");
        let debit = DataWord::Debit { slot: 0, total: 5, fee: 1 };
        assert_eq!(refusal(5, 0, debit), "balance_too_low");
        assert_eq!(refusal(6, u32::MAX, debit), "nonce_exhausted");
        assert_eq!(refusal(1, 0, DataWord::Exit { slot: 0, amount: 2 }), "balance_too_low");
        let credit = DataWord::Credit { slot: 0, amount: 1 };
        assert_eq!(refusal(AMOUNT_MAX, 0, credit), "balance_too_large");
    }

    #[test]
    fn zero_words_are_padding_at_the_end_and_nowhere_else() {
        let deposit = DataWord::Deposit { slot: 0, amount: 1 }.encode();
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
