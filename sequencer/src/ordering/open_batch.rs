//! The batch that still takes blocks: its contents, its remaining room, and the tokens of its pots.

use std::time::{Duration, Instant};

use sheaf_ledger::limits::POTS;

use crate::capacity::{BatchLimits, Contents};

/// The fees of one token that the batch has not collected yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pot {
    /// The token's number in the contract's list; without meaning while `amount` is 0.
    pub token: u16,
    /// L2 units.
    pub amount: u64,
}

/// A batch between its first block and its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBatch {
    /// From 1, without gaps.
    pub number: u64,
    /// Unix seconds, fixed when the batch was opened.
    pub timestamp: u32,
    opened: Instant,
    contents: Contents,
    pots: [Pot; POTS],
}

impl OpenBatch {
    /// A batch without contents, opened at `opened` with `timestamp` in Unix seconds.
    pub fn new(number: u64, timestamp: u32, opened: Instant) -> Self {
        let (contents, pots) = (Contents::default(), [Pot::default(); POTS]);
        Self { number, timestamp, opened, contents, pots }
    }

    /// The batch with the contents and pots that a restart has found in the log.
    pub fn with_contents(self, contents: Contents, pots: [Pot; POTS]) -> Self {
        Self { contents, pots, ..self }
    }

    /// Whether the batch can take `more` and still be closed: its fees collected, every entry
    /// proven, and all words in one L1 transaction.
    pub const fn fits(&self, more: Contents, limits: &BatchLimits) -> bool {
        limits.leave_room_to_close(self.contents.plus(more))
    }

    /// Adds `more` to the contents.
    pub fn add(&mut self, more: Contents) {
        self.contents = self.contents.plus(more);
    }

    /// Whether the batch has no entry.
    pub const fn is_empty(&self) -> bool {
        self.contents.entries == 0
    }

    /// How long the batch has been open.
    pub fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.opened)
    }

    /// The pot, 0 to 3, that a debit of `token` names: the pot with that token's fees, else an
    /// empty pot. `None` when all four pots have fees of other tokens, which closes the batch as if
    /// it had no room for words.
    pub fn pot_for(&self, token: u16) -> Option<u8> {
        let own = self.pots.iter().position(|pot| pot.amount > 0 && pot.token == token);
        let pot = own.or_else(|| self.pots.iter().position(|pot| pot.amount == 0))?;
        Some(u8::try_from(pot).expect("there are four pots"))
    }

    /// Adds a fee, in L2 units, to the pot that `pot_for` returned.
    pub fn charge(&mut self, pot: u8, token: u16, fee: u64) {
        let pot = &mut self.pots[usize::from(pot)];
        pot.token = token;
        pot.amount += fee;
    }

    /// The pots with fees, by number.
    pub fn full_pots(&self) -> impl Iterator<Item = (u8, Pot)> {
        (0..).zip(self.pots).filter(|(_, pot)| pot.amount > 0)
    }

    /// Empties a pot after its fees were collected.
    pub fn collected(&mut self, pot: u8) {
        self.pots[usize::from(pot)].amount = 0;
    }
}

#[cfg(test)]
mod tests {
    use sheaf_contracts::chain_limits::ChainLimits;
    use sheaf_ledger::data_mode::DataMode;

    use super::*;
    use crate::limits::CLOSING_DATA_WORDS;

    #[test]
    fn the_end_of_a_batch_stays_free_for_its_fees() {
        let protocol = BatchLimits::protocol(DataMode::Calldata, ChainLimits::OSAKA);
        let limits = BatchLimits { entries: 20, signatures: 3, words: 30, ..protocol };
        let mut batch = OpenBatch::new(1, 0, Instant::now());
        let room = limits.entries - CLOSING_DATA_WORDS;
        batch.add(Contents::opens(room - 3));
        assert!(batch.fits(Contents::transfer(1, 1), &limits));
        assert!(!batch.fits(Contents::transfer(1, 2), &limits));
        batch.add(Contents::transfer(1, 1));
        assert!(!batch.fits(Contents::opens(1), &limits));
        assert!(batch.fits(Contents::default(), &limits));
    }

    #[test]
    fn a_fifth_token_finds_no_pot_until_one_is_collected() {
        let mut batch = OpenBatch::new(1, 0, Instant::now());
        for token in 10..14 {
            let pot = batch.pot_for(token).expect("a pot is free");
            assert_eq!(u16::from(pot), token - 10);
            batch.charge(pot, token, 1);
        }
        assert_eq!((batch.pot_for(12), batch.pot_for(14)), (Some(2), None));
        batch.collected(1);
        assert_eq!((batch.pot_for(14), batch.pot_for(11)), (Some(1), Some(1)));
        assert_eq!(batch.full_pots().map(|(pot, _)| pot).collect::<Vec<_>>(), [0, 2, 3]);
    }

    #[test]
    fn a_transaction_without_a_fee_takes_no_pot() {
        let mut batch = OpenBatch::new(1, 0, Instant::now());
        batch.charge(0, 5, 0);
        assert_eq!(batch.pot_for(6), Some(0));
        assert_eq!(batch.full_pots().count(), 0);
    }
}
