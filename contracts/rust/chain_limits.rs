//! What a chain accepts in one transaction, and what the transaction of a batch can cost there.
//!
//! These limits belong to a chain and not to the protocol: a fork changes them. A batch is closed
//! before its transaction could exceed them, whatever its words are and whomever it pays.

use serde::{Deserialize, Serialize};
use sheaf_ledger::data_mode::DataMode;
use sheaf_ledger::limits::{BLOB_WORDS, L1_WORDS_OF_ENTRY};

/// Bytes of a call of `finalise` or `finaliseBlobs` beside its words and blobs: selector, header,
/// proof, offsets and lengths.
const CALL_BYTES: u64 = 516;
/// Bytes of a transaction around its call: fees, nonce, signature and the like.
const ENVELOPE_BYTES: u64 = 160;
/// Bytes of a word in calldata, of which the first is always zero.
const WORD_BYTES: u64 = 32;
/// Bytes of the call for each blob: its value at the batch's point, commitment and proof.
const BLOB_CALL_BYTES: u64 = 128;

/// Gas of the call itself with a real verifier, without the costs below. The snapshot of an empty
/// batch has 276,000, of which 20,000 are its test's (contracts/snapshots/Sheaf.json).
const CALL_GAS: u64 = 280_000;
/// Gas of the execution for each data word in calldata; measured 76.
const DATA_WORD_GAS: u64 = 85;
/// Gas of the execution for each blob; measured 51,200.
const BLOB_GAS: u64 = 52_000;
/// Gas of the execution for each pair of L1 words, without the storage that the pair makes.
/// Measured 5,900 for an exit, the dearest pair.
const PAIR_GAS: u64 = 6_300;
/// New places of storage that a batch makes whatever its words are: what is credited to whoever
/// finalises, and one to spare.
const CALL_SLOTS: u64 = 2;

/// What a chain charges for, in gas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GasPrices {
    /// A transaction.
    pub transaction: u64,
    /// A zero byte of calldata.
    pub zero_byte: u64,
    /// Any other byte of calldata.
    pub byte: u64,
    /// A zero byte of calldata, where calldata sets the least that a transaction pays.
    pub floor_zero_byte: u64,
    /// Any other byte of calldata, there.
    pub floor_byte: u64,
    /// A place of storage that was zero and is not any more, and that nothing has touched before.
    pub new_slot: u64,
}

/// What a chain accepts in one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainLimits {
    /// The most gas that a transaction may ask for (EIP-7825).
    pub transaction_gas: u64,
    /// Bytes of the largest transaction without blobs that nodes pass on.
    pub transaction_bytes: u64,
    /// The most blobs of a transaction (EIP-7594).
    pub transaction_blobs: u64,
    /// What the chain charges for.
    pub prices: GasPrices,
}

/// How large a batch is, and how its data travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchSize {
    /// Words of data.
    pub data_words: u64,
    /// L1 words.
    pub l1_words: u64,
    /// The blobs with the data words; 0 for data in calldata.
    pub blobs: u64,
}

impl BatchSize {
    /// The size of a batch with so many words.
    pub const fn of(data_mode: DataMode, data_words: u64, l1_words: u64) -> Self {
        let blobs = match data_mode {
            DataMode::Calldata => 0,
            DataMode::Blobs if data_words == 0 => 1,
            DataMode::Blobs => data_words.div_ceil(BLOB_WORDS as u64),
        };
        Self { data_words, l1_words, blobs }
    }
}

impl ChainLimits {
    /// Ethereum since the fork Osaka: EIP-7623's prices of calldata.
    pub const OSAKA: Self = Self {
        transaction_gas: 1 << 24,
        transaction_bytes: 131_072,
        transaction_blobs: 6,
        prices: GasPrices {
            transaction: 21_000,
            zero_byte: 4,
            byte: 16,
            floor_zero_byte: 10,
            floor_byte: 40,
            new_slot: 22_100,
        },
    };

    /// Ethereum from the fork Amsterdam on: calldata pays at least 64 gas a byte (EIP-7976), and a
    /// new place of storage 64 bytes of state at 1,530 gas, besides 5,000 (EIP-8037).
    ///
    /// State may then also be paid from gas above `transaction_gas`. That is not used here: what a
    /// batch pays stays below the limit.
    pub const AMSTERDAM: Self = Self {
        prices: GasPrices {
            floor_zero_byte: 64,
            floor_byte: 64,
            new_slot: 64 * 1_530 + 5_000,
            ..Self::OSAKA.prices
        },
        ..Self::OSAKA
    };

    /// The most gas that the transaction of a batch of this size can use: every byte of its words
    /// is as dear as it can be, and every pair of L1 words pays an account for the first time.
    pub const fn gas_max(&self, size: BatchSize) -> u64 {
        let BatchSize { data_words, l1_words, blobs } = size;
        let GasPrices { transaction, zero_byte, byte, floor_zero_byte, floor_byte, new_slot } =
            self.prices;
        let (words, execution) = if blobs == 0 {
            (data_words + l1_words, data_words * DATA_WORD_GAS)
        } else {
            (l1_words, blobs * BLOB_GAS)
        };
        let zero_bytes = words;
        let bytes = CALL_BYTES + blobs * BLOB_CALL_BYTES + words * (WORD_BYTES - 1);
        let pairs = l1_words.div_ceil(L1_WORDS_OF_ENTRY as u64);
        let execution = execution + CALL_GAS + pairs * PAIR_GAS + (pairs + CALL_SLOTS) * new_slot;
        let standard = zero_bytes * zero_byte + bytes * byte + execution;
        let floor = zero_bytes * floor_zero_byte + bytes * floor_byte;
        transaction + if standard > floor { standard } else { floor }
    }

    /// Whether one transaction carries a batch of this size, if the transaction asks for
    /// `gas_percent` of the gas that it can use.
    pub const fn fit(&self, size: BatchSize, gas_percent: u64) -> bool {
        let BatchSize { data_words, l1_words, blobs } = size;
        let bytes = CALL_BYTES + ENVELOPE_BYTES + WORD_BYTES * (data_words + l1_words);
        self.gas_max(size) * gas_percent / 100 <= self.transaction_gas
            && blobs <= self.transaction_blobs
            && (blobs > 0 || bytes <= self.transaction_bytes)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// What forge measures on the contract, calldata and base cost included.
    const MEASURED: &str = include_str!("../snapshots/Sheaf.json");
    /// What a real verifier adds to the cost of a development verifier.
    const VERIFIER: &str = include_str!("../snapshots/Groth16Verifier.json");

    fn number(snapshots: &str, name: &str) -> u64 {
        let snapshots: Value = serde_json::from_str(snapshots).expect("JSON");
        let number = snapshots[name].as_str().unwrap_or_else(|| panic!("no {name}"));
        number.parse().expect("a number")
    }

    const fn calldata(data_words: u64, l1_words: u64) -> BatchSize {
        BatchSize::of(DataMode::Calldata, data_words, l1_words)
    }

    #[test]
    fn what_the_contract_costs_is_at_most_what_is_reckoned() {
        let verify = number(VERIFIER, "verify");
        for (name, size, verify) in [
            ("finalise, empty", calldata(0, 0), 0),
            ("finalise, 4,096 data words in calldata", calldata(4_096, 0), 0),
            ("finalise, 2 requests consumed", calldata(0, 4), 0),
            ("finalise, 10 first payouts", calldata(0, 20), 0),
            ("finalise, 384 first payouts, full data", calldata(3_306, 768), verify),
            ("finalise, 384 exits, full data", calldata(3_306, 768), verify),
            ("finalise, 512 exits, 4,096 data words", calldata(4_096, 1_024), verify),
            ("finaliseBlobs, 1 blob", BatchSize::of(DataMode::Blobs, 4_096, 0), 0),
            ("finaliseBlobs, 6 blobs", BatchSize::of(DataMode::Blobs, 6 * 4_096, 0), 0),
        ] {
            let (measured, reckoned) =
                (number(MEASURED, name) + verify, ChainLimits::OSAKA.gas_max(size));
            assert!(measured <= reckoned, "{name}: {measured} measured, {reckoned} reckoned");
        }
    }

    /// A bound that is far too high would close batches too early.
    #[test]
    fn what_is_reckoned_for_the_dearest_batch_is_near_what_it_costs() {
        let measured = number(MEASURED, "finalise, 512 exits, 4,096 data words");
        let measured = measured + number(VERIFIER, "verify");
        let reckoned = ChainLimits::OSAKA.gas_max(calldata(4_096, 1_024));
        assert!(reckoned * 100 < measured * 103, "{measured} measured, {reckoned} reckoned");
    }

    #[test]
    fn calldata_alone_sets_the_least_that_data_pay() {
        let full = calldata(4_074, 0);
        // 21,000 and, of 4,074 words, 31 bytes at 40 gas and one at 10, with 516 bytes of the call.
        let floor = 21_000 + 4_074 * (31 * 40 + 10) + 516 * 40;
        assert_eq!(ChainLimits::OSAKA.gas_max(full), floor);
        assert_eq!(ChainLimits::AMSTERDAM.gas_max(full), 21_000 + (4_074 * 32 + 516) * 64);
        // Blobs carry the same words without that.
        let blobs = BatchSize::of(DataMode::Blobs, 4_074, 0);
        let prices = ChainLimits::AMSTERDAM.gas_max(blobs) - ChainLimits::OSAKA.gas_max(blobs);
        assert_eq!(prices, CALL_SLOTS * (102_920 - 22_100));
    }

    /// Of both lists: the largest batch fits, and the same with one pair or one word more does not.
    #[test]
    fn a_pair_or_a_word_more_than_fits_does_not() {
        for (limits, pairs) in [(ChainLimits::OSAKA, 399), (ChainLimits::AMSTERDAM, 105)] {
            let at = |pairs| limits.fit(calldata(3_200, 2 * pairs), 120);
            assert!(at(pairs), "{} gas", limits.gas_max(calldata(3_200, 2 * pairs)));
            assert!(!at(pairs + 1), "{} gas", limits.gas_max(calldata(3_200, 2 * pairs + 2)));
            assert!(limits.fit(calldata(4_074, 0), 120) && !limits.fit(calldata(4_075, 0), 120));
            let blobs = |words| limits.fit(BatchSize::of(DataMode::Blobs, words, 0), 120);
            assert!(blobs(6 * 4_096) && !blobs(6 * 4_096 + 1));
        }
    }

    #[test]
    fn the_limits_are_data() {
        let text = serde_json::to_string(&ChainLimits::AMSTERDAM).expect("plain data");
        let read: ChainLimits = serde_json::from_str(&text).expect("the same data");
        assert_eq!(read, ChainLimits::AMSTERDAM);
    }
}
