//! Data words of batches with which nothing but L1 has to do: no transfer behind them is signed.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sheaf_crypto::goldilocks::Fe;
use sheaf_ledger::data_word::DataWord;
use sheaf_ledger::kind::Kind;
use sheaf_ledger::{Owner, Word};
use sheaf_sequencer::limits::CLOSING_DATA_WORDS;

/// Slots of the owners, who all hold ether.
pub(super) const OWNERS: u32 = 4_096;
/// What each owner deposits, in gwei: more than any of them can spend.
const DEPOSIT: u64 = 1 << 50;
/// The largest payment, in gwei: an ether.
const AMOUNT_MAX: u64 = 1_000_000_000;
/// The largest fee, in gwei.
const FEE_MAX: u64 = 1_000;
/// Where random numbers start, so that every run measures the same words.
const SEED: u64 = 9;
/// Data words of a transfer to one payee.
const WORDS_PER_TRANSFER: u32 = 2;

/// How many transfers to one payee a batch of `words` data words has, beside the words that the
/// sequencer keeps for the fees.
pub(super) const fn transfers_in(words: u32) -> u32 {
    (words - CLOSING_DATA_WORDS as u32) / WORDS_PER_TRANSFER
}

/// Makes the words of one batch after another.
pub(super) struct Words {
    random: StdRng,
}

impl Words {
    pub(super) fn new() -> Self {
        Self { random: StdRng::seed_from_u64(SEED) }
    }

    /// Opens the slots `from` up to `to` and pays a deposit into each.
    pub(super) fn deposits(from: u32, to: u32) -> Vec<Word> {
        let opened = |slot: u32| {
            let elements = [Fe::ONE, Fe::from(slot), Fe::from(slot)];
            let (open, kind) = (DataWord::Open { owner: Owner(elements), token: 0 }, Kind::Deposit);
            [open, DataWord::Moved { kind, slot, amount: DEPOSIT, fee: 0 }]
        };
        (from..to).flat_map(opened).map(|word| word.encode()).collect()
    }

    /// As many transfers between random slots as fit into `words` data words. The first slot
    /// collects the fees.
    pub(super) fn transfers(&mut self, words: u32) -> Vec<Word> {
        let mut pot = 0;
        let mut list = Vec::new();
        for _ in 0..transfers_in(words) {
            let amount = self.random.random_range(1..=AMOUNT_MAX);
            let fee = self.random.random_range(1..=FEE_MAX);
            pot += fee;
            list.push(moved(Kind::Debit, self.slot(), (amount, fee)));
            list.push(moved(Kind::Credit, self.slot(), (amount, 0)));
        }
        list.push(moved(Kind::Collect, 0, (pot, 0)));
        list
    }

    fn slot(&mut self) -> u32 {
        self.random.random_range(0..OWNERS)
    }
}

fn moved(kind: Kind, slot: u32, (amount, fee): (u64, u64)) -> Word {
    DataWord::Moved { kind, slot, amount, fee }.encode()
}
